//! The first start: nobody has an account yet, and no account with a known password exists.

use std::fs;

use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, Options, PASSWORD, Server};

fn set_up_with(code: &str) -> Value {
    json!({
        "code": code, "tenantName": "Town Hall", "name": "Ada", "email": "ada@it.example", "password": PASSWORD,
    })
}

/// A server that waits for its set-up, and the code it printed.
fn waiting() -> (Server, String) {
    let mut server = Server::with(Options::without_set_up());
    let line = server.printed_line();
    let code =
        line.split_once("/#/setup?code=").unwrap_or_else(|| panic!("no link in {line:?}")).1.to_owned();
    assert!(line.contains(&format!("http://{}/#/setup?code={code}", server.address())), "{line}");
    (server, code)
}

#[test]
fn the_printed_code_sets_the_box_up_once() {
    let (server, code) = waiting();
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/setup").expect(200), json!({"needed": true}));
    for wrong in ["", "AAAA-BBBB-CCCC", &code[1..]] {
        anonymous.post("/setup", &set_up_with(wrong)).expect_problem(401, "unauthenticated");
    }
    let mut short = set_up_with(&code);
    short["password"] = json!("short");
    anonymous.post("/setup", &short).expect(422);
    assert_eq!(
        anonymous.get("/setup").expect(200),
        json!({"needed": true}),
        "a refused set-up leaves it open"
    );

    let answer = anonymous.post("/setup", &set_up_with(&code.to_lowercase()));
    let session = answer.expect(201);
    assert_eq!(session["tenant"]["name"], "Town Hall");
    assert_eq!(session["grants"], json!([{"role": "ADMIN", "scope": {"type": "tenant"}}]));
    assert!(answer.header("set-cookie").unwrap().contains("HttpOnly"));
    assert_eq!(anonymous.get("/setup").expect(200), json!({"needed": false}));
    anonymous.post("/setup", &set_up_with(&code)).expect_problem(409, "already_set_up");
    let slug = session["tenant"]["slug"].as_str().unwrap();
    server.sign_in(slug, "ada@it.example").get("/events").expect(200);
    server.sign_in("system", "ada@it.example").get("/tenants").expect(200);
}

#[test]
fn a_code_that_was_not_used_is_replaced_at_the_next_start() {
    let (mut server, first) = waiting();
    assert!(server.stop().success());
    server.start_again();
    let line = server.printed_line();
    let second = line.split_once("code=").unwrap().1.to_owned();
    assert_ne!(first, second);
    server.anonymous().post("/setup", &set_up_with(&first)).expect_problem(401, "unauthenticated");
    server.anonymous().post("/setup", &set_up_with(&second)).expect(201);
}

#[test]
fn a_box_is_set_up_unattended_by_environment_variables() {
    let mut server = Server::start();
    assert_eq!(server.anonymous().get("/setup").expect(200), json!({"needed": false}));
    server.admin().get("/events").expect(200);
    assert!(server.stop().success());
    server.start_again();
    assert_eq!(server.super_admin().get("/tenants").expect(200)["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_box_is_set_up_unattended_by_a_file_with_the_password_in_another() {
    let directory = tempfile::tempdir().unwrap();
    let (config, password) = (directory.path().join("config.toml"), directory.path().join("password"));
    fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    let text = format!(
        "[setup]\ntenant = \"House\"\nadmin_email = {ADMIN_EMAIL:?}\nadmin_password_file = {password:?}\n"
    );
    fs::write(&config, text).unwrap();
    let options = Options::without_set_up().variable("EVENT_MANAGER_CONFIG", config.to_str().unwrap());
    let server = Server::with(options);
    server.admin().get("/events").expect(200);
}

#[test]
fn a_box_is_set_up_unattended_by_flags() {
    let (mut server, code) = waiting();
    assert!(server.stop().success());
    let password = server.directory().join("password");
    fs::write(&password, PASSWORD).unwrap();
    let flags = ["--setup-tenant", "House", "--setup-admin-email", ADMIN_EMAIL];
    let file = ["--setup-admin-password-file", password.to_str().unwrap()];
    server.start_with(&[&flags[..], &file].concat());
    assert_eq!(server.anonymous().get("/setup").expect(200), json!({"needed": false}));
    server.admin().get("/events").expect(200);
    server.anonymous().post("/setup", &set_up_with(&code)).expect_problem(409, "already_set_up");
}
