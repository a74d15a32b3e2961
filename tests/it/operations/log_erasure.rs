//! What the log has of a tenant goes for good, when somebody asks for it or the tenant is destroyed; what it has of all others
//! stays as it is, whoever writes and searches meanwhile, and whatever interrupts it.

use std::{fs, sync::Arc};

use event_manager::domain::Role;
use serde_json::{Value, json};

use super::success;
use crate::support::{Client, Options, Server, Tenant, after_job, fresh, wait_until};

/// Where the lines of a search stand, as many pages as there are.
fn places(client: &Client, query: &str, limit: usize, from: Option<String>) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), from);
    loop {
        let cursor = next.map(|next| format!("&cursor={next}")).unwrap_or_default();
        let page = client.get(&format!("/logs?limit={limit}&{query}{cursor}")).expect(200);
        assert_eq!(page["faults"], json!([]));
        let items = page["items"].as_array().unwrap();
        all.extend(items.iter().map(|item| item["place"].as_str().unwrap().to_owned()));
        next = page["nextCursor"].as_str().map(ToOwned::to_owned);
        if next.is_none() {
            return all;
        }
    }
}

/// Requests under a correlation ID, which fill the log; some of them by nobody who has signed in.
fn ask(tenant: &Tenant, correlation: &str, times: usize) {
    let path = format!("/api/v1/events/{}", "x".repeat(2_000));
    let headers = [("x-correlation-id", correlation)];
    for _ in 0..times {
        assert_eq!(tenant.admin.raw("GET", &path, &headers, b"").status, 404);
    }
    assert_eq!(tenant.server.anonymous().raw("GET", "/api/v1/me", &headers, b"").status, 401);
}

fn packed(server: &Server) -> usize {
    let names = fs::read_dir(server.logs()).unwrap().map(|file| file.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(".zst")).count()
}

/// A server whose log has some packed files, two tenants, and the correlation IDs of their requests.
fn two_tenants(files: usize) -> (Arc<Server>, [Tenant; 2], [String; 2]) {
    let server = Arc::new(Server::with(Options::default().set("log.segment_mib", "1")));
    let tenants = [(); 2].map(|()| Tenant::on(Arc::clone(&server)));
    let correlations = [fresh("theirs"), fresh("others")];
    wait_until("some files are packed", || {
        for (tenant, correlation) in tenants.iter().zip(&correlations) {
            ask(tenant, correlation, 50);
        }
        packed(&server) >= files
    });
    (server, tenants, correlations)
}

fn erase(operator: &Client, tenant: &str) -> Value {
    operator.post("/logs/erasures", &json!({"tenant": tenant, "reason": "they asked for it"})).expect(202)
}

/// The records of the operators' audit log about erasures, the newest first.
fn on_record(operator: &Client) -> Vec<Value> {
    let records = operator.get("/audit?limit=100").expect(200)["items"].as_array().unwrap().clone();
    let is_of_erasure = |record: &Value| record["action"].as_str().unwrap().starts_with("tenant.logEras");
    records.into_iter().filter(is_of_erasure).collect()
}

