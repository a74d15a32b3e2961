//! Unlocking by two people: one asks, another one approves or refuses, and nobody does both.

use event_manager::domain::Role;
use serde_json::json;

use crate::support::{Answer, Client, Competition, EventStream, Tenant, id_of};

fn reason() -> serde_json::Value {
    json!({"reason": "A name is wrong"})
}

/// A competition whose tenant wants two people to unlock, and another one who may.
fn with_two() -> (Competition, Client) {
    let competition = Competition::new();
    let organizer = competition.tenant.with_role(Role::Organizer);
    competition.admin().patch("/settings", &json!({"twoPersonUnlock": true})).expect(200);
    (competition, organizer)
}

/// Event and contest of a competition, each locked in its turn.
fn each_locked(competition: &Competition, check: impl Fn(&str)) {
    for path in [format!("/contests/{}", competition.contest), format!("/events/{}", competition.event)] {
        competition.admin().call(&format!("{path}/lock")).expect(200);
        check(&path);
    }
}

#[test]
fn one_asks_and_another_one_approves() {
    let (competition, organizer) = with_two();
    let admin = competition.admin();
    each_locked(&competition, |path| {
        let requests = format!("{path}/unlock-requests");
        admin.call(&format!("{path}/unlock")).expect_problem(409, "second_person_needed");
        let made = organizer.create(&requests, &reason());
        assert_eq!(made["reason"], "A name is wrong");
        assert_eq!(made["requestedByName"], "Somebody");
        let open = admin.get(&requests).expect(200);
        assert_eq!(open["items"], json!([made]));
        let again = admin.post(&requests, &reason()).expect_problem(409, "unlock_requested");
        assert_eq!(again["requestedBy"], made["requestedBy"]);
        assert_eq!(again["requestedByName"], "Somebody");
        for decision in ["approve", "refuse"] {
            let body = Some(json!({})).filter(|_| decision == "refuse");
            let own = organizer.send("POST", &format!("{requests}/{decision}"), body.as_ref());
            own.expect_problem(409, "second_person_needed");
        }
        let unlocked = admin.call(&format!("{requests}/approve")).expect(200);
        assert!(unlocked["lockedAt"].is_null(), "{unlocked}");
        assert_eq!(admin.get(&requests).expect(200)["items"], json!([]));
        admin.call(&format!("{requests}/approve")).expect_problem(409, "no_unlock_request");
    });
}

#[test]
fn a_refused_request_leaves_the_lock_and_makes_way_for_another_one() {
    let (competition, organizer) = with_two();
    let board = competition.tenant.with_role(Role::Board);
    each_locked(&competition, |path| {
        let requests = format!("{path}/unlock-requests");
        let first = organizer.create(&requests, &reason());
        board.post(&format!("{requests}/refuse"), &json!({"reason": "It is right"})).expect(204);
        assert!(competition.admin().get(path).expect(200)["lockedAt"].is_string());
        organizer.create(&requests, &reason());
        let seen = board.if_match(&format!("\"{}\"", first["version"]));
        seen.call(&format!("{requests}/approve")).expect_problem(412, "version_mismatch");
        board.call(&format!("{requests}/approve")).expect(200);
    });
}

