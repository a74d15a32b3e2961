//! Seeing and ending sessions.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Client, Tenant, id_of};

fn sessions(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).expect(200)["items"].as_array().unwrap().clone()
}

#[test]
fn ones_sessions_tell_when_and_from_where_they_began() {
    let tenant = Tenant::new();
    let (_, email, client) = tenant.somebody(Role::Judge);
    let body = json!({"email": email, "password": crate::support::PASSWORD, "tenant": tenant.slug});
    let tablet = tenant.server.anonymous().with_header("user-agent", "Tablet/1.0");
    tablet.post("/auth/login", &body).expect(200);
    let lines = sessions(&client, "/me/sessions");
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["current"], &lines[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!((&lines[0]["userAgent"], &lines[1]["userAgent"]), (&Value::Null, &json!("Tablet/1.0")));
    assert_eq!(lines[1]["clientAddress"], "127.0.0.1");
    for time in ["createdAt", "lastUsedAt", "expiresAt"] {
        assert!(lines[0][time].is_string(), "{lines:?}");
    }
}

#[test]
fn one_session_or_all_others_are_ended() {
    let tenant = Tenant::new();
    let (_, email, client) = tenant.somebody(Role::Emcee);
    let sign_in = || tenant.server.sign_in(&tenant.slug, &email);
    let (second, third) = (sign_in(), sign_in());
    let lines = sessions(&client, "/me/sessions");
    client.delete(&format!("/me/sessions/{}", id_of(&lines[1]))).expect(204);
    second.get("/me").expect_problem(401, "unauthenticated");
    client.delete(&format!("/me/sessions/{}", id_of(&lines[1]))).expect_problem(404, "not_found");
    third.get("/me").expect(200);
    client.delete("/me/sessions").expect(204);
    third.get("/me").expect_problem(401, "unauthenticated");
    client.get("/me").expect(200);
    assert_eq!(sessions(&client, "/me/sessions").len(), 1);
}

#[test]
fn an_admin_sees_and_ends_the_sessions_of_a_user_and_the_audit_log_tells() {
    let tenant = Tenant::new();
    let (id, email, client) = tenant.somebody(Role::Emcee);
    let other = tenant.server.sign_in(&tenant.slug, &email);
    let path = format!("/users/{id}/sessions");
    let lines = sessions(&tenant.admin, &path);
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["current"] == false));
    tenant.admin.delete(&format!("{path}/{}", id_of(&lines[0]))).expect(204);
    client.get("/me").expect_problem(401, "unauthenticated");
    other.get("/me").expect(200);
    tenant.admin.delete(&path).expect(204);
    other.get("/me").expect_problem(401, "unauthenticated");
    let records = tenant.admin.get("/audit").expect(200);
    let ended =
        |record: &&Value| record["action"] == "user.sessionsEnded" && record["subject"]["id"] == id.as_str();
    assert_eq!(records["items"].as_array().unwrap().iter().filter(ended).count(), 2);
}

#[test]
fn another_users_session_is_not_ones_own_to_end() {
    let tenant = Tenant::new();
    let ((id, ..), (_, _, client)) = (tenant.somebody(Role::Emcee), tenant.somebody(Role::Emcee));
    let lines = sessions(&tenant.admin, &format!("/users/{id}/sessions"));
    client.delete(&format!("/me/sessions/{}", id_of(&lines[0]))).expect_problem(404, "not_found");
    let program = tenant.token(&json!([{"role": "EMCEE"}]));
    program.get("/me/sessions").expect_problem(403, "forbidden");
}

#[test]
fn the_last_admin_can_end_all_sessions_and_sign_in_again() {
    let tenant = Tenant::new();
    let me = tenant.admin.get("/me").expect(200);
    tenant.admin.delete(&format!("/users/{}/sessions", id_of(&me["user"]))).expect(204);
    tenant.admin.get("/me").expect_problem(401, "unauthenticated");
    tenant.server.sign_in(&tenant.slug, me["user"]["email"].as_str().unwrap()).get("/users").expect(200);
}
