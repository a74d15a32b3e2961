//! How many may take part in an event or a category.

use serde_json::{Value, json};

use crate::support::{Answer, Competition, id_of};

fn contestant(competition: &Competition) -> String {
    id_of(&competition.admin().create("/contestants", &json!({"name": "Dan"})))
}

fn enter(competition: &Competition, contest: &str, contestant: &str) -> Answer {
    competition.admin().post(&format!("/contests/{contest}/entries"), &json!({"contestantId": contestant}))
}

/// The refusal names what is full.
fn is_full(refused: &Answer, kind: &str, id: &str, limit: u32) {
    let problem = refused.expect_problem(409, "over_limit");
    assert_eq!(
        (&problem["kind"], &problem["id"], &problem["limit"]),
        (&json!(kind), &json!(id), &json!(limit))
    );
}

#[test]
fn an_event_takes_no_more_contestants_than_it_says_and_counts_each_once() {
    let competition = Competition::new();
    let admin = competition.admin();
    let event = format!("/events/{}", competition.event);
    is_full(&admin.patch(&event, &json!({"maxContestants": 2})), "event", &competition.event, 2);
    admin.patch(&event, &json!({"maxContestants": 3})).expect(200);
    let problem = enter(&competition, &competition.contest, &contestant(&competition));
    is_full(&problem, "event", &competition.event, 3);
    assert_eq!(problem.json()["detail"], "“Gala” takes at most 3 contestants");
    let other = id_of(&admin.create(&format!("{event}/contests"), &json!({"name": "Duo"})));
    enter(&competition, &other, &competition.contestants[0]).expect(201);
    is_full(&enter(&competition, &other, &contestant(&competition)), "event", &competition.event, 3);
}

#[test]
fn what_comes_back_counts_too() {
    let competition = Competition::new();
    let admin = competition.admin();
    let contest = format!("/contests/{}", competition.contest);
    admin.patch(&format!("/events/{}", competition.event), &json!({"maxContestants": 3})).expect(200);
    for gone in [
        format!("/entries/{}", competition.entries[0]),
        format!("/contestants/{}", competition.contestants[1]),
    ] {
        admin.delete(&gone).expect(204);
        let joined = id_of(&enter(&competition, &competition.contest, &contestant(&competition)).expect(201));
        is_full(&admin.call(&format!("{gone}/restore")), "event", &competition.event, 3);
        admin.delete(&format!("/entries/{joined}")).expect(204);
        admin.call(&format!("{gone}/restore")).expect(200);
    }
    admin.delete(&contest).expect(204);
    let contests = format!("/events/{}/contests", competition.event);
    let other = id_of(&admin.create(&contests, &json!({"name": "Duo"})));
    enter(&competition, &other, &contestant(&competition)).expect(201);
    is_full(&admin.call(&format!("{contest}/restore")), "event", &competition.event, 3);
}

#[test]
fn a_category_takes_no_more_entrants_than_it_says() {
    let competition = Competition::new();
    let admin = competition.admin();
    let (id, category) = (&competition.category, format!("/categories/{}", competition.category));
    let most = |most: u32| admin.patch(&category, &json!({"maxEntrants": most}));
    is_full(&most(2), "category", id, 2);
    most(3).expect(200);
    is_full(&enter(&competition, &competition.contest, &contestant(&competition)), "category", id, 3);
    let refused = admin.patch(&category, &json!({"minEntrants": 4}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/maxEntrants"]);
    // A list of its own counts by the list.
    admin.patch(&category, &json!({"entrants": "listed", "maxEntrants": 1})).expect(200);
    let list = |entry: &str| admin.post(&format!("{category}/entrants"), &json!({"entryId": entry}));
    let listed = id_of(&list(&competition.entries[0]).expect(201));
    is_full(&list(&competition.entries[1]), "category", id, 1);
    admin.delete(&format!("/entrants/{listed}")).expect(204);
    list(&competition.entries[1]).expect(201);
    is_full(&admin.call(&format!("/entrants/{listed}/restore")), "category", id, 1);
    is_full(&admin.patch(&category, &json!({"entrants": "all"})), "category", id, 1);
    admin.patch(&category, &json!({"maxEntrants": Value::Null, "entrants": "all"})).expect(200);
}
