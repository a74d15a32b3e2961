//! The event the load runs on: made through the API, with ten judges who are signed in, and categories of 100 entrants
//! and 5 criteria.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    client::{self, Connection, Request},
    product::Product,
};

const JUDGES: usize = 10;
const ENTRANTS: usize = 100;
const CRITERIA: usize = 5;

pub struct Event {
    id: String,
    contest: String,
    entries: Vec<String>,
    /// Headers with cookie and CSRF token of each judge.
    judges: Vec<String>,
    /// Each category with its criteria.
    categories: Vec<(String, Vec<String>)>,
    given: usize,
}

struct Api<'a> {
    connection: Connection,
    token: &'a str,
}

impl Api<'_> {
    fn request(&self, method: &str, path: &str, body: &str) -> Request {
        let headers = format!("authorization: Bearer {}\r\n", self.token);
        Request::send(method, &format!("/api/v1{path}"), &headers, body)
    }

    async fn create(&mut self, path: &str, body: Value) -> String {
        let request = self.request("POST", path, &body.to_string());
        let answer: Value = serde_json::from_slice(&self.connection.exchange(&request).await).unwrap();
        answer["id"].as_str().unwrap().to_owned()
    }
}

async fn api(product: &Product) -> Api<'_> {
    Api { connection: Connection::open(&product.address).await, token: &product.token }
}

impl Event {
    /// `name` tells its judges from those of other events.
    pub async fn create(product: &Product, name: &str, categories: usize) -> Self {
        let mut api = api(product).await;
        let id = api.create("/events", json!({"name": "Load"})).await;
        let contest = api.create(&format!("/events/{id}/contests"), json!({"name": "Load"})).await;
        for number in 1..30 {
            api.create(&format!("/events/{id}/contests"), json!({"name": format!("Contest {number}")})).await;
        }
        let mut entries = Vec::new();
        for number in 0..ENTRANTS {
            let contestant =
                api.create("/contestants", json!({"name": format!("Contestant {number}")})).await;
            let entry = json!({"contestantId": contestant});
            entries.push(api.create(&format!("/contests/{contest}/entries"), entry).await);
        }
        let (mut judges, mut ids) = (Vec::new(), Vec::new());
        for number in 0..JUDGES {
            let email = format!("{name}{number}@example.org");
            let grants = json!([{"role": "JUDGE"}]);
            let user =
                json!({"email": email, "name": "Judge", "grants": grants, "password": "a long password"});
            let user = api.create("/users", user).await;
            ids.push(api.create("/judges", json!({"name": "Judge", "userId": user})).await);
            judges.push(sign_in(product, &email));
        }
        let mut made = Vec::new();
        for number in 0..categories {
            let body = json!({"name": format!("Category {number}"), "method": {"type": "weightedAverage"}});
            let category = api.create(&format!("/contests/{contest}/categories"), body).await;
            let mut criteria = Vec::new();
            for number in 0..CRITERIA {
                let criterion = json!({"name": format!("Criterion {number}")});
                criteria.push(api.create(&format!("/categories/{category}/criteria"), criterion).await);
            }
            for judge in &ids {
                api.create(&format!("/categories/{category}/assignments"), json!({"judgeId": judge})).await;
            }
            made.push((category, criteria));
        }
        Self { id, contest, entries, judges, categories: made, given: 0 }
    }

    /// So many first sheets, each for another judge, entrant and category.
    pub fn sheets(&mut self, most: usize) -> Vec<Request> {
        let all = self.categories.len() * JUDGES * ENTRANTS;
        let to = self.given.saturating_add(most).min(all);
        let requests = (self.given..to).map(|number| self.sheet(number)).collect();
        self.given = to;
        requests
    }

    /// Sees to it that there are so many marks, as far as the time allows. Sheets that are there already stay as they are.
    pub async fn fill(&mut self, product: &Product, marks: usize, clients: usize, span: Duration) {
        let sheets = (marks / CRITERIA).min(self.categories.len() * JUDGES * ENTRANTS);
        let requests: Vec<Request> = (0..sheets).map(|number| self.sheet(number)).collect();
        self.given = client::run(&product.address, requests, clients, span).await.count();
    }

