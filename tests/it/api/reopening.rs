//! Reopening a submitted sheet: asked for by the judge, granted or refused by an official, with every version kept.

use event_manager::domain::Role;
use serde_json::json;

use crate::support::Competition;

#[test]
fn a_judge_asks_an_official_grants_and_what_was_submitted_is_kept() {
    let competition = Competition::new();
    let tally = competition.tenant.with_role(Role::TallyMaster);
    let submitted = competition.submit(0, 0, &["9", "8.5"]).expect(201);
    let (own, sheet) = (competition.own_sheet(0), competition.sheet(0, 0));
    let judge = &competition.judges[0].client;

    let asked = judge.post(&format!("{own}/reopening"), &json!({"reason": "typo"})).expect(200);
    assert_eq!((&asked["state"], &asked["reopening"]["reason"]), (&json!("submitted"), &json!("typo")));
    assert_eq!(asked["reopening"]["requestedBy"]["id"], competition.judges[0].user.as_str());
    let mut body = competition.marks(&["7", "7"]);
    body["version"] = asked["version"].clone();
    judge.put(&own, &body).expect_problem(409, "sheet_final");

    let granted = tally.post(&format!("{sheet}/reopen"), &json!({"reason": "granted"})).expect(200);
    assert_eq!((&granted["state"], &granted["reopening"]), (&json!("reopened"), &json!(null)));
    assert_eq!(
        competition.placement(0)["total"],
        "17.5",
        "the marks submitted count until there are new ones"
    );
    tally.post(&format!("{sheet}/reopen"), &json!({"reason": "x"})).expect_problem(409, "sheet_state");
    judge.post(&format!("{own}/reopening"), &json!({"reason": "x"})).expect_problem(409, "sheet_state");

    body["version"] = granted["version"].clone();
    judge.put(&own, &body).expect(200);
    assert_eq!(competition.placement(0)["total"], "14");
    let versions = tally.get(&format!("{sheet}/versions")).expect(200);
    let kept: Vec<_> = versions["items"].as_array().unwrap().iter().map(|kept| &kept["scores"]).collect();
    assert!(!kept.is_empty() && kept.iter().all(|scores| **scores == submitted["scores"]), "{versions}");
}

#[test]
fn a_refused_request_leaves_the_sheet_final() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "8.5"]).expect(201);
    let (own, sheet) = (competition.own_sheet(0), competition.sheet(0, 0));
    let refuse =
        || competition.admin().post(&format!("{sheet}/refuse-reopening"), &json!({"reason": "too late"}));
    refuse().expect_problem(409, "sheet_state");
    let judge = &competition.judges[0].client;
    judge.post(&format!("{own}/reopening"), &json!({"reason": "typo"})).expect(200);
    let refused = refuse().expect(200);
    assert_eq!((&refused["state"], &refused["reopening"]), (&json!("submitted"), &json!(null)));
    let mut body = competition.marks(&["7", "7"]);
    body["version"] = refused["version"].clone();
    judge.put(&own, &body).expect_problem(409, "sheet_final");
}

#[test]
fn an_official_reopens_without_being_asked_and_gives_a_reason() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "8.5"]).expect(201);
    let path = format!("{}/reopen", competition.sheet(0, 0));
    for nothing in [json!({}), json!({"reason": ""})] {
        competition.admin().post(&path, &nothing).expect_problem(422, "invalid");
    }
    let reopened = competition.admin().post(&path, &json!({"reason": "wrong entrant"})).expect(200);
    assert_eq!(reopened["state"], "reopened");
}

#[test]
fn what_is_not_there_or_closed_is_not_reopened() {
    let competition = Competition::new();
    let (own, sheet) = (competition.own_sheet(0), competition.sheet(0, 0));
    let reason = json!({"reason": "typo"});
    let judge = &competition.judges[0].client;
    judge.post(&format!("{own}/reopening"), &reason).expect_problem(404, "not_found");
    competition.admin().post(&format!("{sheet}/reopen"), &reason).expect_problem(404, "not_found");
    competition.submit(0, 0, &["9", "8.5"]).expect(201);
    competition.admin().call(&format!("/categories/{}/lock", competition.category)).expect(200);
    judge.post(&format!("{own}/reopening"), &reason).expect_problem(409, "category_locked");
    competition.admin().post(&format!("{sheet}/reopen"), &reason).expect_problem(409, "category_locked");
}