#[test]
fn both_people_are_named_in_the_audit_log() {
    let competition = Competition::new();
    let (asking, _, organizer) = competition.tenant.somebody(Role::Organizer);
    let (deciding, _, board) = competition.tenant.somebody(Role::Board);
    let (event, admin) = (format!("/events/{}", competition.event), competition.admin());
    let requests = format!("{event}/unlock-requests");
    admin.call(&format!("{event}/lock")).expect(200);
    organizer.create(&requests, &reason());
    board.post(&format!("{requests}/refuse"), &json!({"reason": "It is right"})).expect(204);
    organizer.create(&requests, &reason());
    board.call(&format!("{requests}/approve")).expect(200);
    let records = admin.get("/audit?limit=4").expect(200);
    let mut told: Vec<_> = records["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| (record["action"].clone(), record["actor"]["id"].clone(), record["facts"].clone()))
        .collect();
    told.reverse();
    let decided = |reason| {
        let by = json!({"type": "user", "id": asking});
        json!({"requestedBy": by, "request": "A name is wrong", "reason": reason})
    };
    let (asking, deciding) = (json!(asking), json!(deciding));
    assert_eq!(
        told,
        [
            (json!("event.unlockRequested"), asking.clone(), reason()),
            (json!("event.unlockRefused"), deciding.clone(), decided(json!("It is right"))),
            (json!("event.unlockRequested"), asking, reason()),
            (json!("event.unlocked"), deciding, decided(json!(null))),
        ]
    );
    assert_eq!(admin.get("/audit/verify").expect(200)["intact"], true);
}

#[test]
fn whoever_follows_the_event_is_told() {
    let (competition, organizer) = with_two();
    let event = format!("/events/{}", competition.event);
    let requests = format!("{event}/unlock-requests");
    competition.admin().call(&format!("{event}/lock")).expect(200);
    let mut stream = EventStream::open(&competition.tenant.with_role(Role::Emcee));
    organizer.create(&requests, &reason());
    competition.admin().post(&format!("{requests}/refuse"), &json!({})).expect(204);
    organizer.create(&requests, &reason());
    competition.admin().call(&format!("{requests}/approve")).expect(200);
    for action in ["unlockRequested", "unlockRefused", "unlockRequested", "unlocked"] {
        let told = stream.next().unwrap();
        assert_eq!(told.data["action"], format!("event.{action}"));
        assert_eq!(told.data["id"], competition.event.as_str());
    }
}

#[test]
fn a_program_counts_as_the_user_who_made_its_token() {
    let (competition, organizer) = with_two();
    let event = format!("/events/{}", competition.event);
    let requests = format!("{event}/unlock-requests");
    competition.admin().call(&format!("{event}/lock")).expect(200);
    let program = competition.tenant.token(&json!([{"role": "ORGANIZER"}]));
    program.create(&requests, &reason());
    let own = competition.admin().call(&format!("{requests}/approve"));
    own.expect_problem(409, "second_person_needed");
    organizer.call(&format!("{requests}/approve")).expect(200);
}

#[test]
fn only_officials_within_scope_decide() {
    let (competition, organizer) = with_two();
    let admin = competition.admin();
    let event = format!("/events/{}", competition.event);
    let requests = format!("{event}/unlock-requests");
    admin.call(&format!("{event}/lock")).expect(200);
    organizer.create(&requests, &reason());
    let other = id_of(&admin.create("/events", &json!({"name": "Other"})));
    let board = |event: &str| {
        let scope = json!({"type": "event", "id": event});
        competition.tenant.with_grants(&json!([{"role": "BOARD", "scope": scope}]))
    };
    board(&other).call(&format!("{requests}/approve")).expect_problem(404, "not_found");
    let auditor = competition.tenant.with_role(Role::Auditor);
    auditor.call(&format!("{requests}/approve")).expect_problem(403, "forbidden");
    board(&competition.event).call(&format!("{requests}/approve")).expect(200);
}

#[test]
fn what_is_not_locked_or_lies_beneath_a_lock_is_not_asked_for() {
    let (competition, organizer) = with_two();
    let event = format!("/events/{}", competition.event);
    let contest = format!("/contests/{}", competition.contest);
    let ask = |path: &str| organizer.post(&format!("{path}/unlock-requests"), &reason());
    ask(&event).expect_problem(409, "not_locked");
    competition.admin().call(&format!("{contest}/lock")).expect(200);
    ask(&contest).expect(201);
    competition.admin().call(&format!("{event}/lock")).expect(200);
    let approve = competition.admin().call(&format!("{contest}/unlock-requests/approve"));
    approve.expect_problem(409, "event_locked");
}

#[test]
fn categories_are_unlocked_by_one_person_as_ever() {
    let (competition, _) = with_two();
    let category = format!("/categories/{}", competition.category);
    competition.admin().call(&format!("{category}/lock")).expect(200);
    competition.admin().call(&format!("{category}/unlock")).expect(200);
}

#[test]
fn unlocking_alone_closes_the_request_that_was_open() {
    let competition = Competition::new();
    let admin = competition.admin();
    each_locked(&competition, |path| {
        admin.create(&format!("{path}/unlock-requests"), &reason());
        admin.call(&format!("{path}/unlock")).expect(200);
        admin.call(&format!("{path}/lock")).expect(200);
        assert_eq!(admin.get(&format!("{path}/unlock-requests")).expect(200)["items"], json!([]));
        admin.call(&format!("{path}/unlock")).expect(200);
    });
}

#[test]
fn two_people_are_wanted_only_where_there_are_two() {
    let tenant = Tenant::new();
    let wanted = json!({"twoPersonUnlock": true});
    assert_eq!(tenant.admin.get("/settings").expect(200)["twoPersonUnlock"], false);
    let scoped = id_of(&tenant.admin.create("/events", &json!({"name": "Gala"})));
    let scope = json!({"type": "event", "id": scoped});
    let asked = |answer: &Answer| {
        let problem = answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), ["/twoPersonUnlock"], "{problem}");
    };
    asked(&tenant.admin.patch("/settings", &wanted));
    tenant.user(&json!([{"role": "BOARD", "scope": scope}]));
    tenant.user(&json!([{"role": "AUDITOR"}]));
    let grants = json!([{"role": "BOARD"}]);
    let body = json!({"email": "no-password@it.example", "name": "Nobody", "grants": grants});
    tenant.admin.create("/users", &body);
    asked(&tenant.admin.patch("/settings", &wanted));
    tenant.user(&grants);
    let on = tenant.admin.patch("/settings", &wanted);
    assert_eq!(on.expect(200)["twoPersonUnlock"], true);
    let stale = tenant.admin.if_match("\"1\"").patch("/settings", &json!({"twoPersonUnlock": false}));
    stale.expect_problem(412, "version_mismatch");
    let off = tenant.admin.if_match(on.etag()).patch("/settings", &json!({"twoPersonUnlock": false}));
    assert_eq!(off.expect(200)["twoPersonUnlock"], false);
    let records = tenant.admin.get("/audit?limit=2").expect(200);
    for (index, before) in [(0, true), (1, false)] {
        let record = &records["items"][index];
        assert_eq!(record["action"], "tenant.updated");
        let side = |side: &str| record["detail"][side]["settings"]["twoPersonUnlock"] == true;
        assert_eq!((side("before"), side("after")), (before, !before), "{record}");
    }
}

#[test]
fn nobody_makes_one_person_enough_while_something_is_locked() {
    let (competition, organizer) = with_two();
    let admin = competition.admin();
    each_locked(&competition, |path| {
        let off = admin.patch("/settings", &json!({"twoPersonUnlock": false}));
        off.expect_problem(409, if path.starts_with("/events") { "event_locked" } else { "contest_locked" });
        organizer.create(&format!("{path}/unlock-requests"), &reason());
        admin.call(&format!("{path}/unlock-requests/approve")).expect(200);
    });
    admin.patch("/settings", &json!({"twoPersonUnlock": false})).expect(200);
}
