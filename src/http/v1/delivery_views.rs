//! A delivery in JSON: where it goes, how far it is, and every attempt.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::breaker_views::in_millis;
use crate::{
    domain::{
        Actor, Attempt, Delivery, DeliveryId, DeliveryReport, DeliveryState, OutboundService, ReportedStatus,
        Timestamp, Urgency,
    },
    service::{Note, Services},
};

/// An attempt.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AttemptOut {
    /// When it began.
    at: Timestamp,
    /// The request ID under which it was made.
    request_id: String,
    /// What came of it: `arrived`, `failed`, `paused`, `refused`, `unknown` or `interrupted`; nothing as long as it runs.
    outcome: Option<&'static str>,
    /// How long it took.
    took_ms: Option<u64>,
    /// In a word: `connect`, `timeout`, `status` and the like.
    class: Option<String>,
    /// The status that was answered.
    status: Option<u16>,
    /// In a sentence.
    detail: Option<String>,
    /// The address or relay it went to.
    via: Option<String>,
}

impl From<Attempt> for AttemptOut {
    fn from(attempt: Attempt) -> Self {
        let Attempt { at, request_id, end } = attempt;
        let Some(end) = end else {
            return Self {
                at,
                request_id,
                outcome: None,
                took_ms: None,
                class: None,
                status: None,
                detail: None,
                via: None,
            };
        };
        Self {
            at,
            request_id,
            outcome: Some(end.outcome.word()),
            took_ms: Some(end.took_ms),
            class: Some(end.class),
            status: end.status,
            detail: Some(end.detail),
            via: end.via,
        }
    }
}

/// Who gets a message.
#[derive(Serialize, JsonSchema)]
struct RecipientOut {
    name: String,
    /// The mail address or telephone number.
    address: String,
}

/// What a provider said later of a message.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReportOut {
    status: ReportedStatus,
    /// When it was said.
    at: Timestamp,
    /// The provider's own code for why it did not arrive.
    code: Option<String>,
    /// The request in which it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<DeliveryReport> for ReportOut {
    fn from(DeliveryReport { status, at, code, request_id }: DeliveryReport) -> Self {
        Self { status, at, code, request_id }
    }
}

/// A delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryOut {
    pub id: DeliveryId,
    /// The service it goes out by.
    service: OutboundService,
    /// The host or relay it goes to.
    queue: String,
    /// What it is: the type of event, or the kind of message.
    title: String,
    /// The webhook or action that it is for.
    hook: Option<Uuid>,
    /// Who gets it, if it is a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<RecipientOut>,
    /// What a message is about that somebody wrote, for those who may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// What is sent, as far as it may be shown: what webhooks are told, the event that a call is made of, and what somebody
    /// wrote in a message, for those who may change it.
    body: Option<String>,
    /// Whether that was changed by hand since; what repeats it has another `messageId` then.
    edited: bool,
    /// The name under which the receiver knows it.
    message_id: String,
    urgency: Urgency,
    state: DeliveryState,
    /// Whether it waits because the circuit of its service lets nothing pass. That uses no attempts.
    parked: bool,
    /// For how long, in milliseconds; nothing if the circuit is forced open, or its trial has to end first.
    parked_for_ms: Option<u64>,
    /// When it is tried next.
    due_at: Option<Timestamp>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// Who caused it.
    caused_by: Actor,
    request_id: String,
    correlation_id: String,
    /// Attempts that were made.
    attempts_made: u32,
    /// The last of them, oldest first.
    attempts: Vec<AttemptOut>,
    /// Whether it may have arrived more than once, or without our knowing.
    ambiguous: bool,
    /// The delivery that this one repeats.
    replay_of: Option<DeliveryId>,
    /// The delivery that repeats this one.
    replayed_by: Option<DeliveryId>,
    /// The mail that took the place of this text message, which had not arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_over_by: Option<DeliveryId>,
    /// What the provider said later of a text message that it had taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportOut>,
    version: u64,
}

impl DeliveryOut {
    /// The same, with what somebody wrote in it.
    pub(super) fn with_note(self, note: Option<Note>) -> Self {
        match note {
            Some(Note { subject, body }) => Self { subject: Some(subject), body: Some(body), ..self },
            None => self,
        }
    }
}

pub(super) fn out(services: &Services, delivery: Delivery) -> DeliveryOut {
    let parked = services.parked(&delivery);
    DeliveryOut {
        service: delivery.service(),
        title: delivery.what.title().to_owned(),
        hook: delivery.what.hook(),
        recipient: delivery.what.message().map(|message| RecipientOut {
            name: message.to.name.clone(),
            address: message.to.address.clone(),
        }),
        subject: None,
        body: delivery.what.shown().map(ToOwned::to_owned),
        edited: delivery.edited,
        message_id: delivery.message_id(),
        id: delivery.id,
        queue: delivery.queue,
        urgency: delivery.urgency,
        parked: parked.is_some(),
        parked_for_ms: parked.and_then(|parked| parked.at_most).map(in_millis),
        due_at: (delivery.state == DeliveryState::Waiting).then_some(delivery.due_at),
        state: delivery.state,
        created_at: delivery.created_at,
        finished_at: delivery.finished_at,
        caused_by: delivery.by,
        request_id: delivery.request_id,
        correlation_id: delivery.correlation_id,
        attempts_made: delivery.made,
        attempts: delivery.attempts.into_iter().map(AttemptOut::from).collect(),
        ambiguous: delivery.ambiguous,
        replay_of: delivery.replay_of,
        replayed_by: delivery.replayed_by,
        taken_over_by: delivery.taken_over_by,
        report: delivery.report.map(ReportOut::from),
        version: delivery.version,
    }
}
