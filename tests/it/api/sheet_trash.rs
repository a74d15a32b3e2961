//! Deleting and restoring a score sheet, and one mark of it.

use serde_json::{Value, json};

use crate::support::Competition;

#[test]
fn a_deleted_sheet_counts_for_nothing_and_comes_back_as_it_was() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, path) = (competition.admin(), competition.sheet(0, 0));
    let (sheet, places) = (admin.get(&path).expect(200), competition.results()["placements"].clone());
    let deleted = admin.delete(&format!("{path}?reason=wrong%20entrant"));
    deleted.expect(204);
    admin.get(&path).expect_problem(404, "not_found");
    admin.delete(&path).expect_problem(404, "not_found");
    competition.judges[0].client.get(&competition.own_sheet(0)).expect_problem(404, "not_found");
    assert_eq!(competition.placement(0)["completeness"]["state"], "provisional");
    assert_eq!(competition.results()["sheetsSubmitted"], 5);

    let list = format!("/categories/{}/sheets", competition.category);
    assert_eq!(admin.get(&list).expect(200)["items"].as_array().unwrap().len(), 5);
    let with_deleted = admin.get(&format!("{list}?includeDeleted=true")).expect(200);
    let gone: Vec<&Value> = with_deleted["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|sheet| sheet["deletedAt"].is_string())
        .collect();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0]["scores"], sheet["scores"]);

    let item = admin.get("/trash?kind=sheet").expect(200)["items"][0].clone();
    assert_eq!((&item["name"], &item["reason"]), (&json!("Jo, No. 1 Ann"), &json!("wrong entrant")));
    assert_eq!(item["path"], format!("/api/v1{path}"));
    assert_eq!(item["requestId"].as_str(), deleted.header("x-request-id"));

    let mut restored = admin.call(&format!("{path}/restore")).expect(200);
    assert_eq!(admin.call(&format!("{path}/restore")).expect(200), restored, "a live one stays as it is");
    restored["version"] = sheet["version"].clone();
    assert_eq!(restored, sheet);
    assert_eq!(competition.results()["placements"], places);
    assert_eq!(admin.get("/trash?kind=sheet").expect(200)["items"], json!([]));
}

#[test]
fn after_a_deletion_the_judge_can_submit_anew_and_the_new_sheet_stays() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "9"]).expect(201);
    let path = competition.sheet(0, 0);
    competition.admin().delete(&path).expect(204);
    let second = competition.submit(0, 0, &["5", "5"]).expect(201);
    assert_eq!(competition.admin().call(&format!("{path}/restore")).expect(200), second);
}

#[test]
fn earlier_versions_are_out_of_sight_with_their_sheet_and_without_marks_of_deleted_criteria() {
    let competition = Competition::new();
    let (admin, path) = (competition.admin(), competition.sheet(0, 0));
    competition.submit(0, 0, &["9", "9"]).expect(201);
    admin.post(&format!("{path}/reopen"), &json!({"reason": "typo"})).expect(200);
    let versions = format!("{path}/versions");
    let before = admin.get(&versions).expect(200);
    assert_ne!(before["items"], json!([]));

    let criterion = format!("/criteria/{}", competition.criteria[0]);
    admin.delete(&format!("{criterion}?confirm=true")).expect(204);
    let seen = admin.get(&versions).expect(200);
    assert!(!seen.to_string().contains(&competition.criteria[0]), "{seen}");
    admin.call(&format!("{criterion}/restore?confirm=true")).expect(200);
    for hider in [format!("/entries/{}", competition.entries[0]), path.clone()] {
        admin.delete(&format!("{hider}?confirm=true")).expect(204);
        admin.get(&versions).expect_problem(404, "not_found");
        admin.call(&format!("{hider}/restore")).expect(200);
    }
    assert_eq!(admin.get(&versions).expect(200), before);
}

#[test]
fn only_the_version_of_a_sheet_that_was_seen_is_deleted() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "9"]).expect(201);
    let path = competition.sheet(0, 0);
    competition.admin().if_match("\"1\"").delete(&path).expect_problem(412, "version_mismatch");
    let seen = competition.admin().get(&path);
    competition.admin().if_match(seen.etag()).delete(&path).expect(204);
}

#[test]
fn a_deleted_mark_is_missing_and_comes_back_with_its_value() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, path) = (competition.admin(), competition.sheet(0, 0));
    let (sheet, places) = (admin.get(&path).expect(200), competition.results()["placements"].clone());
    let mark = format!("{path}/marks/{}", competition.criteria[0]);
    admin.delete(&format!("{mark}?reason=illegible")).expect(204);
    assert_eq!(admin.get(&path).expect(200)["scores"], json!([sheet["scores"][1]]));
    assert_eq!(competition.placement(0)["completeness"]["state"], "provisional");
    admin.delete(&mark).expect_problem(404, "not_found");
    let versions = admin.get(&format!("{path}/versions")).expect(200);
    assert_eq!(versions["items"][0]["scores"], sheet["scores"], "the sheet with the mark is kept");
    let item = admin.get("/trash?kind=mark").expect(200)["items"][0].clone();
    assert_eq!((&item["path"], &item["reason"]), (&json!(format!("/api/v1{mark}")), &json!("illegible")));

    let restored = admin.call(&format!("{mark}/restore")).expect(200);
    assert_eq!(restored["scores"], sheet["scores"], "it is back in its place");
    assert_eq!(admin.call(&format!("{mark}/restore")).expect(200), restored, "a live one stays as it is");
    assert_eq!(competition.results()["placements"], places);
}

