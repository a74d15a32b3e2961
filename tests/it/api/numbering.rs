//! Who gives the numbers of entries, and how they are closed up.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Competition, after_job, id_of};

/// A competition whose contest is numbered in this way.
fn numbered(numbering: &Value) -> Competition {
    let competition = Competition::empty(crate::support::Tenant::new(), &json!({"name": "Talent"}));
    let contest = format!("/contests/{}", competition.contest);
    competition.admin().patch(&contest, &json!({"numbering": numbering})).expect(200);
    competition
}

fn enter(competition: &Competition, number: Option<u32>) -> Answer {
    let contestant = id_of(&competition.admin().create("/contestants", &json!({"name": "Ann"})));
    let mut body = json!({"contestantId": contestant});
    if let Some(number) = number {
        body["number"] = json!(number);
    }
    competition.admin().post(&format!("/contests/{}/entries", competition.contest), &body)
}

fn numbers(competition: &Competition) -> Vec<u64> {
    let entries = competition.admin().get(&format!("/contests/{}/entries", competition.contest)).expect(200);
    entries["items"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
}

fn renumber(competition: &Competition, query: &str) -> Answer {
    competition.admin().call(&format!("/contests/{}/renumber{query}", competition.contest))
}

#[test]
fn where_people_number_an_entry_needs_a_number() {
    let competition = numbered(&json!({"type": "manual"}));
    let refused = enter(&competition, None);
    refused.expect_problem(422, "number_required");
    assert_eq!(refused.pointers(), ["/number"]);
    let entry = enter(&competition, Some(7)).expect(201);
    let item = format!("/entries/{}", id_of(&entry));
    competition.admin().patch(&item, &json!({"number": null})).expect_problem(422, "number_required");
    competition.admin().patch(&item, &json!({"number": 8})).expect(200);
}

#[test]
fn where_the_system_numbers_nobody_else_does() {
    let competition = numbered(&json!({"type": "automatic", "start": 101}));
    let refused = enter(&competition, Some(7));
    refused.expect_problem(422, "number_given");
    assert_eq!(refused.pointers(), ["/number"]);
    let first = enter(&competition, None).expect(201);
    assert_eq!(first["number"], 101);
    let item = format!("/entries/{}", id_of(&first));
    for number in [json!(7), Value::Null] {
        competition.admin().patch(&item, &json!({"number": number})).expect_problem(422, "number_given");
    }
    competition.admin().patch(&item, &json!({"number": 101, "position": 3})).expect(200);
    enter(&competition, None).expect(201);
    assert_eq!(numbers(&competition), [102, 101], "in running order");
}

#[test]
fn a_contest_is_numbered_as_its_event_unless_it_says_otherwise() {
    let competition = Competition::empty(crate::support::Tenant::new(), &json!({"name": "Talent"}));
    let (event, contest) =
        (format!("/events/{}", competition.event), format!("/contests/{}", competition.contest));
    let admin = competition.admin();
    assert_eq!(enter(&competition, None).expect(201)["number"], 1, "optional unless said");
    assert_eq!(enter(&competition, Some(9)).expect(201)["number"], 9);
    admin.patch(&event, &json!({"numbering": {"type": "manual"}})).expect(200);
    enter(&competition, None).expect_problem(422, "number_required");
    admin.patch(&contest, &json!({"numbering": {"type": "optional", "start": 20}})).expect(200);
    assert_eq!(enter(&competition, None).expect(201)["number"], 20);
    admin.patch(&contest, &json!({"numbering": null})).expect(200);
    enter(&competition, None).expect_problem(422, "number_required");
    let refused = admin.patch(&event, &json!({"numbering": {"type": "optional", "start": 0}}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/numbering/start"]);
}

#[test]
fn entries_that_come_at_once_get_numbers_of_their_own() {
    let competition = numbered(&json!({"type": "automatic"}));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| enter(&competition, None).expect(201));
        }
    });
    assert_eq!(numbers(&competition).into_iter().collect::<BTreeSet<_>>(), (1..=8).collect());
}

