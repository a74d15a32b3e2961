//! What the requests of some time were like together, by the log.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::logs::LogFaultOut;
use crate::{
    domain::{Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    service::{RequestReport, Services},
    telemetry::log_store::{CorrelationErrors, RouteTimes, SlowRequest},
};

/// Which time.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct TimeQuery {
    /// From this time on.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Before this time.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// What the requests of some time were like.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RequestsOut {
    /// The 50 slowest, the slowest first.
    slowest: Vec<SlowOut>,
    /// The 50 correlations of which most failed; then those of which most were refused.
    correlations: Vec<CorrelationOut>,
    /// By route, that which took longest in total first.
    routes: Vec<RouteOut>,
    /// Whether all of that time was looked at. What takes too long is left out, the oldest first.
    complete: bool,
    /// The oldest time that was looked at.
    reached_at: Option<Timestamp>,
    /// Requests of correlations beyond the first 100 000.
    uncounted: u64,
    faults: Vec<LogFaultOut>,
}

/// A request that took long.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SlowOut {
    at: Timestamp,
    duration_us: u64,
    request_id: String,
    trace_id: String,
    method: String,
    route: String,
    status: u16,
}

/// How often the requests of a correlation failed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CorrelationOut {
    correlation_id: String,
    requests: u64,
    /// For a fault of the server's.
    failed: u64,
    /// For a fault of the caller's.
    refused: u64,
    /// When the last one was answered.
    last_at: Timestamp,
}

/// How long the requests of a route took.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RouteOut {
    method: String,
    route: String,
    requests: u64,
    failed: u64,
    /// The duration that half of them did not exceed, up to a sixteenth too much.
    p50_us: u64,
    p95_us: u64,
    p99_us: u64,
    longest_us: u64,
    /// All of them together.
    total_us: u64,
}

impl From<SlowRequest> for SlowOut {
    fn from(slow: SlowRequest) -> Self {
        let SlowRequest { duration, at, request_id, trace_id, method, route, status } = slow;
        Self {
            at: Timestamp::from_micros(at),
            duration_us: duration,
            request_id,
            trace_id,
            method,
            route,
            status,
        }
    }
}

impl From<CorrelationErrors> for CorrelationOut {
    fn from(CorrelationErrors { id, requests, failed, refused, last }: CorrelationErrors) -> Self {
        Self { correlation_id: id, requests, failed, refused, last_at: Timestamp::from_micros(last) }
    }
}

impl From<((String, String), RouteTimes)> for RouteOut {
    fn from(((method, route), times): ((String, String), RouteTimes)) -> Self {
        let [p50_us, p95_us, p99_us] = [500, 950, 990].map(|thousandths| times.quantile(thousandths));
        let RouteTimes { requests, failed, longest, total, .. } = times;
        Self { method, route, requests, failed, p50_us, p95_us, p99_us, longest_us: longest, total_us: total }
    }
}

async fn requests(
    can: Can<permissions::ReadLogs>,
    services: Data<Services>,
    query: Query<TimeQuery>,
) -> Result<Answer<RequestsOut>, Failure> {
    let times = (query.0.from.map(Timestamp::micros), query.0.until.map(Timestamp::micros));
    let RequestReport { mut summary, report, reached } = services.request_report(&can, times).await?;
    let (slowest, correlations) = (summary.slowest(), summary.worst());
    let mut routes: Vec<_> = summary.routes.into_iter().map(RouteOut::from).collect();
    routes.sort_by_key(|route| std::cmp::Reverse(route.total_us));
    Ok(Answer(RequestsOut {
        slowest: slowest.into_iter().map(SlowOut::from).collect(),
        correlations: correlations.into_iter().map(CorrelationOut::from).collect(),
        routes,
        complete: report.complete,
        reached_at: reached.map(Timestamp::from_micros),
        uncounted: summary.uncounted,
        faults: report.faults.into_iter().map(LogFaultOut::from).collect(),
    }))
}

/// The endpoint of summaries.
pub(super) fn endpoint() -> Endpoint {
    let summary = "What the requests of some time were like: the slowest, how often they failed by correlation ID, and how \
        long they took by route.";
    Endpoint::new(Method::GET, "/logs/requests", ("logs", "summarizeRequests", summary), requests)
}
