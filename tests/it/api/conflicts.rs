//! Conflicts of interest between judges and contestants: in seats, progress, results and readiness.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Competition, id_of};

fn conflict(competition: &Competition, judge: usize, contestant: usize) -> Value {
    let (judge, contestant) = (&competition.judges[judge].id, &competition.contestants[contestant]);
    json!({"judgeId": judge, "contestantId": contestant, "reason": "Sisters"})
}

fn declare(competition: &Competition, judge: usize, entry: usize) -> Answer {
    let path =
        format!("/categories/{}/entries/{}/conflict", competition.category, competition.entries[entry]);
    competition.judges[judge].client.post(&path, &json!({"reason": "My pupil"}))
}

fn rule(competition: &Competition, rule: &str) -> Answer {
    let category = format!("/categories/{}?confirm=true", competition.category);
    competition.admin().patch(&category, &json!({"conflictRule": rule}))
}

/// Sheets that are expected, and those that are there.
fn sheets(competition: &Competition) -> (u64, u64) {
    let results = competition.results();
    (results["sheetsExpected"].as_u64().unwrap(), results["sheetsSubmitted"].as_u64().unwrap())
}

/// Name, place and total of each placement.
fn places(competition: &Competition) -> Vec<[Value; 3]> {
    let results = competition.results();
    let row = |row: &Value| [&row["entry"]["name"], &row["place"], &row["total"]].map(Clone::clone);
    results["placements"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_judge_with_a_conflict_cannot_score_the_contestant_and_no_sheet_is_expected() {
    let competition = Competition::new();
    assert_eq!(sheets(&competition), (6, 0));
    // Both seats are taken, and so known, before the conflict is.
    competition.submit(0, 1, &["5", "5"]).expect(201);
    competition.submit(1, 0, &["5", "5"]).expect(201);
    let made = competition.admin().create("/conflicts", &conflict(&competition, 0, 0));
    assert_eq!((&made["judgeName"], &made["contestantName"]), (&json!("Jo"), &json!("Ann")));
    assert_eq!(sheets(&competition), (5, 2));
    for _ in 0..2 {
        let problem = competition.submit(0, 0, &["9", "9"]).expect_problem(409, "conflict_of_interest");
        assert_eq!(problem["rule"], "block");
        competition.submit(1, 1, &["5", "5"]);
    }
    for (judge, entry) in [(0, 2), (1, 2)] {
        competition.submit(judge, entry, &["5", "5"]).expect(201);
    }
    assert_eq!((sheets(&competition), &competition.results()["provisional"]), ((5, 5), &json!(false)));
    competition.admin().delete(&format!("/conflicts/{}", id_of(&made))).expect(204);
    assert_eq!(sheets(&competition), (6, 5));
    competition.submit(0, 0, &["9", "9"]).expect(201);
}

#[test]
fn where_the_category_says_so_the_sheet_counts_as_abstained_without_asking() {
    let competition = Competition::new();
    rule(&competition, "abstain").expect(200);
    competition.admin().create("/conflicts", &conflict(&competition, 0, 0));
    assert_eq!(sheets(&competition), (6, 1));
    let problem = competition.submit(0, 0, &["9", "9"]).expect_problem(409, "conflict_of_interest");
    assert_eq!(problem["rule"], "abstain");
    competition.submit(1, 0, &["5", "5"]).expect(201);
    assert_eq!(competition.placement(0)["completeness"]["gaps"][0]["reason"], "abstained");
}

#[test]
fn a_conflict_is_the_same_as_a_sheet_that_recuses_throughout() {
    let (declared, recused) = (Competition::new(), Competition::new());
    for competition in [&declared, &recused] {
        for (entry, mark) in ["4", "6", "8"].iter().enumerate() {
            competition.submit(1, entry, &[mark, mark]).expect(201);
        }
        for entry in [1, 2] {
            competition.submit(0, entry, &["7", "3"]).expect(201);
        }
    }
    declared.admin().create("/conflicts", &conflict(&declared, 0, 0));
    let states: Vec<Value> =
        recused.criteria.iter().map(|id| json!({"criterionId": id, "state": "recused"})).collect();
    recused.judges[0].client.put(&recused.own_sheet(0), &json!({"scores": states})).expect(201);
    assert_eq!(sheets(&declared), (5, 5));
    assert_eq!(sheets(&declared), sheets(&recused));
    assert_eq!(places(&declared), places(&recused));
    for competition in [&declared, &recused] {
        let gap = &competition.placement(0)["completeness"]["gaps"][0];
        assert_eq!(gap["reason"], "recused");
    }
}

#[test]
fn a_judge_declares_a_conflict_and_sees_what_it_means() {
    let competition = Competition::new();
    let made = declare(&competition, 0, 2).expect(201);
    assert_eq!((&made["judgeName"], &made["reason"]), (&json!("Jo"), &json!("My pupil")));
    let judge = &competition.judges[0].client;
    let scoring = judge.get(&format!("/categories/{}/scoring", competition.category)).expect(200);
    let conflicts: Vec<&Value> =
        scoring["entrants"].as_array().unwrap().iter().map(|row| &row["conflict"]).collect();
    assert_eq!(conflicts, [&Value::Null, &Value::Null, &json!("block")]);
    assert_eq!(judge.get("/me/categories").expect(200)["items"][0]["entrants"], 2);
    let taken = declare(&competition, 0, 2).expect_problem(409, "taken");
    assert_eq!(taken["detail"], "Jo and Cem have a conflict of interest that is declared already");
    judge.get("/conflicts").expect_problem(403, "forbidden");
    competition.submit(1, 1, &["5", "5"]).expect(201);
    declare(&competition, 1, 1).expect_problem(409, "sheet_state");
    competition.admin().call(&format!("/categories/{}/lock", competition.category)).expect(200);
    declare(&competition, 1, 0).expect_problem(409, "category_locked");
}

#[test]
fn marks_that_would_count_no_more_or_again_are_shown_first() {
    let competition = Competition::new();
    competition.submit_all();
    let (admin, body) = (competition.admin(), conflict(&competition, 0, 0));
    let before = places(&competition);
    let problem = admin.post("/conflicts", &body).expect_problem(409, "confirmation_required");
    assert_eq!(problem["changes"][0]["entries"][0]["name"], "Ann");
    let made = admin.create("/conflicts?confirm=true", &body);
    let without = places(&competition);
    assert_ne!(without, before);
    assert_eq!(sheets(&competition), (5, 5));
    let path = format!("/conflicts/{}", id_of(&made));
    rule(&competition, "abstain").expect(200);
    let category = format!("/categories/{}", competition.category);
    admin.patch(&category, &json!({"conflictRule": "block"})).expect_problem(409, "confirmation_required");
    rule(&competition, "block").expect(200);
    admin.delete(&path).expect_problem(409, "confirmation_required");
    admin.delete(&format!("{path}?confirm=true")).expect(204);
    assert_eq!(places(&competition), before);
    admin.call(&format!("{path}/restore")).expect_problem(409, "confirmation_required");
    admin.call(&format!("{path}/restore?confirm=true")).expect(200);
    assert_eq!(places(&competition), without);
}

#[test]
fn where_the_two_meet_in_something_locked_nothing_is_declared_or_taken_back() {
    let competition = Competition::new();
    let admin = competition.admin();
    let made = |judge| id_of(&admin.create("/conflicts", &conflict(&competition, judge, 0)));
    let (live, deleted) = (format!("/conflicts/{}", made(0)), format!("/conflicts/{}", made(1)));
    admin.delete(&deleted).expect(204);
    admin.call(&format!("/events/{}/lock", competition.event)).expect(200);
    admin.post("/conflicts", &conflict(&competition, 1, 1)).expect_problem(409, "event_locked");
    admin.delete(&live).expect_problem(409, "event_locked");
    admin.call(&format!("{deleted}/restore")).expect_problem(409, "event_locked");
    let elsewhere = json!({"judgeId": competition.judges[0].id, "reason": "Neighbours",
        "contestantId": id_of(&admin.create("/contestants", &json!({"name": "Away"})))});
    admin.create("/conflicts", &elsewhere);
}

#[test]
fn who_runs_another_event_declares_nothing_in_this_one() {
    let competition = Competition::new();
    let admin = competition.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Other"})));
    let scope = json!([{"role": "ORGANIZER", "scope": {"type": "event", "id": event}}]);
    let organizer = competition.tenant.with_grants(&scope);
    organizer.post("/conflicts", &conflict(&competition, 0, 0)).expect_problem(403, "out_of_scope");
    let made = admin.create("/conflicts", &conflict(&competition, 0, 0));
    organizer.delete(&format!("/conflicts/{}", id_of(&made))).expect_problem(403, "out_of_scope");
    competition.tenant.with_role(Role::Board).get("/conflicts").expect(200);
}

#[test]
fn conflicts_are_told_before_the_show() {
    let competition = Competition::new();
    let admin = competition.admin();
    let readiness = || admin.get(&format!("/contests/{}/readiness", competition.contest)).expect(200);
    admin.create("/conflicts", &conflict(&competition, 0, 0));
    let one = readiness();
    assert_eq!((&one["ready"], &one["findings"][0]["code"]), (&json!(true), &json!("conflictOfInterest")));
    assert_eq!(one["findings"][0]["detail"], "does not score Ann in Talent: a conflict of interest");
    admin.create("/conflicts", &conflict(&competition, 1, 0));
    let both = readiness();
    assert_eq!((&both["ready"], &both["findings"][2]["code"]), (&json!(false), &json!("nobodyToScore")));
}

#[test]
fn a_conflict_holds_for_a_judge_by_a_link_who_can_declare_one_too() {
    let competition = Competition::new();
    let judge = &competition.judges[0].id;
    let link = competition.admin().create(&format!("/judges/{judge}/links"), &json!({}));
    let by_link = competition.tenant.server.sign_in_by_link(&link);
    // The seat is taken, and so known, before the conflict is.
    by_link.put(&competition.own_sheet(1), &competition.marks(&["5", "5"])).expect(201);
    competition.admin().create("/conflicts", &conflict(&competition, 0, 0));
    let path = format!("/categories/{}/entries/{}/conflict", competition.category, competition.entries[2]);
    by_link.post(&path, &json!({"reason": "My pupil"})).expect(201);
    for entry in [0, 2] {
        let marks = competition.marks(&["9", "9"]);
        by_link.put(&competition.own_sheet(entry), &marks).expect_problem(409, "conflict_of_interest");
    }
    assert_eq!(sheets(&competition), (4, 1));
    assert_eq!(by_link.get("/me/categories").expect(200)["items"][0]["entrants"], 1);
}
