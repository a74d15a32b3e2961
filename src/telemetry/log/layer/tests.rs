//! What the log's lines look like.

use proptest::prelude::*;
use serde_json::json;
use tracing::field;
use uuid::Uuid;

use crate::{
    domain::{Actor, TenantId, UserId},
    telemetry::{
        clock::Clock,
        context::{Inbound, REQUEST_TARGET, RequestContext},
        log::{
            capture::{captured, field as text},
            redact::{REDACTED, redact},
        },
        metrics,
    },
};

fn request() -> RequestContext {
    RequestContext::inbound(Inbound { request_ids: &["r-1"], ..Inbound::default() }, Clock::system())
}

#[test]
fn a_line_says_when_what_and_where_and_carries_the_ids_of_its_request() {
    let context = request();
    let lines = captured("info", || {
        context.span("http").in_scope(|| tracing::info!(rows = 3, "stored"));
    });
    let trace = context.trace();
    assert_eq!(text(&lines, 0, "timestamp").len(), "2026-05-01T19:00:00.250123Z".len());
    assert_eq!(
        lines[0],
        json!({
            "timestamp": lines[0]["timestamp"], "level": "info", "message": "stored",
            "module": module_path!(), "kind": "http", "requestId": "r-1", "correlationId": "r-1",
            "trace_id": trace.trace_id().to_string(), "span_id": trace.span_id().to_string(), "rows": 3,
        })
    );
}

#[test]
fn who_asks_stands_in_every_line_once_it_is_known() {
    let (user, tenant) = (UserId::new(Uuid::from_u128(1)), TenantId::new(Uuid::from_u128(2)));
    let lines = captured("info", || {
        let span = request().span("http");
        let _entered = span.enter();
        tracing::info!("before");
        request().with_actor(Actor::User { id: user }, Some(tenant)).record_actor(&span);
        tracing::info_span!("step").in_scope(|| tracing::info!("after"));
    });
    assert_eq!(lines[0].get("userId"), None);
    assert_eq!(text(&lines, 1, "userId"), user.to_string());
    assert_eq!(text(&lines, 1, "tenantId"), tenant.to_string());
}

#[test]
fn the_nearest_value_of_a_field_stands_alone() {
    let lines = captured("info", || {
        request().span("http").in_scope(|| {
            let span = tracing::info_span!("step", entry = 1, judge = 1, mark = field::Empty);
            span.record("mark", 7);
            span.record("mark", 8);
            span.in_scope(|| tracing::info!(judge = 2, kind = "own", "x"));
        });
    });
    assert_eq!(
        (&lines[0]["entry"], &lines[0]["judge"], &lines[0]["mark"], &lines[0]["kind"]),
        (&json!(1), &json!(2), &json!(8), &json!("own"))
    );
}

#[test]
fn a_request_within_a_request_is_followed_by_its_own_ids() {
    let outer = request().with_actor(Actor::User { id: UserId::new(Uuid::from_u128(1)) }, None);
    let inner = RequestContext::system(Clock::system(), "cleanup");
    let lines = captured("info", || {
        outer.span("http").in_scope(|| inner.span("task").in_scope(|| tracing::info!("x")));
    });
    assert_eq!(text(&lines, 0, "requestId"), inner.request_id().as_str());
    assert_eq!(lines[0].get("userId"), None);
}

#[test]
fn fields_cannot_pass_for_what_the_layer_writes() {
    let lines = captured("info", || tracing::info!(level = "none", r#type = "t", "x"));
    assert_eq!((text(&lines, 0, "level"), text(&lines, 0, "field.level")), ("info", "none"));
    assert_eq!(text(&lines, 0, "type"), "t");
}

#[test]
fn a_request_leaves_its_record_with_its_steps_at_every_level() {
    let lines = captured("off", || {
        request().span("http").in_scope(|| {
            tracing::error!("not wanted");
            let spans: &[u8] = br#"[["access",1,2],["service",3,4]]"#;
            tracing::info!(target: REQUEST_TARGET, spans, status = 200, "answered");
        });
    });
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["spans"], &lines[0]["status"]),
        (&json!([["access", 1, 2], ["service", 3, 4]]), &json!(200))
    );
}

