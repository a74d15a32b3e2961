//! What goes out of sight with something else: beneath a deleted parent, and by a deleted reference.

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Competition, Tenant, id_of};

/// A fresh thing that hides another one: its path, and the path of what it hides.
fn hides(competition: &Competition, hider: Kind, hidden: Kind, field: &str) -> (String, String) {
    let noun = NOUNS.iter().find(|noun| noun.kind == hidden).unwrap();
    let made = noun.create(competition);
    (format!("/{}/{}", hider.plural(), made[field].as_str().unwrap()), noun.item(&id_of(&made)))
}

#[test]
fn a_reference_that_is_deleted_hides_what_points_at_it_until_it_is_back() {
    let competition = Competition::new();
    let admin = competition.admin();
    for (hider, hidden, field) in [
        (Kind::Contestant, Kind::Entry, "contestantId"),
        (Kind::Judge, Kind::Assignment, "judgeId"),
        (Kind::Judge, Kind::Conflict, "judgeId"),
        (Kind::Contestant, Kind::Conflict, "contestantId"),
        (Kind::Entry, Kind::Entrant, "entryId"),
        (Kind::Entry, Kind::Deduction, "entryId"),
    ] {
        let (hider_path, path) = hides(&competition, hider, hidden, field);
        let before = admin.get(&path).expect(200);
        admin.delete(&hider_path).expect(204);
        admin.get(&path).expect_problem(404, "not_found");
        let seen = admin.get(&format!("{path}?includeDeleted=true")).expect(200);
        assert_eq!(seen["hiddenBy"]["type"], hider.word(), "{seen}");
        assert!(hider_path.ends_with(seen["hiddenBy"]["id"].as_str().unwrap()));
        assert!(seen["hiddenBy"]["deletedAt"].is_string() && seen["deletedAt"].is_null(), "{seen}");
        let refused = admin.call(&format!("{path}/restore")).expect_problem(409, "parent_deleted");
        assert_eq!((&refused["kind"], &refused["id"]), (&seen["hiddenBy"]["type"], &seen["hiddenBy"]["id"]));
        admin.call(&format!("{hider_path}/restore")).expect(200);
        assert_eq!(admin.get(&path).expect(200), before);
    }
}

/// The sheets that officials see, or all there are.
fn sheets(competition: &Competition, query: &str) -> Vec<Value> {
    let path = format!("/categories/{}/sheets{query}", competition.category);
    competition.admin().get(&path).expect(200)["items"].as_array().unwrap().clone()
}

/// What hides each of the sheets that are out of sight without being deleted themselves.
fn hidden_by(competition: &Competition) -> Vec<Value> {
    let all = sheets(competition, "?includeDeleted=true");
    assert_eq!(all.len(), 6, "all of them are told of: {all:?}");
    assert!(all.iter().all(|sheet| sheet["deletedAt"].is_null()), "none is deleted itself: {all:?}");
    all.iter().map(|sheet| sheet["hiddenBy"].clone()).filter(|hidden_by| !hidden_by.is_null()).collect()
}

#[test]
fn sheets_are_hidden_by_contestant_entry_judge_and_a_missing_assignment() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, judge) = (competition.admin(), &competition.judges[0]);
    let before = competition.results()["placements"].clone();
    let (officials, own) = (competition.sheet(0, 0), competition.own_sheet(0));
    for (kind, id, left) in [
        (Kind::Contestant, &competition.contestants[0], 4),
        (Kind::Entry, &competition.entries[0], 4),
        (Kind::Judge, &judge.id, 3),
        (Kind::Assignment, &judge.assignment, 3),
    ] {
        let hider = format!("/{}/{id}", kind.plural());
        admin.delete(&format!("{hider}?confirm=true")).expect(204);
        admin.get(&officials).expect_problem(404, "not_found");
        assert!([403, 404].contains(&judge.client.get(&own).status), "{hider}");
        assert_eq!(sheets(&competition, "").len(), left, "{hider}");
        let seen = admin.get(&format!("{officials}?includeDeleted=true")).expect(200);
        let hider_of = &seen["hiddenBy"];
        assert_eq!((&hider_of["type"], &hider_of["id"]), (&json!(kind.word()), &json!(id)), "{seen}");
        assert!(hider_of["deletedAt"].is_string() && seen["deletedAt"].is_null(), "{seen}");
        assert_eq!(hidden_by(&competition), vec![hider_of.clone(); 6 - left], "{hider}");
        admin.call(&format!("{hider}/restore")).expect(200);
        admin.get(&officials).expect(200);
        judge.client.get(&own).expect(200);
        assert_eq!(competition.results()["placements"], before, "{hider}");
    }
}

