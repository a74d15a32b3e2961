//! `kill -9` at any moment: every write that was acknowledged is there after the next start, and the audit chain
//! verifies. `EVENT_MANAGER_LONG=1` makes many more rounds.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use super::success;
use crate::support::{Client, Competition, Credentials, JudgeSeat, Options, Server, Tenant};

const JUDGES: usize = 4;
const CRITERIA: usize = 3;

/// What was acknowledged: which judge gave which marks to which entry.
pub struct Ledger {
    admin: Credentials,
    category: String,
    criteria: Vec<String>,
    entries: Vec<String>,
    judges: Vec<JudgeSeat>,
    sheets: Mutex<Vec<Acknowledged>>,
}

struct Acknowledged {
    judge: usize,
    entry: usize,
    scores: Value,
}

impl Ledger {
    /// A category with judges who are signed in, and no sheet yet, on a server of its own.
    pub fn new(entries: usize) -> (Server, Self) {
        Self::with(Options::default(), entries)
    }

    /// As [`Ledger::new`], with a configuration.
    pub fn with(options: Options, entries: usize) -> (Server, Self) {
        let server = Arc::new(Server::with(options));
        let tenant = Tenant::on(Arc::clone(&server));
        let mut competition = Competition::empty(tenant, &json!({"name": "Talent"}));
        for number in 0..CRITERIA {
            competition.add_criterion(&json!({"name": format!("Criterion {number}"), "maximum": "100"}));
        }
        for number in 0..entries {
            competition.add_entry(&format!("Contestant {number}"));
        }
        for number in 0..JUDGES {
            competition.add_judge(&format!("Judge {number}"));
        }
        let Competition { tenant, category, criteria, entries, judges, .. } = competition;
        let admin = tenant.admin.credentials.clone();
        drop(tenant);
        let ledger = Self { admin, category, criteria, entries, judges, sheets: Mutex::default() };
        (Arc::into_inner(server).expect("nobody else holds it"), ledger)
    }

    /// The marks that a judge gives an entry, whenever.
    fn scores(&self, judge: usize, entry: usize) -> Value {
        let mark = |criterion: usize| ((judge * 31 + entry * 7 + criterion * 13) % 101).to_string();
        let score = |(number, criterion)| json!({"criterionId": criterion, "value": mark(number)});
        self.criteria.iter().enumerate().map(score).collect()
    }

    /// A judge submits a sheet, which is put down if the server acknowledges it. The request's id, if it did.
    fn submit(&self, server: &Client, judge: usize, entry: usize) -> Option<String> {
        let scores = self.scores(judge, entry);
        let path = format!("/api/v1/categories/{}/entries/{}/sheet", self.category, self.entries[entry]);
        let body = json!({"scores": scores}).to_string();
        let answer =
            server.try_raw("PUT", &path, &[("content-type", "application/json")], body.as_bytes()).ok()?;
        // A server that stops says so; nothing else may go wrong.
        assert!([200, 201, 503].contains(&answer.status), "{}", answer.describe());
        if answer.status == 503 {
            return None;
        }
        self.sheets.lock().unwrap().push(Acknowledged { judge, entry, scores });
        answer.header("x-request-id").map(ToOwned::to_owned)
    }

    /// Every sheet that was acknowledged is there with its marks.
    pub fn check(&self, server: &Server) {
        self.check_first(server, self.len());
    }

    /// Every one of the first sheets that were acknowledged is there with its marks.
    pub fn check_first(&self, server: &Server, count: usize) {
        let admin = server.client(self.admin.clone());
        for Acknowledged { judge, entry, scores } in &self.sheets.lock().unwrap()[..count] {
            let (entry, judge) = (&self.entries[*entry], &self.judges[*judge].id);
            let path = format!("/categories/{}/entries/{entry}/sheets/{judge}", self.category);
            assert_eq!(&admin.get(&path).expect(200)["scores"], scores);
        }
        let said = success(&mut server.command(&["audit", "verify"]));
        assert!(said.lines().all(|line| line.contains("intact")), "{said}");
    }

    /// No sheet is there with marks that its judge never gave. How many there are.
    pub fn check_none_invented(&self, server: &Server) -> usize {
        let admin = server.client(self.admin.clone());
        let mut found = 0;
        for (judge, seat) in self.judges.iter().enumerate() {
            for (entry, id) in self.entries.iter().enumerate() {
                let sheet =
                    admin.get(&format!("/categories/{}/entries/{id}/sheets/{}", self.category, seat.id));
                if sheet.status != 404 {
                    assert_eq!(sheet.expect(200)["scores"], self.scores(judge, entry));
                    found += 1;
                }
            }
        }
        found
    }

    /// How many were acknowledged.
    pub fn len(&self) -> usize {
        self.sheets.lock().unwrap().len()
    }
}

/// All judges submit sheets at the same time until the server is gone, which `end` makes it once `enough` more sheets
/// are acknowledged. The id of the last request that was answered to each judge.
pub fn writers(
    server: &mut Server,
    ledger: &Ledger,
    enough: usize,
    end: impl FnOnce(&mut Server),
) -> Vec<String> {
    let (next, goal) = (AtomicUsize::new(ledger.len()), ledger.len() + enough);
    let address = server.anonymous().peer;
    let write = |judge: usize| {
        let client = Client::new(address.clone(), ledger.judges[judge].client.credentials.clone());
        let mut last = None;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            match ledger.submit(&client, judge, (number / JUDGES) % ledger.entries.len()) {
                Some(id) => last = Some(id),
                None => return last,
            }
        }
    };
    let write = &write;
    thread::scope(|scope| {
        let writers: Vec<_> = (0..JUDGES).map(|judge| scope.spawn(move || write(judge))).collect();
        while ledger.len() < goal && writers.iter().all(|writer| !writer.is_finished()) {
            thread::yield_now();
        }
        end(server);
        writers.into_iter().filter_map(|writer| writer.join().unwrap()).collect()
    })
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let (rounds, entries) =
        if std::env::var_os("EVENT_MANAGER_LONG").is_some() { (50, 500) } else { (20, 200) };
    let (mut server, ledger) = Ledger::new(entries);
    for round in 0..rounds {
        writers(&mut server, &ledger, 20 + round % 7, Server::kill);
        server.start_again();
        ledger.check(&server);
    }
    assert!(ledger.len() >= 20 * rounds);
}
