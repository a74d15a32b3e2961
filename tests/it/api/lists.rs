//! Lists: in running order, in pages, with bounds.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Tenant, id_of};

/// All ids of a list, page by page, and how many pages it took.
fn walk(client: &Client, path: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{separator}limit={limit}{cursor}")).expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        ids.extend(items.iter().map(id_of));
        pages += 1;
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, pages),
        }
    }
}

#[test]
fn pages_together_are_the_whole_list_each_item_once() {
    let tenant = Tenant::new();
    let made: Vec<String> = (0..7)
        .map(|n| id_of(&tenant.admin.create("/contestants", &json!({"name": format!("C{n}")}))))
        .collect();
    tenant.admin.delete(&format!("/contestants/{}", made[3])).expect(204);
    let live: Vec<String> = made.iter().filter(|id| **id != made[3]).cloned().collect();
    for (limit, pages) in [(1, 6), (2, 3), (4, 2), (6, 1), (500, 1)] {
        assert_eq!(walk(&tenant.admin, "/contestants", limit), (live.clone(), pages), "limit {limit}");
    }
    for limit in [1, 3, 7] {
        assert_eq!(walk(&tenant.admin, "/contestants?includeDeleted=true", limit).0, made, "limit {limit}");
    }
}

#[test]
fn siblings_come_by_position_then_number_page_by_page() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [first, second, third] = [0, 1, 2].map(|at| competition.entries[at].clone());
    admin.patch(&format!("/entries/{first}"), &json!({"position": 5})).expect(200);
    admin.patch(&format!("/entries/{second}"), &json!({"number": 9})).expect(200);
    let path = format!("/contests/{}/entries", competition.contest);
    let expected = vec![third, second, first];
    for limit in [1, 2, 500] {
        assert_eq!(walk(admin, &path, limit).0, expected);
        assert_eq!(walk(admin, &format!("{path}?includeDeleted=true"), limit).0, expected);
    }
}

#[test]
fn what_is_created_while_a_list_is_read_comes_on_a_later_page() {
    let tenant = Tenant::new();
    let add = |name: &str| id_of(&tenant.admin.create("/judges", &json!({"name": name})));
    let [a, b] = ["A", "B"].map(add);
    let page = tenant.admin.get("/judges?limit=1").expect(200);
    assert_eq!(page["items"][0]["id"], a.as_str());
    tenant.admin.delete(&format!("/judges/{a}")).expect(204);
    let c = add("C");
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = tenant.admin.get(&format!("/judges?cursor={cursor}")).expect(200);
    let ids: Vec<String> = rest["items"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(ids, [b, c]);
}

#[test]
fn trash_and_audit_come_newest_first_in_pages() {
    let tenant = Tenant::new();
    let judges: Vec<String> = ["A", "B", "C"]
        .iter()
        .map(|name| id_of(&tenant.admin.create("/judges", &json!({"name": name}))))
        .collect();
    judges.iter().for_each(|id| drop(tenant.admin.delete(&format!("/judges/{id}")).expect(204)));
    let expected: Vec<String> = judges.iter().rev().cloned().collect();
    for limit in [1, 2, 3] {
        assert_eq!(walk(&tenant.admin, "/trash?kind=judge", limit).0, expected);
    }
    let sequences = |page: &Value| -> Vec<u64> {
        page["items"].as_array().unwrap().iter().map(|item| item["sequence"].as_u64().unwrap()).collect()
    };
    let page = tenant.admin.get("/audit?limit=2").expect(200);
    let newest = sequences(&page);
    let next = page["nextCursor"].as_str().unwrap();
    let older = sequences(&tenant.admin.get(&format!("/audit?limit=2&cursor={next}")).expect(200));
    assert_eq!(older, [newest[1] - 1, newest[1] - 2]);
    let oldest = sequences(&tenant.admin.get("/audit?after=0&limit=2").expect(200));
    assert_eq!(oldest, [1, 2]);
}

#[test]
fn bounds_and_cursors_that_mean_nothing_are_refused() {
    let tenant = Tenant::new();
    for query in ["limit=0", "limit=501", "limit=x", "cursor=nonsense", "includeDeleted=maybe", "color=red"] {
        tenant.admin.get(&format!("/events?{query}")).expect_problem(400, "bad_request");
    }
    for path in ["/trash?kind=dragon", "/trash?limit=501", "/audit?limit=0", "/audit?cursor=x"] {
        tenant.admin.get(path).expect_problem(400, "bad_request");
    }
    assert!(tenant.admin.get("/events?limit=500").expect(200)["nextCursor"].is_null());
}
