//! Results: who takes part, what decides between equals, what is taken off, and why somebody has a place.

use serde_json::{Value, json};

use crate::support::{Competition, id_of};

/// The places in order of the entries.
fn places(competition: &Competition) -> Vec<Value> {
    (0..competition.entries.len()).map(|entry| competition.placement(entry)["place"].clone()).collect()
}

/// Two judges who leave the first two entries level, one strong in technique, the other in expression.
fn level() -> Competition {
    let competition = Competition::new();
    for judge in [0, 1] {
        for (entry, marks) in [["9", "5"], ["5", "9"], ["4", "4"]].iter().enumerate() {
            competition.submit(judge, entry, marks).expect(201);
        }
    }
    competition
}

fn change(competition: &Competition, body: &Value) {
    competition.admin().patch(&format!("/categories/{}", competition.category), body).expect(200);
}

#[test]
fn equal_totals_share_a_place_and_the_next_one_is_left_out() {
    let competition = level();
    assert_eq!(places(&competition), [1, 1, 3]);
    assert_eq!(competition.placement(0)["shared"], true);
    assert_eq!(competition.placement(2)["shared"], false);
}

#[test]
fn the_first_rule_of_the_chain_that_tells_them_apart_decides() {
    let competition = level();
    let rule = |at: usize| json!({"type": "criterion", "criterionId": competition.criteria[at]});
    change(&competition, &json!({"tieBreaks": [rule(0), rule(1)]}));
    assert_eq!(places(&competition), [1, 2, 3]);
    change(&competition, &json!({"tieBreaks": [rule(1), rule(0)]}));
    assert_eq!(places(&competition), [2, 1, 3]);
    change(&competition, &json!({"tieBreaks": [{"type": "highestSingleMark"}, rule(0)]}));
    assert_eq!(places(&competition), [1, 2, 3], "the highest marks are equal, so the next rule decides");
    change(&competition, &json!({"tieBreaks": [{"type": "shared"}, rule(0)]}));
    assert_eq!(places(&competition), [1, 1, 3]);
}

#[test]
fn a_place_comes_with_the_reason_for_it() {
    let competition = level();
    let rule = json!({"type": "criterion", "criterionId": competition.criteria[0]});
    change(&competition, &json!({"tieBreaks": [rule]}));
    let first = competition.placement(0)["reason"].clone();
    assert_eq!((&first["type"], &first["behind"]), (&json!("placed"), &Value::Null));
    let decided = &first["aheadOf"]["decidedBy"];
    assert_ne!(decided["type"], "total", "{first}");
    assert_eq!((&decided["own"], &decided["other"]), (&json!("9"), &json!("5")), "{first}");
    let last = competition.placement(2)["reason"].clone();
    assert_eq!(last["behind"]["decidedBy"], json!({"type": "total", "own": "16", "other": "28"}));
    assert!(last["behind"]["others"].as_array().unwrap().contains(&json!(competition.entries[1])), "{last}");
}

#[test]
fn deductions_are_taken_off_the_total_and_shown() {
    let competition = level();
    let path = format!("/categories/{}/deductions", competition.category);
    for amount in ["1.5", "0.25"] {
        let body = json!({"entryId": competition.entries[0], "amount": amount, "reason": "Over time"});
        competition.admin().create(&path, &body);
    }
    let placement = competition.placement(0);
    assert_eq!((&placement["total"], &placement["place"]), (&json!("26.25"), &json!(2)));
    assert_eq!(placement["deductions"].as_array().unwrap().len(), 2);
}

#[test]
fn a_guest_is_shown_and_takes_no_place_from_others() {
    let competition = level();
    competition
        .admin()
        .patch(&format!("/entries/{}", competition.entries[0]), &json!({"eligible": false}))
        .expect(200);
    assert_eq!(competition.placement(1)["place"], 1);
    assert_eq!(competition.placement(0)["eligible"], false);
    assert_eq!(competition.placement(0)["total"], "28");
}

#[test]
fn results_are_provisional_until_every_expected_sheet_is_there() {
    let competition = Competition::new();
    let results = competition.results();
    assert_eq!((&results["sheetsExpected"], &results["sheetsSubmitted"]), (&json!(6), &json!(0)));
    assert_eq!(results["provisional"], true);
    competition.submit_all();
    let results = competition.results();
    assert_eq!((&results["sheetsSubmitted"], &results["provisional"]), (&json!(6), &json!(false)));
    assert_eq!(places(&competition), [1, 2, 3]);
}

