//! Searches through the product's API, as the page "Log" makes them, in the tenant that sees all lines.

use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use serde_json::Value;

use super::{operator::Operator, product::Product};

pub struct Searches {
    operator: Operator,
}

/// A search to the end.
pub struct Whole {
    pub took: Duration,
    pub bytes: u64,
}

impl Searches {
    pub fn of(product: &Product) -> Self {
        Self { operator: product.operator.clone() }
    }

    async fn ask(&self, path: &str) -> Value {
        self.operator.ask("system", "GET", path, &Value::Null).await
    }

    async fn timed(&self, path: &str) -> (Duration, Value) {
        let begun = Instant::now();
        let answer = self.ask(path).await;
        (begun.elapsed(), answer)
    }

    /// Lines of a request, which must be there.
    pub async fn ensure_found(&self, id: &str) -> Duration {
        let (took, answer) = self.timed(&format!("/logs?id={id}")).await;
        let found = answer["items"].as_array().unwrap();
        assert!(!found.is_empty() && answer["nextCursor"].is_null(), "{id}: {answer}");
        assert!(found.iter().all(|line| line["fields"]["requestId"] == id), "{id}: {answer}");
        took
    }

    pub async fn each_id(&self, ids: &[String], before: impl Fn()) -> Vec<Duration> {
        let mut times = Vec::new();
        for id in ids {
            before();
            times.push(self.ensure_found(id).await);
        }
        times
    }

    pub async fn unknown_ids(&self, count: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        for number in 0..count {
            let (took, answer) = self.timed(&format!("/logs?id=nobody-has-this-id-{number}")).await;
            assert!(
                answer["items"].as_array().unwrap().is_empty() && answer["nextCursor"].is_null(),
                "{answer}"
            );
            times.push(took);
        }
        times
    }

    pub async fn recent(&self, count: usize) -> Vec<Duration> {
        let from = before_now(Duration::from_secs(15 * 60));
        self.same(&format!("/logs?status=4xx&from={from}"), count).await
    }

    pub async fn frequent(&self, count: usize) -> Vec<Duration> {
        self.same("/logs?q=contests&limit=100", count).await
    }

    pub async fn volume(&self, span: Duration, count: usize) -> Vec<Duration> {
        let (from, until) = (before_now(span), before_now(Duration::ZERO));
        self.same(&format!("/logs/volume?from={from}&until={until}&minutes=60"), count).await
    }

    /// The same search again and again, which finds something.
    async fn same(&self, path: &str, count: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        for _ in 0..count {
            let (took, answer) = self.timed(path).await;
            assert!(!answer["items"].as_array().unwrap().is_empty(), "{path}: {answer}");
            times.push(took);
        }
        times
    }

    /// How long it takes from the answer to a request until its line is found.
    pub async fn visible(&self, product: &Product, count: usize) -> Vec<Duration> {
        let mut times = Vec::new();
        for number in 0..count {
            let id = format!("benchmark-{number:05}");
            let url = format!("http://{}/api/v1/events", product.address);
            let refused = ureq::get(url).header("x-correlation-id", &id).call();
            assert!(refused.is_err(), "nobody has signed in");
            let begun = Instant::now();
            while self.ask(&format!("/logs?id={id}")).await["items"].as_array().unwrap().is_empty() {
                assert!(begun.elapsed() < Duration::from_secs(5), "{id} is not found");
            }
            times.push(begun.elapsed());
        }
        times
    }

    /// All lines are read for a text that none has, part by part.
    pub async fn whole(&self) -> Whole {
        let (begun, mut bytes, mut cursor) = (Instant::now(), 0, String::new());
        loop {
            let answer = self.ask(&format!("/logs?q=nobody+wrote+this{cursor}")).await;
            assert!(answer["items"].as_array().unwrap().is_empty(), "{answer}");
            bytes += answer["read"]["bytes"].as_u64().unwrap();
            let Some(next) = answer["nextCursor"].as_str() else {
                return Whole { took: begun.elapsed(), bytes };
            };
            cursor = format!("&cursor={next}");
        }
    }
}

fn before_now(span: Duration) -> String {
    let time = Timestamp::try_from(SystemTime::now() - span).unwrap();
    format!("{time:.3}")
}
