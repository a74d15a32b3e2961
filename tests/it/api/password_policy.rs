//! What a password must be, and what a session may do whose password somebody else has set.

use event_manager::domain::Role;
use serde_json::json;

use crate::support::{PASSWORD, Tenant, fresh, id_of};

const OTHER: &str = "seven yellow tubas at dawn";

#[test]
fn a_password_that_is_easy_to_guess_is_refused_with_what_is_wrong_with_it() {
    let tenant = Tenant::new();
    let email = format!("{}.valentina@it.example", fresh("rosa"));
    let create = |password: &str| {
        let body = json!({"email": email, "name": "Rosa Valentina", "password": password});
        tenant.admin.post("/users", &body)
    };
    for guessed in ["password1234", "qwertyuiop12", "Rosa Valentina", &email, "aaaaaaaaaaaa"] {
        let refused = create(guessed);
        let problem = refused.expect_problem(422, "weak_password");
        assert_eq!(refused.pointers(), ["/password"]);
        let said = problem["errors"][0]["message"].as_str().unwrap();
        assert!(said.starts_with("is too easy to guess. "), "{said}");
    }
    assert!(create("short").expect_problem(422, "invalid").to_string().contains("12 to 1024"));
    create("no signs and no digits needed").expect(201);
}

#[test]
fn every_way_to_a_password_asks_for_a_good_one() {
    let tenant = Tenant::new();
    let (id, _, client) = tenant.somebody(Role::Emcee);
    let weak = "password1234";
    let own = client.post("/auth/password", &json!({"currentPassword": PASSWORD, "newPassword": weak}));
    own.expect_problem(422, "weak_password");
    assert_eq!(own.pointers(), ["/newPassword"]);
    let set = tenant.admin.post(&format!("/users/{id}/password"), &json!({"password": weak}));
    set.expect_problem(422, "weak_password");
    let link = tenant.admin.call(&format!("/users/{id}/reset-link")).expect(200);
    let token = link["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let reset = |password: &str| {
        tenant.server.anonymous().post("/auth/reset", &json!({"token": token, "password": password}))
    };
    reset(weak).expect_problem(422, "weak_password");
    reset(OTHER).expect(204);
}

#[test]
fn a_password_that_somebody_else_has_set_has_to_be_changed_before_anything_else() {
    let tenant = Tenant::new();
    let (id, email, _) = tenant.somebody(Role::Organizer);
    let set = "a-password-of-the-admin";
    tenant.admin.post(&format!("/users/{id}/password"), &json!({"password": set})).expect(204);
    let seen = tenant.admin.get(&format!("/users/{id}")).expect(200);
    assert_eq!(seen["signIn"]["mustChangePassword"], true);

    let answer = tenant.server.try_sign_in(&tenant.slug, &email, &json!({"password": set}));
    assert_eq!(answer.expect(200)["restriction"], "passwordChange");
    let client = tenant.server.signed_in(&answer);
    let me = client.get("/me").expect(200);
    assert_eq!((&me["restriction"], &me["actions"]), (&json!("passwordChange"), &json!(["account.use"])));
    for path in ["/events", "/users", "/me/sessions"] {
        client.get(path).expect_problem(403, "password_change_required");
    }
    client.post("/events", &json!({"name": "Gala"})).expect_problem(403, "password_change_required");
    client.post("/me/totp", &json!({"currentPassword": set})).expect_problem(403, "password_change_required");

    let change =
        |new: &str| client.post("/auth/password", &json!({"currentPassword": set, "newPassword": new}));
    let same = change(set);
    same.expect_problem(422, "invalid");
    assert_eq!(same.pointers(), ["/newPassword"]);
    change(OTHER).expect(204);
    assert_eq!(client.get("/me").expect(200)["restriction"], json!(null));
    client.create("/events", &json!({"name": "Gala"}));
}

#[test]
fn who_has_to_change_a_password_may_sign_out() {
    let tenant = Tenant::new();
    let email = format!("{}@it.example", fresh("new"));
    let body = json!({
        "email": email, "name": "New", "grants": [{"role": "EMCEE"}], "password": PASSWORD, "mustChange": true,
    });
    tenant.admin.create("/users", &body);
    let client = tenant.server.sign_in(&tenant.slug, &email);
    client.get("/events").expect_problem(403, "password_change_required");
    client.call("/auth/logout").expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn an_admin_may_set_a_password_that_stays_and_ones_own_always_does() {
    let tenant = Tenant::new();
    let (id, email, _) = tenant.somebody(Role::Emcee);
    let body = json!({"password": OTHER, "mustChange": false});
    tenant.admin.post(&format!("/users/{id}/password"), &body).expect(204);
    let answer = tenant.server.try_sign_in(&tenant.slug, &email, &json!({"password": OTHER}));
    tenant.server.signed_in(&answer).get("/events").expect(200);
    let me = tenant.admin.get("/me").expect(200);
    let own = format!("/users/{}/password", id_of(&me["user"]));
    tenant.admin.post(&own, &json!({"password": OTHER})).expect(204);
    tenant.admin.get("/users").expect(200);
}

#[test]
fn the_last_admin_is_not_locked_out_by_having_to_change_a_password() {
    let tenant = Tenant::new();
    let me = tenant.admin.get("/me").expect(200);
    let (id, email) = (id_of(&me["user"]), me["user"]["email"].as_str().unwrap().to_owned());
    let operator = tenant.server.operator(&tenant.slug);
    operator.post(&format!("/users/{id}/password"), &json!({"password": OTHER})).expect(204);
    tenant.admin.get("/me").expect_problem(401, "unauthenticated");
    let answer = tenant.server.try_sign_in(&tenant.slug, &email, &json!({"password": OTHER}));
    let client = tenant.server.signed_in(&answer);
    client.get("/users").expect_problem(403, "password_change_required");
    client.post("/auth/password", &json!({"currentPassword": OTHER, "newPassword": PASSWORD})).expect(204);
    client.get("/users").expect(200);
}
