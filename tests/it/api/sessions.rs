//! Signing in and out.

use serde_json::json;

use crate::support::{ADMIN_EMAIL, Client, Credentials, PASSWORD, Tenant, fresh};

/// A user of the tenant, signed in, with its address.
fn somebody(tenant: &Tenant) -> (String, Client) {
    let email = tenant.user(&json!([{"role": "EMCEE"}]))["email"].as_str().unwrap().to_owned();
    let client = tenant.server.sign_in(&tenant.slug, &email);
    (email, client)
}

fn log_in(tenant: &Tenant, email: &str, password: &str) -> crate::support::Answer {
    let body = json!({"email": email, "password": password, "tenant": tenant.slug});
    tenant.server.anonymous().post("/auth/login", &body)
}

#[test]
fn signing_in_tells_who_one_is_and_what_one_may_do() {
    let tenant = Tenant::new();
    let (email, client) = somebody(&tenant);
    let answer = log_in(&tenant, &email.to_uppercase(), PASSWORD);
    let session = answer.expect(200);
    assert_eq!(session["user"]["email"], email.as_str());
    assert_eq!(session["tenant"]["slug"], tenant.slug.as_str());
    assert_eq!(session["grants"][0]["role"], "EMCEE");
    assert!(session["actions"].as_array().unwrap().contains(&json!("events.read")));
    assert!(!session["actions"].as_array().unwrap().contains(&json!("events.manage")));
    let me = client.get("/me").expect(200);
    assert_eq!((&me["user"], &me["actions"]), (&session["user"], &session["actions"]));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let tenant = Tenant::new();
    let (email, _) = somebody(&tenant);
    let wrong = log_in(&tenant, &email, "not the password").expect_problem(401, "unauthenticated");
    let unknown = log_in(&tenant, "nobody@it.example", PASSWORD).expect_problem(401, "unauthenticated");
    assert_eq!(wrong["detail"], unknown["detail"]);
    let body = json!({"email": email, "password": PASSWORD, "tenant": "no-such-tenant"});
    tenant.server.anonymous().post("/auth/login", &body).expect_problem(401, "unauthenticated");
}

#[test]
fn an_address_with_accounts_in_several_tenants_must_name_one() {
    let (tenant, other) = (Tenant::new(), Tenant::new());
    let email = format!("{}@it.example", fresh("twice"));
    let user = json!({"email": email, "name": "Twice", "password": PASSWORD});
    tenant.admin.create("/users", &user);
    let alone = tenant.server.anonymous().post("/auth/login", &json!({"email": email, "password": PASSWORD}));
    assert_eq!(alone.expect(200)["tenant"]["slug"], tenant.slug.as_str());
    other.admin.create("/users", &user);
    let answer =
        tenant.server.anonymous().post("/auth/login", &json!({"email": email, "password": PASSWORD}));
    answer.expect_problem(422, "tenant_required");
    assert_eq!(log_in(&other, &email, PASSWORD).expect(200)["tenant"]["slug"], other.slug.as_str());
}

#[test]
fn a_browser_proves_with_every_unsafe_request_that_its_own_page_sent_it() {
    let tenant = Tenant::new();
    let Credentials::Session { cookie, csrf } = &tenant.admin.credentials else { panic!("no session") };
    let body = json!({"name": "Gala"});
    let anonymous = tenant.server.anonymous().with_header("cookie", cookie);
    anonymous.get("/events").expect(200);
    anonymous.post("/events", &body).expect_problem(403, "csrf");
    anonymous.delete("/events/x").expect_problem(403, "csrf");
    anonymous.with_header("x-csrf-token", "guessed").post("/events", &body).expect_problem(403, "csrf");
    anonymous.with_header("x-csrf-token", csrf).post("/events", &body).expect(201);
}

#[test]
fn signing_out_ends_the_session_and_no_other() {
    let tenant = Tenant::new();
    let (email, client) = somebody(&tenant);
    let other = tenant.server.sign_in(&tenant.slug, &email);
    client.call("/auth/logout").expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
    other.get("/me").expect(200);
}

#[test]
fn changing_ones_password_needs_the_current_one_and_ends_the_other_sessions() {
    let tenant = Tenant::new();
    let (email, client) = somebody(&tenant);
    let other = tenant.server.sign_in(&tenant.slug, &email);
    let new = "another-good-password";
    let change = |current: &str, new: &str| {
        client.post("/auth/password", &json!({"currentPassword": current, "newPassword": new}))
    };
    let refused = change("not the password", new);
    refused.expect_problem(422, "wrong_password");
    assert_eq!(refused.pointers(), ["/currentPassword"]);
    let refused = change(PASSWORD, "short");
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/newPassword"], "{}", refused.describe());
    change(PASSWORD, new).expect(204);
    client.get("/me").expect(200);
    other.get("/me").expect_problem(401, "unauthenticated");
    log_in(&tenant, &email, PASSWORD).expect_problem(401, "unauthenticated");
    log_in(&tenant, &email, new).expect(200);
}

#[test]
fn a_cookie_that_was_never_given_opens_nothing() {
    let tenant = Tenant::new();
    let forged = tenant.server.anonymous().with_header("cookie", "event_manager_session=forged");
    forged.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn the_operators_tenant_is_entered_by_name_only() {
    let tenant = Tenant::new();
    let anonymous = tenant.server.anonymous();
    let session = anonymous.post("/auth/login", &json!({"email": ADMIN_EMAIL, "password": PASSWORD}));
    assert_eq!(session.expect(200)["tenant"]["slug"], "house");
    let body = json!({"email": ADMIN_EMAIL, "password": PASSWORD, "tenant": "system"});
    assert_eq!(anonymous.post("/auth/login", &body).expect(200)["grants"][0]["role"], "SUPER_ADMIN");
}

#[test]
fn a_box_that_is_set_up_is_not_set_up_again() {
    let tenant = Tenant::new();
    let anonymous = tenant.server.anonymous();
    assert_eq!(anonymous.get("/setup").expect(200), json!({"needed": false}));
    let body = json!({"code": "AAAA-BBBB-CCCC", "tenantName": "x", "name": "x", "email": "x@it.example", "password": PASSWORD});
    anonymous.post("/setup", &body).expect_problem(409, "already_set_up");
}
