//! The context of a request: who asks, in which tenant, at what time, and the ids under which everything that
//! follows from it can be found. It is handed on explicitly; its span carries the same ids into the log.

mod ids;
mod trace;

use std::time::Duration;

use tracing::{Span, field};

pub use self::{
    ids::{CorrelationId, ID_BYTES_MAX, InvalidRequestId, RequestId},
    trace::{InvalidTraceparent, SpanId, TraceContext, TraceId, Traceparent},
};
use super::{clock::Clock, metrics};
use crate::domain::{Actor, TenantId, Timestamp};

/// How long after a request what it has caused belongs to its trace.
pub const TRACE_CONTINUED: Duration = Duration::from_secs(60 * 60);

/// The target of a request's span and of the record that ends it, which no log level turns off.
pub const REQUEST_TARGET: &str = "event_manager::request";

/// What a request is part of: every value that came in each of the headers. A value that is no text counts as
/// empty.
#[derive(Clone, Copy, Default, Debug)]
pub struct Inbound<'a> {
    /// `X-Request-ID`
    pub request_ids: &'a [&'a str],
    /// `X-Correlation-ID`
    pub correlation_ids: &'a [&'a str],
    /// `traceparent`
    pub traceparents: &'a [&'a str],
}

/// Who asks, in which tenant, by which clock, under which ids. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestContext {
    request_id: RequestId,
    correlation_id: CorrelationId,
    trace: TraceContext,
    actor: Actor,
    tenant: Option<TenantId>,
    clock: Clock,
}

impl RequestContext {
    /// The context of a request from outside, by somebody not yet known. A header that came twice, or with a
    /// value that cannot be taken, is as good as absent, and counted.
    pub fn inbound(headers: Inbound<'_>, clock: Clock) -> Self {
        let request_id = RequestId::from_header("X-Request-ID", headers.request_ids)
            .unwrap_or_else(|| RequestId::draw(&clock));
        let correlation_id = CorrelationId::from_header("X-Correlation-ID", headers.correlation_ids)
            .unwrap_or_else(|| CorrelationId::from(&request_id));
        let trace = match headers.traceparents {
            [] => None,
            [value] => value.parse().ok(),
            _ => None,
        };
        if trace.is_none() && !headers.traceparents.is_empty() {
            ::metrics::counter!(metrics::REQUEST_ID_REJECTED, "header" => "traceparent").increment(1);
        }
        let trace =
            trace.map_or_else(|| TraceContext::root(&clock), |caller| TraceContext::beneath(caller, &clock));
        Self { request_id, correlation_id, trace, actor: Actor::Anonymous, tenant: None, clock }
    }

    /// The context of work that nobody asked for, such as starting up. Its request id begins with the task's
    /// name, which is made of letters, digits, dots, underscores and hyphens.
    pub fn system(clock: Clock, task: &str) -> Self {
        let request_id = RequestId::of_task(task, &clock);
        let correlation_id = CorrelationId::from(&request_id);
        let trace = TraceContext::root(&clock);
        let actor = Actor::System { os_user: None };
        Self { request_id, correlation_id, trace, actor, tenant: None, clock }
    }

    /// The context of a job: under its own request id, correlated with the request that asked for it. It goes on with
    /// that request's trace for an hour, afterwards it has one of its own.
    pub fn of_job(
        clock: Clock,
        request_id: &str,
        correlation_id: &str,
        traceparent: &str,
        asked_at: Timestamp,
    ) -> Self {
        let request_id = RequestId::parse(request_id).unwrap_or_else(|_| RequestId::draw(&clock));
        let correlation_id =
            CorrelationId::parse(correlation_id).unwrap_or_else(|_| CorrelationId::from(&request_id));
        let asked_lately = clock.now() <= asked_at.plus(TRACE_CONTINUED);
        let caller = traceparent.parse().ok().filter(|_| asked_lately);
        let trace =
            caller.map_or_else(|| TraceContext::root(&clock), |caller| TraceContext::beneath(caller, &clock));
        let actor = Actor::System { os_user: None };
        Self { request_id, correlation_id, trace, actor, tenant: None, clock }
    }

    /// The context of one step of this request that is followed by itself, such as an attempt to reach the
    /// outside: a request id and a span of its own, everything else the same.
    #[must_use]
    pub fn child(&self) -> Self {
        let request_id = RequestId::draw(&self.clock);
        Self { request_id, trace: self.trace.child(&self.clock), ..self.clone() }
    }

    /// The same, under a request ID of its own.
    #[must_use]
    pub fn with_own_request_id(self) -> Self {
        Self { request_id: RequestId::draw(&self.clock), ..self }
    }

    /// The same request, now that it is known who asks.
    #[must_use]
    pub fn with_actor(self, actor: Actor, tenant: Option<TenantId>) -> Self {
        Self { actor, tenant, ..self }
    }

