//! Score sheets as a judge submits them: whole or not at all, final, and never over somebody's newer marks.

use serde_json::{Value, json};

use crate::support::{Answer, Competition, id_of};

/// The sheet a judge sees.
fn own(competition: &Competition, judge: usize, entry: usize) -> Answer {
    competition.judges[judge].client.get(&competition.own_sheet(entry))
}

/// A competition with the first judge's sheet for the first entry reopened, and that sheet.
fn reopened() -> (Competition, Value) {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "8.5"]).expect(201);
    let sheet = competition.sheet(0, 0);
    let reopened =
        competition.admin().post(&format!("{sheet}/reopen"), &json!({"reason": "typo"})).expect(200);
    (competition, reopened)
}

#[test]
fn a_submitted_sheet_is_read_back_by_the_judge_and_by_officials() {
    let competition = Competition::new();
    let answer = competition.submit(0, 0, &["9", "8.5"]);
    let sheet = answer.expect(201);
    assert_eq!(answer.header("location"), Some(format!("/api/v1{}", competition.own_sheet(0)).as_str()));
    assert_eq!((&sheet["state"], &sheet["judgeName"]), (&json!("submitted"), &json!("Jo")));
    assert_eq!(sheet["scores"], competition.marks(&["9", "8.5"])["scores"]);
    assert_eq!(own(&competition, 0, 0).expect(200), sheet);
    assert_eq!(own(&competition, 0, 0).etag(), answer.etag());
    assert_eq!(competition.admin().get(&competition.sheet(0, 0)).expect(200), sheet);
    let all = competition.admin().get(&format!("/categories/{}/sheets", competition.category)).expect(200);
    assert_eq!(all["items"], json!([sheet]));
    own(&competition, 1, 0).expect_problem(404, "not_found");
    own(&competition, 0, 1).expect_problem(404, "not_found");
}

#[test]
fn a_sheet_is_stored_whole_or_not_at_all_and_every_fault_is_named_at_its_place() {
    let competition = Competition::new();
    let [first, second] = [&competition.criteria[0], &competition.criteria[1]];
    let foreign = &competition.contest;
    let cases = [
        (json!([{"criterionId": first, "value": "9"}]), vec!["/scores"]),
        (
            json!([{"criterionId": first, "value": "10.5"}, {"criterionId": second, "value": "-0.5"}]),
            vec!["/scores/0/value", "/scores/1/value"],
        ),
        (
            json!([{"criterionId": first, "value": "9.25"}, {"criterionId": second, "value": "9"}]),
            vec!["/scores/0/value"],
        ),
        (
            json!([{"criterionId": first, "value": "9"}, {"criterionId": first, "value": "9"}]),
            vec!["/scores/1/criterionId", "/scores"],
        ),
        (
            json!([{"criterionId": first, "value": "9"}, {"criterionId": second, "value": "9"},
                   {"criterionId": foreign, "value": "9"}]),
            vec!["/scores/2/criterionId"],
        ),
        (
            json!([{"criterionId": first, "value": "9", "state": "missing"}, {"criterionId": second}]),
            vec!["/scores/0", "/scores/1"],
        ),
    ];
    for (scores, pointers) in cases {
        let refused = competition.judges[0].client.put(&competition.own_sheet(0), &json!({"scores": scores}));
        refused.expect_problem(422, "invalid_marks");
        assert_eq!(refused.pointers(), pointers, "{}", refused.describe());
        own(&competition, 0, 0).expect_problem(404, "not_found");
    }
    assert_eq!(competition.results()["sheetsSubmitted"], 0);
}

#[test]
fn marks_that_are_no_decimals_or_states_are_refused_at_their_place() {
    let competition = Competition::new();
    let score = |more: Value| {
        let mut score = json!({"criterionId": competition.criteria[0]});
        score.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        competition.judges[0].client.put(&competition.own_sheet(0), &json!({"scores": [score]}))
    };
    for (more, pointer) in [
        (json!({"value": "nine"}), "/scores/0/value"),
        (json!({"value": "NaN"}), "/scores/0/value"),
        (json!({"state": "asleep"}), "/scores/0/state"),
        (json!({"value": "9", "bonus": "1"}), "/scores/0/bonus"),
    ] {
        let refused = score(more);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer], "{}", refused.describe());
    }
}