#[test]
fn sheets_are_hidden_by_their_category_and_what_it_hangs_beneath() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, sheet) = (competition.admin(), competition.sheet(0, 0));
    let list = format!("/categories/{}/sheets", competition.category);
    for (kind, id) in [
        (Kind::Category, &competition.category),
        (Kind::Contest, &competition.contest),
        (Kind::Event, &competition.event),
    ] {
        let hider = format!("/{}/{id}", kind.plural());
        admin.delete(&hider).expect(204);
        admin.get(&list).expect_problem(404, "not_found");
        admin.get(&sheet).expect_problem(404, "not_found");
        let seen = admin.get(&format!("{sheet}?includeDeleted=true")).expect(200)["hiddenBy"].clone();
        assert_eq!((&seen["type"], &seen["id"]), (&json!(kind.word()), &json!(id)));
        assert_eq!(hidden_by(&competition), vec![seen; 6]);
        admin.call(&format!("{hider}/restore")).expect(200);
        assert_eq!(hidden_by(&competition), [] as [Value; 0]);
    }
}

#[test]
fn the_sheets_of_a_judge_who_is_assigned_anew_are_seen_again() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, judge) = (competition.admin(), &competition.judges[0]);
    let assignments = format!("/categories/{}/assignments", competition.category);
    admin.delete(&format!("/assignments/{}?confirm=true", judge.assignment)).expect(204);
    let second = id_of(&admin.create(&assignments, &json!({"judgeId": judge.id})));
    assert_eq!(hidden_by(&competition), [] as [Value; 0], "one live assignment is enough");
    admin.delete(&format!("/assignments/{second}?confirm=true")).expect(204);
    let ids: Vec<Value> = hidden_by(&competition).iter().map(|hidden_by| hidden_by["id"].clone()).collect();
    assert_eq!(ids, vec![json!(second); 3], "the one that was deleted last");
}

#[test]
fn a_deleted_sheet_says_who_deleted_it_whatever_else_hides_it() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, sheet) = (competition.admin(), competition.sheet(0, 0));
    admin.delete(&sheet).expect(204);
    admin.delete(&format!("/entries/{}?confirm=true", competition.entries[0])).expect(204);
    let seen = admin.get(&format!("{sheet}?includeDeleted=true")).expect(200);
    assert!(seen["deletedAt"].is_string() && seen["deletedBy"]["type"] == "user", "{seen}");
    assert!(seen["hiddenBy"].is_null(), "{seen}");
    let judge = competition.tenant.with_role(event_manager::domain::Role::TallyMaster);
    judge.get(&format!("{sheet}?includeDeleted=true")).expect_problem(403, "forbidden");
}

#[test]
fn a_sheet_of_an_entry_that_left_the_list_is_out_of_the_results_until_it_is_listed_again() {
    let competition = Competition::new();
    let admin = competition.admin();
    let entrants = format!("/categories/{}/entrants", competition.category);
    let listed: Vec<String> = competition
        .entries
        .iter()
        .map(|entry| id_of(&admin.create(&entrants, &json!({"entryId": entry}))))
        .collect();
    admin.patch(&format!("/categories/{}", competition.category), &json!({"entrants": "listed"})).expect(200);
    competition.submit_all();
    admin.delete(&format!("/entrants/{}?confirm=true", listed[2])).expect(204);
    assert_eq!(competition.results()["placements"].as_array().unwrap().len(), 2);
    competition.submit(0, 2, &["1", "1"]).expect_problem(422, "not_entered");
    admin.call(&format!("/entrants/{}/restore", listed[2])).expect(200);
    assert_eq!(competition.placement(2)["total"], "28");
}

#[test]
fn a_mark_is_hidden_by_its_criterion() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "7"]).expect(201);
    let path = format!("/criteria/{}", competition.criteria[1]);
    competition.admin().delete(&format!("{path}?confirm=true")).expect(204);
    assert_eq!(competition.placement(0)["total"], "9");
    let shown = competition.admin().get(&competition.sheet(0, 0)).expect(200);
    assert_eq!(shown["scores"], json!([{"criterionId": competition.criteria[0], "value": "9"}]));
    competition.admin().call(&format!("{path}/restore")).expect(200);
    assert_eq!(competition.placement(0)["total"], "16");
}