#[test]
fn levels_are_chosen_by_module() {
    let lines = captured("warn,noisy=off,chatty=debug", || {
        tracing::info!("no");
        tracing::error!(target: "noisy", "no");
        tracing::debug!(target: "chatty", "yes");
        tracing::warn!("yes");
    });
    assert_eq!(
        lines.iter().map(|line| line["message"].as_str().unwrap()).collect::<Vec<_>>(),
        ["yes", "yes"]
    );
}

#[test]
fn lines_are_counted_by_level_and_those_of_no_request_by_module() {
    let rendered = metrics::rendered_after(|| {
        captured("info", || {
            tracing::warn!(target: "lost", "x");
            request().span("http").in_scope(|| tracing::warn!(target: "found", "x"));
        });
    });
    assert!(rendered.contains("log_events_total{level=\"warn\"} 2\n"), "{rendered}");
    assert!(rendered.contains("log_events_without_context_total{module=\"lost\"} 1\n"));
    assert!(!rendered.contains("module=\"found\""));
}

#[test]
fn an_error_is_written_with_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::fmt::Error);
    let lines = captured("info", || {
        let error = Outer(std::fmt::Error);
        tracing::error!(error = &error as &dyn std::error::Error, ratio = f64::NAN, "x");
    });
    assert_eq!(text(&lines, 0, "error"), format!("outer: {}", std::fmt::Error));
    assert_eq!(text(&lines, 0, "ratio"), "NaN");
}

#[test]
fn no_secret_reaches_a_line_whichever_way_it_takes() {
    const CANARY: &str = "Kq7ZcanaryA9xWm2TfLd8sRb4VhYj3NpGu6EoXiCw1B";
    #[derive(Debug)]
    #[expect(dead_code, reason = "read by its Debug form")]
    struct Smtp {
        password: Option<&'static str>,
    }
    let short = "canary";
    let lines = captured("info", || {
        let span = tracing::info_span!("login", password = short, totp = 123_456, session = CANARY);
        span.in_scope(|| {
            tracing::info!("token em_{CANARY}, cookie session={CANARY}");
            tracing::info!(authorization = short, header = %format_args!("Bearer {CANARY}"), "x");
            tracing::info!(
                url = "https://mia:canary@host/?pin=canary",
                body = r#"{"password":"canary"}"#,
                "x"
            );
            tracing::info!(config = ?Smtp { password: Some(short) }, judge_pin = ?Some(short), "x");
        });
    });
    assert_eq!(lines.len(), 4);
    for line in &lines {
        assert_eq!((&line["password"], &line["totp"]), (&json!(REDACTED), &json!(REDACTED)));
        assert!(!line.to_string().contains("canary"), "{line}");
    }
}

proptest! {
    #[test]
    fn whatever_is_logged_is_one_line_that_reads_back(message in any::<String>(), value in any::<String>()) {
        // What looks like a secret is not meant to read back.
        prop_assume!(redact(&message) == message && redact(&value) == value);
        let lines = captured("info", || tracing::info!(value, "{message}"));
        prop_assert_eq!(lines.len(), 1);
        prop_assert_eq!((text(&lines, 0, "message"), text(&lines, 0, "value")), (&*message, &*value));
    }
}

#[test]
fn a_line_of_no_request_belongs_to_the_process() {
    let lines = captured("info", || {
        tracing::info!("lost");
        tracing::info!(requestId = "own", "lost");
    });
    assert!(text(&lines, 0, "requestId").starts_with("process-"));
    assert_eq!(text(&lines, 1, "requestId"), "own");
    assert_eq!(text(&lines, 0, "trace_id"), text(&lines, 1, "trace_id"));
}
