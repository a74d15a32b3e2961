//! What a change must keep to, for every noun: known fields, seen versions, unique values, references that stay.

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Competition, Tenant, fresh, id_of};

#[test]
fn an_unknown_field_is_refused_in_creation_and_change() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let manager = noun.manager(&competition);
        let mut body = (noun.body)(&competition);
        body["colour"] = json!("green");
        let refused = manager.post(&(noun.collection)(&competition), &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/colour"], "{}", refused.describe());
        let path = noun.item(&id_of(&noun.create(&competition)));
        let refused = manager.patch(&path, &json!({"colour": "green"}));
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/colour"], "{}", refused.describe());
    }
}

#[test]
fn what_the_product_keeps_about_a_thing_cannot_be_sent() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let path = noun.item(&id_of(&noun.create(&competition)));
        for field in ["id", "version", "createdAt", "deletedAt", "lockedAt"] {
            let refused = noun.manager(&competition).patch(&path, &json!({field: null, "x": 1}));
            refused.expect_problem(422, "invalid");
        }
    }
}

#[test]
fn only_the_version_that_was_seen_is_changed_or_deleted() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let manager = noun.manager(&competition);
        let path = noun.item(&id_of(&noun.create(&competition)));
        let seen = manager.get(&path).etag().to_owned();
        let changed = manager.if_match(&seen).patch(&path, &(noun.change)());
        changed.expect(200);
        let stale = manager.if_match(&seen);
        for refused in [stale.patch(&path, &(noun.change)()), stale.delete(&path)] {
            let problem = refused.expect_problem(412, "version_mismatch");
            assert_eq!(format!("\"{}\"", problem["currentVersion"]), changed.etag());
        }
        manager.if_match(changed.etag()).delete(&path).expect(204);
    }
}

#[test]
fn a_lock_honours_the_version_that_was_seen() {
    let competition = Competition::new();
    let path = format!("/categories/{}", competition.category);
    let seen = competition.admin().get(&path).etag().to_owned();
    competition.admin().patch(&path, &json!({"description": "Changed"})).expect(200);
    competition.admin().if_match(&seen).call(&format!("{path}/lock")).expect_problem(412, "version_mismatch");
}

/// Sends a second thing with a value that the first one holds, and gives back the problem.
fn second(competition: &Competition, kind: Kind, mut body: Value, field: &str, value: &Value) -> Value {
    let noun = NOUNS.iter().find(|noun| noun.kind == kind).unwrap();
    body[field] = value.clone();
    let answer = noun.manager(competition).post(&(noun.collection)(competition), &body);
    let problem = answer.expect_problem(409, "taken");
    assert_eq!(answer.pointers(), [format!("/{field}")]);
    problem
}

#[test]
fn a_unique_value_is_given_once_and_the_refusal_names_its_holder() {
    let competition = Competition::new();
    let fields = [
        (Kind::Tenant, "slug"),
        (Kind::User, "email"),
        (Kind::Entry, "contestantId"),
        (Kind::Entrant, "entryId"),
        (Kind::Assignment, "judgeId"),
    ];
    for (kind, field) in fields {
        let noun = NOUNS.iter().find(|noun| noun.kind == kind).unwrap();
        let first = noun.create(&competition);
        let problem = second(&competition, kind, (noun.body)(&competition), field, &first[field]);
        assert_eq!(problem["holder"], first["id"]);
        noun.manager(&competition).delete(&noun.item(&id_of(&first))).expect(204);
        let mut body = (noun.body)(&competition);
        body[field] = first[field].clone();
        let next = noun.manager(&competition).create(&(noun.collection)(&competition), &body);
        let restored = noun.manager(&competition).call(&format!("{}/restore", noun.item(&id_of(&first))));
        assert_eq!(restored.expect_problem(409, "taken")["holder"], next["id"], "it went to somebody else");
    }
}

