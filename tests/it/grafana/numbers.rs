//! Numbers made of lines.

use serde_json::{Value, json};

use super::{auditor, get, lines, now, requests};
use crate::support::{Client, Tenant};

#[test]
fn save_and_test_of_the_datasource_succeeds() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let path = "/loki/api/v1/query?direction=backward&query=vector%281%29%2Bvector%281%29&time=4000000000";
    let answer = reader.raw("GET", path, &[super::CATEGORIZE], b"").expect(200);
    assert_eq!((&answer["status"], &answer["data"]["resultType"]), (&json!("success"), &json!("vector")));
    assert_eq!(answer["data"]["result"], json!([{"metric": {}, "value": [4, "2"]}]));
    assert!(answer["data"]["stats"].is_object());
    let number =
        get(&reader, "/loki/api/v1/query", &[("query", "2 * 3"), ("time", "1777662000")]).expect(200);
    assert_eq!(
        (&number["data"]["resultType"], &number["data"]["result"]),
        (&json!("scalar"), &json!([1_777_662_000, "6"]))
    );
}

/// The sum of all values of a matrix.
fn sum(answer: &Value) -> f64 {
    let series = answer["data"]["result"].as_array().unwrap().iter();
    let values = series.flat_map(|series| series["values"].as_array().unwrap());
    values.map(|value| value[1].as_str().unwrap().parse::<f64>().unwrap()).sum()
}

fn over_last_minutes(client: &Client, query: &str, step: &str) -> Value {
    let end = now() / 15_000_000_000 * 15_000_000_000 + 15_000_000_000;
    let start = (end - 600_000_000_000).to_string();
    let parameters = [
        ("query", query),
        ("start", &start),
        ("end", &end.to_string()),
        ("step", step),
        ("direction", "backward"),
    ];
    let answer = get(client, "/loki/api/v1/query_range", &parameters).expect(200);
    assert_eq!(answer["data"]["resultType"], json!("matrix"));
    answer
}

#[test]
fn the_volume_of_lines_counts_each_line_once_by_its_level() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 12));
    let lines_query = format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#);
    let volume =
        format!("sum by (level, detected_level) (count_over_time({lines_query} | drop __error__ [15s]))");
    let answer = over_last_minutes(&reader, &volume, "15000ms");
    assert_eq!(sum(&answer), 12.0, "{answer}");
    assert_eq!(answer["data"]["result"][0]["metric"], json!({"level": "info", "detected_level": "info"}));
    let time = answer["data"]["result"][0]["values"][0][0].as_i64().unwrap();
    assert_eq!(time % 15, 0, "at the times that were asked for");
    let sample = lines(&reader, &lines_query);
    assert_eq!(sample.len(), 12, "the lines that it counts");
}

#[test]
fn errors_by_correlation_and_durations_by_route_are_reckoned() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 4));
    for _ in 0..2 {
        let headers = [("x-correlation-id", correlation.as_str())];
        assert_eq!(tenant.admin.raw("GET", "/api/v1/events/x", &headers, b"").status, 404);
    }
    let line = format!(r#"{{app="event-manager"}} | json | correlationId="{correlation}""#);
    crate::support::wait_until("all are there", || lines(&reader, &line).len() == 6);
    let instant = |query: &str| {
        let time = now().to_string();
        let answer = get(&reader, "/loki/api/v1/query", &[("query", query), ("time", &time)]).expect(200);
        assert_eq!(answer["data"]["resultType"], json!("vector"));
        answer["data"]["result"].as_array().unwrap().clone()
    };
    let value = |query: &str| match &instant(query)[..] {
        [one] => one["value"][1].as_str().unwrap().to_owned(),
        other => panic!("{query}: {other:?}"),
    };
    let refused = format!("{line} | status >= 400");
    assert_eq!(value(&format!("topk(20, sum by (correlationId) (count_over_time({refused} [1h])))")), "2");
    assert_eq!(
        instant(&format!("sum by (correlationId) (count_over_time({line} [1h]))"))[0]["metric"],
        json!({"correlationId": correlation})
    );
    let rate = format!("sum(count_over_time({refused} [1h])) / sum(count_over_time({line} [1h])) * 3");
    assert_eq!(value(&rate), "1");
    let by_route = instant(&format!("quantile_over_time(1, {line} | unwrap durationUs [1h]) by (route)"));
    let routes: Vec<&Value> = by_route.iter().map(|series| &series["metric"]["route"]).collect();
    assert_eq!(routes, ["/api/v1/events/{id}", "/api/v1/me"]);
    assert_eq!(value(&format!("sum(rate({line} [1h])) * 3600")), "6");
    let bytes: f64 = value(&format!("sum(bytes_over_time({line} [1h]))")).parse().unwrap();
    assert_eq!(bytes, lines(&reader, &line).iter().map(|(_, line, _)| line.len() as f64).sum::<f64>());
    let nobody = r#"absent_over_time({app="event-manager", kind="nobodys"}[1h])"#;
    assert_eq!(instant(nobody)[0]["metric"], json!({"app": "event-manager", "kind": "nobodys"}));
}

#[test]
fn what_comes_to_too_much_is_refused_with_a_word_on_what_to_do() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let sum_of_number = get(&reader, "/loki/api/v1/query", &[("query", "sum(1)")]).expect(400);
    assert!(sum_of_number["message"].as_str().unwrap().contains("vector("), "{sum_of_number}");
    let parts = format!("1{}", "+1".repeat(1_000));
    let deep = get(&reader, "/loki/api/v1/query", &[("query", &parts)]).expect(400);
    assert!(deep["message"].as_str().unwrap().ends_with("the query has too many parts"), "{deep}");
}
