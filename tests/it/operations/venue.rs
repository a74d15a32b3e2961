//! An evening in a hall with bad reception: two hundred judges behind one address, on a network that cuts connections
//! and answers. Whoever tries again until an answer arrives has every sheet in, once, with the marks that were given.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde_json::{Value, json};

use crate::support::{
    Answer, Client, Credentials, Fault, LossyNetwork, Options, PASSWORD, Peer, Server, id_of,
};

const JUDGES: usize = 200;
const CATEGORIES: usize = 5;
const ENTRIES: usize = 8;
/// How many people set the evening up at the same time.
const STEWARDS: usize = 8;
const SEED: u64 = 2026;

/// What there is to be judged, and who judges.
struct Evening {
    /// Each with its criteria.
    categories: Vec<(String, Vec<String>)>,
    entries: Vec<String>,
    /// The id and the e-mail address of each judge.
    judges: Vec<(String, String)>,
}

impl Evening {
    fn set_up(operator: &Client) -> Self {
        let event = id_of(&operator.create("/events", &json!({"name": "Gala"})));
        let contest = id_of(&operator.create(&format!("/events/{event}/contests"), &json!({"name": "Solo"})));
        let category = |number| {
            let categories = format!("/contests/{contest}/categories");
            let id = id_of(&operator.create(&categories, &json!({"name": format!("Category {number}")})));
            let criteria = format!("/categories/{id}/criteria");
            let criterion = |name| id_of(&operator.create(&criteria, &json!({"name": name})));
            (id.clone(), ["Technique", "Expression"].map(criterion).to_vec())
        };
        let categories: Vec<_> = (0..CATEGORIES).map(category).collect();
        let entry = |number| {
            let name = json!({"name": format!("Contestant {number}")});
            let contestant = id_of(&operator.create("/contestants", &name));
            id_of(
                &operator
                    .create(&format!("/contests/{contest}/entries"), &json!({"contestantId": contestant})),
            )
        };
        let entries = (0..ENTRIES).map(entry).collect();
        let seat = |judge| seat(operator, &categories, judge);
        let judges = at_once(STEWARDS, JUDGES, &seat);
        Self { categories, entries, judges }
    }

    /// The sheet of a number that a judge gives: its path and its body.
    fn sheet(&self, judge: usize, number: usize) -> (String, Value) {
        let (category, entry) = (number / ENTRIES, number % ENTRIES);
        let (id, _) = &self.categories[category];
        (
            format!("/categories/{id}/entries/{}/sheet", self.entries[entry]),
            json!({"scores": self.scores(judge, category, entry)}),
        )
    }

    fn scores(&self, judge: usize, category: usize, entry: usize) -> Value {
        let score = |(place, criterion): (usize, &String)| {
            let mark = (judge * 7 + category * 3 + entry * 5 + place * 2) % 11;
            json!({"criterionId": criterion, "value": mark.to_string()})
        };
        self.categories[category].1.iter().enumerate().map(score).collect()
    }
}

/// Makes a judge with an account and a seat on every category.
fn seat(operator: &Client, categories: &[(String, Vec<String>)], judge: usize) -> (String, String) {
    let email = format!("judge{judge}@venue.example");
    let user = json!({"email": email, "name": "Judge", "password": PASSWORD, "grants": [{"role": "JUDGE"}]});
    let user = id_of(&operator.create("/users", &user));
    let body = json!({"name": format!("Judge {judge}"), "userId": user});
    let mut operations = vec![json!({"op": "create", "type": "judge", "body": body})];
    operations.extend(categories.iter().map(|(category, _)| {
        json!({"op": "create", "type": "assignment", "parent": category, "body": {"judgeId": "#0"}})
    }));
    let done = operator.post("/bulk", &json!({"operations": operations})).expect(200);
    (id_of(&done["results"][0]), email)
}

/// Does something for each number, with so many threads, and returns what came of it in order.
fn at_once<T: Send>(threads: usize, count: usize, run: &(impl Fn(usize) -> T + Sync)) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let part = || -> Vec<(usize, T)> {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        numbers.take_while(|number| *number < count).map(|number| (number, run(number))).collect()
    };
    let part = &part;
    let done: BTreeMap<usize, T> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.into_values().collect()
}