#[test]
fn numbers_are_closed_up_on_request_and_tried_before() {
    let competition = numbered(&json!({"type": "automatic", "start": 11, "gapFree": true}));
    let admin = competition.admin();
    let entries: Vec<String> =
        (0..5).map(|_| format!("/entries/{}", id_of(&enter(&competition, None).expect(201)))).collect();
    admin.patch(&entries[4], &json!({"position": -1})).expect(200);
    admin.delete(&entries[0]).expect(204);
    // Out of sight with its contestant, it keeps its number.
    let contestant = admin.get(&entries[2]).expect(200)["contestantId"].as_str().unwrap().to_owned();
    admin.delete(&format!("/contestants/{contestant}")).expect(204);
    assert_eq!(numbers(&competition), [15, 12, 14], "nothing is closed up by itself");
    let tried = renumber(&competition, "?dryRun=true").expect(200);
    let pairs = |answer: &Value| -> Vec<(u64, u64)> {
        let changes = answer["changes"].as_array().unwrap().iter();
        changes.map(|one| (one["before"].as_u64().unwrap(), one["after"].as_u64().unwrap())).collect()
    };
    assert_eq!((pairs(&tried), &tried["applied"]), (vec![(12, 11), (14, 12), (15, 14)], &json!(false)));
    assert_eq!(numbers(&competition), [15, 12, 14]);
    let done = renumber(&competition, "").expect(200);
    assert_eq!((pairs(&done), &done["applied"]), (pairs(&tried), &json!(true)));
    assert_eq!(numbers(&competition), [14, 11, 12]);
    let line = admin.get("/audit?limit=1").expect(200)["items"][0].clone();
    assert_eq!(line["action"], "contest.renumbered");
    assert_eq!(line["detail"]["after"][0]["number"], 11);
    assert_eq!(admin.get(&entries[1]).expect(200)["version"], line["sequence"]);
    assert_eq!(pairs(&renumber(&competition, "").expect(200)), [], "they are closed up");
    admin.call(&format!("/contestants/{contestant}/restore")).expect(200);
    assert_eq!(numbers(&competition), [14, 11, 12, 13]);
    admin.call(&format!("{}/restore", entries[0])).expect_problem(409, "taken");
}

#[test]
fn numbers_are_not_closed_up_by_hand_under_a_lock_or_unseen_beneath_sheets() {
    let mut competition = Competition::new();
    renumber(&competition, "").expect_problem(409, "numbers_by_hand");
    let first = format!("/entries/{}", competition.entries.remove(0));
    let admin = competition.admin();
    let contest = format!("/contests/{}", competition.contest);
    admin.patch(&contest, &json!({"numbering": {"type": "automatic"}})).expect(200);
    admin.delete(&first).expect(204);
    for locked in [contest, format!("/categories/{}", competition.category)] {
        admin.call(&format!("{locked}/lock")).expect(200);
        assert_eq!(renumber(&competition, "").status, 409, "{locked}");
        admin.call(&format!("{locked}/unlock")).expect(200);
    }
    competition.submit(0, 0, &["9", "9"]).expect(201);
    renumber(&competition, "").expect_problem(409, "numbers_on_sheets");
    renumber(&competition, "?dryRun=true").expect(200);
    assert_eq!(numbers(&competition), [2, 3]);
    renumber(&competition, "?confirm=true").expect(200);
    assert_eq!(numbers(&competition), [1, 2]);
    let sheet = competition.admin().get(&competition.sheet(0, 0)).expect(200);
    assert_eq!(sheet["scores"][0]["value"], "9", "sheets belong to entries, not to numbers");
}

#[test]
fn numbers_that_were_closed_up_are_given_back_together_or_not_at_all() {
    let competition = numbered(&json!({"type": "automatic", "gapFree": true}));
    let admin = competition.admin();
    let entries: Vec<String> =
        (0..4).map(|_| format!("/entries/{}", id_of(&enter(&competition, None).expect(201)))).collect();
    admin.delete(&entries[0]).expect(204);
    let close_up = || {
        let job = renumber(&competition, "").expect(200)["job"].clone();
        assert_eq!((&job["state"], &job["undoable"]), (&json!("done"), &json!(true)), "{job}");
        format!("/jobs/{}/undo", id_of(&job))
    };
    let undo = close_up();
    assert_eq!(numbers(&competition), [1, 2, 3]);
    let undone = after_job(admin, &admin.call(&undo).expect(202));
    assert_eq!((&undone["state"], &undone["failed"]), (&json!("done"), &json!(0)), "{undone}");
    assert_eq!(numbers(&competition), [2, 3, 4]);
    let undo = close_up();
    admin.patch(&entries[1], &json!({"eligible": false})).expect(200);
    let refused = after_job(admin, &admin.call(&undo).expect(202));
    assert_eq!(refused["failed"], 1, "{refused}");
    assert_eq!(numbers(&competition), [1, 2, 3]);
}
