//! `demo`: a filled product in one command.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Client, Credentials, Peer, Server, program};

/// A running demo, and the line it printed.
struct Demo {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: Value,
}

impl Demo {
    fn start(data: Option<&Path>, arguments: &[&str]) -> Self {
        let mut command = program();
        if let Some(data) = data {
            command.env("TMPDIR", "/nonexistent").args(["demo", "--data"]).arg(data);
        } else {
            command.arg("demo");
        }
        Self::with(command.args(arguments))
    }

    /// One without a data directory, where temporary ones are made.
    fn start_within(temporary: &Path) -> Self {
        Self::with(program().env("TMPDIR", temporary).arg("demo"))
    }

    fn with(command: &mut Command) -> Self {
        command.args(["--port", "0", "--json"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, stdout, line }
    }

    fn client(&self, credentials: Credentials) -> Client {
        let url = self.line["url"].as_str().unwrap();
        Client::new(Peer::Tcp(url.strip_prefix("http://").unwrap().parse().unwrap()), credentials)
    }

    fn token(&self) -> Client {
        self.client(Credentials::Token(self.line["token"].as_str().unwrap().to_owned()))
    }

    /// All sheets of all categories.
    fn sheets(&self) -> u64 {
        let client = self.token();
        let items = |path: &str| client.get(path).expect(200)["items"].as_array().unwrap().clone();
        let beneath = |items: Vec<Value>, noun: &str, children: &str| -> Vec<Value> {
            let path =
                |item: &Value| format!("/{noun}/{}/{children}?limit=500", item["id"].as_str().unwrap());
            items
                .iter()
                .flat_map(|item| client.get(&path(item)).expect(200)["items"].as_array().unwrap().clone())
                .collect()
        };
        let contests = beneath(items("/events"), "events", "contests");
        let categories = beneath(contests, "contests", "categories");
        let submitted = |category: &Value| {
            let path = format!("/categories/{}/results", category["id"].as_str().unwrap());
            client.get(&path).expect(200)["sheetsSubmitted"].as_u64().unwrap()
        };
        categories.iter().map(submitted).sum()
    }

    /// Asks it to end; the rest of what it printed.
    fn stop(mut self) -> String {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(self.child.wait().unwrap().success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        rest
    }
}

#[test]
fn the_demo_prints_one_line_of_json_with_which_everything_can_be_tried() {
    let demo = Demo::start(None, &[]);
    let users = demo.line["users"].as_array().unwrap();
    assert!(users.len() >= 7, "{users:?}");
    for user in users {
        let body = json!({"email": user["email"], "password": user["password"]});
        let session = demo.client(Credentials::None).post("/auth/login", &body).expect(200);
        let roles: Vec<&Value> =
            session["grants"].as_array().unwrap().iter().map(|grant| &grant["role"]).collect();
        assert_eq!(roles, [&user["role"]]);
    }
    assert_eq!(demo.token().get("/me").expect(200)["grants"][0]["role"], "ADMIN");
    assert_eq!(demo.sheets(), 25, "five of six ballots of five places");
    assert_eq!(demo.stop(), "", "one line is all that is printed");
}

#[test]
fn of_the_environment_the_demo_regards_the_limits_alone() {
    let limits = [("REQUESTS_PER_S", "1"), ("REQUESTS_BURST", "1")];
    let mut command = program();
    command.envs(limits.map(|(key, value)| (format!("EVENT_MANAGER__LIMITS__{key}"), value)));
    let demo = Demo::with(command.env("EVENT_MANAGER__SERVER__BASE_PATH", "/elsewhere").arg("demo"));
    let token = demo.token();
    let statuses: Vec<u16> = (0..5).map(|_| token.get("/me").status).collect();
    assert_eq!(statuses[0], 200, "nothing lies elsewhere");
    assert!(statuses.contains(&429), "{statuses:?}");
    demo.stop();
}

#[test]
fn a_demo_of_any_size_has_about_as_many_sheets() {
    let demo = Demo::start(None, &["--sheets", "300"]);
    assert_eq!(demo.sheets(), 25 + 300);
    demo.stop();
}

#[test]
fn a_demo_on_data_that_is_there_starts_with_it() {
    let data = tempfile::tempdir().unwrap();
    let demo = Demo::start(Some(data.path()), &[]);
    demo.token().create("/events", &json!({"name": "Mine"}));
    demo.stop();
    let again = Demo::start(Some(data.path()), &["--sheets", "300"]);
    let events = again.token().get("/events").expect(200);
    let names: Vec<&str> =
        events["items"].as_array().unwrap().iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Pageant Final Night", "Mine"]);
    assert_eq!(again.line["users"].as_array().unwrap().len(), 12);
    let tokens = again.token().get("/tokens").expect(200);
    let valid = tokens["items"].as_array().unwrap().iter().filter(|token| token["revokedAt"].is_null());
    assert_eq!(valid.count(), 1, "a token whose secret nobody knows is no use: {tokens}");
    again.stop();
}

#[test]
fn a_demo_on_the_data_of_a_server_serves_its_oldest_tenant_and_has_no_users() {
    let mut server = Server::start();
    server.operator("system").create("/tenants", &json!({"name": "Fair", "slug": "fair"}));
    server.admin().create("/events", &json!({"name": "Gala"}));
    assert!(server.stop().success());
    let demo = Demo::start(Some(&server.data()), &[]);
    assert_eq!(demo.line["users"], json!([]));
    assert_eq!(demo.token().get("/me").expect(200)["tenant"]["slug"], "house");
    assert_eq!(demo.token().get("/events").expect(200)["items"][0]["name"], "Gala");
    demo.stop();
}

#[test]
fn the_directory_of_a_killed_demo_is_removed_by_the_next_one_and_no_other() {
    let temporary = tempfile::tempdir().unwrap();
    let directories = || fs::read_dir(temporary.path()).unwrap().count();
    let mut killed = Demo::start_within(temporary.path());
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    let alive = Demo::start_within(temporary.path());
    assert_eq!(directories(), 1, "that of the killed one is gone");
    let other = Demo::start_within(temporary.path());
    assert_eq!(directories(), 2);
    assert_eq!(alive.sheets(), 25);
    alive.stop();
    other.stop();
    assert_eq!(directories(), 0);
}
