//! Labels, streams, fields and volumes: what Grafana's label browser, query builder and Logs Drilldown ask for.

use serde_json::{Value, json};

use super::{address, auditor, get, now, requests};
use crate::support::Tenant;

#[test]
fn labels_their_values_and_streams_are_told() {
    let tenant = Tenant::new();
    let (reader, _) = (auditor(&tenant), requests(&tenant, 2));
    let (start, end) = ((now() - 600_000_000_000).to_string(), now().to_string());
    let span = [("start", start.as_str()), ("end", &end)];
    let data = |path: &str, more: &[(&str, &str)]| {
        let answer = get(&reader, path, &[&span, more].concat()).expect(200);
        assert_eq!(answer["status"], json!("success"));
        answer["data"].clone()
    };
    assert_eq!(data("/loki/api/v1/labels", &[]), json!(["app", "kind", "level", "module", "service_name"]));
    assert_eq!(data("/loki/api/v1/label/app/values", &[]), json!(["event-manager"]));
    assert_eq!(data("/loki/api/v1/label/service_name/values", &[]), json!(["event-manager"]));
    assert_eq!(data("/loki/api/v1/label/kind/values", &[("query", r#"{kind="http"}"#)]), json!(["http"]));
    assert_eq!(data("/loki/api/v1/label/nobodys/values", &[]), json!([]));
    let streams = data("/loki/api/v1/series", &[("match[]", r#"{app="event-manager", kind="http"}"#)]);
    for stream in streams.as_array().unwrap() {
        assert_eq!((&stream["app"], &stream["kind"]), (&json!("event-manager"), &json!("http")));
    }
    assert!(!streams.as_array().unwrap().is_empty());
    assert_eq!(data("/loki/api/v1/series", &[("match[]", r#"{app="other"}"#)]), json!([]));
    let long_ago = [("start", "2020-01-01T00:00:00Z"), ("end", "2020-01-02T00:00:00Z")];
    assert_eq!(get(&reader, "/loki/api/v1/labels", &long_ago).expect(200)["data"], json!([]));

    let form = address("", &[("match[]", r#"{kind="http"}"#), ("start", &start)]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let posted = reader.raw("POST", "/loki/api/v1/series", &headers, &form.as_bytes()[1..]).expect(200);
    assert_eq!(posted["data"], streams);
}

#[test]
fn it_is_told_how_much_a_query_reads_and_how_much_streams_hold() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 3));
    let query = format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#);
    let stats = get(&reader, "/loki/api/v1/index/stats", &[("query", &query)]).expect(200);
    for figure in ["streams", "chunks", "bytes", "entries"] {
        assert!(stats[figure].as_u64() > Some(0), "{stats}");
    }
    let parameters =
        [("query", r#"{service_name="event-manager"}"#), ("targetLabels", "kind"), ("limit", "5000")];
    let volume = get(&reader, "/loki/api/v1/index/volume", &parameters).expect(200)["data"].clone();
    assert_eq!(volume["resultType"], json!("vector"));
    let http =
        volume["result"].as_array().unwrap().iter().find(|one| one["metric"] == json!({"kind": "http"}));
    assert!(http.unwrap()["value"][1].as_str().unwrap().parse::<u64>().unwrap() > 500, "{volume}");
    let ranged = [&parameters[..], &[("step", "60s")]].concat();
    let ranged = get(&reader, "/loki/api/v1/index/volume_range", &ranged).expect(200)["data"].clone();
    assert_eq!(ranged["resultType"], json!("matrix"));
    assert!(!ranged["result"][0]["values"].as_array().unwrap().is_empty(), "{ranged}");
    let by_label = [("query", r#"{app="event-manager"}"#), ("aggregateBy", "labels")];
    let by_label = get(&reader, "/loki/api/v1/index/volume", &by_label).expect(200)["data"]["result"].clone();
    assert!(
        by_label.as_array().unwrap().iter().any(|one| one["metric"] == json!({"level": ""})),
        "{by_label}"
    );
}

#[test]
fn fields_are_told_with_their_types_and_values() {
    let tenant = Tenant::new();
    let (reader, correlation) = (auditor(&tenant), requests(&tenant, 3));
    let query = format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#);
    let fields =
        get(&reader, "/loki/api/v1/detected_fields", &[("query", &query), ("line_limit", "100")]).expect(200);
    let field = |name: &str| {
        let found = fields["fields"].as_array().unwrap().iter().find(|field| field["label"] == name).cloned();
        found.unwrap_or_else(|| panic!("{name}: {fields}"))
    };
    assert_eq!(
        field("correlationId"),
        json!({"label": "correlationId", "type": "string", "cardinality": 1, "parsers": null})
    );
    assert_eq!(
        field("status"),
        json!({"label": "status", "type": "int", "cardinality": 1, "parsers": ["json"]})
    );
    assert_eq!(fields["limit"], json!(1_000));
    let values = |name: &str| {
        let path = format!("/loki/api/v1/detected_field/{name}/values");
        get(&reader, &path, &[("query", &query)]).expect(200)["values"].clone()
    };
    assert_eq!((values("route"), values("nobodys")), (json!(["/api/v1/me"]), json!([])));
    let labels = get(&reader, "/loki/api/v1/detected_labels", &[("query", &query)]).expect(200);
    let labels: Vec<&Value> =
        labels["detectedLabels"].as_array().unwrap().iter().map(|one| &one["label"]).collect();
    assert_eq!(labels, ["app", "kind", "level", "module", "service_name"]);
}

#[test]
fn what_else_is_asked_of_a_loki_is_answered() {
    let tenant = Tenant::new();
    let reader = auditor(&tenant);
    for path in ["/ready", "/loki/ready"] {
        let answer = tenant.server.anonymous().raw("GET", path, &[], b"");
        assert_eq!((answer.status, answer.text().as_str()), (200, "ready\n"));
    }
    let build = get(&reader, "/loki/api/v1/status/buildinfo", &[]).expect(200);
    assert!(build["version"].as_str().unwrap().starts_with("3."), "{build}");
    let limits = get(&reader, "/loki/api/v1/drilldown-limits", &[]).expect(200);
    assert_eq!(
        (&limits["limits"]["volume_enabled"], &limits["pattern_ingester_enabled"]),
        (&json!(true), &json!(false))
    );
    let all = r#"{app="event-manager"}"#;
    let patterns = get(&reader, "/loki/api/v1/patterns", &[("query", all)]).expect(200);
    assert_eq!(patterns, json!({"status": "success", "data": []}));
    let formatted = get(&reader, "/loki/api/v1/format_query", &[("query", all)]).expect(200);
    assert_eq!(formatted, json!({"status": "success", "data": all}));
    get(&reader, "/loki/api/v1/format_query", &[("query", "{")]).expect(400);
}