#[test]
fn what_the_log_has_of_a_tenant_goes_while_it_is_written_and_searched_and_nothing_else_does() {
    let (server, [theirs, others], [their_id, other_id]) = two_tenants(3);
    let operator = server.super_admin();
    let of_others = format!("id={other_id}");
    let before = places(&operator, &of_others, 1_000, None);
    let first = operator.get(&format!("/logs?limit=7&{of_others}")).expect(200);
    let lines_of = |id: &str| places(&operator, &format!("id={id}"), 1_000, None).len();
    assert!(lines_of(&their_id) > 50);

    theirs.admin.post("/logs/erasures", &json!({})).expect_problem(403, "forbidden");
    let refused = |body: Value| operator.post("/logs/erasures", &body).expect_problem(422, "invalid");
    refused(json!({"tenant": "system", "reason": "cover"}));
    refused(json!({"tenant": "nobody", "reason": "cover"}));
    refused(json!({"tenant": uuid::Uuid::nil(), "reason": "cover"}));

    let accepted = erase(&operator, &theirs.slug);
    std::thread::scope(|scope| {
        scope.spawn(|| ask(&others, "meanwhile", 200));
        let on_a_new_page = first["nextCursor"].as_str().map(ToOwned::to_owned);
        assert_eq!(places(&operator, &of_others, 7, on_a_new_page), before[7..]);
    });
    let job = after_job(&operator, &accepted);
    assert_eq!((&job["state"], &job["failed"]), (&json!("done"), &json!(0)), "{job}");
    assert_eq!((&job["done"], &job["task"]["type"]), (&job["total"], &json!("erasure")), "{job}");
    assert!(job["task"]["lines"].as_u64().unwrap() > 50, "{job}");

    assert_eq!(lines_of(&their_id), 0, "neither those of the tenant nor those of nobody with them");
    assert_eq!(places(&operator, &format!("tenantId={}&kind=http", theirs.id), 1_000, None).len(), 0);
    assert_eq!(places(&operator, &of_others, 1_000, None), before);
    wait_until("what came meanwhile is there", || lines_of("meanwhile") == 201);
    for file in fs::read_dir(server.logs()).unwrap().map(|file| file.unwrap().path()) {
        let bytes = fs::read(&file).unwrap();
        if file.extension().is_some_and(|ending| ending == "zst") {
            let text = String::from_utf8(zstd::decode_all(&*bytes).unwrap()).unwrap();
            assert!(!text.contains(&their_id), "{}", file.display());
        }
    }

    let records = on_record(&operator);
    let told = records
        .iter()
        .map(|record| (&record["action"], &record["subject"]["id"], &record["facts"]["reason"]));
    let (id, reason) = (json!(theirs.id), json!("they asked for it"));
    let expected =
        [(&json!("tenant.logErased"), &id, &reason), (&json!("tenant.logErasureBegun"), &id, &reason)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(records[0]["facts"]["lines"], job["task"]["lines"]);
    assert_eq!(records[0]["actor"]["type"], "user", "{}", records[0]);
    success(&mut server.command(&["audit", "verify"]));

    ask(&theirs, &their_id, 1);
    wait_until("it is written on", || lines_of(&their_id) == 2);
    let arguments = ["logs", "erase", "--tenant", &theirs.slug, "--reason", "once more"];
    assert!(success(&mut server.command(&arguments)).starts_with("erased: "));
    assert_eq!(lines_of(&their_id), 0);
}

#[test]
fn an_erasure_that_is_killed_goes_on_at_the_next_start() {
    let (server, [theirs, others], [their_id, other_id]) = two_tenants(8);
    let operator = server.operator("system");
    let before = places(&operator, &format!("id={other_id}"), 1_000, None);
    let accepted = erase(&operator, &theirs.id);
    let path = format!("/jobs/{}", accepted["id"].as_str().unwrap());
    wait_until("it has begun", || operator.get(&path).expect(200)["done"] != 0);
    drop((theirs, others));
    let mut server = Arc::into_inner(server).unwrap();
    server.kill();
    server.start_again();
    let operator = server.operator("system");
    let job = after_job(&operator, &accepted);
    assert_eq!((&job["state"], &job["failed"]), (&json!("done"), &json!(0)), "{job}");
    assert_eq!(places(&operator, &format!("id={their_id}"), 1_000, None), [] as [String; 0]);
    assert_eq!(places(&operator, &format!("id={other_id}"), 1_000, None), before);
}

#[test]
fn what_the_log_has_of_a_tenant_that_is_destroyed_goes_by_itself() {
    let server = Arc::new(Server::start());
    let (theirs, others) = (Tenant::on(Arc::clone(&server)), Tenant::on(Arc::clone(&server)));
    let (their_id, other_id) = (fresh("theirs"), fresh("others"));
    ask(&theirs, &their_id, 3);
    ask(&others, &other_id, 3);
    let operator = theirs.with_role(Role::SuperAdmin);
    operator.delete(&format!("/tenants/{}", theirs.id)).expect(204);
    let trash = operator.get("/trash").expect(200);
    let line = trash["items"].as_array().unwrap().iter().find(|line| line["id"] == theirs.id).unwrap();
    let purge = format!("/trash/{}/purge", line["version"]);
    after_job(&operator, &operator.post(&purge, &json!({"name": line["name"]})).expect(202));
    let lines_of = |id: &str| places(&operator, &format!("id={id}"), 1_000, None).len();
    wait_until("it is erased", || on_record(&operator).len() == 2);
    assert_eq!((lines_of(&their_id), lines_of(&other_id)), (0, 4));
    let [erased, begun] = &on_record(&operator)[..] else { panic!("two records") };
    for (record, who) in [(begun, "user"), (erased, "system")] {
        let told = (&record["subject"]["id"], &record["facts"]["reason"], &record["actor"]["type"]);
        assert_eq!(told, (&json!(theirs.id), &json!("destroyed for good"), &json!(who)), "{record}");
    }
}
