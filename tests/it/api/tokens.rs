//! API tokens: shown once, as strong as their grants, void once revoked.

use serde_json::json;

use crate::support::{Competition, Credentials, Tenant, id_of};

#[test]
fn a_token_is_shown_once_and_its_secret_never_again() {
    let tenant = Tenant::new();
    let body = json!({"name": "Scoreboard", "grants": [{"role": "EMCEE"}], "expiresInDays": 30});
    let made = tenant.admin.create("/tokens", &body);
    let secret = made["token"].as_str().unwrap();
    assert!(secret.starts_with("em_") && secret.len() > 30, "{secret}");
    let list = tenant.admin.get("/tokens").expect(200);
    assert_eq!(list["items"][0]["name"], "Scoreboard");
    assert!(!list.to_string().contains(secret));
    assert!(!tenant.admin.get("/audit").expect(200).to_string().contains(secret));
}

#[test]
fn a_token_does_what_its_grants_allow_and_needs_no_csrf_token() {
    let tenant = Tenant::new();
    let reader = tenant.token(&json!([{"role": "AUDITOR"}]));
    reader.get("/events").expect(200);
    reader.post("/events", &json!({"name": "x"})).expect_problem(403, "forbidden");
    let writer = tenant.token(&json!([{"role": "ORGANIZER"}]));
    writer.create("/events", &json!({"name": "x"}));
    writer.get("/users").expect(200);
    writer.post("/users", &json!({"email": "a@b.example", "name": "x"})).expect_problem(403, "forbidden");
}

#[test]
fn a_tokens_grant_for_one_event_reaches_that_event_only() {
    let competition = Competition::new();
    let other = id_of(&competition.admin().create("/events", &json!({"name": "Other"})));
    let scope = json!({"type": "event", "id": competition.event});
    let program = competition.tenant.token(&json!([{"role": "ORGANIZER", "scope": scope}]));
    program.patch(&format!("/events/{}", competition.event), &json!({"name": "x"})).expect(200);
    program.get(&format!("/events/{other}")).expect_problem(404, "not_found");
}

#[test]
fn a_revoked_or_unknown_token_opens_nothing() {
    let tenant = Tenant::new();
    let program = tenant.token(&json!([{"role": "AUDITOR"}]));
    program.get("/events").expect(200);
    let id = id_of(&tenant.admin.get("/tokens").expect(200)["items"][0]);
    tenant.admin.delete(&format!("/tokens/{id}")).expect(204);
    program.get("/events").expect_problem(401, "unauthenticated");
    tenant.admin.delete(&format!("/tokens/{id}")).expect_problem(404, "not_found");
    assert!(tenant.admin.get("/tokens").expect(200)["items"][0]["revokedAt"].is_string());
    for secret in ["em_unknown", "", "nonsense"] {
        let stranger = tenant.server.client(Credentials::Token(secret.to_owned()));
        stranger.get("/events").expect_problem(401, "unauthenticated");
    }
}

#[test]
fn a_token_acts_in_its_own_name_for_its_owner() {
    let tenant = Tenant::new();
    let program = tenant.token(&json!([{"role": "ORGANIZER"}]));
    let event = id_of(&program.create("/events", &json!({"name": "x"})));
    program.delete(&format!("/events/{event}")).expect(204);
    let by =
        tenant.admin.get(&format!("/events/{event}?includeDeleted=true")).expect(200)["deletedBy"].clone();
    let admin = tenant.admin.get("/me").expect(200);
    assert_eq!((&by["type"], &by["owner"]), (&json!("apiToken"), &admin["user"]["id"]));
}

#[test]
fn a_token_must_have_a_name_grants_and_an_end() {
    let tenant = Tenant::new();
    for (body, pointer) in [
        (json!({"name": "", "grants": [{"role": "EMCEE"}], "expiresInDays": 1}), "/name"),
        (json!({"name": "x", "grants": [], "expiresInDays": 1}), "/grants"),
        (json!({"name": "x", "grants": [{"role": "EMCEE"}], "expiresInDays": 0}), "/expiresInDays"),
        (json!({"name": "x", "grants": [{"role": "EMCEE"}], "expiresInDays": 9999}), "/expiresInDays"),
        (json!({"name": "x", "grants": [{"role": "SUPER_ADMIN"}], "expiresInDays": 1}), "/grants/0/role"),
        (json!({"name": "x", "grants": [{"role": "KING"}], "expiresInDays": 1}), "/grants/0/role"),
    ] {
        let refused = tenant.admin.post("/tokens", &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer], "{}", refused.describe());
    }
}
