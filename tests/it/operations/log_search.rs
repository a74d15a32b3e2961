//! The log inside the product: what somebody asks for is found by any of its ids, also when its file is packed, by whoever
//! may, and nobody else.

use std::{fs, sync::Arc};

use serde_json::{Value, json};

use super::{failure, success};
use crate::{
    peers::Receiver,
    support::{Client, Competition, EventStream, Options, Server, Tenant, fresh, id_of, wait_until},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The lines of a search, whole.
fn lines(client: &Client, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/logs?{query}{cursor}")).expect(200);
        assert_eq!(page["faults"], json!([]));
        all.extend(page["items"].as_array().unwrap().iter().map(|item| item["fields"].clone()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// Waits until the log has lines.
fn awaited(client: &Client, query: &str) -> Vec<Value> {
    wait_until("the log has it", || !lines(client, query).is_empty());
    lines(client, query)
}

#[test]
fn a_request_is_found_by_any_of_its_ids_by_whoever_may_see_it() {
    let (mine, foreign) = (Competition::new(), Competition::new());
    let admin = mine.admin();
    let (request, correlation) = (fresh("wanted-request"), fresh("wanted-correlation"));
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [
        ("x-request-id", request.as_str()),
        ("x-correlation-id", &correlation),
        ("traceparent", &traceparent),
    ];
    assert_eq!(admin.raw("GET", "/api/v1/me", &headers, b"").status, 200);
    let user = id_of(&admin.get("/me").expect(200)["user"]);
    let operator = mine.tenant.server.operator("system");
    for id in [&request, &correlation, TRACE, &format!("{user},{request}")] {
        let found = awaited(admin, &format!("id={id}"));
        let record = found.iter().find(|line| line["requestId"] == *request).unwrap();
        assert_eq!((&record["route"], &record["status"]), (&json!("/api/v1/me"), &json!(200)));
        assert_eq!((&record["userId"], &record["correlationId"]), (&json!(user), &json!(correlation)));
        assert_eq!(
            lines(&operator, &format!("id={id}")).iter().filter(|line| line["requestId"] == *request).count(),
            1
        );
        assert_eq!(lines(foreign.admin(), &format!("id={id}")), Vec::<Value>::new(), "another tenant's");
    }
    let judge = mine.tenant.with_grants(&json!([{"role": "JUDGE"}]));
    judge.get(&format!("/logs?id={request}")).expect_problem(403, "forbidden");
    let narrow = json!([{"role": "AUDITOR", "scope": {"type": "event", "id": mine.event}}]);
    mine.tenant.with_grants(&narrow).get(&format!("/logs?id={request}")).expect_problem(403, "forbidden");

    let audit = admin.get("/audit?limit=500").expect(200);
    let searched = |record: &&Value| {
        record["action"] == "tenant.logSearched" && record["facts"]["searched"] == json!(request)
    };
    let record =
        audit["items"].as_array().unwrap().iter().find(searched).expect("what was looked for is on record");
    assert_eq!(record["actor"]["id"], json!(user), "{record}");
}

#[test]
fn lines_are_told_apart_by_what_stands_in_them() {
    let competition = Competition::new();
    let admin = competition.admin();
    let correlation = fresh("told-apart");
    let ask = |path: &str| admin.raw("GET", path, &[("x-correlation-id", &correlation)], b"").status;
    assert_eq!((ask("/api/v1/events"), ask("/api/v1/events/x"), ask("/api/v1/judges")), (200, 404, 200));
    let of = |query: &str| -> Vec<String> {
        let found = lines(admin, &format!("id={correlation}&{query}"));
        found.iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect()
    };
    wait_until("all are in the log", || of("").len() == 3);
    assert_eq!(of("order=oldest"), ["/api/v1/events", "/api/v1/events/x", "/api/v1/judges"]);
    assert_eq!(of(""), ["/api/v1/judges", "/api/v1/events/x", "/api/v1/events"]);
    assert_eq!(of("limit=1"), of(""), "page by page");
    assert_eq!(of("status=4xx"), ["/api/v1/events/x"]);
    assert_eq!(of("status=404"), of("status=400-499"));
    assert_eq!(of("q=JUDGES"), ["/api/v1/judges"]);
    assert_eq!(of("level=info&kind=http&module=event_manager").len(), 3);
    assert_eq!(of("level=error").len() + of("kind=job").len() + of("module=event_manager::store").len(), 0);
    assert_eq!(of("minDurationMs=60000").len() + of("from=2100-01-01T00:00:00Z").len(), 0);
    assert_eq!(of("until=2100-01-01T00:00:00Z").len(), 3);
    for wrong in ["status=9xx", "status=x", "level=loud", "limit=0", "cursor=x", "id=x&what=y"] {
        admin.get(&format!("/logs?{wrong}")).expect_problem(400, "bad_request");
    }
}

#[test]
fn what_a_packed_file_holds_is_found_as_before() {
    let server = Server::with(Options::default().set("log.segment_mib", "1"));
    let admin = server.admin();
    let (first, padding) = (fresh("before-all"), "x".repeat(2_000));
    assert_eq!(admin.raw("GET", "/api/v1/me", &[("x-request-id", &first)], b"").status, 200);
    let packed = || {
        let names = fs::read_dir(server.logs()).unwrap().map(|file| file.unwrap().file_name());
        names.filter(|name| name.to_str().unwrap().ends_with(".zst")).count()
    };
    wait_until("a file is packed", || {
        for _ in 0..100 {
            admin.get(&format!("/events/{padding}"));
        }
        packed() > 0
    });
    let found = lines(&admin, &format!("id={first}"));
    assert_eq!(found.iter().filter(|line| line["path"] == "/api/v1/me").count(), 1);
    let page = admin.get(&format!("/logs?id={first}")).expect(200);
    assert!(page["read"]["blocks"].as_u64() < page["read"]["blocksOf"].as_u64(), "{}", page["read"]);
    success(&mut server.command(&["audit", "verify"]));
}

#[test]
fn a_trace_goes_from_the_request_through_the_store_to_what_left_the_box() {
    let options = Options::default()
        .set("outbound.tenant_https_only", "false")
        .set("outbound.tenant_networks", "127.0.0.0/8");
    let (server, receiver) = (Arc::new(Server::with(options)), Receiver::start());
    let admin = server.admin();
    let hook = json!({"name": "Traced", "url": receiver.url("/"), "events": ["event.created"]});
    admin.create("/webhooks", &hook);
    let (trace, caller) = ("5af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let traceparent = format!("00-{trace}-{caller}-01");
    let headers = [("traceparent", traceparent.as_str()), ("content-type", "application/json")];
    assert_eq!(admin.raw("POST", "/api/v1/events", &headers, br#"{"name": "Traced"}"#).status, 201);
    let spans = || -> Vec<Value> {
        let answer = admin.get(&format!("/traces/{trace}"));
        let spans = (answer.status == 200).then(|| answer.json()["spans"].as_array().unwrap().clone());
        spans.unwrap_or_default()
    };
    wait_until("it was sent", || spans().iter().any(|span| span["layer"] == "outbound"));
    let spans = spans();
    let of = |layer: &str| spans.iter().filter(|span| span["layer"] == layer).cloned().collect::<Vec<_>>();
    let [request] = &of("http")[..] else { panic!("one request: {spans:?}") };
    assert_eq!((&request["name"], &request["parentId"]), (&json!("POST /api/v1/events"), &json!(caller)));
    let service = of("service").into_iter().find(|span| span["name"] == "service").unwrap();
    assert_eq!(service["parentId"], request["id"]);
    let write = of("store").into_iter().find(|span| span["name"] == "store.write").unwrap();
    assert_eq!(write["parentId"], service["id"]);
    let micros = |span: &Value, name: &str| span[name].as_u64().unwrap();
    assert!(micros(request, "durationUs") >= micros(&service, "durationUs"));
    assert!(
        micros(&service, "durationUs") >= micros(&write, "durationUs") && micros(&write, "durationUs") > 0
    );
    assert!(micros(request, "ownUs") < micros(request, "durationUs"));
    let sent = &of("outbound")[0];
    assert_eq!((&sent["name"], &sent["parentId"]), (&json!("webhook event.created"), &request["id"]));
    let foreign = Tenant::on(Arc::clone(&server));
    foreign.admin.get(&format!("/traces/{trace}")).expect_problem(404, "not_found");
}

#[test]
fn the_command_line_finds_it_also_in_a_log_that_was_copied_from_elsewhere() {
    let mut server = Server::start();
    let admin = server.admin();
    let (request, correlation) = (fresh("on-the-line"), fresh("together"));
    let headers = [("x-request-id", request.as_str()), ("x-correlation-id", &correlation)];
    assert_eq!(admin.raw("GET", "/api/v1/me", &headers, b"").status, 200);
    awaited(&admin, &format!("id={request}"));
    let said = success(&mut server.command(&["logs", "--correlation", &correlation, "--since", "2d"]));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(" INFO  http GET /api/v1/me 200 ") && said.contains(&request), "{said}");
    let tree = success(&mut server.command(&["logs", &request, "--trace"]));
    for part in ["GET /api/v1/me", "access", "service"] {
        assert!(tree.lines().any(|line| line.trim_end().ends_with(part)), "{part}: {tree}");
    }
    assert!(server.stop().success());

    let copy = tempfile::tempdir().unwrap();
    for file in fs::read_dir(server.logs()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let elsewhere = copy.path().to_str().unwrap();
    let said = success(&mut server.command(&["logs", &request, "--json", "--dir", elsewhere]));
    let line: Value = serde_json::from_str(said.trim_end()).unwrap();
    assert_eq!(line["correlationId"], json!(correlation));
    for nothing in
        [&["logs", "nobodys-id"][..], &["logs", &request, "--until", "2d"], &["logs", "--dir", "/nowhere"]]
    {
        let said = failure(&mut server.command(nothing));
        assert!(said.contains("nothing is found") || said.contains("there is no log"), "{said}");
    }
}

#[test]
fn the_log_is_followed_as_it_is_written() {
    let competition = Competition::new();
    let admin = competition.admin();
    let correlation = fresh("followed");
    let path = format!("/api/v1/logs/tail?id={correlation}");
    let mut tail = EventStream::open_at(admin, &path, &[]);
    for path in ["/api/v1/me", "/api/v1/events"] {
        assert_eq!(admin.raw("GET", path, &[("x-correlation-id", &correlation)], b"").status, 200);
    }
    let mut places = Vec::new();
    for path in ["/api/v1/me", "/api/v1/events"] {
        let line = tail.next().unwrap();
        assert_eq!((line.name.as_str(), &line.data["fields"]["path"]), ("line", &json!(path)));
        places.push(line.place);
    }
    // Whoever was cut off after the first line is told the second one.
    let mut again = EventStream::open_at(admin, &path, &[("last-event-id", &places[0])]);
    assert_eq!(again.next().unwrap().place, places[1]);
}

#[test]
fn requests_are_counted_by_time_and_told_by_duration_correlation_and_route() {
    let competition = Competition::new();
    let admin = competition.admin();
    let correlation = fresh("refused-often");
    for _ in 0..3 {
        let refused = admin.raw("GET", "/api/v1/events/nobodys", &[("x-correlation-id", &correlation)], b"");
        assert_eq!(refused.status, 404);
    }
    wait_until("all are in the log", || lines(admin, &format!("id={correlation}")).len() == 3);
    let told = admin.get("/logs/requests").expect(200);
    let of_list = |list: &str, name: &str, value: &str| {
        let found = told[list].as_array().unwrap().iter().find(|item| item[name] == value).cloned();
        found.unwrap_or_else(|| panic!("{list}: {told}"))
    };
    let refused = of_list("correlations", "correlationId", &correlation);
    assert_eq!(
        (&refused["requests"], &refused["failed"], &refused["refused"]),
        (&json!(3), &json!(0), &json!(3))
    );
    let route = of_list("routes", "route", "/api/v1/events/{id}");
    assert!(route["requests"].as_u64() >= Some(3) && route["p50Us"].as_u64() <= route["longestUs"].as_u64());
    let slowest: Vec<u64> =
        told["slowest"].as_array().unwrap().iter().map(|slow| slow["durationUs"].as_u64().unwrap()).collect();
    assert!(slowest.is_sorted_by(|one, other| one >= other) && !slowest.is_empty());

    let counted = |client: &Client, query: &str| {
        let time = "from=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z&minutes=44640";
        let answer = client.get(&format!("/logs/volume?{time}&{query}")).expect(200);
        assert_eq!((&answer["complete"], &answer["faults"]), (&json!(true), &json!([])));
        let infos = answer["items"].as_array().unwrap().iter().map(|bar| bar["info"].as_u64().unwrap());
        infos.sum::<u64>()
    };
    let operator = competition.tenant.server.operator("system");
    let (of_tenant, of_box) = (counted(admin, ""), counted(&operator, ""));
    assert!(of_tenant >= 3 && of_box > of_tenant, "{of_tenant} of {of_box}");
    for client in [admin, &operator] {
        let found =
            |query: &str| lines(client, query).iter().filter(|line| line["level"] == "info").count() as u64;
        for query in
            [format!("id={correlation}"), format!("id={correlation}&status=4xx"), "q=neverheardof".to_owned()]
        {
            assert_eq!(counted(client, &query), found(&query), "{query}");
        }
        assert_eq!(counted(client, "q=neverheardof"), 0);
    }
    admin
        .get("/logs/volume?from=2020-01-01T00:00:00Z&until=2100-01-01T00:00:00Z&status=9xx")
        .expect_problem(400, "bad_request");
}
