//! `Idempotency-Key`: a creation that is asked for again finds what was made, and makes nothing.

use std::{collections::HashSet, thread};

use serde_json::{Value, json};

use crate::support::{Answer, Client, Tenant, after_job, id_of};

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