#[test]
fn the_reasons_for_giving_no_mark_are_told_apart_and_none_is_a_zero() {
    let competition = Competition::new();
    let states = ["missing", "abstained", "recused", "absent"];
    for (entry, pair) in [(0, [states[0], states[1]]), (1, [states[2], states[3]])] {
        let scores: Vec<Value> = competition
            .criteria
            .iter()
            .zip(pair)
            .map(|(criterion, state)| json!({"criterionId": criterion, "state": state}))
            .collect();
        let path = competition.own_sheet(entry);
        let sheet = competition.judges[0].client.put(&path, &json!({"scores": scores})).expect(201);
        assert_eq!(sheet["scores"], json!(scores));
        assert!(competition.placement(entry)["total"].is_null(), "{}", competition.placement(entry));
    }
    competition.submit(0, 2, &["0", "0"]).expect(201);
    assert_eq!(competition.placement(2)["total"], "0");
}

#[test]
fn a_sheet_sent_twice_is_the_same_sheet_whatever_version_it_names() {
    let competition = Competition::new();
    let first = competition.submit(0, 0, &["9", "8.5"]);
    first.expect(201);
    let mut body = competition.marks(&["9", "8.5"]);
    body["scores"].as_array_mut().unwrap().reverse();
    for version in [Value::Null, json!(1), json!(999_999)] {
        body["version"] = version;
        let again = competition.judges[0].client.put(&competition.own_sheet(0), &body);
        assert_eq!(again.expect(200), first.json());
    }
}

#[test]
fn a_submitted_sheet_is_final_and_a_stale_one_is_answered_with_both() {
    let competition = Competition::new();
    let stored = competition.submit(0, 0, &["9", "8.5"]).expect(201);
    let mut body = competition.marks(&["7", "7"]);
    body["version"] = stored["version"].clone();
    let put = |body: &Value| competition.judges[0].client.put(&competition.own_sheet(0), body);
    put(&body).expect_problem(409, "sheet_final");
    for version in [Value::Null, json!(1)] {
        body["version"] = version;
        let problem = put(&body).expect_problem(409, "version_conflict");
        assert_eq!(problem["stored"]["scores"], stored["scores"]);
        assert_eq!(problem["stored"]["version"], stored["version"]);
        assert_eq!(problem["sent"]["scores"], body["scores"]);
    }
    assert_eq!(own(&competition, 0, 0).expect(200), stored);
}

#[test]
fn a_reopened_sheet_is_replaced_by_the_version_that_was_seen_only() {
    let (competition, reopened) = reopened();
    let mut body = competition.marks(&["7", "7"]);
    body["version"] = json!(1);
    let put = |body: &Value| competition.judges[0].client.put(&competition.own_sheet(0), body);
    put(&body).expect_problem(409, "version_conflict");
    body["version"] = reopened["version"].clone();
    let replaced = put(&body).expect(200);
    assert_eq!((&replaced["state"], &replaced["scores"]), (&json!("submitted"), &body["scores"]));
    assert!(replaced["version"].as_u64() > reopened["version"].as_u64());
    body["scores"][0]["value"] = json!("6");
    body["version"] = replaced["version"].clone();
    put(&body).expect_problem(409, "sheet_final");
}

#[test]
fn an_unchanged_sheet_submitted_again_after_reopening_is_final_again() {
    let (competition, reopened) = reopened();
    let mut body = competition.marks(&["9", "8.5"]);
    body["version"] = reopened["version"].clone();
    let again = competition.judges[0].client.put(&competition.own_sheet(0), &body).expect(200);
    assert_eq!(again["state"], "submitted", "the judge has looked and stands by it: {again}");
}

