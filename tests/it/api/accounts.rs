//! Tenants and their users: who may be what, what a deletion ends and what it keeps.

use event_manager::domain::{Role, SYSTEM_TENANT};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Tenant, fresh, id_of};

#[test]
fn deleting_a_user_ends_the_sessions_and_keeps_the_name_on_what_was_done() {
    let tenant = Tenant::new();
    let user = tenant.user(&json!([{"role": "ORGANIZER"}]));
    let email = user["email"].as_str().unwrap();
    let client = tenant.server.sign_in(&tenant.slug, email);
    let path = format!("/users/{}", id_of(&user));
    tenant.admin.patch(&path, &json!({"name": "Olga"})).expect(200);
    let event = id_of(&client.create("/events", &json!({"name": "Gala"})));
    client.delete(&format!("/events/{event}")).expect(204);

    tenant.admin.delete(&path).expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
    let log_in = json!({"email": email, "password": PASSWORD, "tenant": tenant.slug});
    tenant.server.anonymous().post("/auth/login", &log_in).expect_problem(401, "unauthenticated");
    let trash = tenant.admin.get("/trash?kind=event").expect(200);
    assert_eq!(trash["items"][0]["deletedBy"]["name"], "Olga");
    let audit = tenant.admin.get("/audit").expect(200);
    let created =
        audit["items"].as_array().unwrap().iter().find(|record| record["action"] == "event.created");
    assert_eq!(created.unwrap()["actorName"], "Olga");

    tenant.admin.call(&format!("{path}/restore")).expect(200);
    client.get("/me").expect_problem(401, "unauthenticated");
    tenant.server.sign_in(&tenant.slug, email).get("/events").expect(200);
}

#[test]
fn grants_take_effect_with_the_next_request() {
    let tenant = Tenant::new();
    let user = tenant.user(&json!([{"role": "EMCEE"}]));
    let client = tenant.server.sign_in(&tenant.slug, user["email"].as_str().unwrap());
    client.post("/events", &json!({"name": "Gala"})).expect_problem(403, "forbidden");
    let grants = json!({"grants": [{"role": "ORGANIZER"}]});
    tenant.admin.patch(&format!("/users/{}", id_of(&user)), &grants).expect(200);
    client.create("/events", &json!({"name": "Gala"}));
}

#[test]
fn grants_that_cannot_be_are_refused_at_their_place() {
    let tenant = Tenant::new();
    let event = id_of(&tenant.admin.create("/events", &json!({"name": "Gala"})));
    let scope = json!({"type": "event", "id": event});
    for (grant, pointer) in [
        (json!({"role": "SUPER_ADMIN"}), "/grants/0/role"),
        (json!({"role": "ADMIN", "scope": scope}), "/grants/0/scope"),
        (json!({"role": "KING"}), "/grants/0/role"),
    ] {
        let body = json!({"email": "k@it.example", "name": "K", "grants": [grant]});
        let refused = tenant.admin.post("/users", &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer], "{}", refused.describe());
    }
    let operators = tenant.with_role(Role::SuperAdmin);
    let body = json!({"email": "k@it.example", "name": "K", "grants": [{"role": "JUDGE"}]});
    operators.post("/users", &body).expect_problem(422, "invalid");
}

#[test]
fn an_admin_sets_a_password_which_ends_the_users_sessions() {
    let tenant = Tenant::new();
    let user = tenant.user(&json!([{"role": "EMCEE"}]));
    let client = tenant.server.sign_in(&tenant.slug, user["email"].as_str().unwrap());
    let path = format!("/users/{}/password", id_of(&user));
    let refused = tenant.admin.post(&path, &json!({"password": "short"}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/password"]);
    tenant.admin.post(&path, &json!({"password": "a-new-password-123"})).expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn passwords_are_in_no_answer() {
    let tenant = Tenant::new();
    let user = tenant.user(&json!([]));
    for seen in [user, tenant.admin.get("/users").expect(200), tenant.admin.get("/audit").expect(200)] {
        let text = seen.to_string();
        assert!(!text.contains(PASSWORD) && !text.contains("argon2"), "{text}");
    }
}

#[test]
fn a_user_without_a_password_cannot_sign_in() {
    let tenant = Tenant::new();
    let email = format!("{}@it.example", fresh("silent"));
    tenant.admin.create("/users", &json!({"email": email, "name": "Silent"}));
    let body = json!({"email": email, "password": "", "tenant": tenant.slug});
    tenant.server.anonymous().post("/auth/login", &body).expect_problem(401, "unauthenticated");
}

#[test]
fn the_operators_tenant_stays() {
    let tenant = Tenant::new();
    let operators = tenant.with_role(Role::SuperAdmin);
    let path = format!("/tenants/{SYSTEM_TENANT}");
    operators.delete(&path).expect_problem(409, "system_tenant");
    operators.get(&path).expect(200);
}

#[test]
fn a_tenants_short_name_is_plain() {
    let tenant = Tenant::new();
    for slug in ["Big", "a b", "-a", "ä", ""] {
        let body: Value = json!({"name": "x", "slug": slug});
        let refused = tenant.server.operator("system").post("/tenants", &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/slug"], "{}", refused.describe());
    }
}
