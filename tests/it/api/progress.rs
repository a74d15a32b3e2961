//! Progress: who has handed in what, exact at every moment.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Competition, id_of};

const COUNTS: [&str; 5] = ["expected", "submitted", "reopened", "incomplete", "excused"];

fn counts(progress: &Value) -> [u64; 5] {
    COUNTS.map(|name| progress[name].as_u64().unwrap_or_else(|| panic!("no {name} in {progress}")))
}

fn of_category(competition: &Competition) -> Value {
    competition.admin().get(&format!("/categories/{}/progress", competition.category)).expect(200)
}

/// The states of the sheets, by entrant and judge.
fn states(progress: &Value) -> Vec<Vec<&str>> {
    progress["entrants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entrant| {
            entrant["sheets"].as_array().unwrap().iter().map(|state| state.as_str().unwrap()).collect()
        })
        .collect()
}

#[test]
fn a_category_tells_who_has_scored_whom() {
    let competition = Competition::new();
    assert_eq!(counts(&of_category(&competition)), [6, 0, 0, 0, 0]);
    competition.submit(0, 0, &["5", "5"]).expect(201);
    competition.submit(0, 1, &["6", "5"]).expect(201);
    let recused: Vec<Value> =
        competition.criteria.iter().map(|id| json!({"criterionId": id, "state": "recused"})).collect();
    competition.judges[1].client.put(&competition.own_sheet(2), &json!({"scores": recused})).expect(201);
    let reopen = format!("{}/reopen", competition.sheet(1, 0));
    competition.admin().post(&reopen, &json!({"reason": "typo"})).expect(200);
    let progress = of_category(&competition);
    assert_eq!(counts(&progress), [5, 2, 1, 0, 1]);
    assert_eq!(states(&progress), [["submitted", "open"], ["reopened", "open"], ["open", "excused"]]);
    let judges = progress["judges"].as_array().unwrap();
    assert_eq!((counts(&judges[0]), counts(&judges[1])), ([3, 2, 1, 0, 0], [2, 0, 0, 0, 1]));
    assert_eq!((&judges[0]["judgeName"], &judges[0]["status"]), (&json!("Jo"), &json!("active")));
    assert_eq!(progress["lastSheetAt"], judges[1]["lastSheetAt"]);
    assert_eq!(progress["contest"]["id"], json!(competition.contest));
    assert_eq!(progress["entrants"][0]["name"], "Ann");
}

#[test]
fn a_new_criterion_leaves_sheets_incomplete() {
    let mut competition = Competition::new();
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let criteria = format!("/categories/{}/criteria?confirm=true", competition.category);
    competition.admin().create(&criteria, &json!({"name": "Poise", "position": 9}));
    let progress = of_category(&competition);
    assert_eq!(counts(&progress), [6, 1, 0, 1, 0]);
    assert_eq!(states(&progress)[0], ["incomplete", "open"]);
    competition.add_entry("Dee");
    assert_eq!(counts(&of_category(&competition)), [8, 1, 0, 1, 0]);
}

#[test]
fn of_a_judge_who_left_sheets_stay_and_of_one_who_is_absent_none_is_expected() {
    let competition = Competition::new();
    competition.submit_all();
    let assignment = |judge: usize| format!("/assignments/{}", competition.judges[judge].assignment);
    competition.admin().patch(&assignment(0), &json!({"status": "ended"})).expect(200);
    let progress = of_category(&competition);
    assert_eq!(counts(&progress), [3, 3, 0, 0, 0]);
    assert_eq!(progress["judges"][0]["kept"], 3);
    assert_eq!(counts(&progress["judges"][0]), [0; 5]);
    assert_eq!(states(&progress)[0], ["kept", "submitted"]);
    competition.admin().delete(&competition.sheet(0, 1)).expect(204);
    competition.admin().patch(&assignment(1), &json!({"status": "absent"})).expect(200);
    let progress = of_category(&competition);
    assert_eq!(counts(&progress), [0; 5]);
    assert_eq!(states(&progress)[0], ["kept", "notExpected"]);
}

