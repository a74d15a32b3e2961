//! Authenticator apps and recovery codes.

use std::fs;

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, Authenticator, Client, Options, PASSWORD, Server, Tenant};

fn audited(admin: &Client, action: &str) -> usize {
    let records = admin.get("/audit?limit=200").expect(200);
    records["items"].as_array().unwrap().iter().filter(|record| record["action"] == action).count()
}

#[test]
fn sign_in_asks_for_a_code_when_an_app_is_set_up_and_takes_each_code_once() {
    let tenant = Tenant::new();
    let (_, email, client) = tenant.somebody(Role::Emcee);
    let log_in = |more: Value| tenant.server.try_sign_in(&tenant.slug, &email, &more);
    let (app, _) = Authenticator::set_up(&client);
    assert_eq!(client.get("/me").expect(200)["secondFactor"], json!({"recoveryCodes": 10}));

    log_in(json!({})).expect_problem(401, "totp_required");
    log_in(json!({"password": "wrong"})).expect_problem(401, "unauthenticated");
    log_in(json!({"password": "wrong", "totp": app.next_code()})).expect_problem(401, "unauthenticated");
    log_in(json!({"totp": app.wrong_code()})).expect_problem(401, "totp_wrong");
    log_in(json!({"totp": app.code()})).expect_problem(401, "totp_wrong");
    log_in(json!({"totp": app.next_code()})).expect(200);
    log_in(json!({"totp": app.next_code()})).expect_problem(401, "totp_wrong");
    log_in(json!({"totp": app.code()})).expect_problem(401, "totp_wrong");
    assert_eq!(audited(&tenant.admin, "user.secondFactorAdded"), 1);
}

#[test]
fn a_recovery_code_stands_in_for_the_app_once() {
    let tenant = Tenant::new();
    let (_, email, client) = tenant.somebody(Role::Emcee);
    let log_in = |code: &str| tenant.server.try_sign_in(&tenant.slug, &email, &json!({"totp": code}));
    let (_, codes) = Authenticator::set_up(&client);
    assert_eq!(codes.len(), 10);
    let typed = codes[0].to_lowercase().replace('-', " ");
    let answer = log_in(&typed);
    assert_eq!(answer.expect(200)["secondFactor"]["recoveryCodes"], 9);
    log_in(&codes[0]).expect_problem(401, "totp_wrong");
    log_in(&codes[1]).expect(200);
    assert_eq!(audited(&tenant.admin, "user.recoveryCodeUsed"), 2);

    let proof = json!({"currentPassword": PASSWORD, "code": codes[2]});
    let renewed = client.post("/me/totp/recovery-codes", &proof).expect(200);
    log_in(&codes[3]).expect_problem(401, "totp_wrong");
    log_in(renewed["recoveryCodes"][0].as_str().unwrap()).expect(200);
}

#[test]
fn setting_up_needs_the_password_and_a_code_and_changes_nothing_before() {
    let tenant = Tenant::new();
    let (_, email, client) = tenant.somebody(Role::Emcee);
    client.post("/me/totp", &json!({"currentPassword": "wrong"})).expect_problem(422, "wrong_password");
    let refused = client.post("/me/totp/confirm", &json!({"code": "123456"}));
    refused.expect_problem(422, "invalid");
    let begun = client.post("/me/totp", &json!({"currentPassword": PASSWORD})).expect(200);
    let uri = begun["otpauthUri"].as_str().unwrap();
    assert!(uri.contains(begun["secret"].as_str().unwrap()), "{uri}");
    assert!(uri.starts_with(&format!("otpauth://totp/{}", tenant.slug.replace('-', "%2D"))), "{uri}");
    assert!(begun["qrSvg"].as_str().unwrap().contains("<svg"));
    let app = Authenticator::of(begun["secret"].as_str().unwrap());
    client.post("/me/totp/confirm", &json!({"code": app.wrong_code()})).expect_problem(422, "wrong_code");
    tenant.server.sign_in(&tenant.slug, &email);
    client.post("/me/totp/confirm", &json!({"code": app.code()})).expect(200);
    client.post("/me/totp", &json!({"currentPassword": PASSWORD})).expect_problem(422, "invalid");
}