#[test]
fn a_restored_criterion_leaves_marks_never_given_missing_and_not_zero() {
    let competition = Competition::new();
    let path = format!("/criteria/{}", competition.criteria[1]);
    competition.admin().delete(&path).expect(204);
    let body = json!({"scores": [{"criterionId": competition.criteria[0], "value": "9"}]});
    competition.judges[0].client.put(&competition.own_sheet(0), &body).expect(201);
    competition.admin().call(&format!("{path}/restore?confirm=true")).expect(200);
    let placement = competition.placement(0);
    assert_ne!(placement["completeness"]["state"], "complete", "{placement}");
    assert!(competition.results()["provisional"].as_bool().unwrap());
    let sheet = competition.admin().get(&competition.sheet(0, 0)).expect(200);
    let given: Vec<&Value> = sheet["scores"].as_array().unwrap().iter().collect();
    assert!(given.iter().all(|score| score["value"] != "0"), "{sheet}");
}

#[test]
fn a_deduction_comes_and_goes_with_its_entry() {
    let competition = Competition::new();
    competition.submit_all();
    let path = format!("/categories/{}/deductions", competition.category);
    let body = json!({"entryId": competition.entries[0], "amount": "6", "reason": "Over time"});
    competition.admin().create(&path, &body);
    let with = competition.placement(0);
    assert_eq!(with["total"], "30");
    let entry = format!("/entries/{}", competition.entries[0]);
    competition.admin().delete(&format!("{entry}?confirm=true")).expect(204);
    assert!(competition.admin().get(&path).expect(200)["items"].as_array().unwrap().is_empty());
    competition.admin().call(&format!("{entry}/restore")).expect(200);
    assert_eq!(competition.placement(0), with);
}

/// The paths of the things above which a fresh thing of each noun hangs, nearest first.
fn ancestors(competition: &Competition, kind: Kind) -> Vec<String> {
    let mut paths = Vec::new();
    let mut above = kind.parent();
    while let Some(kind) = above {
        let id = match kind {
            Kind::Event => &competition.event,
            Kind::Contest => &competition.contest,
            Kind::Category => &competition.category,
            _ => break,
        };
        paths.push(format!("/{}/{id}", kind.plural()));
        above = kind.parent();
    }
    paths
}

#[test]
fn beneath_a_deleted_parent_nothing_is_seen_written_or_restored() {
    let competition = Competition::new();
    let admin = competition.admin();
    for noun in &NOUNS {
        for parent in ancestors(&competition, noun.kind) {
            let (live, deleted) = (noun.create(&competition), noun.create(&competition));
            let (live_path, deleted_path) = (noun.item(&id_of(&live)), noun.item(&id_of(&deleted)));
            let (collection, body) = ((noun.collection)(&competition), (noun.body)(&competition));
            admin.delete(&deleted_path).expect(204);
            admin.delete(&parent).expect(204);

            admin.get(&live_path).expect_problem(404, "not_found");
            admin.patch(&live_path, &(noun.change)()).expect_problem(404, "not_found");
            admin.delete(&live_path).expect_problem(404, "not_found");
            admin.get(&collection).expect_problem(404, "not_found");
            admin.post(&collection, &body).expect_problem(404, "not_found");
            let seen = admin.get(&format!("{live_path}?includeDeleted=true")).expect(200);
            assert!(parent.ends_with(seen["hiddenBy"]["id"].as_str().unwrap()), "{seen}");

            let hidden = admin.call(&format!("{live_path}/restore"));
            let problem = hidden.expect_problem(409, "parent_deleted");
            assert!(parent.ends_with(problem["id"].as_str().unwrap()), "{problem}");
            let refused = admin.call(&format!("{deleted_path}/restore"));
            let problem = refused.expect_problem(409, "parent_deleted");
            assert!(parent.ends_with(problem["id"].as_str().unwrap()), "{problem}");
            let trash = admin.get(&format!("/trash?kind={}", noun.kind.word())).expect(200);
            assert_eq!(trash["items"][0]["restorable"], false);
            assert_eq!(trash["items"][0]["blockedBy"]["id"], problem["id"]);

            admin.call(&format!("{parent}/restore")).expect(200);
            assert_eq!(admin.get(&live_path).expect(200), live);
            admin.call(&format!("{deleted_path}/restore")).expect(200);
        }
    }
}

#[test]
fn deleting_a_parent_and_what_lies_in_it_takes_two_restores_in_order() {
    let competition = Competition::new();
    let admin = competition.admin();
    let (event, contest) =
        (format!("/events/{}", competition.event), format!("/contests/{}", competition.contest));
    admin.delete(&contest).expect(204);
    admin.delete(&event).expect(204);
    admin.call(&format!("{contest}/restore")).expect_problem(409, "parent_deleted");
    admin.call(&format!("{event}/restore")).expect(200);
    admin.get(&contest).expect_problem(404, "not_found");
    admin.call(&format!("{contest}/restore")).expect(200);
    admin.get(&format!("/categories/{}", competition.category)).expect(200);
}