#[test]
fn what_is_deleted_counts_nowhere_and_comes_back_with_its_restore() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    let before = counts(&of_category(&competition));
    assert_eq!(before, [6, 6, 0, 0, 0]);
    let contestant = format!("/contestants/{}", competition.contestants[0]);
    admin.delete(&format!("{contestant}?confirm=true")).expect(204);
    assert_eq!(counts(&of_category(&competition)), [4, 4, 0, 0, 0]);
    admin.call(&format!("{contestant}/restore?confirm=true")).expect(200);
    let judge = format!("/judges/{}", competition.judges[0].id);
    admin.delete(&format!("{judge}?confirm=true")).expect(204);
    assert_eq!(counts(&of_category(&competition)), [3, 3, 0, 0, 0]);
    admin.call(&format!("{judge}/restore")).expect(200);
    assert_eq!(counts(&of_category(&competition)), before);
}

#[test]
fn an_event_adds_up_its_contests_and_a_contest_its_categories_and_judges() {
    let competition = Competition::new();
    let admin = competition.admin();
    let categories = format!("/contests/{}/categories", competition.contest);
    let second = id_of(&admin.create(&categories, &json!({"name": "Second", "position": 1})));
    admin.create(&format!("/categories/{second}/criteria"), &json!({"name": "Only"}));
    admin.create(&format!("/categories/{second}/assignments"), &json!({"judgeId": competition.judges[0].id}));
    admin.create(&format!("/events/{}/contests", competition.event), &json!({"name": "Empty"}));
    competition.submit(0, 0, &["5", "5"]).expect(201);
    competition.submit(1, 0, &["5", "5"]).expect(201);
    let contest = admin.get(&format!("/contests/{}/progress", competition.contest)).expect(200);
    assert_eq!(counts(&contest), [9, 2, 0, 0, 0]);
    assert_eq!(counts(&contest["categories"][0]), [6, 2, 0, 0, 0]);
    assert_eq!(counts(&contest["categories"][1]), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&contest["judges"][0]), [6, 1, 0, 0, 0], "in both categories");
    assert_eq!(counts(&contest["judges"][1]), [3, 1, 0, 0, 0]);
    let event = admin.get(&format!("/events/{}/progress", competition.event)).expect(200);
    assert_eq!(counts(&event), [9, 2, 0, 0, 0]);
    assert_eq!(event["contests"][0]["categories"], contest["categories"]);
    assert_eq!(counts(&event["contests"][1]), [0; 5]);
    assert_eq!(event["contests"][1]["lastSheetAt"], Value::Null);
}

#[test]
fn whoever_has_an_answer_is_told_that_it_still_holds() {
    let competition = Competition::new();
    let admin = competition.admin();
    let path = format!("/contests/{}/progress", competition.contest);
    let etag = admin.get(&path).etag().to_owned();
    assert_eq!(admin.with_header("if-none-match", &etag).get(&path).status, 304);
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let changed = admin.with_header("if-none-match", &etag).get(&path);
    assert_eq!(counts(&changed.expect(200)), [6, 1, 0, 0, 0]);
    assert_ne!(changed.etag(), etag);
}

#[test]
fn a_sheet_of_one_category_leaves_the_answer_of_another() {
    let competition = Competition::new();
    let admin = competition.admin();
    let categories = format!("/contests/{}/categories", competition.contest);
    let quiet = id_of(&admin.create(&categories, &json!({"name": "Quiet"})));
    let path = format!("/categories/{quiet}/progress");
    // The first sheet after everything else is settled.
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let etag = admin.get(&path).etag().to_owned();
    competition.submit(0, 1, &["5", "5"]).expect(201);
    assert_eq!(admin.with_header("if-none-match", &etag).get(&path).status, 304);
}

#[test]
fn judges_see_their_own_progress_and_not_that_of_others() {
    let competition = Competition::new();
    for path in [
        format!("/categories/{}/progress", competition.category),
        format!("/contests/{}/progress", competition.contest),
        format!("/events/{}/progress", competition.event),
    ] {
        competition.judges[0].client.get(&path).expect_problem(403, "forbidden");
        competition.tenant.with_role(Role::Board).get(&path).expect(200);
    }
    let scope = json!({"type": "contest", "id": competition.contest});
    let tally = competition.tenant.with_grants(&json!([{"role": "TALLY_MASTER", "scope": scope}]));
    tally.get(&format!("/contests/{}/progress", competition.contest)).expect(200);
    let other = id_of(
        &competition
            .admin()
            .create(&format!("/events/{}/contests", competition.event), &json!({"name": "Other"})),
    );
    tally.get(&format!("/contests/{other}/progress")).expect_problem(404, "not_found");
    tally.get(&format!("/events/{}/progress", competition.event)).expect_problem(404, "not_found");
}