#[test]
fn addresses_are_unique_whatever_their_case_and_a_user_is_one_judge() {
    let tenant = Tenant::new();
    let email = format!("{}@it.example", fresh("Case"));
    let user = tenant.admin.create("/users", &json!({"email": email, "name": "A"}));
    let refused = tenant.admin.post("/users", &json!({"email": email.to_lowercase(), "name": "B"}));
    refused.expect_problem(409, "taken");
    let judge = tenant.admin.create("/judges", &json!({"name": "J", "userId": user["id"]}));
    let refused = tenant.admin.post("/judges", &json!({"name": "K", "userId": user["id"]}));
    assert_eq!(refused.expect_problem(409, "taken")["holder"], judge["id"]);
    assert_eq!(refused.pointers(), ["/userId"]);
}

#[test]
fn an_entry_gets_the_next_free_number_and_a_taken_one_is_answered_with_it() {
    let competition = Competition::new();
    let admin = competition.admin();
    let numbers: Vec<Value> = competition
        .entries
        .iter()
        .map(|entry| admin.get(&format!("/entries/{entry}")).expect(200)["number"].clone())
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    let noun = NOUNS.iter().find(|noun| noun.kind == Kind::Entry).unwrap();
    let problem = second(&competition, Kind::Entry, (noun.body)(&competition), "number", &json!(2));
    assert_eq!(problem["holder"], competition.entries[1].as_str());
    assert_eq!(problem["nextFree"], "4");

    let renumbered = admin.patch(&format!("/entries/{}", competition.entries[0]), &json!({"number": 2}));
    let problem = renumbered.expect_problem(409, "taken");
    assert_eq!((&problem["holder"], &problem["nextFree"]), (&json!(competition.entries[1]), &json!("4")));

    admin.delete(&format!("/entries/{}", competition.entries[1])).expect(204);
    admin.patch(&format!("/entries/{}", competition.entries[0]), &json!({"number": 2})).expect(200);
    let restored = admin.call(&format!("/entries/{}/restore", competition.entries[1]));
    let problem = restored.expect_problem(409, "taken");
    assert_eq!((&problem["holder"], &problem["nextFree"]), (&json!(competition.entries[0]), &json!("4")));
}

#[test]
fn a_hidden_entry_keeps_its_number() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.delete(&format!("/contestants/{}", competition.contestants[1])).expect(204);
    let noun = NOUNS.iter().find(|noun| noun.kind == Kind::Entry).unwrap();
    let problem = second(&competition, Kind::Entry, (noun.body)(&competition), "number", &json!(2));
    assert_eq!(problem["holder"], competition.entries[1].as_str());
}

#[test]
fn what_a_thing_points_at_never_changes() {
    let competition = Competition::new();
    for (kind, field) in [
        (Kind::Entry, "contestantId"),
        (Kind::Entrant, "entryId"),
        (Kind::Assignment, "judgeId"),
        (Kind::Deduction, "entryId"),
    ] {
        let noun = NOUNS.iter().find(|noun| noun.kind == kind).unwrap();
        let path = noun.item(&id_of(&noun.create(&competition)));
        let other = match kind {
            Kind::Deduction => json!(competition.entries[2]),
            _ => (noun.body)(&competition)[field].clone(),
        };
        let refused = competition.admin().patch(&path, &json!({field: other}));
        refused.expect_problem(422, "immutable");
        assert_eq!(refused.pointers(), [format!("/{field}")]);
    }
}

#[test]
fn what_a_thing_points_at_must_be_there_and_fit() {
    let (competition, other) = (Competition::new(), Competition::new());
    let (admin, category) = (competition.admin(), &competition.category);
    let elsewhere = admin.create(&format!("/events/{}/contests", competition.event), &json!({"name": "Duo"}));
    let contestant = json!({"contestantId": competition.contestants[0]});
    let elsewhere = admin.create(&format!("/contests/{}/entries", id_of(&elsewhere)), &contestant);
    let refused = [
        (format!("/contests/{}/entries", competition.contest), json!({"contestantId": other.contestants[0]})),
        (format!("/categories/{category}/assignments"), json!({"judgeId": other.judges[0].id})),
        (format!("/categories/{category}/entrants"), json!({"entryId": other.entries[0]})),
        (format!("/categories/{category}/entrants"), json!({"entryId": elsewhere["id"]})),
        (
            format!("/categories/{category}/deductions"),
            json!({"entryId": elsewhere["id"], "amount": "1", "reason": "x"}),
        ),
        ("/judges".to_owned(), json!({"name": "J", "userId": other.judges[0].user})),
    ];
    for (path, body) in refused {
        let answer = admin.post(&path, &body);
        answer.expect_problem(422, "invalid");
        assert!(answer.pointers()[0].ends_with("Id"), "{}", answer.describe());
    }
}