#[test]
fn removing_needs_password_and_code_and_an_admin_helps_whoever_lost_both() {
    let tenant = Tenant::new();
    let (id, email, client) = tenant.somebody(Role::Emcee);
    let (app, codes) = Authenticator::set_up(&client);
    let remove = |password: &str, code: &str| {
        let body = json!({"currentPassword": password, "code": code});
        client.send("DELETE", "/me/totp", Some(&body))
    };
    remove("wrong", &codes[0]).expect_problem(422, "wrong_password");
    remove(PASSWORD, &app.wrong_code()).expect_problem(422, "wrong_code");
    tenant.server.try_sign_in(&tenant.slug, &email, &json!({})).expect_problem(401, "totp_required");
    remove(PASSWORD, &codes[0]).expect(204);
    tenant.server.sign_in(&tenant.slug, &email);

    Authenticator::set_up(&client);
    let seen =
        |id: &str| tenant.admin.get(&format!("/users/{id}")).expect(200)["signIn"]["secondFactor"].clone();
    assert_eq!(seen(&id), true);
    tenant.admin.delete(&format!("/users/{id}/totp")).expect(204);
    assert_eq!(seen(&id), false);
    tenant.server.sign_in(&tenant.slug, &email);
    assert_eq!(audited(&tenant.admin, "user.secondFactorRemoved"), 2);
}

#[test]
fn a_program_has_no_second_factor() {
    let tenant = Tenant::new();
    let program = tenant.token(&json!([{"role": "EMCEE"}]));
    program.post("/me/totp", &json!({"currentPassword": PASSWORD})).expect_problem(403, "forbidden");
}

#[test]
fn who_needs_a_second_factor_can_do_nothing_but_set_one_up() {
    let server = Server::with(Options::default().set("auth.totp_required_for", "ADMIN"));
    let admin = server.admin();
    let me = admin.get("/me").expect(200);
    assert_eq!(me["restriction"], "secondFactor");
    assert_eq!(me["actions"], json!(["account.use", "account.secondFactor"]));
    admin.get("/users").expect_problem(403, "totp_enrolment_required");
    admin.get("/me/sessions").expect_problem(403, "totp_enrolment_required");
    server.super_admin().get("/tenants").expect(200);
    let (app, _) = Authenticator::set_up(&admin);
    admin.get("/users").expect(200);
    server.try_sign_in("house", ADMIN_EMAIL, &json!({})).expect_problem(401, "totp_required");
    let answer = server.try_sign_in("house", ADMIN_EMAIL, &json!({"totp": app.next_code()}));
    server.signed_in(&answer).get("/users").expect(200);
}

#[test]
fn secrets_are_worth_nothing_to_whoever_has_the_data_file_alone() {
    let mut server = Server::start();
    let admin = server.admin();
    let (_, codes) = Authenticator::set_up(&admin);
    assert!(server.stop().success());
    let file = fs::read(server.data().join("event-manager.redb")).unwrap();
    for code in &codes {
        assert!(
            !file.windows(code.len()).any(|window| window == code.as_bytes()),
            "a recovery code is stored"
        );
    }
    // Under another key the app's codes are nothing, and recovery codes still open the door.
    fs::remove_file(server.data().join("sealing.key")).unwrap();
    server.start_again();
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(server.data().join("sealing.key")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    server.try_sign_in("house", ADMIN_EMAIL, &json!({"totp": "123456"})).expect_problem(401, "totp_wrong");
    server.try_sign_in("house", ADMIN_EMAIL, &json!({"totp": codes[0]})).expect(200);
}

#[test]
fn a_judge_by_a_link_has_none_needs_none_and_is_in_no_list_of_sessions() {
    let server = Server::with(Options::default().set("auth.totp_required_for", "JUDGE"));
    let admin = server.admin();
    let judge = admin.create("/judges", &json!({"name": "Lea"}));
    let link = admin.create(&format!("/judges/{}/links", judge["id"].as_str().unwrap()), &json!({}));
    let sessions = || admin.get("/me/sessions").expect(200)["items"].as_array().unwrap().len();
    let before = sessions();
    let lea = server.sign_in_by_link(&link);
    let me = lea.get("/me").expect(200);
    assert_eq!((&me["restriction"], &me["secondFactor"]), (&Value::Null, &Value::Null));
    lea.get("/me/categories").expect(200);
    lea.post("/me/totp", &json!({"currentPassword": PASSWORD})).expect_problem(403, "forbidden");
    lea.get("/me/sessions").expect_problem(403, "forbidden");
    lea.delete("/me/sessions").expect_problem(403, "forbidden");
    lea.get("/me").expect(200);
    assert_eq!(sessions(), before);
}