#[test]
fn the_place_of_a_restored_mark_is_that_of_its_criterion() {
    let competition = Competition::new();
    let (admin, [first, second]) = (competition.admin(), [0, 1].map(|at| &competition.criteria[at]));
    admin.patch(&format!("/criteria/{first}"), &json!({"position": 7})).expect(200);
    competition.submit(0, 0, &["1", "2"]).expect(201);
    let path = competition.sheet(0, 0);
    let sheet = admin.get(&path).expect(200);
    assert_eq!(sheet["scores"][0]["criterionId"], second.as_str(), "the second stands before the first now");
    for order in [[first, second], [second, first]] {
        for criterion in order {
            admin.delete(&format!("{path}/marks/{criterion}")).expect(204);
        }
        for criterion in order {
            admin.call(&format!("{path}/marks/{criterion}/restore")).expect(200);
        }
        assert_eq!(admin.get(&path).expect(200)["scores"], sheet["scores"]);
    }
    // A criterion that is out of sight keeps its mark on the sheet, and that its place.
    admin.delete(&format!("{path}/marks/{first}")).expect(204);
    admin.delete(&format!("/criteria/{second}?confirm=true")).expect(204);
    admin.call(&format!("{path}/marks/{first}/restore")).expect(200);
    admin.call(&format!("/criteria/{second}/restore")).expect(200);
    assert_eq!(admin.get(&path).expect(200)["scores"], sheet["scores"]);
}

#[test]
fn what_was_never_given_is_neither_deleted_nor_restored() {
    let competition = Competition::new();
    let (admin, path) = (competition.admin(), competition.sheet(0, 0));
    let mark = format!("{path}/marks/{}", competition.criteria[0]);
    for thing in [&path, &mark] {
        admin.delete(thing).expect_problem(404, "not_found");
        admin.call(&format!("{thing}/restore")).expect_problem(404, "not_found");
    }
}

#[test]
fn in_a_locked_category_sheets_and_marks_stay_as_they_are() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, path, other) = (competition.admin(), competition.sheet(0, 0), competition.sheet(1, 0));
    let mark = format!("{path}/marks/{}", competition.criteria[0]);
    let other_mark = format!("{path}/marks/{}", competition.criteria[1]);
    admin.delete(&other).expect(204);
    admin.delete(&other_mark).expect(204);
    admin.call(&format!("/categories/{}/lock", competition.category)).expect(200);
    for refused in [
        admin.delete(&path),
        admin.delete(&mark),
        admin.call(&format!("{other}/restore")),
        admin.call(&format!("{other_mark}/restore")),
    ] {
        refused.expect_problem(409, "category_locked");
    }
}

#[test]
fn sheets_in_the_trash_wait_for_their_deleted_category() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "9"]).expect(201);
    let (admin, path) = (competition.admin(), competition.sheet(0, 0));
    let category = format!("/categories/{}", competition.category);
    admin.delete(&path).expect(204);
    admin.delete(&category).expect(204);
    let item = admin.get("/trash?kind=sheet").expect(200)["items"][0].clone();
    assert_eq!((&item["restorable"], &item["blockedBy"]["type"]), (&json!(false), &json!("category")));
    admin.call(&format!("{path}/restore")).expect_problem(404, "category_deleted");
    admin.call(&format!("{category}/restore")).expect(200);
    admin.call(&format!("{path}/restore")).expect(200);
}

#[test]
fn the_trash_says_what_has_taken_the_place_of_a_sheet_or_mark() {
    let competition = Competition::new();
    let (admin, judge) = (competition.admin(), &competition.judges[0].client);
    let sheet = competition.sheet(0, 0);
    let mark = format!("{sheet}/marks/{}", competition.criteria[0]);
    let told = |kind: &str| {
        let items = admin.get(&format!("/trash?kind={kind}")).expect(200)["items"].clone();
        let told = |item: &Value| (item["restorable"].clone(), item["superseded"].clone());
        items.as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    let free = (json!(true), Value::Null);
    let superseded = |by: &str| (json!(false), json!(by));

    competition.submit(0, 0, &["9", "9"]).expect(201);
    admin.delete(&sheet).expect(204);
    assert_eq!(told("sheet"), std::slice::from_ref(&free));
    competition.submit(0, 0, &["8", "8"]).expect(201);
    assert_eq!(told("sheet"), [superseded("byLive")]);
    admin.delete(&sheet).expect(204);
    assert_eq!(told("sheet"), [free.clone(), superseded("byDeleted")]);
    admin.call(&format!("{sheet}/restore")).expect(200);

    admin.delete(&mark).expect(204);
    assert_eq!(told("mark"), [free]);
    let mut marks = competition.marks(&["7", "8"]);
    marks["version"] = judge.get(&competition.own_sheet(0)).expect(200)["version"].clone();
    judge.put(&competition.own_sheet(0), &marks).expect(200);
    assert_eq!(told("mark"), [superseded("byLive")]);
}
