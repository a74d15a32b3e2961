//! Who has to wait, and who has not: wrong sign-ins and too many requests.

use std::thread;

use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, Answer, Options, PASSWORD, Server, fresh};

/// A server behind a proxy of this machine, so that a test can come from many addresses.
fn server(options: Options) -> Server {
    let options = options.set("server.trusted_proxies", "127.0.0.1");
    Server::with(options.set("limits.client_sign_in_failures", "300"))
}

fn log_in(server: &Server, client: &str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password, "tenant": "house"});
    server.anonymous().with_header("x-forwarded-for", client).post("/auth/login", &body)
}

fn user(server: &Server) -> (String, String) {
    let email = format!("{}@it.example", fresh("limited"));
    let body = json!({"email": email, "name": "Lim", "password": PASSWORD, "grants": [{"role": "JUDGE"}]});
    let made = server.operator("house").create("/users", &body);
    (made["id"].as_str().unwrap().to_owned(), email)
}

fn metric(server: &Server, name: &str, labels: &[&str]) -> u64 {
    let text = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let fits = |line: &&str| line.starts_with(name) && labels.iter().all(|label| line.contains(label));
    text.lines().filter(fits).filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

/// Checks what a refusal tells, and gives back the seconds.
#[track_caller]
fn expect_delay(answer: &Answer, code: &str) -> u64 {
    let problem = answer.expect_problem(429, code);
    let seconds = problem["retryAfterSeconds"].as_u64().unwrap();
    assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()));
    seconds
}

#[test]
fn guessing_at_an_account_has_to_wait_and_the_owner_elsewhere_has_not() {
    let server = server(Options::default());
    let (id, email) = user(&server);
    for _ in 0..5 {
        log_in(&server, "198.51.100.7", &email, "a wrong one").expect_problem(401, "unauthenticated");
    }
    let right = log_in(&server, "198.51.100.7", &email, PASSWORD);
    let seconds = expect_delay(&right, "sign_in_delayed");
    assert!((25..=30).contains(&seconds), "{seconds}");
    log_in(&server, "203.0.113.9", &email, PASSWORD).expect(200);
    log_in(&server, "198.51.100.7", ADMIN_EMAIL, PASSWORD).expect(200);
    let labels = ["limit=\"sign_in\"", "route=\"/api/v1/auth/login\""];
    assert_eq!(metric(&server, "http_server_requests_limited_total", &labels), 1);
    assert_eq!(metric(&server, "auth_attempts_total", &["outcome=\"throttled\"", "password"]), 1);

    server.operator("house").call(&format!("/users/{id}/unlock")).expect(204);
    log_in(&server, "198.51.100.7", &email, PASSWORD).expect(200);
}

#[test]
fn guessing_from_everywhere_is_slowed_down_and_the_owners_device_is_exempt() {
    let server = server(Options::default().set("limits.sign_in_failures_everywhere", "12"));
    let (_, email) = user(&server);
    log_in(&server, "203.0.113.9", &email, PASSWORD).expect(200);
    for number in 0..12 {
        let client = format!("198.51.100.{}", number / 4);
        log_in(&server, &client, &email, "a wrong one").expect_problem(401, "unauthenticated");
    }
    expect_delay(&log_in(&server, "198.51.100.200", &email, PASSWORD), "sign_in_delayed");
    log_in(&server, "203.0.113.9", &email, PASSWORD).expect(200);
}

#[test]
fn accounts_that_do_not_exist_wait_like_those_that_do() {
    let server = server(Options::default());
    let (_, email) = user(&server);
    let answers = |email: &str| -> Vec<(u16, Value)> {
        let once = |_| {
            let answer = log_in(&server, "198.51.100.7", email, "a wrong one");
            (answer.status, answer.json()["code"].clone())
        };
        (0..7).map(once).collect()
    };
    assert_eq!(answers(&email), answers("nobody@it.example"));
}

#[test]
fn two_hundred_judges_behind_one_address_get_in_although_some_mistype() {
    let server = server(Options::default());
    let emails: Vec<String> = (0..200).map(|_| user(&server).1).collect();
    thread::scope(|scope| {
        for (part, emails) in emails.chunks(25).enumerate() {
            let server = &server;
            scope.spawn(move || {
                for (index, email) in emails.iter().enumerate() {
                    if (part * 25 + index).is_multiple_of(20) {
                        log_in(server, "192.0.2.1", email, "a typing errror")
                            .expect_problem(401, "unauthenticated");
                    }
                    log_in(server, "192.0.2.1", email, PASSWORD).expect(200);
                }
            });
        }
    });
    assert_eq!(metric(&server, "http_server_requests_limited_total", &[]), 0);
}

#[test]
fn one_client_may_be_wrong_so_often_at_all_accounts_together_but_who_is_known_there_gets_in() {
    let options = Options::default().set("server.trusted_proxies", "127.0.0.1");
    let server = Server::with(options.set("limits.client_sign_in_failures", "10"));
    let (_, known) = user(&server);
    log_in(&server, "198.51.100.7", &known, PASSWORD).expect(200);
    for number in 0..10 {
        let email = format!("nobody{number}@it.example");
        log_in(&server, "198.51.100.7", &email, PASSWORD).expect_problem(401, "unauthenticated");
    }
    let seconds = expect_delay(&log_in(&server, "198.51.100.7", ADMIN_EMAIL, PASSWORD), "sign_in_delayed");
    assert!((300..=360).contains(&seconds), "{seconds}");
    log_in(&server, "198.51.100.7", &known, PASSWORD).expect(200);
    log_in(&server, "198.51.100.8", ADMIN_EMAIL, PASSWORD).expect(200);
}