    /// The same, as a part of what something else belongs to.
    #[must_use]
    pub fn correlated_with(self, correlation_id: CorrelationId) -> Self {
        Self { correlation_id, ..self }
    }

    /// Names this request.
    pub const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Names what this request belongs to.
    pub const fn correlation_id(&self) -> &CorrelationId {
        &self.correlation_id
    }

    /// The request's place in its trace.
    pub const fn trace(&self) -> &TraceContext {
        &self.trace
    }

    /// Who asks.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// In which tenant, once that is known.
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// The time, and new ids.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The span in which the work of this request is done: whatever is logged in it carries the request's
    /// ids. `name` says what kind of work it is, such as `http` or `job`.
    pub fn span(&self, name: &'static str) -> Span {
        let span = tracing::error_span!(
            target: REQUEST_TARGET,
            "request",
            kind = name,
            requestId = self.request_id.as_str(),
            correlationId = self.correlation_id.as_str(),
            userId = field::Empty,
            judgeId = field::Empty,
            tenantId = field::Empty,
            dbQueueUs = field::Empty,
            dbApplyUs = field::Empty,
            dbCommitUs = field::Empty,
            trace_id = %self.trace.trace_id(),
            span_id = %self.trace.span_id(),
            parent_span_id = self.trace.parent_span_id().map(field::display),
        );
        self.record_actor(&span);
        span
    }

    /// Tells the request's span who asks, once that is known; it then stands in all that is logged from there
    /// on.
    pub fn record_actor(&self, span: &Span) {
        if let Some(user) = self.actor.user_id() {
            span.record("userId", field::display(user));
        }
        // A judge who has come by a link has no account.
        if let Actor::JudgeLink { judge } = &self.actor {
            span.record("judgeId", field::display(judge));
        }
        if let Some(tenant) = self.tenant {
            span.record("tenantId", field::display(tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Inbound, RequestContext};
    use crate::{
        domain::{Actor, Timestamp},
        telemetry::{
            clock::{Clock, ManualClock},
            metrics,
        },
    };

    #[test]
    fn a_job_goes_on_with_the_trace_of_its_request_for_an_hour() {
        let asked_at = Timestamp::from_millis(1_000_000);
        let hands = ManualClock::at(asked_at);
        let asked = RequestContext::system(hands.clock(), "test");
        let job = || {
            let (correlation, trace) = (asked.correlation_id().as_str(), asked.trace().to_string());
            RequestContext::of_job(hands.clock(), "job-1", correlation, &trace, asked_at)
        };
        assert_eq!(job().request_id().as_str(), "job-1");
        assert_eq!(job().correlation_id(), asked.correlation_id());
        assert_eq!(job().trace().trace_id(), asked.trace().trace_id());
        hands.advance(std::time::Duration::from_secs(3_601));
        assert_ne!(job().trace().trace_id(), asked.trace().trace_id());
        assert_eq!(job().correlation_id(), asked.correlation_id());
    }

    #[test]
    fn ids_that_come_with_a_request_are_taken() {
        let headers = Inbound {
            request_ids: &["desk-7"],
            correlation_ids: &["finale"],
            traceparents: &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        };
        let context = RequestContext::inbound(headers, Clock::system());
        assert_eq!(context.request_id().as_str(), "desk-7");
        assert_eq!(context.correlation_id().as_str(), "finale");
        assert_eq!(context.trace().trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.actor(), &Actor::Anonymous);
    }

    #[test]
    fn a_request_without_ids_gets_new_ones_and_correlates_with_itself() {
        let context = RequestContext::inbound(Inbound::default(), Clock::system());
        assert_eq!(context.request_id().as_str().parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
        assert_eq!(context.correlation_id().as_str(), context.request_id().as_str());
    }

    #[test]
    fn ids_that_are_malformed_or_come_twice_are_replaced_and_counted() {
        let rendered = metrics::rendered_after(|| {
            let headers = Inbound {
                request_ids: &["a", "b"],
                correlation_ids: &["two\nlines"],
                traceparents: &["nonsense"],
            };
            let context = RequestContext::inbound(headers, Clock::system());
            assert_ne!(context.request_id().as_str(), "a");
            assert_eq!(context.correlation_id().as_str(), context.request_id().as_str());
        });
        for header in ["X-Request-ID", "X-Correlation-ID", "traceparent"] {
            let line = format!("request_id_rejected_total{{header=\"{header}\"}} 1");
            assert!(rendered.contains(&line), "{rendered}");
        }
    }

    #[test]
    fn a_child_is_a_new_request_of_the_same_cause() {
        let context = RequestContext::system(Clock::system(), "backup");
        let child = context.child();
        assert!(context.request_id().as_str().starts_with("backup-"));
        assert_ne!(child.request_id(), context.request_id());
        assert_eq!(child.correlation_id(), context.correlation_id());
        assert_eq!(child.trace().parent_span_id(), Some(context.trace().span_id()));
    }
}
