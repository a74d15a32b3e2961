//! What the shipped dashboards and datasources ask is understood and answered.

use std::fs;

use serde_json::Value;

use super::{address, auditor, get, now};
use crate::{architecture::sources, support::Tenant};

/// The queries of the dashboards that are for one kind of datasource, with what Grafana puts in the place of variables.
fn expressions(kind: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let folder = sources::root().join("packaging/grafana/dashboards");
    for file in fs::read_dir(folder).unwrap() {
        let dashboard: Value =
            serde_json::from_str(&fs::read_to_string(file.unwrap().path()).unwrap()).unwrap();
        for target in dashboard["panels"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|panel| panel["targets"].as_array())
            .flatten()
        {
            if target["datasource"]["type"] == kind {
                let text = target["expr"].as_str().or(target["query"].as_str()).unwrap_or_default();
                let text = text.replace("$__interval", "15s").replace("$__range", "3600s");
                let text = ["requestId", "correlationId", "trace_id"].iter().fold(text, |text, name| {
                    text.replace(&format!("${name}"), "4bf92f3577b34da6a3ce929d0e0e4736")
                });
                found.push((text, target.clone()));
            }
        }
    }
    found
}

#[test]
fn every_query_of_the_dashboards_is_answered() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    let (start, end) = ((now() - 600_000_000_000).to_string(), now().to_string());
    let queries = expressions("loki");
    assert!(queries.len() > 5, "{queries:?}");
    for (query, target) in &queries {
        let answer = if target["queryType"] == "instant" {
            get(&reader, "/loki/api/v1/query", &[("query", query), ("time", &end), ("direction", "backward")])
        } else {
            let parameters = [
                ("query", query.as_str()),
                ("start", &start),
                ("end", &end),
                ("step", "15000ms"),
                ("limit", "1000"),
            ];
            get(&reader, "/loki/api/v1/query_range", &parameters)
        };
        assert_eq!(answer.status, 200, "{query}: {}", answer.describe());
    }
    let by_level = queries.iter().find(|(query, _)| query.starts_with("sum by (level)")).unwrap();
    let parameters = [("query", by_level.0.as_str()), ("start", &start), ("step", "15000ms")];
    let levels = get(&reader, "/loki/api/v1/query_range", &parameters).expect(200)["data"]["result"].clone();
    assert_eq!(
        levels[0]["metric"],
        serde_json::json!({"level": "info"}),
        "levels in small letters: {levels}"
    );
}

#[test]
fn the_panels_of_traces_are_answered() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    assert!(expressions("jaeger").len() >= 2);
    let millis = (now() / 1_000_000).to_string();
    get(&reader, "/jaeger/api/dependencies", &[("endTs", &millis), ("lookback", "3600000")]).expect(200);
    get(&reader, "/jaeger/api/traces/4bf92f3577b34da6a3ce929d0e0e4736", &[]).expect(404);
}

#[test]
fn the_datasources_lead_to_what_answers() {
    let datasources = sources::read("packaging/grafana/provisioning/datasources/event-manager.yml");
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    for (url, path) in [
        ("http://localhost:8080\n", "/loki/api/v1/labels"),
        ("http://localhost:8080/jaeger\n", "/jaeger/api/services"),
    ] {
        assert!(datasources.contains(&format!("url: {url}")));
        assert_eq!(reader.raw("GET", &address(path, &[]), &[], b"").status, 200);
    }
}
