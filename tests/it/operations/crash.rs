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

use super::{log::log_of, success};
use crate::support::{Client, Competition, Credentials, JudgeSeat, Options, Server, Tenant, id_of};

const JUDGES: usize = 4;
const CRITERIA: usize = 3;
const ROUNDS: usize = 5;

/// What was acknowledged: which judge gave which marks to which entry, and which rounds are deleted.
pub struct Ledger {
    admin: Credentials,
    category: String,
    criteria: Vec<String>,
    entries: Vec<String>,
    judges: Vec<JudgeSeat>,
    sheets: Mutex<Vec<Acknowledged>>,
    rounds: Mutex<Vec<Round>>,
}

struct Acknowledged {
    judge: usize,
    entry: usize,
    scores: Value,
}

/// A contest with a category, which is deleted and restored again and again.
struct Round {
    contest: String,
    category: String,
    is_live: bool,
    /// Whether it was asked for to be the other way round, and nobody knows what became of that.
    in_doubt: bool,
    /// How often it was acknowledged to be the other way round.
    turned: usize,
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
        let rounds = Mutex::new((0..ROUNDS).map(|number| Round::new(&competition, number)).collect());
        let Competition { tenant, category, criteria, entries, judges, .. } = competition;
        let admin = tenant.admin.credentials.clone();
        drop(tenant);
        let ledger = Self { admin, category, criteria, entries, judges, sheets: Mutex::default(), rounds };
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

    /// A round is deleted or restored, which is put down if the server acknowledges it. Whether it did.
    fn turn(&self, server: &Client, round: usize) -> bool {
        let round = &mut self.rounds.lock().unwrap()[round];
        let path = format!("/api/v1/contests/{}", round.contest);
        round.in_doubt = true;
        let answer = match round.is_live {
            true => server.try_raw("DELETE", &path, &[], &[]),
            false => server.try_raw("POST", &format!("{path}/restore"), &[], &[]),
        };
        let Ok(answer) = answer else { return false };
        assert!([200, 204, 503].contains(&answer.status), "{}", answer.describe());
        if answer.status == 503 {
            return false;
        }
        round.is_live = !round.is_live;
        round.in_doubt = false;
        round.turned += 1;
        true
    }

    /// Every sheet that was acknowledged is there with its marks, and every round stands as it was acknowledged.
    pub fn check(&self, server: &Server) {
        self.check_first(server, self.len());
        let admin = server.client(self.admin.clone());
        self.rounds.lock().unwrap().iter_mut().for_each(|round| round.check(&admin));
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

    /// How many deletions and restorations were acknowledged.
    fn turned(&self) -> usize {
        self.rounds.lock().unwrap().iter().map(|round| round.turned).sum()
    }

    /// Of how many deletions and restorations nobody knows what became of them.
    fn in_doubt(&self) -> usize {
        self.rounds.lock().unwrap().iter().filter(|round| round.in_doubt).count()
    }

    /// How many sheets were acknowledged.
    pub fn len(&self) -> usize {
        self.sheets.lock().unwrap().len()
    }
}

impl Round {
    fn new(competition: &Competition, number: usize) -> Self {
        let admin = competition.admin();
        let path = format!("/events/{}/contests", competition.event);
        let contest = id_of(&admin.create(&path, &json!({"name": format!("Round {number}")})));
        let category =
            id_of(&admin.create(&format!("/contests/{contest}/categories"), &json!({"name": "Poise"})));
        Self { contest, category, is_live: true, in_doubt: false, turned: 0 }
    }

    /// It is live or deleted with all that hangs beneath it, as it was acknowledged.
    fn check(&mut self, admin: &Client) {
        let contest = format!("/contests/{}", self.contest);
        let found = admin.get(&contest).status == 200;
        assert!(self.in_doubt || found == self.is_live, "{contest} is live: {found}");
        self.is_live = found;
        self.in_doubt = false;
        let status = if found { 200 } else { 404 };
        admin.get(&format!("/categories/{}", self.category)).expect(status);
        let whole = admin.get(&format!("{contest}?includeDeleted=true")).expect(200);
        assert_eq!(whole["deletedAt"].is_null(), found, "{whole}");
    }
}

/// All judges submit sheets, and rounds are deleted and restored, at the same time until the server is gone, which `end` makes it once `enough` more sheets
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
    let organiser = Client::new(address.clone(), ledger.admin.clone());
    thread::scope(|scope| {
        scope.spawn(|| (0..ROUNDS).cycle().find(|round| !ledger.turn(&organiser, *round)));
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
    let (kills, entries) =
        if std::env::var_os("EVENT_MANAGER_LONG").is_some() { (50, 500) } else { (20, 200) };
    let (mut server, ledger) = Ledger::new(entries);
    let mut cut_off = 0;
    for kill in 0..kills {
        writers(&mut server, &ledger, 20 + kill % 7, Server::kill);
        cut_off += ledger.in_doubt();
        server.start_again();
        ledger.check(&server);
    }
    let (sheets, turned) = (ledger.len(), ledger.turned());
    println!("kills: {kills}, with {sheets} sheets and {turned} deletions and restorations acknowledged");
    assert!(sheets >= 20 * kills);
    assert!(turned >= kills, "{turned} deletions and restorations only");
    assert!(cut_off > 0, "none was on its way when the program was killed");
}

#[test]
fn the_repair_after_a_crash_is_told_in_the_log_with_its_progress() {
    let mut server = Server::with(Options::default().set("store.check_mib", "0"));
    server.kill();
    server.start_again();
    let log = log_of(&mut server);
    let told = log.lines().filter(|line| line.contains("the data file was not closed cleanly; repairing it"));
    let lines: Vec<Value> = told.map(|line| serde_json::from_str(line).unwrap()).collect();
    let percents: Vec<f64> = lines.iter().map(|line| line["percent"].as_f64().unwrap()).collect();
    assert!(!percents.is_empty() && percents.is_sorted(), "{log}");
    assert!(percents.iter().all(|percent| (0.0..=100.0).contains(percent)), "{percents:?}");
}