#[test]
fn a_comment_belongs_to_the_sheet_and_is_private_if_the_judge_says_so() {
    let competition = Competition::new();
    for (entry, private) in [(0, false), (1, true)] {
        let mut body = competition.marks(&["9", "9"]);
        body["comment"] = json!({"text": "Well sung", "private": private});
        let sheet = competition.judges[0].client.put(&competition.own_sheet(entry), &body).expect(201);
        assert_eq!(sheet["comment"], body["comment"]);
        assert_eq!(
            competition.admin().get(&competition.sheet(entry, 0)).expect(200)["comment"],
            body["comment"]
        );
    }
    let mut body = competition.marks(&["9", "9"]);
    body["comment"] = json!({"text": ""});
    let refused = competition.judges[0].client.put(&competition.own_sheet(2), &body);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/comment/text"], "{}", refused.describe());
    competition.judges[1].client.get(&competition.sheet(1, 0)).expect_problem(403, "forbidden");
}

#[test]
fn only_an_entrant_is_scored() {
    let (competition, other) = (Competition::new(), Competition::new());
    let path = format!("/categories/{}/entries/{}/sheet", competition.category, other.entries[0]);
    let judge = &competition.judges[0].client;
    judge.put(&path, &competition.marks(&["9", "9"])).expect_problem(422, "not_entered");
    competition.admin().delete(&format!("/entries/{}", competition.entries[0])).expect(204);
    competition.submit(0, 0, &["9", "9"]).expect_problem(422, "not_entered");
}

#[test]
fn only_a_judge_who_is_at_work_there_scores() {
    let mut competition = Competition::new();
    let path = format!("/assignments/{}", competition.judges[0].assignment);
    competition.submit(0, 0, &["9", "9"]).expect(201);
    for status in ["ended", "absent"] {
        competition.admin().patch(&path, &json!({"status": status})).expect(200);
        competition.submit(0, 1, &["9", "9"]).expect_problem(409, "sheet_state");
        assert_eq!(competition.placement(0)["total"], "18", "marks given stay");
    }
    competition.admin().patch(&path, &json!({"status": "active"})).expect(200);
    competition.submit(0, 1, &["9", "9"]).expect(201);
    let elsewhere = competition.add_judge("Lou");
    let seat = format!("/assignments/{}", competition.judges[elsewhere].assignment);
    competition.admin().delete(&seat).expect(204);
    competition.submit(elsewhere, 0, &["9", "9"]).expect_problem(404, "not_found");
    let nobody = competition.tenant.with_role(event_manager::domain::Role::Judge);
    let refused = nobody.put(&competition.own_sheet(0), &competition.marks(&["9", "9"]));
    refused.expect_problem(403, "forbidden");
}

#[test]
fn what_closes_a_category_is_told_to_the_judge_by_its_code() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [category, contest, event] = [
        format!("/categories/{}", competition.category),
        format!("/contests/{}", competition.contest),
        format!("/events/{}", competition.event),
    ];
    let refused = |code: &str, status: u16| {
        competition.submit(0, 0, &["9", "9"]).expect_problem(status, code);
    };
    for (path, kind) in [(&category, "category"), (&contest, "contest"), (&event, "event")] {
        for (close, open, state) in [("lock", "unlock", "locked"), ("archive", "unarchive", "archived")] {
            admin.call(&format!("{path}/{close}")).expect(200);
            refused(&format!("{kind}_{state}"), 409);
            admin.call(&format!("{path}/{open}")).expect(200);
        }
        admin.delete(path).expect(204);
        refused("category_deleted", 404);
        admin.call(&format!("{path}/restore")).expect(200);
    }
    competition.submit(0, 0, &["9", "9"]).expect(201);
}

