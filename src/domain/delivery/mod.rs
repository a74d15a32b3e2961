//! Deliveries: jobs that leave the box. Each lives in the store from the operation that causes it until long after its
//! end, with every attempt that was made. Depends on ids and services outside.

mod outgoing;
mod report;
mod schedule;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    outgoing::{Outgoing, OutgoingMessage},
    report::{DeliveryReport, ReportedStatus},
    schedule::{AttemptLimits, retry_wait},
};
use super::{Actor, DeliveryId, OutboundService, Timestamp};

/// Most attempts of a delivery that are kept; earlier ones are counted.
pub const ATTEMPTS_KEPT: usize = 24;

/// How often a service may ask to be left alone without that counting as an attempt.
const FREE_PAUSE_EVERY_MS: i64 = 60 * 60 * 1_000;

/// A job that leaves the box, as it is stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id, under which the receiver knows it, too.
    pub id: DeliveryId,
    /// What is sent.
    pub what: Outgoing,
    /// The queue it stands in: within its service the host or relay it goes to. What goes to another one never waits for
    /// this one.
    pub queue: String,
    /// Whether others of its queue may go first.
    pub urgency: Urgency,
    /// How far it is.
    pub state: DeliveryState,
    /// When it is tried next, if it is waiting.
    pub due_at: Timestamp,
    /// Who caused it.
    pub by: Actor,
    /// The request that caused it.
    pub request_id: String,
    /// What that request belongs to.
    pub correlation_id: String,
    /// The place of that request in its trace, as a `traceparent`.
    pub traceparent: String,
    /// When it was caused.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The attempts, oldest first, the last [`ATTEMPTS_KEPT`] of them.
    pub attempts: Vec<Attempt>,
    /// How many were made.
    pub made: u32,
    /// How many of them count against the limit.
    pub counted: u32,
    /// When the service last was left alone without that counting.
    pub paused_at: Option<Timestamp>,
    /// Whether it may have been done more than once, or done without our knowing.
    pub ambiguous: bool,
    /// The delivery that this one repeats.
    pub replay_of: Option<DeliveryId>,
    /// The first of those that repeat one another.
    pub origin: Option<DeliveryId>,
    /// The delivery that repeats this one.
    pub replayed_by: Option<DeliveryId>,
    /// Whether what it says was changed by hand since: what repeats it is something new to its receiver.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// The mail that took the place of this text message, which had not arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_by: Option<DeliveryId>,
    /// What the service said later of what it had taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<DeliveryReport>,
    /// Changes of its state: its version and entity tag.
    pub version: u64,
}

/// What comes first within a queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Urgency {
    /// Somebody waits for it in front of a screen.
    Now = 0,
    /// As most are.
    #[default]
    Soon = 1,
    /// To many at once, such as a message to all.
    Bulk = 2,
}

/// How far a delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// It is tried when it is due.
    Waiting,
    /// An attempt is under way, or was when the process ended.
    Running,
    /// It arrived.
    Done,
    /// It is not tried any more, and somebody should look at it: a dead letter.
    Dead,
    /// Somebody stopped it.
    Cancelled,
}

impl DeliveryState {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Cancelled)
    }
}

/// One attempt.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The request ID under which it was made.
    pub request_id: String,
    /// How it ended; nothing as long as it runs.
    pub end: Option<AttemptEnd>,
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttemptEnd {
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// In a word, such as `connect`, `timeout` or `status`.
    pub class: String,
    /// The status that was answered: of HTTP or SMTP.
    pub status: Option<u16>,
    /// In a sentence: why it failed, or what was answered.
    pub detail: String,
    /// Where it went: the address or relay.
    pub via: Option<String>,
}

/// What came of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It arrived.
    Arrived,
    /// It did not arrive, and is worth another attempt, after this time in milliseconds if the service said so.
    Failed {
        /// Not before this has passed.
        after_ms: Option<u64>,
    },
    /// The service wants to be left alone for this time in milliseconds.
    Paused {
        /// For so long.
        for_ms: u64,
    },
    /// It did not arrive and never will.
    Refused,
    /// Nobody knows whether it arrived.
    Unknown,
    /// The process ended while it was under way.
    Interrupted,
}

impl Outcome {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Failed { .. } => "failed",
            Self::Paused { .. } => "paused",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Delivery {
    /// Its service.
    pub const fn service(&self) -> OutboundService {
        self.what.service()
    }

    /// Whether it stands in a queue.
    pub const fn is_queued(&self) -> bool {
        !self.state.is_over()
    }

    /// The request ID under which its attempts are made, each as a request of its own.
    pub fn own_request_id(&self) -> String {
        format!("delivery-{}", self.id)
    }

    /// Whether it was given up although nothing was wrong with it: whoever it went to did not take it in time.
    pub fn is_given_up(&self) -> bool {
        let last = self.attempts.last().and_then(|attempt| attempt.end.as_ref());
        self.state == DeliveryState::Dead && last.is_some_and(|end| end.outcome != Outcome::Refused)
    }

    /// Begins an attempt.
    pub fn begin(&mut self, at: Timestamp, request_id: String) {
        if self.attempts.len() == ATTEMPTS_KEPT {
            self.attempts.remove(0);
        }
        self.attempts.push(Attempt { at, request_id, end: None });
        self.made += 1;
        self.version += 1;
        self.state = DeliveryState::Running;
    }

    /// Ends the attempt that is under way. `chance`, from 0 to 1, spreads the time of the next one.
    pub fn settle(&mut self, end: AttemptEnd, at: Timestamp, chance: f64, limits: AttemptLimits) {
        let outcome = end.outcome;
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some(end);
        }
        self.version += 1;
        if !self.is_free_pause(outcome, at) {
            self.counted += 1;
        }
        match outcome {
            Outcome::Arrived => self.end(DeliveryState::Done, at),
            Outcome::Refused => self.end(DeliveryState::Dead, at),
            Outcome::Failed { after_ms } => self.retry(after_ms.unwrap_or(0), at, chance, limits),
            Outcome::Paused { for_ms } => {
                self.paused_at = Some(at);
                self.retry(for_ms, at, chance, limits);
            }
            Outcome::Unknown | Outcome::Interrupted => {
                self.ambiguous = true;
                if self.what.is_repeatable() {
                    self.retry(0, at, chance, limits);
                } else {
                    self.end(DeliveryState::Dead, at);
                }
            }
        }
    }

