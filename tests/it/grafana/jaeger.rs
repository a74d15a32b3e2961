//! Traces, as Grafana's Jaeger datasource asks for them, in the older and the newer form.

use serde_json::{Value, json};

use super::{auditor, get, lines, now, requests};
use crate::support::{Client, Tenant, wait_until};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// A trace with a change, and a program that may read it.
fn traced(trace: &str) -> (Tenant, Client) {
    let tenant = Tenant::new();
    let traceparent = format!("00-{trace}-{CALLER}-01");
    let headers = [("traceparent", traceparent.as_str()), ("content-type", "application/json")];
    assert_eq!(tenant.admin.raw("POST", "/api/v1/events", &headers, br#"{"name": "Traced"}"#).status, 201);
    let reader = auditor(&tenant);
    wait_until("it is in the log", || {
        get(&reader, &format!("/jaeger/api/traces/{trace}"), &[]).status == 200
    });
    (tenant, reader)
}

fn data(answer: &Value) -> &Vec<Value> {
    assert_eq!(
        (&answer["limit"], &answer["offset"], &answer["errors"]),
        (&json!(0), &json!(0), &Value::Null)
    );
    let data = answer["data"].as_array().unwrap();
    assert_eq!(answer["total"], json!(data.len()));
    data
}

fn tag<'s>(span: &'s Value, name: &str) -> &'s Value {
    let tags = span["tags"].as_array().unwrap();
    &tags.iter().find(|tag| tag["key"] == name).unwrap_or_else(|| panic!("{name}: {span}"))["value"]
}

#[test]
fn services_are_the_program_and_its_parts_and_say_what_they_do() {
    let (_tenant, reader) = traced("1af7651916cd43dd8448eb211c80319c");
    let services = get(&reader, "/jaeger/api/services", &[]).expect(200);
    let expected = ["", "/http", "/service", "/store", "/job", "/outbound"]
        .map(|part| json!(format!("event-manager{part}")));
    assert_eq!(data(&services), &expected);
    let operations = |service: &str| {
        let answer = get(&reader, &format!("/jaeger/api/services/{service}/operations"), &[]).expect(200);
        data(&answer).clone()
    };
    let http = operations("event-manager/http");
    assert!(
        http.contains(&json!("POST /api/v1/events")) && !http.contains(&json!("store.write")),
        "{http:?}"
    );
    assert!(operations("event-manager%2Fhttp").contains(&json!("POST /api/v1/events")));
    assert!(operations("event-manager").contains(&json!("store.write")));
    assert_eq!(operations("nobodys"), Vec::<Value>::new());
}

#[test]
fn a_trace_is_told_with_its_layers_and_what_hangs_on_what() {
    let (tenant, reader) = traced(TRACE);
    let answer =
        get(&reader, &format!("/jaeger/api/traces/{TRACE}"), &[("start", "1"), ("end", "2")]).expect(200);
    let [trace] = &data(&answer)[..] else { panic!("{answer}") };
    assert_eq!((&trace["traceID"], &trace["warnings"]), (&json!(TRACE), &Value::Null));
    let spans = trace["spans"].as_array().unwrap();
    let named = |name: &str| {
        spans.iter().find(|span| span["operationName"] == name).unwrap_or_else(|| panic!("{name}: {trace}"))
    };
    let (request, service, write) = (named("POST /api/v1/events"), named("service"), named("store.write"));
    let layer = |span: &Value| trace["processes"][span["processID"].as_str().unwrap()]["serviceName"].clone();
    assert_eq!(
        [layer(request), layer(service), layer(write)],
        ["event-manager/http", "event-manager/service", "event-manager/store"].map(|name| json!(name))
    );
    assert_eq!(request["references"], json!([]), "the caller's span is not in the log");
    let beneath = |span: &Value, parent: &Value| {
        assert_eq!(
            span["references"],
            json!([{"refType": "CHILD_OF", "traceID": TRACE, "spanID": parent["spanID"]}])
        );
    };
    beneath(service, request);
    beneath(write, service);
    let micros = |span: &Value, name: &str| i128::from(span[name].as_i64().unwrap());
    assert!(
        (now() / 1_000 - micros(request, "startTime")).abs() < 600_000_000 && micros(request, "duration") > 0
    );
    assert!(micros(service, "startTime") >= micros(request, "startTime"));
    assert_eq!((tag(request, "status"), tag(request, "span.kind")), (&json!(201), &json!("server")));
    assert_eq!(
        request["tags"].as_array().unwrap().iter().find(|tag| tag["key"] == "status").unwrap()["type"],
        json!("int64")
    );

    let short = get(&reader, "/jaeger/api/traces/af7651916cd43dd8448eb211c80319c", &[]).expect(200);
    assert_eq!(short["data"][0]["traceID"], json!(TRACE), "without its leading zero");
    let absent = get(&reader, "/jaeger/api/traces/00000000000000000000000000000001", &[]).expect(404);
    assert_eq!(absent["errors"], json!([{"code": 404, "msg": "trace not found"}]));
    let wrong = get(&reader, "/jaeger/api/traces/nonsense", &[]).expect(400);
    assert!(wrong["errors"][0]["msg"].as_str().unwrap().contains("hexadecimal"), "{wrong}");
    let other = auditor(&Tenant::on(std::sync::Arc::clone(&tenant.server)));
    get(&other, &format!("/jaeger/api/traces/{TRACE}"), &[]).expect(404);
}

