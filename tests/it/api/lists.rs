//! Lists: in running order, in pages, with bounds.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Tenant, id_of};

/// All items of a list, page by page, and how many pages it took.
fn items(client: &Client, path: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = client.get(&format!("{path}{separator}limit={limit}{cursor}")).expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        all.extend(items.iter().cloned());
        pages += 1;
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (all, pages),
        }
    }
}

/// All ids of a list, page by page, and how many pages it took.
fn walk(client: &Client, path: &str, limit: usize) -> (Vec<String>, usize) {
    let (items, pages) = items(client, path, limit);
    (items.iter().map(id_of).collect(), pages)
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
fn what_is_archived_is_listed_alone_or_left_out_page_by_page() {
    let competition = Competition::new();
    let admin = competition.admin();
    for (many, path) in &[
        ("events", "/events".to_owned()),
        ("contests", format!("/events/{}/contests", competition.event)),
        ("categories", format!("/contests/{}/categories", competition.contest)),
    ] {
        let made: Vec<String> =
            (0..3).map(|n| id_of(&admin.create(path, &json!({"name": format!("{n}")})))).collect();
        let all = walk(admin, path, 500).0;
        admin.call(&format!("/{many}/{}/archive", made[1])).expect(200);
        let others: Vec<String> = all.iter().filter(|id| **id != made[1]).cloned().collect();
        for limit in [1, 2, 500] {
            assert_eq!(walk(admin, path, limit).0, all, "{many}: all, if nothing is said");
            assert_eq!(walk(admin, &format!("{path}?archived=true"), limit).0, [made[1].clone()], "{many}");
            assert_eq!(walk(admin, &format!("{path}?archived=false"), limit).0, others, "{many}");
        }
        admin.delete(&format!("/{many}/{}", made[0])).expect(204);
        let with_deleted = format!("{path}?archived=false&includeDeleted=true");
        assert_eq!(walk(admin, &with_deleted, 500).0, others, "{many}");
    }
    admin.get("/events?archived=perhaps").expect_problem(400, "bad_request");
    admin.get("/judges?archived=true").expect_problem(400, "bad_request");
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
fn the_sheets_of_a_category_come_by_judge_and_entry_page_by_page() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, path) = (competition.admin(), format!("/categories/{}/sheets", competition.category));
    let seats = competition
        .judges
        .iter()
        .flat_map(|judge| competition.entries.iter().map(|entry| (&judge.id, entry)));
    let expected: Vec<Value> = seats.map(|(judge, entry)| json!([judge, entry])).collect();
    let place = |sheet: &Value| json!([sheet["judgeId"], sheet["entryId"]]);
    for (limit, pages) in [(1, 6), (2, 3), (4, 2), (500, 1)] {
        let (sheets, taken) = items(admin, &path, limit);
        assert_eq!((sheets.iter().map(place).collect(), taken), (expected.clone(), pages), "limit {limit}");
    }
    // The same sheet twice in the trash, and submitted a third time.
    for _ in 0..2 {
        admin.delete(&competition.sheet(1, 0)).expect(204);
        competition.submit(0, 1, &["5", "5"]).expect(201);
    }
    let with_deleted = format!("{path}?includeDeleted=true");
    let all = items(admin, &with_deleted, 500).0;
    let deleted: Vec<bool> = all.iter().map(|sheet| sheet["deletedAt"].is_string()).collect();
    assert_eq!(deleted, [false, true, true, false, false, false, false, false]);
    for limit in [1, 2, 3] {
        assert_eq!(items(admin, &with_deleted, limit).0, all, "limit {limit}");
    }
}

#[test]
fn a_sheet_that_is_changed_while_the_list_is_read_comes_once() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, path) = (competition.admin(), format!("/categories/{}/sheets", competition.category));
    let page = admin.get(&format!("{path}?limit=1&includeDeleted=true")).expect(200);
    admin.post(&format!("{}/reopen", competition.sheet(0, 0)), &json!({"reason": "Typo"})).expect(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = admin.get(&format!("{path}?includeDeleted=true&cursor={cursor}")).expect(200);
    let entries: Vec<&Value> =
        rest["items"].as_array().unwrap().iter().map(|sheet| &sheet["entryId"]).collect();
    assert_eq!(entries[0], competition.entries[1].as_str());
    assert_eq!(entries.len(), 5);
}

#[test]
fn the_tokens_of_a_tenant_come_in_pages_revoked_ones_too() {
    let tenant = Tenant::new();
    let make = |name: &str| {
        let body = json!({"name": name, "grants": [{"role": "EMCEE"}], "expiresInDays": 1});
        id_of(&tenant.admin.create("/tokens", &body))
    };
    let made = ["A", "B", "C"].map(make).to_vec();
    tenant.admin.delete(&format!("/tokens/{}", made[1])).expect(204);
    for (limit, pages) in [(1, 3), (2, 2), (3, 1)] {
        assert_eq!(walk(&tenant.admin, "/tokens", limit), (made.clone(), pages), "limit {limit}");
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
    let competition = Competition::empty(Tenant::new(), &json!({"name": "Talent"}));
    let sheets = format!("/categories/{}/sheets", competition.category);
    for query in ["limit=0", "limit=501", "cursor=nonsense", "cursor=0.0.00000000000000000000000000000000"] {
        competition.admin().get(&format!("{sheets}?{query}")).expect_problem(400, "bad_request");
    }
    for query in ["limit=0", "limit=501", "cursor=nonsense", "includeDeleted=true"] {
        tenant.admin.get(&format!("/tokens?{query}")).expect_problem(400, "bad_request");
    }
    for path in ["/trash?kind=dragon", "/trash?limit=501", "/audit?limit=0", "/audit?cursor=x"] {
        tenant.admin.get(path).expect_problem(400, "bad_request");
    }
    assert!(tenant.admin.get("/events?limit=500").expect(200)["nextCursor"].is_null());
}