#[test]
fn a_judge_who_has_left_is_expected_no_more_and_the_marks_stay() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "9"]).expect(201);
    let body = json!({"status": "ended"});
    competition
        .admin()
        .patch(&format!("/assignments/{}", competition.judges[0].assignment), &body)
        .expect(200);
    let results = competition.results();
    assert_eq!(results["sheetsExpected"], 3);
    assert_eq!(results["judges"].as_array().unwrap().len(), 2, "one at work, one who left marks: {results}");
    assert_eq!(competition.placement(0)["total"], "18");
}

#[test]
fn a_recused_judge_is_expected_no_marks() {
    let competition = Competition::new();
    let recused = |criterion| json!({"criterionId": criterion, "state": "recused"});
    let scores: Vec<Value> = competition.criteria.iter().map(recused).collect();
    competition.judges[0].client.put(&competition.own_sheet(0), &json!({"scores": scores})).expect(201);
    assert_eq!(competition.results()["sheetsExpected"], 5);
}

#[test]
fn listed_entrants_are_those_on_the_list_in_its_order() {
    let competition = Competition::new();
    let path = format!("/categories/{}/entrants", competition.category);
    for (entry, position) in [(2, 0), (0, 1)] {
        let body = json!({"entryId": competition.entries[entry], "position": position});
        competition.admin().create(&path, &body);
    }
    assert_eq!(competition.results()["sheetsExpected"], 6, "the list only matters when the category says so");
    change(&competition, &json!({"entrants": "listed"}));
    assert_eq!(competition.results()["sheetsExpected"], 4);
    let page = competition.judges[0]
        .client
        .get(&format!("/categories/{}/scoring", competition.category))
        .expect(200);
    let names: Vec<&Value> = page["entrants"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, [&json!("Cem"), &json!("Ann")]);
}

#[test]
fn results_follow_every_change_at_once() {
    let competition = level();
    let before = competition.results()["asOf"].as_u64().unwrap();
    assert_eq!(competition.results()["asOf"], before, "nothing happened");
    change(&competition, &json!({"method": {"type": "weightedAverage"}}));
    assert_eq!(competition.results()["method"]["type"], "weightedAverage");
    assert!(competition.results()["asOf"].as_u64().unwrap() > before);
    assert_eq!(competition.placement(0)["total"], "14");
}

#[test]
fn the_results_of_a_contest_are_those_of_its_categories() {
    let competition = level();
    let of_contest =
        competition.admin().get(&format!("/contests/{}/results", competition.contest)).expect(200);
    assert_eq!(of_contest["items"], json!([competition.results()]));
    assert_eq!(of_contest["contest"]["id"], competition.contest.as_str());
}

#[test]
fn a_judge_who_leaves_keeps_nothing_provisional_and_the_gaps_stay_told() {
    let competition = Competition::new();
    competition.submit(0, 0, &["9", "9"]).expect(201);
    (0..3).for_each(|entry| _ = competition.submit(1, entry, &["5", "5"]).expect(201));
    let seat = format!("/assignments/{}", competition.judges[0].assignment);
    competition.admin().patch(&seat, &json!({"status": "ended"})).expect(200);
    assert_eq!(competition.results()["provisional"], false);
    let completeness = competition.placement(1)["completeness"].clone();
    assert_eq!(completeness["state"], "reducedPanel", "{completeness}");
    assert_eq!(completeness["gaps"][0]["reason"], "left");
    assert_eq!(competition.placement(1)["judgeTotals"][0]["noTotal"], "left");
    assert_eq!(competition.placement(0)["completeness"]["state"], "complete");
    change(&competition, &json!({"method": {"type": "weightedAverage"}}));
    assert_eq!(competition.placement(1)["completeness"]["state"], "complete", "a mean stands");
}

