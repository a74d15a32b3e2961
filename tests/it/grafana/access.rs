//! Who may read the log and the traces through these views, and whose; and what stands of it in the audit log.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use event_manager::domain::{Action, Role};
use serde_json::{Value, json};

use super::{address, auditor, get, lines, requests};
use crate::support::{Client, Credentials, Options, Server, Tenant};

const LOKI: &str = "/loki/api/v1/labels";
const JAEGER: &str = "/jaeger/api/services";

fn closed() -> Tenant {
    Tenant::on(Arc::new(Server::with(Options::default().set("server.metrics_open_on_loopback", "false"))))
}

/// An answer with these headers.
fn status(client: &Client, path: &str, headers: &[(&str, &str)]) -> u16 {
    let answer = client.raw("GET", path, headers, b"");
    if answer.status != 200 {
        let refused = answer.json();
        let told = refused["message"].as_str().or(refused["errors"][0]["msg"].as_str());
        assert!(told.is_some_and(|told| !told.is_empty()), "{refused}");
    }
    answer.status
}

#[test]
fn whoever_may_read_the_log_may_read_it_here_by_token_password_or_session() {
    let tenant = closed();
    let nobody = tenant.server.anonymous();
    let reader = auditor(&tenant);
    let Credentials::Token(token) = &reader.credentials else { panic!("it has a token") };
    let basic = |name: &str, password: &str| {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
    };
    for path in [LOKI, JAEGER] {
        assert_eq!(status(&nobody, path, &[]), 401, "{path}");
        assert_eq!(status(&reader, path, &[]), 200, "{path}");
        for name in ["", "grafana", "any:thing"] {
            let expected = if name.contains(':') { 401 } else { 200 };
            assert_eq!(status(&nobody, path, &[("authorization", &basic(name, token))]), expected, "{name}");
        }
        for wrong in ["Bearer nonsense", "Basic !", "Digest x", &basic("x", "nonsense")] {
            assert_eq!(status(&nobody, path, &[("authorization", wrong)]), 401, "{wrong}");
        }
        for role in Role::ALL {
            let may = Action::ReadLogs.rule().iter().any(|(allowed, _)| *allowed == role);
            assert_eq!(status(&tenant.with_role(role), path, &[]), if may { 200 } else { 403 }, "{role}");
        }
    }
}

#[test]
fn on_this_machine_none_is_needed_unless_somebody_else_asks() {
    let server = Server::start();
    let nobody = server.anonymous();
    for path in [LOKI, JAEGER] {
        assert_eq!(status(&nobody, path, &[]), 200);
        assert_eq!(status(&nobody, path, &[("authorization", "Bearer ")]), 200, "an empty variable is none");
        for asks_for_another in
            [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9"), ("via", "1.1 x")]
        {
            assert_eq!(status(&nobody, path, &[asks_for_another]), 401);
        }
        assert_eq!(
            status(&nobody, path, &[("authorization", "Bearer nonsense")]),
            401,
            "who shows something is that"
        );
        assert_eq!(status(&nobody, path, &[("cookie", "event_manager_session=nonsense")]), 401);
    }
}

#[test]
fn a_token_of_a_tenant_sees_that_tenant_only_and_one_of_the_system_all() {
    let (mine, other) = (Tenant::new(), Tenant::new());
    let (in_mine, in_other) = (requests(&mine, 1), requests(&other, 1));
    let (reader, operator) =
        (auditor(&mine), Tenant::of_operators().token(&json!([{"role": "SUPER_ADMIN"}])));
    let finds = |client: &Client, correlation: &str| {
        let by_id = format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#);
        let by_text = format!(r#"{{app="event-manager"}} |= "{correlation}""#);
        let counted = format!("sum(count_over_time({by_text} [1h]))");
        let counted = get(client, "/loki/api/v1/query", &[("query", &counted)]).expect(200);
        let counted = !counted["data"]["result"].as_array().unwrap().is_empty();
        let found = [!lines(client, &by_id).is_empty(), !lines(client, &by_text).is_empty(), counted];
        assert!(found.iter().all(|one| *one == found[0]), "{correlation}: {found:?}");
        found[0]
    };
    assert!(finds(&reader, &in_mine) && !finds(&reader, &in_other));
    assert!(finds(&operator, &in_mine) && finds(&operator, &in_other));
    for named in [&mine.id, &mine.slug] {
        let narrowed = operator.with_header("X-Scope-OrgID", named);
        assert!(finds(&narrowed, &in_mine) && !finds(&narrowed, &in_other));
        assert!(finds(&reader.with_header("X-Scope-OrgID", named), &in_mine));
    }
    for (client, named) in
        [(&reader, other.id.as_str()), (&reader, &other.slug), (&operator, "nobodys"), (&reader, "1")]
    {
        for path in [LOKI, JAEGER] {
            assert_eq!(status(client, path, &[("x-scope-orgid", named)]), 403, "{named}");
        }
    }

    let trace_of = |correlation: &str| {
        let found = lines(&operator, &format!(r#"{{app="event-manager"}} |= "correlationId:{correlation}""#));
        found[0].2["trace_id"].as_str().unwrap().to_owned()
    };
    let trace = |client: &Client, correlation: &str| {
        client.raw("GET", &format!("/jaeger/api/traces/{}", trace_of(correlation)), &[], b"").status
    };
    assert_eq!((trace(&reader, &in_mine), trace(&reader, &in_other)), (200, 404));
    assert_eq!((trace(&operator, &in_mine), trace(&operator, &in_other)), (200, 200));
    let tags = json!({"correlationId": in_other}).to_string();
    let search = address("/jaeger/api/traces", &[("service", "event-manager"), ("tags", &tags)]);
    let count =
        |client: &Client| client.raw("GET", &search, &[], b"").expect(200)["data"].as_array().unwrap().len();
    assert_eq!((count(&reader), count(&operator)), (0, 1));
}

#[test]
fn however_often_a_token_asks_one_record_an_hour_says_so() {
    let tenant = Tenant::new();
    let (first, second) = (auditor(&tenant), auditor(&tenant));
    let query = r#"{app="event-manager"} |= "requestId:nobodys""#;
    for reader in [&first, &second, &first] {
        for _ in 0..3 {
            lines(reader, query);
        }
        assert_eq!(status(reader, "/jaeger/api/traces?service=event-manager", &[]), 200);
    }
    let audit = tenant.admin.get("/audit?limit=500").expect(200);
    let searched =
        audit["items"].as_array().unwrap().iter().filter(|record| record["action"] == "tenant.logSearched");
    let records: Vec<&Value> = searched.collect();
    assert_eq!(records.len(), 2, "{records:?}");
    for record in records {
        assert_eq!(record["facts"]["searched"], json!(format!("Loki: {query}, and more within the hour")));
        assert_eq!(record["actor"]["type"], json!("apiToken"));
    }
}
