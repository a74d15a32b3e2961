//! Jobs and deliveries that an operation puts into queues and ends: they are counted once it is committed, and once.

use crate::{
    domain::{Delivery, DeliveryState, Job, JobState, OutboundService},
    telemetry::metrics,
};

/// The word for the queue of jobs that are done within the box; deliveries stand in one of their service's.
const WITHIN: &str = "jobs";

/// A job that came or ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct JobStep {
    queue: &'static str,
    job: &'static str,
    /// How it ended; nothing if it came.
    end: Option<&'static str>,
}

impl JobStep {
    /// A job, as it is now.
    pub(super) const fn of_job(job: &Job) -> Self {
        let end = match job.state {
            JobState::Waiting | JobState::Running => None,
            JobState::Done => Some("done"),
            JobState::Failed => Some("failed"),
            JobState::Cancelled => Some("cancelled"),
        };
        Self { queue: WITHIN, job: job.task.word(), end }
    }

    /// A delivery, as it is now.
    pub(super) const fn of_delivery(delivery: &Delivery) -> Self {
        let end = match delivery.state {
            DeliveryState::Waiting | DeliveryState::Running => None,
            DeliveryState::Done => Some("done"),
            DeliveryState::Dead => Some("failed"),
            DeliveryState::Cancelled => Some("cancelled"),
        };
        Self { queue: delivery.service().word(), job: delivery.what.word(), end }
    }

    /// Counts it.
    pub(super) fn count(self) {
        let Self { queue, job, end } = self;
        let Some(outcome) = end else {
            ::metrics::counter!(metrics::JOBS_ENQUEUED, "queue" => queue, "job" => job).increment(1);
            return;
        };
        ::metrics::counter!(metrics::JOBS_COMPLETED, "queue" => queue, "job" => job, "outcome" => outcome)
            .increment(1);
        if queue == OutboundService::Email.word() {
            ::metrics::counter!(metrics::EMAIL_MESSAGES, "outcome" => outcome).increment(1);
        } else if queue == OutboundService::Webhook.word() {
            ::metrics::counter!(metrics::WEBHOOK_DELIVERIES, "outcome" => outcome).increment(1);
        }
    }
}
