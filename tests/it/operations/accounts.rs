//! `user create`, `user list`, `user passwd` and their like work while the server runs and when it does not, and are audited as
//! the operating-system user who ran them.

use std::fs;

use serde_json::{Value, json};

use super::{failure, success};
use crate::support::{ADMIN_EMAIL, Authenticator, Options, PASSWORD, Server, program};

/// The user who runs the tests.
fn os_user() -> String {
    let id = std::process::Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

/// A server, running or stopped, that a command is run against.
fn server(running: bool) -> Server {
    let mut server = Server::start();
    if !running {
        assert!(server.stop().success());
    }
    server
}

fn running_again(mut server: Server, running: bool) -> Server {
    if !running {
        server.start_again();
    }
    server
}

#[test]
fn an_account_is_created_whether_the_server_runs_or_not() {
    for running in [true, false] {
        let server = server(running);
        fs::write(server.directory().join("password"), format!("{PASSWORD}\n")).unwrap();
        let printed = success(&mut server.command(&[
            "user",
            "create",
            "--tenant",
            "house",
            "--email",
            "new@it.example",
            "--name",
            "New One",
            "--role",
            "TALLY_MASTER",
            "--role",
            "EMCEE",
            "--password-file",
            "password",
        ]));
        assert!(printed.starts_with("created new@it.example ("), "{printed}");
        assert!(!printed.contains(PASSWORD), "{printed}");

        let server = running_again(server, running);
        let me = server.sign_in("house", "new@it.example").get("/me").expect(200);
        let roles: Vec<_> =
            me["grants"].as_array().unwrap().iter().map(|grant| grant["role"].clone()).collect();
        assert_eq!(roles, ["TALLY_MASTER", "EMCEE"]);
        let records = server.admin().get("/audit?limit=5").expect(200);
        let created =
            &records["items"].as_array().unwrap().iter().find(|record| record["action"] == "user.created");
        let created = created.unwrap_or_else(|| panic!("{records}"));
        assert_eq!(created["actor"], json!({"type": "system", "osUser": os_user()}), "{created}");
        assert_eq!(created["subject"]["id"], me["user"]["id"]);
    }
}

#[test]
fn a_password_that_is_not_given_is_made_up_and_printed_once() {
    let server = server(true);
    let arguments =
        ["user", "create", "--tenant", "house", "--email", "x@it.example", "--name", "X", "--role", "ADMIN"];
    let printed = success(&mut server.command(&arguments));
    let password = printed.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    assert!(password.len() >= 20, "{printed}");
    let body = json!({"email": "x@it.example", "password": password, "tenant": "house"});
    server.anonymous().post("/auth/login", &body).expect(200);
}

#[test]
fn accounts_are_listed_one_a_line() {
    for running in [true, false] {
        let printed = success(&mut server(running).command(&["user", "list", "--tenant", "house"]));
        let fields: Vec<Vec<&str>> = printed.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(fields.len(), 1, "{printed}");
        assert_eq!(fields[0][1..], [ADMIN_EMAIL, "Administrator", "ADMIN"]);
    }
}

#[test]
fn a_new_password_ends_the_sessions_of_its_account() {
    for running in [true, false] {
        let mut server = Server::start();
        let before = server.admin();
        before.get("/me").expect(200);
        if !running {
            assert!(server.stop().success());
        }
        fs::write(server.directory().join("password"), "an-entirely-new-password").unwrap();
        success(&mut server.command(&[
            "user",
            "passwd",
            "--tenant",
            "house",
            "--email",
            ADMIN_EMAIL,
            "--password-file",
            "password",
        ]));
        let server = running_again(server, running);
        let again = server.client(before.credentials);
        again.get("/me").expect_problem(401, "unauthenticated");
        let old = json!({"email": ADMIN_EMAIL, "password": PASSWORD, "tenant": "house"});
        server.anonymous().post("/auth/login", &old).expect_problem(401, "unauthenticated");
        let new = json!({"email": ADMIN_EMAIL, "password": "an-entirely-new-password", "tenant": "house"});
        server.anonymous().post("/auth/login", &new).expect(200);
    }
}

#[test]
fn a_password_may_have_to_be_changed_by_its_user() {
    for running in [true, false] {
        let mut server = Server::start();
        if !running {
            assert!(server.stop().success());
        }
        let set = "an-entirely-new-password";
        fs::write(server.directory().join("password"), set).unwrap();
        let passwd = ["user", "passwd", "--tenant", "house", "--email", ADMIN_EMAIL, "--must-change"];
        success(&mut server.command(&[&passwd[..], &["--password-file", "password"]].concat()));
        let server = running_again(server, running);
        let answer = server.try_sign_in("house", ADMIN_EMAIL, &json!({"password": set}));
        server.signed_in(&answer).get("/users").expect_problem(403, "password_change_required");
    }
}

#[test]
fn a_lost_second_factor_is_removed_by_the_operator_of_the_machine() {
    for running in [true, false] {
        let mut server = Server::start();
        Authenticator::set_up(&server.admin());
        server.try_sign_in("house", ADMIN_EMAIL, &json!({})).expect_problem(401, "totp_required");
        if !running {
            assert!(server.stop().success());
        }
        success(&mut server.command(&["user", "reset-mfa", "--tenant", "house", "--email", ADMIN_EMAIL]));
        let server = running_again(server, running);
        let records = server.admin().get("/audit?limit=10").expect(200);
        let removed = |record: &&Value| record["action"] == "user.secondFactorRemoved";
        let record = records["items"].as_array().unwrap().iter().find(removed).unwrap();
        assert_eq!(record["actor"], json!({"type": "system", "osUser": os_user()}));
    }
}

#[test]
fn failed_sign_ins_are_forgiven_by_the_operator_of_the_machine() {
    let server = server(true);
    for _ in 0..5 {
        server.try_sign_in("house", ADMIN_EMAIL, &json!({"password": "wrong"})).expect(401);
    }
    server.try_sign_in("house", ADMIN_EMAIL, &json!({})).expect_problem(429, "sign_in_delayed");
    success(&mut server.command(&["user", "unlock", "--tenant", "house", "--email", ADMIN_EMAIL]));
    server.try_sign_in("house", ADMIN_EMAIL, &json!({})).expect(200);
}

#[test]
fn what_cannot_be_done_is_said_in_words() {
    let server = server(true);
    let create = ["user", "create", "--tenant", "house", "--name", "X", "--role", "ADMIN", "--email"];
    let taken = failure(&mut server.command(&[&create[..], &[ADMIN_EMAIL]].concat()));
    assert!(taken.contains("--email: admin@it.example is taken"), "{taken}");
    let unknown =
        failure(&mut server.command(&["user", "passwd", "--tenant", "house", "--email", "no@it.example"]));
    assert!(unknown.contains("there is no account no@it.example"), "{unknown}");
    let nowhere = failure(&mut server.command(&["user", "list", "--tenant", "nowhere"]));
    assert!(nowhere.contains("nowhere") || nowhere.contains("tenant"), "{nowhere}");
    let no_data = failure(&mut server.command(&["user", "list", "--data", "missing"]));
    assert!(no_data.contains("missing is no data directory; name one with --data"), "{no_data}");
    assert!(!server.directory().join("missing").exists(), "a listing makes no data directory");
}

#[test]
fn several_tenants_are_named_to_whoever_named_none() {
    let server = server(true);
    server.operator("system").create("/tenants", &json!({"name": "Fair", "slug": "fair"}));
    for command in [&["user", "list"][..], &["audit", "export"]] {
        let said = failure(&mut server.command(command));
        assert!(said.contains("--tenant: there are several tenants; name one of house, fair"), "{said}");
    }
}

#[test]
fn an_account_in_no_tenant_is_refused_with_what_to_do_first() {
    let server = Server::with(Options::without_set_up());
    let create = ["user", "create", "--email", "x@it.example", "--name", "X", "--role"];
    let nowhere = failure(&mut server.command(&[&create[..], &["ADMIN"]].concat()));
    assert!(nowhere.contains("--tenant: there is no tenant yet"), "{nowhere}");
    assert!(nowhere.contains("serve") && nowhere.contains("link"), "{nowhere}");
    let operators = ["--tenant", "system"];
    let wrong = failure(&mut server.command(&[&create[..], &["ADMIN"], &operators].concat()));
    assert!(wrong.contains("--role: ADMIN cannot be given in the operators' tenant, system"), "{wrong}");
    success(&mut server.command(&[&create[..], &["SUPER_ADMIN"], &operators].concat()));
    let listed = success(&mut server.command(&["user", "list", "--tenant", "system"]));
    assert_eq!(listed.lines().count(), 1, "the refused ones are nowhere: {listed}");
}

#[test]
fn the_first_account_can_make_the_data() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let create = ["user", "create", "--email", "new@it.example", "--name", "New", "--role"];
    success(program().args(create).args(["SUPER_ADMIN", "--tenant", "system", "--data"]).arg(&data));
    let configured = directory.path().join("configured");
    let mut command = program();
    command
        .env("EVENT_MANAGER__SETUP__TENANT", "House")
        .env("EVENT_MANAGER__SETUP__ADMIN_EMAIL", ADMIN_EMAIL);
    command.env("EVENT_MANAGER__SETUP__ADMIN_PASSWORD", PASSWORD);
    success(command.args(create).args(["EMCEE", "--data"]).arg(&configured));
    let listed = success(program().args(["user", "list", "--data"]).arg(&configured));
    assert_eq!(listed.lines().count(), 2, "{listed}");
}

#[test]
fn every_data_verb_says_which_data_directory_it_used() {
    let server = server(true);
    let output = server.command(&["user", "list", "--tenant", "house"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("data directory: {}", server.data().display())), "{said}");
}