    /// Forgets what must not lie about once it has arrived: links that let whoever has them sign in.
    pub fn forget_secrets(&mut self) {
        if let (DeliveryState::Done, Outgoing::Mail(message) | Outgoing::Sms(message)) =
            (self.state, &mut self.what)
            && message.kind.holds_secret()
        {
            message.sealed.clear();
        }
    }

    /// Notes how an attempt ended that nothing depends on any more.
    pub fn note(&mut self, end: AttemptEnd) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end = Some(end);
            self.version += 1;
        }
    }

    /// Ends an attempt that an earlier process had begun: whether it arrived is not known.
    pub fn void(&mut self, at: Timestamp, chance: f64, limits: AttemptLimits) {
        let end = AttemptEnd {
            took_ms: 0,
            outcome: Outcome::Interrupted,
            class: "interrupted".to_owned(),
            status: None,
            detail: "the program ended while this was under way".to_owned(),
            via: None,
        };
        self.settle(end, at, chance, limits);
        if self.state == DeliveryState::Waiting {
            // Nothing outside was wrong with it.
            self.due_at = at;
        }
    }

    /// The name under which its receiver knows it: the same for whatever repeats it, so that it can tell.
    pub fn message_id(&self) -> String {
        format!("msg_{}", self.origin.unwrap_or(self.id))
    }

    /// The same once more, as a delivery of its own; under the name that its receiver knows, unless it says something else by
    /// now.
    #[must_use]
    pub fn again(
        &self,
        id: DeliveryId,
        by: Actor,
        at: Timestamp,
        request_id: String,
        traceparent: String,
    ) -> Self {
        Self {
            id,
            state: DeliveryState::Waiting,
            due_at: at,
            by,
            request_id,
            traceparent,
            created_at: at,
            finished_at: None,
            attempts: Vec::new(),
            made: 0,
            counted: 0,
            paused_at: None,
            ambiguous: false,
            replay_of: Some(self.id),
            origin: (!self.edited).then_some(self.origin.unwrap_or(self.id)),
            replayed_by: None,
            edited: false,
            taken_over_by: None,
            report: None,
            version: 1,
            ..self.clone()
        }
    }

    /// The mail that takes the place of a text message which has not arrived and never will; nothing if it may have arrived,
    /// if there is no address, or if it was sent once more by hand.
    #[must_use]
    pub fn as_mail(&self, id: DeliveryId, queue: &str, at: Timestamp) -> Option<Self> {
        let Outgoing::Sms(message) = &self.what else { return None };
        let is_lost = self.state == DeliveryState::Dead && !self.ambiguous && self.replay_of.is_none();
        if !is_lost || self.taken_over_by.is_some() {
            return None;
        }
        let mail = OutgoingMessage { to: message.or_mail.clone()?, or_mail: None, ..(**message).clone() };
        let by = self.by.clone();
        Some(Self {
            what: Outgoing::Mail(Box::new(mail)),
            queue: queue.to_owned(),
            replay_of: None,
            origin: None,
            ..self.again(id, by, at, self.request_id.clone(), self.traceparent.clone())
        })
    }

    /// Changes by hand where it goes or what it says.
    pub fn edit(&mut self, what: Outgoing, says_something_else: bool) {
        self.what = what;
        self.edited |= says_something_else;
        self.version += 1;
    }

    /// Takes down what the service reports, unless the end was reported before. Says whether it is news.
    pub fn reported(&mut self, report: DeliveryReport) -> bool {
        let is_news = self.report.is_none();
        if is_news {
            self.report = Some(report);
            self.version += 1;
        }
        is_news
    }

    /// Stops it.
    pub fn cancel(&mut self, at: Timestamp) {
        self.version += 1;
        self.end(DeliveryState::Cancelled, at);
    }

    fn is_free_pause(&self, outcome: Outcome, at: Timestamp) -> bool {
        let lately = |paused: Timestamp| at.millis() - paused.millis() < FREE_PAUSE_EVERY_MS;
        matches!(outcome, Outcome::Paused { .. }) && !self.paused_at.is_some_and(lately)
    }

    fn retry(&mut self, not_before_ms: u64, at: Timestamp, chance: f64, limits: AttemptLimits) {
        if self.counted >= limits.of(self.service()) {
            return self.end(DeliveryState::Dead, at);
        }
        let wait = retry_wait(self.service(), self.counted, chance).max(not_before_ms);
        self.state = DeliveryState::Waiting;
        self.due_at = at.plus_millis(i64::try_from(wait).unwrap_or(i64::MAX));
    }

    fn end(&mut self, state: DeliveryState, at: Timestamp) {
        self.state = state;
        self.finished_at = Some(at);
    }
}

#[cfg(test)]
mod tests;