#[test]
fn traces_are_found_by_service_operation_tags_duration_and_time() {
    let trace = "2af7651916cd43dd8448eb211c80319c";
    let (tenant, reader) = traced(trace);
    let correlation = requests(&tenant, 3);
    let end = now() / 1_000;
    let (start, end) = ((end - 3_600_000_000).to_string(), end.to_string());
    let found = |parameters: &[(&str, &str)]| -> Vec<Value> {
        let span = [("start", start.as_str()), ("end", &end)];
        let answer = get(&reader, "/jaeger/api/traces", &[&span, parameters].concat()).expect(200);
        data(&answer).clone()
    };
    let all = found(&[("service", "event-manager"), ("limit", "200")]);
    assert!(all.len() >= 4 && all.iter().any(|one| one["traceID"] == trace));
    assert_eq!(found(&[("service", "event-manager"), ("limit", "2")]).len(), 2);
    let of_change = found(&[("service", "event-manager/http"), ("operation", "POST /api/v1/events")]);
    assert_eq!(of_change.iter().map(|one| &one["traceID"]).collect::<Vec<_>>(), [trace]);
    let tags = json!({"correlationId": correlation, "status": "200"}).to_string();
    let tagged = found(&[("service", "event-manager"), ("tags", &tags)]);
    assert_eq!(tagged.len(), 3);
    let begins = |trace: &Value| trace["spans"][0]["startTime"].as_i64().unwrap();
    assert!(tagged.is_sorted_by(|one, next| begins(one) >= begins(next)), "newest first");
    let failed = json!({"error": "true"}).to_string();
    assert_eq!(found(&[("service", "event-manager"), ("tags", &failed)]), Vec::<Value>::new());
    assert_eq!(found(&[("service", "event-manager"), ("minDuration", "10m")]), Vec::<Value>::new());
    assert_eq!(
        found(&[("service", "event-manager"), ("maxDuration", "10m"), ("limit", "200")]).len(),
        all.len()
    );
    assert_eq!(found(&[("service", "nobodys")]), Vec::<Value>::new());
    let by_id = get(&reader, "/jaeger/api/traces", &[("traceID", trace)]).expect(200);
    assert_eq!(by_id["data"][0]["traceID"], trace);
    for wrong in [
        &[][..],
        &[("service", "event-manager"), ("tags", "x")],
        &[("service", "event-manager"), ("minDuration", "long")],
    ] {
        get(&reader, "/jaeger/api/traces", wrong).expect(400);
    }
}

