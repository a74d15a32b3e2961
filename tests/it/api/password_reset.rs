//! Ways back for whoever has lost a password.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Authenticator, PASSWORD, Tenant};

const NEW: &str = "seven yellow tubas at dawn";

fn link(tenant: &Tenant, id: &str) -> String {
    let made = tenant.admin.call(&format!("/users/{id}/reset-link")).expect(200);
    let url = made["url"].as_str().unwrap();
    let (page, token) = url.split_once("#/reset?token=").unwrap_or_else(|| panic!("{url}"));
    assert!(page.starts_with("http://localhost"), "{url}");
    token.to_owned()
}

fn reset(tenant: &Tenant, token: &str, password: &str) -> Answer {
    tenant.server.anonymous().post("/auth/reset", &json!({"token": token, "password": password}))
}

fn sign_in_state(tenant: &Tenant, id: &str) -> Value {
    let users = tenant.admin.get("/users?limit=500").expect(200);
    let found = users["items"].as_array().unwrap().iter().find(|user| user["id"] == id).cloned();
    found.unwrap()["signIn"].clone()
}

#[test]
fn a_link_sets_a_password_once_and_ends_the_sessions() {
    let tenant = Tenant::new();
    let (id, email, client) = tenant.somebody(Role::Emcee);
    let token = link(&tenant, &id);
    client.get("/me").expect(200);
    tenant.server.sign_in(&tenant.slug, &email);
    reset(&tenant, &token, NEW).expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
    reset(&tenant, &token, "nine purple oboes at noon").expect_problem(401, "unauthenticated");
    let log_in =
        |password: &str| tenant.server.try_sign_in(&tenant.slug, &email, &json!({"password": password}));
    log_in(PASSWORD).expect_problem(401, "unauthenticated");
    assert_eq!(log_in(NEW).expect(200)["restriction"], Value::Null);
    let audit = tenant.admin.get("/audit").expect(200).to_string();
    assert!(audit.contains("user.resetLinkMade") && audit.contains("user.passwordSet"), "{audit}");
    assert!(!audit.contains(&token));
}

#[test]
fn a_newer_link_or_password_or_a_deletion_makes_a_link_void() {
    let tenant = Tenant::new();
    let (id, ..) = tenant.somebody(Role::Emcee);
    let (first, second) = (link(&tenant, &id), link(&tenant, &id));
    reset(&tenant, &first, NEW).expect_problem(401, "unauthenticated");
    tenant.admin.post(&format!("/users/{id}/password"), &json!({"password": NEW})).expect(204);
    reset(&tenant, &second, NEW).expect_problem(401, "unauthenticated");
    let third = link(&tenant, &id);
    tenant.admin.delete(&format!("/users/{id}")).expect(204);
    reset(&tenant, &third, NEW).expect_problem(401, "unauthenticated");
    reset(&tenant, "guessed", NEW).expect_problem(401, "unauthenticated");
}

#[test]
fn a_refused_password_leaves_the_link_as_it_is_and_a_second_factor_stays() {
    let tenant = Tenant::new();
    let (id, email, client) = tenant.somebody(Role::Emcee);
    let (app, _) = Authenticator::set_up(&client);
    let token = link(&tenant, &id);
    reset(&tenant, &token, "short").expect_problem(422, "invalid");
    reset(&tenant, &token, NEW).expect(204);
    let log_in = |more: Value| tenant.server.try_sign_in(&tenant.slug, &email, &more);
    log_in(json!({"password": NEW})).expect_problem(401, "totp_required");
    log_in(json!({"password": NEW, "totp": app.next_code()})).expect(200);
}

#[test]
fn asking_for_a_new_password_is_answered_alike_for_everybody_and_shown_to_admins() {
    let tenant = Tenant::new();
    let (id, email, _) = tenant.somebody(Role::Emcee);
    assert_eq!(sign_in_state(&tenant, &id)["resetRequestedAt"], Value::Null);
    let ask = |email: &str| {
        let body = json!({"email": email, "tenant": tenant.slug});
        tenant.server.anonymous().post("/auth/reset-request", &body)
    };
    let (known, unknown) = (ask(&email.to_uppercase()), ask("nobody@it.example"));
    assert_eq!((known.status, &known.body), (202, &unknown.body));
    assert_eq!(unknown.status, 202);
    let noted = |_: &u32| sign_in_state(&tenant, &id)["resetRequestedAt"].is_string();
    assert!((0..1_000).any(|attempt| noted(&attempt)), "it is not noted");
    ask(&email).expect(202);
    let asked = |records: &Value| {
        let records = records["items"].as_array().unwrap();
        records.iter().filter(|record| record["action"] == "user.resetRequested").count()
    };
    reset(&tenant, &link(&tenant, &id), NEW).expect(204);
    assert_eq!(sign_in_state(&tenant, &id)["resetRequestedAt"], Value::Null);
    assert_eq!(
        asked(&tenant.admin.get("/audit").expect(200)),
        1,
        "not once for each time that somebody asks"
    );
}

#[test]
fn the_last_admin_is_not_locked_out_by_a_link() {
    let tenant = Tenant::new();
    let me = tenant.admin.get("/me").expect(200);
    let token = link(&tenant, me["user"]["id"].as_str().unwrap());
    tenant.admin.get("/users").expect(200);
    reset(&tenant, &token, NEW).expect(204);
    let email = me["user"]["email"].as_str().unwrap();
    let answer = tenant.server.try_sign_in(&tenant.slug, email, &json!({"password": NEW}));
    tenant.server.signed_in(&answer).get("/users").expect(200);
}
