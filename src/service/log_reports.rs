//! What the log tells of requests: the trace of one, and what many were like together.

use std::ops::ControlFlow;

use super::{
    Permit, ServiceError, Services,
    log_search::{SearchKind, own_lines, walk_a_while},
};
use crate::telemetry::log_store::{Filter, Order, Plan, Report, RequestSummary, Trace};

/// What the requests of some time were like.
#[derive(Debug)]
pub struct RequestReport {
    /// All of them together.
    pub summary: RequestSummary,
    /// What was read for it. It is not complete if that took too long: then the oldest are left out.
    pub report: Report,
    /// The time of the oldest line that was looked at, in microseconds.
    pub reached: Option<i64>,
}

impl Services {
    /// The spans of a trace. In a tenant, only its own.
    ///
    /// # Errors
    /// The caller's grants do not cover the tenant, the log knows nothing of it, or cannot be read.
    pub async fn trace(&self, permit: &Permit, id: String) -> Result<Trace, ServiceError> {
        let asked = Filter { ids: vec![id.clone()], ..Filter::default() };
        self.note_log_search(permit, &asked).await?;
        let tenant = own_lines(permit, asked)?.tenant;
        let trace = self.in_log(SearchKind::Id, move |logs| logs.trace(&id, tenant.as_deref())).await?;
        if trace.spans.is_empty() { Err(ServiceError::NoSuchTrace) } else { Ok(trace) }
    }

    /// What the requests of some time were like together. In a tenant, only its own.
    ///
    /// # Errors
    /// The caller's grants do not cover the tenant, or the log cannot be read.
    pub async fn request_report(
        &self,
        permit: &Permit,
        (from, until): (Option<i64>, Option<i64>),
    ) -> Result<RequestReport, ServiceError> {
        let asked = Filter { kind: Some("http".to_owned()), ..Filter::default() };
        self.note_log_search(permit, &asked).await?;
        let filter = own_lines(permit, asked)?;
        self.in_log(SearchKind::Scan, move |logs| {
            let plan = Plan { from, until, ..filter.plan(Order::NewestFirst, None) };
            let (mut summary, mut reached) = (RequestSummary::default(), None);
            let report = walk_a_while(&logs, &plan, &mut |line| {
                reached = line.micros.or(reached);
                if let Some((at, fields)) = line.micros.zip(filter.matches(line.text)) {
                    summary.add(at, &fields);
                }
                ControlFlow::Continue(())
            })?;
            Ok(RequestReport { summary, report, reached })
        })
        .await
    }
}