/// Asks until there is an answer that came whole. Whatever the server has to do, it asks nobody to come back later.
fn insist(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let (path, body) = (format!("/api/v1{path}"), body.to_string());
    let headers = [("content-type", "application/json")];
    let once = || client.try_raw(method, &path, &headers, body.as_bytes()).ok();
    let answer = std::iter::repeat_with(once).flatten().next().expect("there is no end of attempts");
    assert!(![429, 503].contains(&answer.status), "refused: {}", answer.describe());
    answer
}

/// A judge signs in and gives all marks, beginning somewhere else than the others. Some look at what they have given.
fn judge_all(server: &Server, network: &LossyNetwork, evening: &Evening, judge: usize) {
    let door = Peer::Tcp(network.address());
    let body = json!({"email": evening.judges[judge].1, "password": PASSWORD, "tenant": "house"});
    let nobody = Client::new(door.clone(), Credentials::None);
    let signed_in = server.signed_in(&insist(&nobody, "POST", "/auth/login", &body));
    let client = Client::new(door, signed_in.credentials.clone());
    let sheets = CATEGORIES * ENTRIES;
    for step in 0..sheets {
        let (path, body) = evening.sheet(judge, (judge + step) % sheets);
        let answer = insist(&client, "PUT", &path, &body);
        assert!([200, 201].contains(&answer.status), "{}", answer.describe());
        if (judge + step).is_multiple_of(10) {
            assert_eq!(
                signed_in.get(&path).expect(200)["scores"],
                body["scores"],
                "acknowledged before it was stored"
            );
        }
    }
}

/// All pages of a list.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=200{cursor}")).expect(200);
        found.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["nextCursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}

/// How many requests were refused by a limit.
fn limited(server: &Server) -> f64 {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    let counts = metrics.lines().filter(|line| line.starts_with("http_server_requests_limited_total"));
    counts.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

#[test]
fn two_hundred_judges_on_a_lossy_network_have_every_sheet_in_once_and_nobody_is_refused() {
    let mut server = Server::with(Options::default().with_default_limits());
    let evening = Evening::set_up(&server.operator("house"));
    let network = LossyNetwork::before(server.address(), SEED);
    at_once(JUDGES, JUDGES, &|judge| judge_all(&server, &network, &evening, judge));
    let faults = network.counts();
    for fault in [Fault::CutBefore, Fault::CutHalfway, Fault::CutAfter, Fault::Truncated, Fault::Late] {
        assert!(faults.get(&fault).is_some_and(|count| *count > 50), "it was a good network: {faults:?}");
    }
    assert_eq!(limited(&server), 0.0, "somebody had to wait");
    drop(network);

    // Whatever was acknowledged is on the disk.
    server.kill();
    server.start_again();
    let operator = server.operator("house");
    for (category, (id, _)) in evening.categories.iter().enumerate() {
        let mut sheets = BTreeMap::new();
        for sheet in all(&operator, &format!("/categories/{id}/sheets")) {
            let place = (sheet["judgeId"].to_string(), sheet["entryId"].to_string());
            assert_eq!(sheets.insert(place, sheet["scores"].clone()), None, "twice: {sheet}");
        }
        let mut given = BTreeMap::new();
        for (judge, (judge_id, _)) in evening.judges.iter().enumerate() {
            for (entry, entry_id) in evening.entries.iter().enumerate() {
                let place = (json!(judge_id).to_string(), json!(entry_id).to_string());
                given.insert(place, evening.scores(judge, category, entry));
            }
        }
        assert_eq!(given.len(), JUDGES * ENTRIES);
        assert_eq!(sheets.len(), given.len());
        assert!(sheets == given, "a sheet has other marks than were given");
    }
    let submitted =
        all(&operator, "/audit").iter().filter(|record| record["action"] == "sheet.submitted").count();
    assert_eq!(submitted, JUDGES * CATEGORIES * ENTRIES, "a sheet that was sent again is no change");
}