#[test]
fn what_calls_what_is_counted() {
    let (tenant, reader) = traced("3af7651916cd43dd8448eb211c80319c");
    let correlation = requests(&tenant, 1);
    assert_eq!(
        lines(&reader, &format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#)).len(),
        1
    );
    let end = (now() / 1_000_000).to_string();
    let answer =
        get(&reader, "/jaeger/api/dependencies", &[("endTs", &end), ("lookback", "3600000")]).expect(200);
    let count = |parent: &str, child: &str| {
        let call = data(&answer).iter().find(|call| call["parent"] == parent && call["child"] == child);
        call.and_then(|call| call["callCount"].as_u64()).unwrap_or_default()
    };
    assert!(count("event-manager/http", "event-manager/service") >= 4, "{answer}");
    assert!(count("event-manager/service", "event-manager/store") >= 1, "{answer}");
    assert_eq!(count("event-manager/store", "event-manager/http"), 0);
    let long_ago =
        get(&reader, "/jaeger/api/dependencies", &[("endTs", "1577836800000"), ("lookback", "1000")]);
    assert_eq!(data(&long_ago.expect(200)), &Vec::<Value>::new());
}

#[test]
fn the_newer_form_tells_the_same_as_otlp() {
    let trace = "4af7651916cd43dd8448eb211c80319c";
    let (_tenant, reader) = traced(trace);
    let services = get(&reader, "/jaeger/api/v3/services", &[]).expect(200);
    assert_eq!(services["services"][0], "event-manager");
    let operations =
        get(&reader, "/jaeger/api/v3/operations", &[("service", "event-manager/http")]).expect(200);
    assert!(
        operations["operations"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "POST /api/v1/events", "spanKind": "server"}))
    );
    let told = get(&reader, &format!("/jaeger/api/v3/traces/{trace}"), &[]).expect(200);
    let layers = told["result"]["resourceSpans"].as_array().unwrap();
    let http = layers
        .iter()
        .find(|layer| layer["resource"]["attributes"][0]["value"]["stringValue"] == "event-manager/http");
    let span = &http.unwrap()["scopeSpans"][0]["spans"][0];
    assert_eq!(
        (&span["traceId"], &span["name"], &span["kind"]),
        (&json!(trace), &json!("POST /api/v1/events"), &json!(2))
    );
    assert_eq!(span["parentSpanId"], CALLER);
    let nanos = |name: &str| span[name].as_str().unwrap().parse::<i128>().unwrap();
    assert!(nanos("endTimeUnixNano") > nanos("startTimeUnixNano"));
    let status = span["attributes"].as_array().unwrap().iter().find(|attribute| attribute["key"] == "status");
    assert_eq!(status.unwrap()["value"], json!({"intValue": "201"}));

    // Grafana writes these two times as they are.
    let search = "/jaeger/api/v3/traces?query.operation_name=POST+%2Fapi%2Fv1%2Fevents&query.service_name=event-manager\
        &query.start_time_min=2020-01-01T00:00:00.5+01:00&query.start_time_max=2100-01-01T00:00:00Z";
    let found = reader.raw("GET", search, &[], b"").expect(200);
    assert!(found.to_string().contains(trace), "{found}");
    let absent = get(&reader, "/jaeger/api/v3/traces/1", &[]).expect(404);
    assert_eq!(absent, json!({"error": {"httpCode": 404, "message": "trace not found"}}));
}

#[test]
fn a_job_follows_from_the_request_that_asked_for_it() {
    let tenant = Tenant::new();
    let trace = "5af7651916cd43dd8448eb211c80319d";
    let traceparent = format!("00-{trace}-{CALLER}-01");
    let create = json!({"op": "create", "type": "contestant", "body": {"name": "Ann"}});
    let body = json!({"operations": vec![create; 300]}).to_string();
    let headers = [("traceparent", traceparent.as_str()), ("content-type", "application/json")];
    let accepted = tenant.admin.raw("POST", "/api/v1/bulk", &headers, body.as_bytes());
    assert_eq!(accepted.status, 202, "{}", accepted.describe());
    let reader = auditor(&tenant);
    let spans = || {
        let answer = get(&reader, &format!("/jaeger/api/traces/{trace}"), &[]);
        let spans =
            (answer.status == 200).then(|| answer.json()["data"][0]["spans"].as_array().unwrap().clone());
        spans.unwrap_or_default()
    };
    let named = |name: &str| spans().into_iter().find(|span| span["operationName"] == name);
    wait_until("the job is in the log", || named("job bulk").is_some());
    let (job, request) = (named("job bulk").unwrap(), named("POST /api/v1/bulk").unwrap());
    let follows = json!([{"refType": "FOLLOWS_FROM", "traceID": trace, "spanID": request["spanID"]}]);
    assert_eq!(job["references"], follows);
}
