//! What people do beside scoring: every so many sheets somebody sends a mail, a text message and a file that is scanned; all
//! the time judges sign in.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    client::{Connection, Request},
    operator::Operator,
    product::TENANT,
};

/// How often a judge signs in. That takes a thread of the pool that hashes passwords.
const SIGN_IN_EVERY: Duration = Duration::from_millis(500);

/// What was acknowledged: deliveries by their ids, and how many files.
#[derive(Default)]
pub struct Errands {
    pub deliveries: Vec<String>,
    pub files: usize,
}

impl Errands {
    /// Does so many errands of each kind, evenly over a time.
    pub async fn run(&mut self, operator: &Operator, count: usize, span: Duration) {
        let begun = Instant::now();
        for number in 0..count {
            let due = span / count as u32 * number as u32;
            tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
            self.run_one(operator).await;
        }
    }

    async fn run_one(&mut self, operator: &Operator) {
        let mail = json!({"to": format!("guest{}@house.example", self.files)});
        let text = json!({"to": "+4915112345678"});
        for (path, to) in [("/messages/test", mail), ("/messages/test-sms", text)] {
            let sent = operator.ask(TENANT, "POST", path, &to).await;
            self.deliveries.push(sent["id"].as_str().unwrap().to_owned());
        }
        operator.upload(TENANT, &format!("file-{}", self.files)).await;
        self.files += 1;
    }
}

/// A judge signs in again and again for a time. Returns the longest wait.
pub async fn sign_in(address: &str, span: Duration) -> Duration {
    let begun = Instant::now();
    let body = json!({"email": "house0@example.org", "password": "a long password"}).to_string();
    let request = Request::send("POST", "/api/v1/auth/login", "", &body);
    let mut longest = Duration::ZERO;
    while begun.elapsed() < span {
        let asked = Instant::now();
        if let Ok(mut connection) = Connection::try_open(address).await
            && connection.try_exchange(&request).await.is_ok()
        {
            longest = longest.max(asked.elapsed());
        }
        tokio::time::sleep(SIGN_IN_EVERY).await;
    }
    longest
}