#[test]
fn the_trash_previews_what_hangs_below_a_deleted_thing() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    admin.delete(&format!("/events/{}", competition.event)).expect(204);
    let item = admin.get("/trash").expect(200)["items"][0].clone();
    assert_eq!(item["name"], "Gala");
    let below = admin.get(&format!("/trash/{}/below", item["version"])).expect(200);
    assert_eq!(below["capped"], false);
    let counts = below["counts"].as_array().unwrap();
    for (kind, count) in
        [("contest", 1), ("category", 1), ("criterion", 2), ("entry", 3), ("assignment", 2), ("sheet", 6)]
    {
        assert!(counts.contains(&json!({"kind": kind, "count": count})), "{kind}: {below}");
    }
    admin.get("/trash/1/below").expect_problem(404, "not_found");
}

#[test]
fn what_lies_in_the_trash_is_called_by_what_people_know_it_by() {
    let competition = Competition::new();
    let admin = competition.admin();
    let of_category = |what: &str, body: &Value| {
        id_of(&admin.create(&format!("/categories/{}/{what}", competition.category), body))
    };
    let deduction = of_category(
        "deductions",
        &json!({"entryId": competition.entries[1], "amount": "1.5", "reason": "late"}),
    );
    let entrant = of_category("entrants", &json!({"entryId": competition.entries[1]}));
    for (path, name) in [
        (format!("/deductions/{deduction}"), "1.5 from No. 2 Ben"),
        (format!("/entrants/{entrant}"), "No. 2 Ben"),
        (format!("/assignments/{}", competition.judges[0].assignment), "Jo"),
        (format!("/entries/{}", competition.entries[0]), "No. 1 Ann"),
    ] {
        admin.delete(&format!("{path}?confirm=true")).expect(204);
        assert_eq!(admin.get("/trash?limit=1").expect(200)["items"][0]["name"], name);
    }
}

#[test]
fn a_deleted_tenant_lets_nobody_in_until_it_is_restored() {
    let tenant = Tenant::new();
    let path = format!("/tenants/{}", tenant.id);
    let operators = tenant.with_role(event_manager::domain::Role::SuperAdmin);
    let program = tenant.token(&json!([{"role": "AUDITOR"}]));
    operators.delete(&path).expect(204);
    tenant.admin.get("/me").expect_problem(401, "unauthenticated");
    program.get("/events").expect_problem(401, "unauthenticated");
    operators.call(&format!("{path}/restore")).expect(200);
    tenant.admin.get("/me").expect(200);
    program.get("/events").expect(200);
}

#[test]
fn a_deleted_tenant_lies_in_the_trash_of_the_operators_until_it_is_restored() {
    let competition = Competition::new();
    let tenant = &competition.tenant;
    let operators = tenant.with_role(event_manager::domain::Role::SuperAdmin);
    let found = || {
        let trash = operators.get("/trash?kind=tenant&limit=500").expect(200);
        trash["items"].as_array().unwrap().iter().find(|item| item["id"] == tenant.id.as_str()).cloned()
    };
    for reason in ["moved away", "moved away again"] {
        let deleted =
            operators.delete(&format!("/tenants/{}?reason={}", tenant.id, reason.replace(' ', "%20")));
        deleted.expect(204);
        let item = found().expect("it lies in the trash");
        assert_eq!((&item["name"], &item["reason"]), (&json!(tenant.slug), &json!(reason)));
        assert_eq!((&item["restorable"], &item["deletedBy"]["name"]), (&json!(true), &json!("Somebody")));
        assert_eq!(item["requestId"].as_str(), deleted.header("x-request-id"));
        let below = operators.get(&format!("/trash/{}/below", item["version"])).expect(200);
        for (kind, count) in [("event", 1), ("entry", 3), ("judge", 2), ("user", 3)] {
            assert!(
                below["counts"].as_array().unwrap().contains(&json!({"kind": kind, "count": count})),
                "{below}"
            );
        }
        let path = item["path"].as_str().unwrap().strip_prefix("/api/v1").unwrap();
        operators.call(&format!("{path}/restore")).expect(200);
        assert_eq!(found(), None);
        let actions: Vec<Value> = operators.get("/audit?limit=500").expect(200)["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|record| record["subject"]["id"] == tenant.id.as_str())
            .map(|record| record["action"].clone())
            .collect();
        assert_eq!(actions[..2], [json!("tenant.restored"), json!("tenant.deleted")]);
        competition.results();
    }
}
