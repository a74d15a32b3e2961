//! `Idempotency-Key`: a creation that is asked for again finds what was made, and makes nothing.

use std::{collections::HashSet, thread};

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server, Tenant, after_job, fresh, id_of, operations};

fn named(client: &Client, key: &str) -> Client {
    client.with_header("idempotency-key", key)
}

fn replayed(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

fn count(tenant: &Tenant, path: &str) -> usize {
    tenant.admin.get(path).expect(200)["items"].as_array().unwrap().len()
}

#[test]
fn the_same_creation_asked_for_again_answers_what_was_made_as_it_is_now() {
    let tenant = Tenant::new();
    let client = named(&tenant.admin, "0197a-event");
    let body = json!({"name": "Gala"});
    let first = client.post("/events", &body);
    let event = first.expect(201);
    assert!(!replayed(&first));
    let path = format!("/events/{}", id_of(&event));
    tenant.admin.patch(&path, &json!({"name": "Grand Gala"})).expect(200);

    let again = client.post("/events", &body);
    assert_eq!(again.expect(201), tenant.admin.get(&path).expect(200));
    assert!(replayed(&again));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(count(&tenant, "/events"), 1);

    tenant.admin.delete(&path).expect(204);
    assert!(client.post("/events", &body).expect(201)["deletedAt"].is_string());
    assert_eq!(count(&tenant, "/events"), 0);
}

#[test]
fn a_key_stands_for_one_body_one_place_and_one_actor() {
    let tenant = Tenant::new();
    let client = named(&tenant.admin, "once");
    let event = id_of(&client.post("/events", &json!({"name": "Gala"})).expect(201));
    client.post("/events", &json!({"name": "Other"})).expect_problem(422, "idempotency_key_reused");
    client.post("/contestants", &json!({"name": "Gala"})).expect_problem(422, "idempotency_key_reused");
    let path = format!("/events/{event}/contests");
    client.post(&path, &json!({"name": "Gala"})).expect_problem(422, "idempotency_key_reused");

    let program = named(&tenant.token(&json!([{"role": "ADMIN"}])), "once");
    let other = program.post("/events", &json!({"name": "Gala"}));
    assert_ne!(id_of(&other.expect(201)), event);
    assert!(!replayed(&other));
}

#[test]
fn a_refused_creation_leaves_its_key_free() {
    let tenant = Tenant::new();
    let client = named(&tenant.admin, "once");
    client.post("/events", &json!({"name": ""})).expect_problem(422, "invalid");
    let later = client.post("/events", &json!({"name": "Gala"}));
    later.expect(201);
    assert!(!replayed(&later));
}

#[test]
fn of_many_requests_at_the_same_time_one_creates() {
    let tenant = Tenant::new();
    let client = named(&tenant.admin, "race");
    let ids: HashSet<String> = thread::scope(|scope| {
        let ask = || id_of(&client.post("/contestants", &json!({"name": "Ana"})).expect(201));
        let asked: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert_eq!((ids.len(), count(&tenant, "/contestants")), (1, 1));
}

#[test]
fn users_and_tokens_are_made_once_and_a_secret_is_shown_once() {
    let tenant = Tenant::new();
    let user = json!({"email": "jo@house.example", "name": "Jo", "password": "a long password"});
    let client = named(&tenant.admin, "jo");
    let jo = client.post("/users", &user).expect(201);
    let again = client.post("/users", &user);
    assert_eq!((again.expect(201), replayed(&again)), (jo, true));

    let token = json!({"name": "Board", "grants": [{"role": "EMCEE"}], "expiresInDays": 1});
    let client = named(&tenant.admin, "board");
    let board = client.post("/tokens", &token).expect(201);
    let again = client.post("/tokens", &token).expect(201);
    assert_eq!((&again["id"], again.get("token").unwrap_or(&Value::Null)), (&board["id"], &Value::Null));
    assert!(board["token"].is_string());
}

#[test]
fn a_key_that_cannot_be_one_is_refused() {
    let tenant = Tenant::new();
    for key in ["two words", "", &"k".repeat(256)] {
        named(&tenant.admin, key).post("/events", &json!({"name": "x"})).expect_problem(400, "bad_request");
    }
    named(&named(&tenant.admin, "a"), "b")
        .post("/events", &json!({"name": "x"}))
        .expect_problem(400, "bad_request");
    assert_eq!(count(&tenant, "/events"), 0);
}

#[test]
fn many_changes_are_made_once_and_asking_again_tells_the_job_that_made_them() {
    let tenant = Tenant::new();
    let admin = &tenant.admin;
    let template = id_of(&{
        let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
        admin.create(&format!("/events/{event}/template"), &json!({"name": "Shape"}))
    });
    let event = id_of(&admin.create("/events", &json!({"name": "Last year"})));
    let create = |name: &str| json!({"op": "create", "type": "contestant", "body": {"name": name}});
    let bulk = json!({"operations": [create("Ann"), create("Ben")]});
    let many = json!({"operations": [create("Cem")], "skipFaulty": true});
    let import = json!({"what": "judges", "csv": "name\nJo\n"});
    for (key, path, body, list) in [
        ("bulk", "/bulk".to_owned(), bulk, "/contestants"),
        ("job", "/bulk".to_owned(), many, "/contestants"),
        ("import", "/imports".to_owned(), import, "/judges"),
        ("apply", format!("/templates/{template}/apply"), json!({"name": "New"}), "/events"),
        ("clone", format!("/events/{event}/clone"), json!({"name": "This year"}), "/events"),
    ] {
        let client = named(admin, key);
        let first = client.post(&path, &body);
        assert!(first.status == 200 || first.status == 202, "{}", first.describe());
        let first: Value = serde_json::from_slice(&first.body).unwrap();
        let job = first.get("job").unwrap_or(&first);
        after_job(admin, job);
        let there = count(&tenant, list);
        let again = client.post(&path, &body);
        assert!(replayed(&again), "{key}");
        let again = again.expect(202);
        assert_eq!((&again["id"], &again["state"]), (&job["id"], &json!("done")), "{key}");
        assert_eq!(count(&tenant, list), there, "{key}");
        let mut other = body.clone();
        other["name"] = json!("Something else");
        if key == "import" {
            other = json!({"what": "judges", "csv": "name\nMia\n"});
        }
        client.post(&path, &other).expect_problem(422, "idempotency_key_reused");
    }
}

#[test]
fn alerts_are_silenced_once() {
    let server = Server::shared();
    let operator = server.super_admin();
    let client = named(&operator, &fresh("silence"));
    let body = json!({"subject": fresh("part"), "until": "2099-01-01T00:00:00Z", "reason": "repair"});
    let first = client.post("/silences", &body).expect(201);
    let again = client.post("/silences", &body);
    assert_eq!((again.expect(201), replayed(&again)), (first.clone(), true));
    let mut longer = body.clone();
    longer["until"] = json!("2099-01-02T00:00:00Z");
    client.post("/silences", &longer).expect_problem(422, "idempotency_key_reused");
    operator.delete(&format!("/silences/{}", id_of(&first))).expect(204);
    client.post("/silences", &body).expect_problem(404, "not_found");
}

/// POSTs that take no key, by what becomes of a second one.
const WITHOUT_KEY: [(&str, &[&str]); 7] = [
    (
        "it finds things as the first one left them",
        &[
            "restore",
            "lock",
            "unlock",
            "archive",
            "unarchive",
            "renumberContest",
            "resetBreaker",
            "tripBreaker",
            "releaseJudgeLink",
            "liftSuppression",
            "cancelJob",
            "cancelDelivery",
            "actAs",
            "logout",
            "acknowledgeAlert",
        ],
    ),
    (
        "it is refused, for the first one was taken",
        &[
            "request",
            "approve",
            "refuse",
            "askReopening",
            "reopenSheet",
            "declareConflict",
            "undoJob",
            "purge",
            "setUp",
            "confirmSecondFactor",
            "resetPassword",
        ],
    ),
    (
        "it makes a secret that takes the place of the first one",
        &[
            "login",
            "changePassword",
            "setPassword",
            "makeResetLink",
            "beginSecondFactor",
            "renewRecoveryCodes",
            "setJudgeLinkPin",
            "renewWebhookSecret",
        ],
    ),
    ("it tries once more", &["test", "previewWording"]),
    ("it makes or reads a backup once more", &["makeBackup", "verifyBackup"]),
    ("it erases what there is by then, too", &["eraseLogs"]),
    ("it sends once more, which is what it is for", &["replayDelivery", "replayDeliveries"]),
];

/// Whether an operation is that of a word, or does what the word says to a thing: `lock` is `lockEvent`, too.
fn is_of(name: &str, word: &str) -> bool {
    let rest = name.strip_prefix(word);
    rest.is_some_and(|rest| rest.chars().next().is_none_or(char::is_uppercase))
}

#[test]
fn every_post_takes_a_key_or_does_no_harm_when_it_comes_twice() {
    let posts = operations().into_iter().filter(|operation| operation.method == "POST");
    for operation in posts {
        let name = operation.name();
        let takes_key = operation.parameters("header").iter().any(|(header, _)| *header == "Idempotency-Key");
        let mut words = WITHOUT_KEY.iter().flat_map(|(_, words)| words.iter());
        let is_listed = words.any(|word| is_of(name, word));
        assert!(takes_key != is_listed, "{name}: takes a key: {takes_key}, listed: {is_listed}");
    }
}
