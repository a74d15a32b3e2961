//! A full disk: writes are refused and leave nothing, reads and sign-in go on, and when there is room again so does
//! everything, without a restart and with every acknowledged write.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::success;
use crate::peers::SmtpPeer;
use crate::support::{ADMIN_EMAIL, Answer, Client, Options, PASSWORD, Server, wait_until};

/// The size of the disk, in MiB.
const DISK: u32 = 32;

/// Names of events that were acknowledged, and of those that were refused.
#[derive(Default)]
struct Ledger {
    acknowledged: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Ledger {
    /// Creates an event of some size, and notes what became of it.
    fn create(&mut self, client: &Client) -> Answer {
        let name = format!("Event {}", self.acknowledged.len() + self.refused.len());
        let answer = client.post("/events", &json!({"name": name, "description": "x".repeat(2_000)}));
        let noted = if answer.status == 201 { &mut self.acknowledged } else { &mut self.refused };
        noted.insert(name);
        answer
    }

    /// Exactly what was acknowledged is there.
    #[track_caller]
    fn check(&self, client: &Client) {
        assert_eq!(names(client), self.acknowledged);
    }
}

fn names(client: &Client) -> BTreeSet<String> {
    let (mut names, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = client.get(&format!("/events?limit=500{cursor}")).expect(200);
        let items = page["items"].as_array().unwrap();
        names.extend(items.iter().map(|event| event["name"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return names,
        }
    }
}

fn page(server: &Server, path: &str) -> Answer {
    server.anonymous().raw("GET", path, &[], &[])
}

fn options() -> Options {
    Options::default().set("store.reserve_mib", "4").set("store.free_floor_mib", "0")
}

/// A user of the tenant `house` who is no ADMIN.
fn organizer(admin: &Client) -> &'static str {
    let email = "organizer@it.example";
    let grants = json!([{"role": "ORGANIZER", "scope": {"type": "tenant"}}]);
    let user = json!({"email": email, "name": "Olga", "password": PASSWORD, "grants": grants});
    admin.create("/users", &user);
    email
}

#[test]
fn a_full_disk_stops_nothing_but_writes_and_those_resume_when_there_is_room() {
    let mut server = Server::on_small_disk(options(), DISK);
    let admin = server.admin();
    let organizer = organizer(&admin);
    let mut ledger = Ledger::default();
    for _ in 0..20 {
        ledger.create(&admin).expect(201);
    }
    server.disk().fill(0);

    // The data file has room of its own for a while.
    let mut refused = None;
    wait_until("a write is refused", || {
        let answer = ledger.create(&admin);
        refused = Some(answer).filter(|answer| answer.status != 201);
        refused.is_some()
    });
    let problem = refused.unwrap().expect_problem(507, "disk_full");
    assert_eq!(problem["reason"], "disk_full");
    assert!(problem["detail"].as_str().unwrap().contains("nothing is lost"), "{problem}");

    for _ in 0..3 {
        ledger.create(&admin).expect_problem(507, "disk_full");
        ledger.check(&admin);
    }
    let me = admin.get("/me");
    me.expect(200);
    assert_eq!(me.header("x-store-state"), Some("read-only; reason=disk_full"));
    let health = page(&server, "/health/ready").expect(200);
    assert_eq!((&health["status"], &health["reason"]), (&json!("degraded"), &json!("disk_full")));
    assert_eq!(page(&server, "/health").expect(200)["checks"]["store"]["status"], "readOnly");
    assert!(page(&server, "/metrics").text().contains("store_read_only{reason=\"disk_full\"} 1\n"));

    let second = server.sign_in("house", ADMIN_EMAIL);
    ledger.check(&second);
    ledger.create(&second).expect_problem(507, "disk_full");
    let third = server.sign_in("house", ADMIN_EMAIL);
    third.call("/auth/logout").expect(204);
    third.get("/me").expect_problem(401, "unauthenticated");
    let log_in = json!({"email": organizer, "password": PASSWORD});
    server.anonymous().post("/auth/login", &log_in).expect_problem(507, "disk_full");

    server.disk().free();
    wait_until("writing resumes", || ledger.create(&admin).status == 201);
    assert_eq!(page(&server, "/health/ready").expect(200), json!({"status": "ready"}));
    assert_eq!(admin.get("/me").header("x-store-state"), None);
    ledger.create(&second).expect(201);
    server.anonymous().post("/auth/login", &log_in).expect(200);
    let reserve = server.disk().path(&server.data().join("reserve"));
    wait_until("the reserve is made again", || reserve.metadata().is_ok_and(|file| file.len() == 4 << 20));
    ledger.check(&admin);

    assert!(server.stop().success());
    server.start_again();
    ledger.check(&server.client(admin.credentials));
    let said = success(&mut server.command(&["audit", "verify"]));
    assert!(said.lines().all(|line| line.contains("intact")), "{said}");
}

#[test]
fn whoever_looks_after_the_box_is_told_by_mail_that_nothing_can_be_saved_although_nothing_can() {
    let relay = SmtpPeer::start();
    let options = options()
        .set("email.host", "127.0.0.1")
        .set("email.port", &relay.address().port().to_string())
        .set("email.security", "plain")
        .set("email.from", "scores@house.example")
        .set("alerts.email", "ops@house.example")
        .set("alerts.look_every_s", "1");
    let server = Server::on_small_disk(options, DISK);
    let (admin, mut ledger) = (server.admin(), Ledger::default());
    server.disk().fill(0);
    wait_until("a write is refused", || ledger.create(&admin).status == 507);
    let mail = relay.wait_for(1, Duration::from_secs(30)).remove(0);
    assert_eq!(mail.to, ["ops@house.example"]);
    assert!(
        mail.header("Subject").is_some_and(|subject| subject.contains("Nothing can be saved")),
        "{mail:?}"
    );
    server.disk().free();
    wait_until("writing resumes", || ledger.create(&admin).status == 201);
}

#[test]
fn a_disk_can_be_full_again_and_again() {
    let mut server = Server::on_small_disk(options(), DISK);
    let admin = server.admin();
    let mut ledger = Ledger::default();
    for _ in 0..3 {
        server.disk().fill(0);
        wait_until("a write is refused", || ledger.create(&admin).status == 507);
        ledger.check(&admin);
        server.disk().free();
        wait_until("writing resumes", || ledger.create(&admin).status == 201);
    }
    server.disk().fill(0);
    wait_until("a write is refused", || ledger.create(&admin).status == 507);
    server.kill();
    server.disk().free();
    server.start_again();
    ledger.check(&server.client(admin.credentials));
}

#[test]
fn below_the_floor_nothing_is_written_although_there_is_room() {
    let options = options().set("store.free_floor_mib", "8");
    let server = Server::on_small_disk(options, DISK);
    let admin = server.admin();
    let mut ledger = Ledger::default();
    ledger.create(&admin).expect(201);
    server.disk().fill(7 << 20);
    wait_until("a write is refused", || ledger.create(&admin).status == 507);
    let problem = ledger.create(&admin).expect_problem(507, "disk_full");
    assert_eq!(problem["reason"], "low_space");
    let free = |health: &Value| health["checks"]["store"]["freeBytes"].as_u64().unwrap();
    assert!(free(&page(&server, "/health").expect(200)) >= 6 << 20, "there is still room");
    ledger.check(&admin);
    server.disk().free();
    wait_until("writing resumes", || ledger.create(&admin).status == 201);
    ledger.check(&admin);
}
