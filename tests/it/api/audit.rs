//! The audit log: a record for each write, in an unbroken chain, seen over HTTP.

use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Client, Competition, Tenant, id_of};

/// The newest records, oldest of them first.
fn newest(client: &Client, count: usize) -> Vec<Value> {
    let page = client.get(&format!("/audit?limit={count}")).expect(200);
    page["items"].as_array().unwrap().iter().rev().cloned().collect()
}

#[test]
fn every_write_of_every_noun_leaves_a_record_with_who_and_in_which_request() {
    let competition = Competition::new();
    let me = competition.admin().get("/me").expect(200)["user"].clone();
    for noun in NOUNS.iter().filter(|noun| noun.kind != event_manager::domain::Kind::Tenant) {
        let (kind, collection, body) =
            (noun.kind.word(), (noun.collection)(&competition), (noun.body)(&competition));
        let admin = competition.admin().with_header("x-correlation-id", &format!("all-of-{kind}"));
        let created = admin.post(&collection, &body);
        let id = id_of(&created.expect(201));
        let path = noun.item(&id);
        let answers = [
            ("created", created),
            ("updated", admin.patch(&path, &(noun.change)())),
            ("deleted", admin.delete(&format!("{path}?reason=a%20mistake"))),
            ("restored", admin.call(&format!("{path}/restore"))),
        ];
        for (record, (verb, answer)) in newest(&admin, 4).iter().zip(&answers) {
            assert_eq!(record["action"], format!("{kind}.{verb}"), "{record}");
            assert_eq!(record["subject"], json!({"kind": kind, "id": id}));
            assert_eq!(record["requestId"].as_str(), answer.header("x-request-id"), "{record}");
            assert_eq!(record["correlationId"], format!("all-of-{kind}"));
            assert_eq!(record["actor"], json!({"type": "user", "id": me["id"]}));
            assert_eq!(record["actorName"], "Somebody");
        }
        let deleted = &newest(&admin, 2)[0];
        assert_eq!(deleted["facts"]["reason"], "a mistake", "{deleted}");
    }
}

#[test]
fn the_version_of_a_thing_is_the_number_of_the_record_that_changed_it() {
    let tenant = Tenant::new();
    let event = tenant.admin.create("/events", &json!({"name": "Gala"}));
    let record = newest(&tenant.admin, 1)[0].clone();
    assert_eq!(record["sequence"], event["version"]);
    let path = format!("/events/{}", id_of(&event));
    let locked = tenant.admin.call(&format!("{path}/lock")).expect(200);
    let record = newest(&tenant.admin, 1)[0].clone();
    assert_eq!((&record["action"], &record["sequence"]), (&json!("event.locked"), &locked["version"]));
    tenant.admin.call(&format!("{path}/lock")).expect(200);
    assert_eq!(newest(&tenant.admin, 1)[0], record, "what changes nothing leaves no record");
}

#[test]
fn a_record_of_a_sheet_holds_its_marks() {
    let competition = Competition::new();
    let answer = competition.submit(0, 0, &["9", "8.5"]);
    let record = newest(competition.admin(), 1)[0].clone();
    assert_eq!(record["action"], "sheet.submitted");
    assert_eq!(record["facts"]["scores"], answer.json()["scores"]);
    assert_eq!(record["facts"]["judgeId"], competition.judges[0].id.as_str());
    assert_eq!(record["requestId"].as_str(), answer.header("x-request-id"));
    assert_eq!(record["actor"]["id"], competition.judges[0].user.as_str());
}

#[test]
fn values_before_and_after_stand_beside_the_record() {
    let tenant = Tenant::new();
    let id = id_of(&tenant.admin.create("/judges", &json!({"name": "Jo"})));
    tenant.admin.patch(&format!("/judges/{id}"), &json!({"name": "Kim"})).expect(200);
    let record = newest(&tenant.admin, 1)[0].clone();
    assert_eq!(
        (&record["detail"]["before"]["name"], &record["detail"]["after"]["name"]),
        (&json!("Jo"), &json!("Kim"))
    );
}

#[test]
fn the_chain_verifies_and_its_head_is_the_newest_record() {
    let competition = Competition::new();
    competition.submit_all();
    let report = competition.admin().get("/audit/verify").expect(200);
    assert_eq!((&report["intact"], &report["fault"]), (&json!(true), &Value::Null));
    let newest = newest(competition.admin(), 1)[0].clone();
    assert_eq!(report["head"], json!({"sequence": newest["sequence"], "hash": newest["hash"]}));
    assert_eq!(report["records"], newest["sequence"]);
}

#[test]
fn signing_in_and_out_and_credentials_leave_records() {
    let tenant = Tenant::new();
    let user = tenant.user(&json!([{"role": "EMCEE"}]));
    let client = tenant.server.sign_in(&tenant.slug, user["email"].as_str().unwrap());
    client.call("/auth/logout").expect(204);
    tenant.token(&json!([{"role": "EMCEE"}]));
    let token = id_of(&tenant.admin.get("/tokens").expect(200)["items"][0]);
    tenant.admin.delete(&format!("/tokens/{token}")).expect(204);
    let actions: Vec<Value> =
        newest(&tenant.admin, 6).iter().map(|record| record["action"].clone()).collect();
    let expected = [
        "user.created",
        "user.passwordSet",
        "user.signedIn",
        "user.signedOut",
        "token.created",
        "token.revoked",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn a_refused_write_leaves_no_record() {
    let tenant = Tenant::new();
    let before = newest(&tenant.admin, 1);
    tenant.admin.post("/events", &json!({"name": ""})).expect_problem(422, "invalid");
    tenant.admin.delete("/events/no-id").expect_problem(404, "not_found");
    assert_eq!(newest(&tenant.admin, 1), before);
}

#[test]
fn a_program_is_known_by_the_name_of_its_token_as_long_as_the_log_is_kept() {
    let tenant = Tenant::new();
    let program = tenant.token(&json!([{"role": "ORGANIZER"}]));
    program.create("/events", &json!({"name": "Gala"}));
    let named = || newest(&tenant.admin, 2).into_iter().find(|record| record["action"] == "event.created");
    let record = named().unwrap();
    let owner = tenant.admin.get("/me").expect(200)["user"]["name"].as_str().unwrap().to_owned();
    assert_eq!(record["actorName"], format!("a program (API token of {owner})"));
    tenant.admin.delete(&format!("/tokens/{}", record["actor"]["id"].as_str().unwrap())).expect(204);
    assert_eq!(named().unwrap()["actorName"], record["actorName"], "a token that is void keeps its name");
}
