//! What can be had outside of the API: every page is in a table that says who may have it, and each is asked by those who
//! may and by those who may not, rightly and wrongly.

use std::collections::BTreeSet;

use event_manager::{
    domain::{Action, Role},
    http::routes,
};
use serde_json::json;

use crate::{
    api::foreign_ids::{NOBODYS, told},
    support::{Answer, Client, Options, Server, Tenant},
};

/// Who may have a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    /// Whoever asks.
    Everybody,
    /// Whoever may read metrics, and programs on the same machine if that is configured.
    Scrapers,
    /// Whoever may read the log, and programs on the same machine if that is configured.
    LogReaders,
    /// Whoever has a link from a mail. That there is such a page everybody may see.
    Addressees,
    /// A service that signs what it reports.
    Signers,
}

/// Each page: its methods, its path, a path of it that leads somewhere, and who may have it.
const PAGES: [(&str, &str, &str, Who); 55] = [
    ("GET", "/health/live", "/health/live", Who::Everybody),
    ("GET", "/health/ready", "/health/ready", Who::Everybody),
    ("GET", "/health", "/health", Who::Everybody),
    ("GET", "/metrics", "/metrics", Who::Scrapers),
    ("GET", "/ready", "/ready", Who::Everybody),
    ("GET", "/loki/ready", "/loki/ready", Who::Everybody),
    ("GET", "/loki/api/v1/query", "/loki/api/v1/query?query=vector(1)", Who::LogReaders),
    ("POST", "/loki/api/v1/query", "/loki/api/v1/query?query=vector(1)", Who::LogReaders),
    (
        "GET",
        "/loki/api/v1/query_range",
        "/loki/api/v1/query_range?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/query_range",
        "/loki/api/v1/query_range?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "GET",
        "/loki/api/v1/format_query",
        "/loki/api/v1/format_query?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/format_query",
        "/loki/api/v1/format_query?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    ("GET", "/loki/api/v1/labels", "/loki/api/v1/labels", Who::LogReaders),
    ("POST", "/loki/api/v1/labels", "/loki/api/v1/labels", Who::LogReaders),
    ("GET", "/loki/api/v1/label/{name}/values", "/loki/api/v1/label/app/values", Who::LogReaders),
    ("POST", "/loki/api/v1/label/{name}/values", "/loki/api/v1/label/app/values", Who::LogReaders),
    ("GET", "/loki/api/v1/series", "/loki/api/v1/series", Who::LogReaders),
    ("POST", "/loki/api/v1/series", "/loki/api/v1/series", Who::LogReaders),
    (
        "GET",
        "/loki/api/v1/index/stats",
        "/loki/api/v1/index/stats?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/index/stats",
        "/loki/api/v1/index/stats?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "GET",
        "/loki/api/v1/index/volume",
        "/loki/api/v1/index/volume?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/index/volume",
        "/loki/api/v1/index/volume?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "GET",
        "/loki/api/v1/index/volume_range",
        "/loki/api/v1/index/volume_range?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/index/volume_range",
        "/loki/api/v1/index/volume_range?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "GET",
        "/loki/api/v1/detected_fields",
        "/loki/api/v1/detected_fields?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/detected_fields",
        "/loki/api/v1/detected_fields?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "GET",
        "/loki/api/v1/detected_field/{name}/values",
        "/loki/api/v1/detected_field/status/values?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    (
        "POST",
        "/loki/api/v1/detected_field/{name}/values",
        "/loki/api/v1/detected_field/status/values?query=%7Bapp%3D%22x%22%7D",
        Who::LogReaders,
    ),
    ("GET", "/loki/api/v1/detected_labels", "/loki/api/v1/detected_labels", Who::LogReaders),
    ("POST", "/loki/api/v1/detected_labels", "/loki/api/v1/detected_labels", Who::LogReaders),
    ("GET", "/loki/api/v1/patterns", "/loki/api/v1/patterns", Who::LogReaders),
    ("POST", "/loki/api/v1/patterns", "/loki/api/v1/patterns", Who::LogReaders),
    ("GET", "/loki/api/v1/drilldown-limits", "/loki/api/v1/drilldown-limits", Who::LogReaders),
    ("POST", "/loki/api/v1/drilldown-limits", "/loki/api/v1/drilldown-limits", Who::LogReaders),
    ("GET", "/loki/api/v1/status/buildinfo", "/loki/api/v1/status/buildinfo", Who::LogReaders),
    ("POST", "/loki/api/v1/status/buildinfo", "/loki/api/v1/status/buildinfo", Who::LogReaders),
    ("GET", "/loki/api/v1/tail", "/loki/api/v1/tail?query=%7Bapp%3D%22x%22%7D", Who::LogReaders),
    ("GET", "/jaeger/api/services", "/jaeger/api/services", Who::LogReaders),
    (
        "GET",
        "/jaeger/api/services/{service:.+}/operations",
        "/jaeger/api/services/event-manager/operations",
        Who::LogReaders,
    ),
    ("GET", "/jaeger/api/traces", "/jaeger/api/traces?service=event-manager", Who::LogReaders),
    ("GET", "/jaeger/api/traces/{id}", "/jaeger/api/traces/1", Who::LogReaders),
    ("GET", "/jaeger/api/dependencies", "/jaeger/api/dependencies", Who::LogReaders),
    ("GET", "/jaeger/api/v3/services", "/jaeger/api/v3/services", Who::LogReaders),
    ("GET", "/jaeger/api/v3/operations", "/jaeger/api/v3/operations?service=event-manager", Who::LogReaders),
    (
        "GET",
        "/jaeger/api/v3/traces",
        "/jaeger/api/v3/traces?query.service_name=event-manager",
        Who::LogReaders,
    ),
    ("GET", "/jaeger/api/v3/traces/{id}", "/jaeger/api/v3/traces/1", Who::LogReaders),
    ("GET", "/unsubscribe", "/unsubscribe?token=forged", Who::Everybody),
    ("POST", "/unsubscribe", "/unsubscribe?token=forged", Who::Addressees),
    ("POST", "/callbacks/sms/{tenant}/{delivery}", "/callbacks/sms/TENANT/DELIVERY", Who::Signers),
    ("GET", "/", "/", Who::Everybody),
    ("GET", "/judge", "/judge", Who::Everybody),
    ("GET", "/api/docs", "/api/docs", Who::Everybody),
    ("GET", "/docs", "/docs", Who::Everybody),
    ("GET", "/docs/{name:[^/.]*}", "/docs/api", Who::Everybody),
    ("GET", "/{path:.*\\..*}", "/api/openapi.json", Who::Everybody),
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A server that takes reports of text messages, and shows metrics to nobody just because they are here.
fn server() -> Server {
    let options = Options::default()
        .behind("http://scores.it.example")
        .set("server.metrics_open_on_loopback", "false")
        .set("sms.account", "AC01")
        .set("sms.token", "the-token-of-nobody")
        .set("sms.from", "+15005550006")
        .set("sms.url", "http://127.0.0.1:9");
    Server::with(options)
}

fn pages_of(who: Who) -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.into_iter().filter(move |page| page.3 == who).map(|(method, _, example, _)| (method, example))
}

#[test]
fn every_page_is_in_the_table() {
    let all: BTreeSet<(String, String)> = routes::pages()
        .iter()
        .flat_map(|page| {
            page.methods().map(|method| (method.to_string(), page.path.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    let listed = PAGES.into_iter().map(|(method, path, ..)| (method.to_owned(), path.to_owned()));
    assert_eq!(all, listed.collect());
}

#[test]
fn what_is_everybodys_is_had_by_everybody_however_it_is_asked_for() {
    let tenant = Tenant::new();
    let nobody = tenant.server.anonymous();
    let garbage = [
        ("cookie", "event_manager_session=\u{fe}; =;;"),
        ("authorization", "Bearer \u{fe}"),
        ("x-tenant", "\"'"),
        ("traceparent", "00-00-00-00"),
        ("if-none-match", "W/W/\"\"\""),
        ("accept-encoding", ";;;q=x"),
        ("range", "bytes=9-1"),
    ];
    for (method, path) in pages_of(Who::Everybody) {
        let expected = if path == "/docs" { 308 } else { 200 };
        let separator = if path.contains('?') { '&' } else { '?' };
        for path in [path.to_owned(), format!("{path}{separator}colour=red&%ff=%fe&token=%00")] {
            for client in [&nobody, &tenant.admin] {
                assert_eq!(client.raw(method, &path, &[], b"").status, expected, "{path}");
            }
            assert_eq!(nobody.raw(method, &path, &garbage, b"").status, expected, "{path} with garbage");
        }
    }
}

#[test]
fn another_method_of_any_page_is_a_405_that_says_which_there_are() {
    let server = Server::shared();
    let nobody = server.anonymous();
    for (_, path, example, _) in PAGES {
        let known: Vec<&str> = PAGES.iter().filter(|page| page.1 == path).map(|page| page.0).collect();
        for method in
            ["PUT", "PATCH", "DELETE", "POST", "BREW"].iter().filter(|method| !known.contains(method))
        {
            let answer = nobody.raw(method, example, &[], b"");
            answer.expect_problem(405, "method_not_allowed");
            let allowed: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
            assert!(known.iter().all(|method| allowed.contains(method)), "{path}: {allowed:?}");
        }
    }
}

#[test]
fn metrics_are_for_those_who_may_read_them() {
    let tenant = Tenant::on(std::sync::Arc::new(server()));
    for (method, path) in pages_of(Who::Scrapers) {
        let nobody = tenant.server.anonymous();
        for header in
            [("authorization", "Bearer nonsense"), ("authorization", "Basic Og=="), ("cookie", "=;;")]
        {
            nobody.raw(method, path, &[header], b"").expect_problem(401, "unauthenticated");
        }
        for role in Role::ALL {
            let may = Action::ReadMetrics.rule().iter().any(|(allowed, _)| *allowed == role);
            let answer = tenant.with_role(role).raw(method, path, &[], b"");
            if may {
                assert_eq!(answer.status, 200, "{role}");
            } else {
                answer.expect_problem(403, "forbidden");
            }
        }
        let token = tenant.token(&json!([{"role": "AUDITOR"}]));
        assert_eq!(token.raw(method, path, &[], b"").status, 200);
    }
}

#[test]
fn views_of_the_log_are_for_those_who_may_read_it() {
    let tenant = Tenant::on(std::sync::Arc::new(server()));
    let (nobody, judge) = (tenant.server.anonymous(), tenant.token(&json!([{"role": "JUDGE"}])));
    let auditor = tenant.token(&json!([{"role": "AUDITOR"}]));
    for (method, path) in pages_of(Who::LogReaders) {
        let status = |client: &Client| client.raw(method, path, &[FORM], b"").status;
        assert_eq!((status(&nobody), status(&judge)), (401, 403), "{method} {path}");
        // One is no WebSocket, others name a trace that is not there.
        assert!([200, 400, 404].contains(&status(&auditor)), "{method} {path}: {}", status(&auditor));
    }
}

#[test]
fn only_a_link_of_the_box_ends_messages() {
    let server = Server::shared();
    let nobody = server.anonymous();
    for (method, _) in pages_of(Who::Addressees) {
        for query in
            ["", "?", "?token=", "?token=forged", "?token=%ff%00", "?token=AAAA&token=BBBB", "?colour=red"]
        {
            let answer =
                nobody.raw(method, &format!("/unsubscribe{query}"), &[FORM], b"List-Unsubscribe=One-Click");
            answer.expect_problem(401, "unauthenticated");
        }
    }
}

/// Reports that are not what a provider sends, with the status they are refused with.
fn malformed(client: &Client, method: &str, path: &str) -> Vec<(u16, Answer)> {
    let send = |headers: &[(&str, &str)], body: &[u8]| client.raw(method, path, headers, body);
    vec![
        (403, send(&[FORM], b"")),
        (403, send(&[FORM], b"MessageStatus=delivered")),
        (403, send(&[FORM, ("x-twilio-signature", "forged")], b"MessageStatus=delivered")),
        (403, send(&[FORM, ("x-twilio-signature", "\u{fe}")], b"%ff=%fe&&==&MessageStatus")),
        (415, send(&[("content-type", "application/json")], b"{}")),
        (415, send(&[("content-type", "\u{fe}")], b"x")),
        (413, send(&[FORM], &[b'x'; 17 * 1_024])),
    ]
}

#[test]
fn a_report_that_nobody_signed_is_refused_alike_whatever_it_is_about() {
    let tenant = Tenant::on(std::sync::Arc::new(server()));
    let sent = tenant.admin.post("/messages/test-sms", &json!({"to": "+4915112345678"})).expect(202);
    let delivery = sent["id"].as_str().or_else(|| sent["delivery"]["id"].as_str()).unwrap().to_owned();
    let before = tenant.admin.get(&format!("/deliveries/{delivery}")).expect(200)["report"].clone();
    let nobody = tenant.server.anonymous();
    for (method, path) in pages_of(Who::Signers) {
        let path = |tenant: &str, id: &str| path.replace("TENANT", tenant).replace("DELIVERY", id);
        let own = path(&tenant.id, &delivery);
        let others = [path(&tenant.id, NOBODYS), path(NOBODYS, &delivery), path(NOBODYS, NOBODYS)];
        for (status, answer) in malformed(&nobody, method, &own) {
            assert_eq!(answer.status, status, "{}", answer.describe());
        }
        for other in others {
            let pairs = malformed(&nobody, method, &own).into_iter().zip(malformed(&nobody, method, &other));
            for ((_, known), (_, unknown)) in pairs {
                assert_eq!(told(&known, NOBODYS), told(&unknown, NOBODYS), "{other}");
            }
        }
        for no_id in ["1", "%00", "-", "../..", "%ff"] {
            for path in [path(no_id, &delivery), path(&tenant.id, no_id)] {
                assert_eq!(nobody.raw(method, &path, &[FORM], b"").status, 404, "{path}");
            }
        }
    }
    assert_eq!(tenant.admin.get(&format!("/deliveries/{delivery}")).expect(200)["report"], before);
}