#[test]
fn rules_that_join_fields_hold_for_a_change_as_for_a_creation() {
    let competition = Competition::new();
    let admin = competition.admin();
    let event = format!("/events/{}", competition.event);
    admin.patch(&event, &json!({"startsAt": "2026-05-01T18:00:00Z"})).expect(200);
    let refused = admin.patch(&event, &json!({"endsAt": "2026-05-01T17:00:00Z"}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/endsAt"]);
    let refused = admin.patch(&event, &json!({"timeZone": "Europe/Atlantis"}));
    assert_eq!(refused.pointers(), ["/timeZone"], "{}", refused.describe());
    let criterion = admin.patch(&format!("/criteria/{}", competition.criteria[0]), &json!({"step": "3"}));
    assert_eq!(criterion.pointers(), ["/step"], "{}", criterion.describe());
    let deduction = json!({"entryId": competition.entries[0], "amount": "0", "reason": "x"});
    let deduction = admin.post(&format!("/categories/{}/deductions", competition.category), &deduction);
    assert_eq!(deduction.pointers(), ["/amount"], "{}", deduction.describe());
}

#[test]
fn null_in_a_merge_patch_takes_a_value_away_and_a_needed_one_stays() {
    let competition = Competition::new();
    let (admin, path) = (competition.admin(), format!("/events/{}", competition.event));
    admin.patch(&path, &json!({"location": "Hall"})).expect(200);
    assert!(admin.patch(&path, &json!({"location": null})).expect(200)["location"].is_null());
    admin.patch(&path, &json!({"name": null})).expect_problem(422, "invalid");
    admin.patch(&path, &json!({"name": ""})).expect_problem(422, "invalid");
    assert_eq!(admin.get(&path).expect(200)["name"], "Gala");
}

#[test]
fn the_scale_of_a_criterion_with_marks_stays() {
    let competition = Competition::new();
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let path = format!("/criteria/{}", competition.criteria[0]);
    for change in
        [json!({"weight": "2"}), json!({"maximum": "20"}), json!({"minimum": "1"}), json!({"step": "1"})]
    {
        competition.admin().patch(&path, &change).expect_problem(409, "has_marks");
    }
    competition.admin().patch(&path, &json!({"name": "Precision"})).expect(200);
}

#[test]
fn the_scale_of_a_criterion_stays_while_marks_of_it_can_be_restored() {
    let competition = Competition::new();
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let admin = competition.admin();
    let change = |criterion: usize| {
        let path = format!("/criteria/{}", competition.criteria[criterion]);
        admin.patch(&path, &json!({"maximum": "3"}))
    };
    let sheet = format!(
        "/categories/{}/entries/{}/sheets/{}",
        competition.category, competition.entries[0], competition.judges[0].id
    );
    admin.delete(&format!("{sheet}/marks/{}", competition.criteria[0])).expect(204);
    change(0).expect_problem(409, "has_marks");
    admin.delete(&sheet).expect(204);
    change(0).expect_problem(409, "has_marks");
    change(1).expect_problem(409, "has_marks");
}

#[test]
fn an_automatic_number_is_none_that_lies_in_the_trash_and_none_beyond_the_last() {
    let competition = Competition::new();
    let admin = competition.admin();
    let entries = format!("/contests/{}/entries", competition.contest);
    let enter = |name: &str| {
        let contestant = id_of(&admin.create("/contestants", &json!({"name": name})));
        admin.create(&entries, &json!({"contestantId": contestant}))
    };
    admin.delete(&format!("/entries/{}", competition.entries[2])).expect(204);
    assert_eq!(enter("Dan")["number"], 4);
    admin.call(&format!("/entries/{}/restore", competition.entries[2])).expect(200);

    let last = json!({"number": 99_999});
    admin.patch(&format!("/entries/{}", competition.entries[0]), &last).expect(200);
    assert_eq!(
        enter("Eve")["number"],
        1,
        "the lowest that nobody has or had: number 1 was changed, not deleted"
    );
    let taken = admin.patch(&format!("/entries/{}", competition.entries[1]), &last);
    assert_eq!(taken.expect_problem(409, "taken")["nextFree"], "5");
}

#[test]
fn a_judge_assigned_twice_is_named() {
    let competition = Competition::new();
    let path = format!("/categories/{}/assignments", competition.category);
    let refused = competition.admin().post(&path, &json!({"judgeId": competition.judges[0].id}));
    assert_eq!(refused.expect_problem(409, "taken")["detail"], "Jo judges here already");
}

#[test]
fn a_method_is_switched_by_its_type_alone_and_keeps_nothing_of_the_old_one() {
    let competition = Competition::new();
    let path = format!("/categories/{}", competition.category);
    let switch = |method: Value| {
        competition.admin().patch(&path, &json!({"method": method})).expect(200)["method"].clone()
    };
    let drop = json!({"best": 1, "worst": 0});
    assert_eq!(switch(json!({"type": "weightedSum", "drop": drop}))["drop"], drop);
    assert_eq!(
        switch(json!({"type": "weightedSum", "floorAtZero": true}))["drop"],
        drop,
        "the same type is merged"
    );
    assert_eq!(switch(json!({"type": "weightedAverage"}))["drop"], json!({"best": 0, "worst": 0}));
    assert_eq!(switch(json!({"type": "rankSum"}))["type"], "rankSum");
}

#[test]
fn a_tie_break_looks_at_a_live_criterion_of_its_category() {
    let competition = Competition::new();
    let admin = competition.admin();
    let other = format!("/contests/{}/categories", competition.contest);
    let other = id_of(&admin.create(&other, &json!({"name": "Other"})));
    let path = format!("/categories/{other}");
    let rule = json!({"type": "criterion", "criterionId": competition.criteria[0]});
    let refused = admin.patch(&path, &json!({"tieBreaks": [{"type": "countback"}, rule]}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/tieBreaks/1/criterionId"]);

    let path = format!("/categories/{}", competition.category);
    admin.patch(&path, &json!({"tieBreaks": [rule]})).expect(200);
    admin.delete(&format!("/criteria/{}", competition.criteria[0])).expect(204);
    admin.patch(&path, &json!({"name": "Talents"})).expect(200);
}

#[test]
fn a_grant_is_for_something_of_the_tenant_and_given_once() {
    let (tenant, other) = (Tenant::new(), Competition::new());
    let scope = json!({"type": "event", "id": other.event});
    let grants = json!([{"role": "ORGANIZER", "scope": scope}]);
    let user = json!({"email": "scoped@it.example", "name": "Sue", "grants": grants});
    let token = json!({"name": "a program", "grants": grants, "expiresInDays": 1});
    for (path, body) in [("/users", user), ("/tokens", token)] {
        let refused = tenant.admin.post(path, &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/grants/0/scope/id"], "{path}");
    }
    let twice = json!([{"role": "EMCEE"}, {"role": "EMCEE"}]);
    let user = json!({"email": "twice@it.example", "name": "Tom", "grants": twice});
    let token = json!({"name": "a program", "grants": twice, "expiresInDays": 1});
    for (path, body) in [("/users", user), ("/tokens", token)] {
        let refused = tenant.admin.post(path, &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/grants/1"], "{path}");
    }
}

#[test]
fn a_name_is_one_readable_line_and_a_description_may_be_several() {
    let tenant = Tenant::new();
    for name in [" ", "Ann\nBen", "\u{202e}nnA", "Bell\u{7}"] {
        for path in ["/events", "/judges", "/contestants"] {
            let refused = tenant.admin.post(path, &json!({"name": name}));
            refused.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["/name"], "{path} {name:?}");
        }
    }
    tenant.admin.create("/events", &json!({"name": "Gala", "description": "One\nTwo"}));
    let leap = tenant.admin.post("/events", &json!({"name": "Gala", "startsAt": "2016-12-31T23:59:60Z"}));
    leap.expect_problem(422, "invalid");
    assert_eq!(leap.pointers(), ["/startsAt"]);
}