#[test]
fn a_stolen_session_does_not_guess_the_password_either() {
    let server = server(Options::default());
    let admin = server.admin();
    let guess = |number: u32| {
        let body = json!({"currentPassword": format!("guess {number}"), "newPassword": PASSWORD});
        admin.post("/auth/password", &body)
    };
    for number in 0..5 {
        guess(number).expect_problem(422, "wrong_password");
    }
    expect_delay(&guess(5), "sign_in_delayed");
}

#[test]
fn who_asks_too_often_waits_and_others_and_the_operator_do_not() {
    let options = Options::default().set("limits.requests_per_s", "1").set("limits.requests_burst", "20");
    let server = server(options);
    let (busy, calm) = (server.admin(), server.admin());
    let refused = (0..60).map(|_| busy.get("/me")).find(|answer| answer.status != 200);
    expect_delay(&refused.expect("60 requests at once are not more than 20"), "rate_limited");
    calm.get("/me").expect(200);
    let operator = server.operator("house");
    for _ in 0..60 {
        operator.get("/users").expect(200);
    }
    let labels = ["limit=\"session\"", "route=\"/api/v1/me\""];
    assert!(metric(&server, "http_server_requests_limited_total", &labels) >= 1);
}

#[test]
fn credentials_that_are_made_up_count_as_none() {
    let options = Options::default();
    let options =
        options.set("limits.anonymous_requests_per_s", "1").set("limits.anonymous_requests_burst", "20");
    let server = server(options);
    let admin = server.admin();
    let forged = |number: u32| {
        let cookie = format!("event_manager_session=forged{number}");
        server.anonymous().with_header("cookie", &cookie).get("/me")
    };
    let refused = (0..60).map(forged).find(|answer| answer.status != 401);
    expect_delay(&refused.expect("60 requests at once are not more than 20"), "rate_limited");
    admin.get("/me").expect(200);
    let elsewhere = server.anonymous().with_header("x-forwarded-for", "198.51.100.7");
    elsewhere.get("/setup").expect(200);
}

#[test]
fn what_was_refused_is_told_once_in_the_audit_log() {
    let mut server = server(Options::default());
    let (id, email) = user(&server);
    for _ in 0..7 {
        log_in(&server, "198.51.100.7", &email, "a wrong one");
        log_in(&server, "198.51.100.7", "nobody@it.example", "a wrong one");
    }
    assert!(server.stop().success());
    server.start_again();
    let refusals = |tenant: &str| -> Vec<Value> {
        let records = server.operator(tenant).get("/audit?limit=200").expect(200);
        let records = records["items"].as_array().unwrap().clone();
        records
            .into_iter()
            .filter(|record| record["action"].as_str().unwrap().ends_with(".refused"))
            .collect()
    };
    let (known, unknown) = (refusals("house"), refusals("system"));
    assert_eq!(known.len(), 1, "{known:?}");
    assert_eq!(known[0]["subject"], json!({"kind": "user", "id": id}));
    assert_eq!(known[0]["facts"], json!({"wrong": 5, "delayed": 2, "limited": 0}));
    assert_eq!(unknown[0]["facts"], json!({"wrong": 5, "delayed": 2, "limited": 0}));
}

#[test]
fn wrong_pins_at_many_links_make_one_client_wait() {
    let options = Options::default().set("server.trusted_proxies", "127.0.0.1");
    let server = Server::with(options.set("limits.client_sign_in_failures", "6"));
    let admin = server.admin();
    let invite = || {
        let judge = admin.create("/judges", &json!({"name": fresh("judge")}));
        admin.create(&format!("/judges/{}/links", judge["id"].as_str().unwrap()), &json!({}))
    };
    let open = |client: &str, link: &Value, right: bool| {
        let (_, secret) = link["url"].as_str().unwrap().split_once("#link=").unwrap();
        let pin = if right { link["pin"].clone() } else { json!("not a PIN") };
        let anonymous = server.anonymous().with_header("x-forwarded-for", client);
        anonymous.post("/auth/judge-link", &json!({"link": secret, "pin": pin}))
    };
    let (first, second) = (invite(), invite());
    for _ in 0..4 {
        open("198.51.100.7", &first, false).expect_problem(401, "unauthenticated");
    }
    open("198.51.100.7", &first, false).expect_problem(403, "link_blocked");
    open("198.51.100.7", &second, false).expect_problem(401, "unauthenticated");
    expect_delay(&open("198.51.100.7", &second, true), "sign_in_delayed");
    assert_eq!(metric(&server, "auth_attempts_total", &["outcome=\"throttled\"", "judge_link"]), 1);
    open("198.51.100.8", &second, true).expect(200);
}

#[test]
fn links_that_are_made_up_keep_nobody_out_who_holds_one() {
    let options = Options::default().set("server.trusted_proxies", "127.0.0.1");
    let server = Server::with(options.set("limits.client_sign_in_failures", "6"));
    let admin = server.admin();
    let judge = admin.create("/judges", &json!({"name": fresh("judge")}));
    let link = admin.create(&format!("/judges/{}/links", judge["id"].as_str().unwrap()), &json!({}));
    let open = |secret: &str| {
        let body = json!({"link": secret, "pin": link["pin"]});
        server.anonymous().with_header("x-forwarded-for", "198.51.100.7").post("/auth/judge-link", &body)
    };
    for number in 0..6 {
        open(&format!("made-up-{number}")).expect_problem(401, "unauthenticated");
    }
    expect_delay(&open("made-up-7"), "sign_in_delayed");
    open(link["url"].as_str().unwrap().split_once("#link=").unwrap().1).expect(200);
}