    fn sheet(&self, number: usize) -> Request {
        let (judge, entry) = (number % JUDGES, number / JUDGES % ENTRANTS);
        let (category, criteria) = &self.categories[number / JUDGES / ENTRANTS];
        let score = |(index, criterion): (usize, &String)| json!({"criterionId": criterion, "value": ((number + index) % 11).to_string()});
        let scores: Vec<Value> = criteria.iter().enumerate().map(score).collect();
        let path = format!("/api/v1/categories/{category}/entries/{}/sheet", self.entries[entry]);
        Request::send("PUT", &path, &self.judges[judge], &json!({"scores": scores}).to_string())
    }

    /// Names and paths of the reads.
    pub fn reads(&self) -> [(&'static str, String); 2] {
        [
            ("list of 30", format!("/api/v1/events/{}/contests", self.id)),
            ("one entity", format!("/api/v1/events/{}", self.id)),
        ]
    }

    /// What everybody who watches an evening asks for again and again.
    pub fn progress(&self, product: &Product) -> Request {
        Request::get(&format!("/api/v1/contests/{}/progress", self.contest), &product.token)
    }

    /// Results of 100 entrants by 10 judges in 5 criteria: after a change, and when nothing changed.
    pub async fn results(&self, product: &Product) {
        let mut api = api(product).await;
        let path = format!("/categories/{}/results", self.categories[0].0);
        let (mut computed, mut kept) = (Vec::new(), Vec::new());
        for number in 0..200 {
            api.create("/contestants", json!({"name": format!("Change {number}")})).await;
            computed.push(timed(&mut api, "GET", &path).await);
            kept.push(timed(&mut api, "GET", &path).await);
        }
        print("results 100 x 10 x 5 after a change", &mut computed);
        print("results when nothing changed", &mut kept);
    }

    /// Deleting and restoring the event with all its marks, and one with as few as `small` has.
    pub async fn delete_and_restore(&self, product: &Product, small: &Self) {
        let mut api = api(product).await;
        let mut medians = [[0.0; 2]; 2];
        for (event, medians) in [self, small].into_iter().zip(&mut medians) {
            let (mut deletes, mut restores) = (Vec::new(), Vec::new());
            for _ in 0..20 {
                deletes.push(timed(&mut api, "DELETE", &format!("/events/{}?reason=load", event.id)).await);
                restores.push(timed(&mut api, "POST", &format!("/events/{}/restore", event.id)).await);
            }
            let marks = event.given * CRITERIA;
            *medians = [
                print(&format!("delete an event with {marks} marks"), &mut deletes),
                print(&format!("restore an event with {marks} marks"), &mut restores),
            ];
        }
        let [[delete, restore], [small_delete, small_restore]] = medians;
        println!("{:<44} {:>9.2}", "  delete, of the small one", delete / small_delete);
        println!("{:<44} {:>9.2}", "  restore, of the small one", restore / small_restore);
    }
}

/// Milliseconds from the request to the last byte of its answer, which is not read further.
async fn timed(api: &mut Api<'_>, method: &str, path: &str) -> f64 {
    let request = api.request(method, path, "");
    let begun = Instant::now();
    api.connection.exchange(&request).await;
    begun.elapsed().as_secs_f64() * 1e3
}

/// Prints the median of several times in milliseconds, and returns it.
fn print(name: &str, times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    println!("{name:<44} {median:>9.2} ms");
    median
}

fn sign_in(product: &Product, email: &str) -> String {
    let url = format!("http://{}/api/v1/auth/login", product.address);
    let answer = ureq::post(url).send_json(json!({"email": email, "password": "a long password"})).unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body: Value = answer.into_body().read_json().unwrap();
    format!("cookie: {cookie}\r\nx-csrf-token: {}\r\n", body["csrfToken"].as_str().unwrap())
}