#[test]
fn the_judges_page_has_categories_criteria_entrants_and_the_judges_own_sheets() {
    let competition = Competition::new();
    let sheet = competition.submit(0, 1, &["9", "9"]).expect(201);
    let judge = &competition.judges[0].client;
    let categories = judge.get("/me/categories").expect(200);
    let mine = &categories["items"][0];
    assert_eq!(mine["assignmentId"], competition.judges[0].assignment.as_str());
    assert_eq!(
        (&mine["entrants"], &mine["submitted"], &mine["closed"]),
        (&json!(3), &json!(1), &json!(false))
    );
    let page = judge.get(&format!("/categories/{}/scoring", competition.category)).expect(200);
    let ids: Vec<&Value> = page["criteria"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(
        ids,
        competition.criteria.iter().map(|id| json!(id)).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    let names: Vec<&Value> = page["entrants"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("Ann"), &json!("Ben"), &json!("Cem")]);
    assert_eq!(page["entrants"][1]["sheet"], sheet);
    assert!(page["entrants"][0]["sheet"].is_null(), "another judge's sheets are not shown");
    competition.admin().call(&format!("/events/{}/lock", competition.event)).expect(200);
    assert_eq!(judge.get("/me/categories").expect(200)["items"][0]["closed"], true);
}

#[test]
fn a_submitted_sheet_is_open_for_the_mark_of_a_criterion_that_came_later_and_for_nothing_else() {
    let mut competition = Competition::new();
    competition.submit(0, 0, &["7", "8"]).expect(201);
    let first = competition.judges[0].client.get(&competition.own_sheet(0)).expect(200);
    let criteria = format!("/categories/{}/criteria?confirm=true", competition.category);
    let poise = id_of(&competition.admin().create(&criteria, &json!({"name": "Poise", "position": 9})));
    competition.criteria.push(poise.clone());
    let judge = &competition.judges[0].client;
    let listed = judge.get("/me/categories").expect(200)["items"][0].clone();
    assert_eq!((&listed["submitted"], &listed["incomplete"]), (&json!(1), &json!(1)));
    let scoring = judge.get(&format!("/categories/{}/scoring", competition.category)).expect(200);
    assert_eq!(scoring["entrants"][0]["lacking"], json!([poise]));
    assert_eq!(scoring["entrants"][1]["lacking"], json!([]), "there is no sheet that could lack one");

    let put = |values: &[&str]| {
        let mut marks = competition.marks(values);
        marks["version"] = first["version"].clone();
        judge.put(&competition.own_sheet(0), &marks)
    };
    put(&["7.5", "8", "9"]).expect_problem(409, "sheet_final");
    put(&["7", "8", "9"]).expect(200);
    put(&["7", "8", "9"]).expect(200);
    let filled = judge.get(&competition.own_sheet(0)).expect(200);
    assert_eq!((filled["scores"].as_array().unwrap().len(), &filled["state"]), (3, &json!("submitted")));
    let versions = competition.admin().get(&format!("{}/versions", competition.sheet(0, 0))).expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 1, "what was submitted first is kept");
    assert_eq!(competition.results()["sheetsIncomplete"], 0);
}

#[test]
fn marks_of_a_deleted_criterion_outlive_a_new_submission() {
    let competition = Competition::new();
    competition.submit(0, 0, &["7", "8"]).expect(201);
    let gone = format!("/criteria/{}", competition.criteria[0]);
    competition.admin().delete(&format!("{gone}?confirm=true")).expect(204);
    let reopened = format!("{}/reopen", competition.sheet(0, 0));
    let version =
        competition.admin().post(&reopened, &json!({"reason": "typo"})).expect(200)["version"].clone();
    let scores = json!([{"criterionId": competition.criteria[1], "value": "9"}]);
    let body = json!({"scores": scores, "version": version});
    let sheet = competition.judges[0].client.put(&competition.own_sheet(0), &body).expect(200);
    assert_eq!(sheet["scores"], scores);
    competition.admin().call(&format!("{gone}/restore")).expect(200);
    assert_eq!(competition.placement(0)["total"], "16");
}
