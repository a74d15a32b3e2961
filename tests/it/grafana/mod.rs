//! The log as a Loki and the traces as a Jaeger, asked as Grafana's datasources ask: their paths, parameters, encodings and
//! headers, as its source code has them (`pkg/tsdb/loki`, `pkg/tsdb/jaeger`, `public/app/plugins/datasource/loki`).

mod access;
mod dashboards;
mod jaeger;
mod labels;
mod lines;
mod numbers;
mod tail;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::support::{Answer, Client, Tenant, fresh, wait_until};

/// By this Grafana's backend asks for labels apart, with every query.
const CATEGORIZE: (&str, &str) = ("X-Loki-Response-Encoding-Flags", "categorize-labels");

/// A path with parameters as Go's `url.Values` writes them.
fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(sorted).finish();
    format!("{path}?{query}")
}

fn get(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Answer {
    client.raw("GET", &address(path, parameters), &[], b"")
}

/// The time now, in nanoseconds.
fn now() -> i128 {
    i128::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}

/// The lines of a query over a time in nanoseconds, as Grafana asks for them: time, line, and all labels.
fn lines_between(
    client: &Client,
    query: &str,
    (start, end): (i128, i128),
    direction: &str,
    limit: u32,
) -> Vec<(i128, String, Value)> {
    let parameters = [
        ("query", query),
        ("start", &start.to_string()),
        ("end", &end.to_string()),
        ("step", "15000ms"),
        ("direction", direction),
        ("limit", &limit.to_string()),
    ];
    let address = address("/loki/api/v1/query_range", &parameters);
    let data = client.raw("GET", &address, &[CATEGORIZE], b"").expect(200)["data"].clone();
    assert_eq!(
        (&data["resultType"], &data["encodingFlags"]),
        (&json!("streams"), &json!(["categorize-labels"]))
    );
    let mut lines = Vec::new();
    for stream in data["result"].as_array().unwrap() {
        for value in stream["values"].as_array().unwrap() {
            let [time, line, apart] = &value.as_array().unwrap()[..] else { panic!("{value}") };
            let mut labels = stream["stream"].clone();
            for part in ["structuredMetadata", "parsed"] {
                labels.as_object_mut().unwrap().extend(apart[part].as_object().cloned().unwrap_or_default());
            }
            lines.push((time.as_str().unwrap().parse().unwrap(), line.as_str().unwrap().to_owned(), labels));
        }
    }
    lines
}

/// The lines of a query of the last hour.
fn lines(client: &Client, query: &str) -> Vec<(i128, String, Value)> {
    let end = now();
    lines_between(client, query, (end - 3_600_000_000_000, end), "backward", 1_000)
}

/// A program of a tenant that may read its log.
fn auditor(tenant: &Tenant) -> Client {
    tenant.token(&json!([{"role": "AUDITOR"}]))
}

/// Sends so many requests under a correlation ID of their own, and waits until the log has them. Returns that ID.
fn requests(tenant: &Tenant, count: usize) -> String {
    let correlation = fresh("grafana");
    for _ in 0..count {
        let answer = tenant.admin.raw("GET", "/api/v1/me", &[("x-correlation-id", &correlation)], b"");
        assert_eq!(answer.status, 200);
    }
    let reader = auditor(tenant);
    let query = format!("{{app=\"event-manager\"}} |= \"correlationId:{correlation}\"");
    wait_until("the requests are in the log", || lines(&reader, &query).len() == count);
    correlation
}