#[test]
fn a_sheet_that_is_open_again_makes_results_provisional() {
    let competition = Competition::new();
    competition.submit_all();
    let reason = json!({"reason": "typo"});
    competition.admin().post(&format!("{}/reopen", competition.sheet(0, 0)), &reason).expect(200);
    let results = competition.results();
    assert_eq!((&results["provisional"], &results["sheetsReopened"]), (&json!(true), &json!(1)));
    assert_eq!(results["sheetsSubmitted"], 6, "its marks count until others are submitted");
    let mut marks = competition.marks(&["8", "8"]);
    marks["version"] =
        competition.judges[0].client.get(&competition.own_sheet(0)).expect(200)["version"].clone();
    competition.judges[0].client.put(&competition.own_sheet(0), &marks).expect(200);
    let results = competition.results();
    assert_eq!((&results["provisional"], &results["sheetsReopened"]), (&json!(false), &json!(0)));
}

#[test]
fn a_category_that_cannot_be_computed_keeps_no_other_result_back() {
    let competition = level();
    let admin = competition.admin();
    let categories = format!("/contests/{}/categories", competition.contest);
    let ranked = id_of(&admin.create(
        &categories,
        &json!({"name": "Ranked", "position": 1, "method": {"type": "rankSum", "marksAre": "places"}}),
    ));
    let scale = json!({"name": "Place", "step": "0.5"});
    let criterion = id_of(&admin.create(&format!("/categories/{ranked}/criteria"), &scale));
    let judge = json!({"judgeId": competition.judges[0].id});
    admin.create(&format!("/categories/{ranked}/assignments"), &judge);
    let sheet = format!("/categories/{ranked}/entries/{}/sheet", competition.entries[1]);
    let scores = json!({"scores": [{"criterionId": criterion, "value": "1.5"}]});
    competition.judges[0].client.put(&sheet, &scores).expect(201);

    let of_contest = admin.get(&format!("/contests/{}/results", competition.contest)).expect(200);
    assert_eq!(of_contest["items"][0]["placements"][0]["place"], 1);
    let detail = "Somebody gave no. 2 (Ben) the mark 1.5, which is not a place: 1, 2, 3, ...";
    let detail = detail.replace("Somebody", "Jo");
    assert_eq!(
        of_contest["items"][1],
        json!({"category": {"id": ranked, "name": "Ranked"},
               "problem": {"code": "not_computable", "detail": detail}})
    );
    let problem = admin.get(&format!("/categories/{ranked}/results")).expect_problem(422, "not_computable");
    assert_eq!(problem["detail"], detail);
}

#[test]
fn a_method_that_drops_more_than_there_is_says_how_many_judges_it_takes() {
    let competition = level();
    let drop = json!({"best": 1, "worst": 1});
    change(&competition, &json!({"method": {"type": "weightedSum", "drop": drop}}));
    let reason = competition.placement(0)["reason"].clone();
    assert_eq!(reason, json!({"type": "tooFewJudges", "judges": 2, "needed": 3}));
    let method = json!({"method": {"type": "weightedSum", "drop": {"best": 60, "worst": 41}}});
    let refused = competition.admin().patch(&format!("/categories/{}", competition.category), &method);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/method/drop"]);
}

#[test]
fn an_event_has_winners_category_by_category() {
    let competition = level();
    let winners = |query: &str| {
        let path = format!("/events/{}/winners{query}", competition.event);
        competition.admin().get(&path).expect(200)["contests"][0]["categories"][0].clone()
    };
    let places = |category: &Value| -> Vec<Value> {
        category["winners"].as_array().unwrap().iter().map(|winner| winner["place"].clone()).collect()
    };
    let three = winners("");
    assert_eq!((places(&three), &three["provisional"]), (vec![json!(1), json!(1), json!(3)], &json!(false)));
    assert_eq!(three["winners"][2]["entry"]["name"], "Cem");
    assert_eq!(places(&winners("?places=1")), [1, 1], "both of those who share it");
    let guest = format!("/entries/{}", competition.entries[0]);
    competition.admin().patch(&guest, &json!({"eligible": false})).expect(200);
    assert_eq!(places(&winners("")), [1, 2], "a guest takes no place");
    let refused = competition.admin().get(&format!("/events/{}/winners?places=0", competition.event));
    refused.expect_problem(400, "bad_request");
    competition.admin().delete(&format!("/contests/{}?confirm=true", competition.contest)).expect(204);
    let path = format!("/events/{}/winners", competition.event);
    assert_eq!(competition.admin().get(&path).expect(200)["contests"], json!([]));
}
