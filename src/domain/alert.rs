//! Alerts: what can be wrong with the box and with what it reaches, how urgent that is, what helps, and what is kept of it.
//! Depends on actors, ids and times.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Actor, AlertId, AlertSeverity, OutboundService, SilenceId, Timestamp};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $severity:ident, $hold_s:literal, $title:literal, $remedy:literal;)+) => {
        /// What is watched. Its names are those of the alert rules for Prometheus.
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
        )]
        pub enum AlertRule { $($(#[$doc])* $name,)+ }

        impl AlertRule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name, under which the runbook has it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// How urgent it is.
            pub const fn severity(self) -> AlertSeverity {
                match self { $(Self::$name => AlertSeverity::$severity,)+ }
            }

            /// How long it has to last before anybody is told.
            pub const fn hold(self) -> Duration {
                match self { $(Self::$name => Duration::from_secs($hold_s),)+ }
            }

            /// In a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// What helps.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)+ }
            }
        }
    };
}

rules! {
    /// The circuit of a service outside has not been closed for five minutes.
    CircuitBreakerOpen: Critical, 300, "A service outside does not work",
        "Look at the last errors of the circuit and at the service itself. What waits for it is sent when it is back.";
    /// A circuit has opened three times within an hour.
    CircuitBreakerFlapping: Warning, 0, "A service outside fails again and again",
        "The service answers now and then. Look at its errors; open the circuit by hand to leave it alone for a while.";
    /// Deliveries became dead letters within the last hour.
    DeadLettersGrowing: Warning, 0, "Deliveries are given up",
        "Look at the dead letters, mend what they say, and send them once more.";
    /// Something that is due has not been sent for five minutes although its circuit lets calls pass.
    JobQueueStalled: Warning, 0, "What is to be sent is not sent",
        "Look at the deliveries of the service and at the log for what holds them up.";
    /// Nothing can be written.
    StoreReadOnly: Critical, 0, "Nothing can be saved",
        "Make room on the disk or mend it. Everything is read as before, and writing goes on by itself.";
    /// The newest sound backup is too old, or the last one could not be made.
    BackupStale: Warning, 0, "There is no recent backup",
        "Look at why the last backup failed, and make one by hand.";
    /// More than 7.2 % of the requests failed, of late and within an hour.
    HttpErrorBudgetBurnFast: Critical, 120, "Requests fail",
        "Look at the failed requests in the log, by route; each has the reason beneath its ID.";
    /// Lines of the log were lost.
    LogEventsDropped: Critical, 0, "Lines of the log are lost",
        "Look at the disk of the log. What was lost is counted and cannot be had back.";
    /// The log could not be written.
    LogWriteErrors: Critical, 0, "The log cannot be written",
        "Make room on the disk of the log or mend it; lines wait as long as they can.";
    /// The lines that wait for the disk are nearly as many as may.
    LogQueueSaturated: Warning, 120, "The log waits for its disk",
        "Find out what keeps the disk busy, or log less.";
    /// The disk of the log will be full within a day.
    LogDiskLow: Warning, 600, "The disk of the log fills up",
        "Make room, keep less of the log (`log.retention_days`, `log.total_mib`), or find out what grows.";
    /// Hardly anything is free on the disk of the log.
    LogDiskCritical: Critical, 60, "The disk of the log is full",
        "Make room at once. The oldest files of the log go by themselves, but not those of the last day.";
    /// The log goes back less far than it is to, because files went before their time.
    LogRetentionShort: Info, 3600, "The log goes back less far than it should",
        "Give the log more room (`log.total_mib`), make room on its disk, or log less; or keep it for fewer days (`log.retention_days`).";
    /// Most of what a collector is sent does not get there.
    OtlpExportFailing: Info, 900, "Traces and logs are not exported",
        "Look at the last error of the circuit, and at the collector. What is sent again is not lost as long as the log keeps it.";
    /// What was logged is not found in the log.
    TraceabilityBroken: Critical, 300, "Requests cannot be followed",
        "Look for errors of the log; `event-manager logs` on its directory tells which files are damaged.";
}

/// Something that is wrong at present.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// By which rule.
    pub rule: AlertRule,
    /// With which part, such as a circuit; empty for the box.
    pub subject: String,
    /// The service outside that is concerned: nobody is told of it by way of this one.
    pub service: Option<OutboundService>,
    /// What exactly, in a sentence.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether it has lasted for as long as its rule wants.
    pub held: bool,
}

/// Somebody has seen an alert and looks after it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledgement {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What they have to say.
    pub note: Option<String>,
}

/// What is kept of an alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRecord {
    /// Which one.
    pub id: AlertId,
    /// By which rule.
    pub rule: AlertRule,
    /// With which part; empty for the box.
    pub subject: String,
    /// The service outside that is concerned.
    pub service: Option<OutboundService>,
    /// What exactly, as it was told last.
    pub what: String,
    /// Since when it is wrong.
    pub since: Timestamp,
    /// When it was noted.
    pub fired_at: Timestamp,
    /// When somebody was told last; never, if it is silenced.
    pub told_at: Option<Timestamp>,
    /// Who looks after it.
    pub acknowledged: Option<Acknowledgement>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// What it is found under in log and audit log.
    pub correlation_id: String,
    /// Number of the change that wrote it last.
    pub version: u64,
}

impl AlertRecord {
    /// Whether it is about the same as a condition.
    pub fn is_of(&self, condition: &Condition) -> bool {
        self.rule == condition.rule && self.subject == condition.subject
    }
}

/// That nobody is told of some alerts for a while.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// Which one.
    pub id: SilenceId,
    /// Of which rule; of all, if of none.
    pub rule: Option<AlertRule>,
    /// Of which part; of all, if of none.
    pub subject: Option<String>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub by: Actor,
    /// Since when.
    pub at: Timestamp,
}

impl Silence {
    /// Whether it keeps an alert from being told.
    pub fn covers(&self, rule: AlertRule, subject: &str, now: Timestamp) -> bool {
        now < self.until
            && self.rule.is_none_or(|of| of == rule)
            && self.subject.as_ref().is_none_or(|of| of == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, AlertRule, Silence, SilenceId, Timestamp};

    #[test]
    fn a_silence_covers_what_it_names_until_it_ends() {
        let time = Timestamp::from_millis;
        let silence = |rule, subject: Option<&str>| Silence {
            id: SilenceId::new(uuid::Uuid::nil()),
            rule,
            subject: subject.map(str::to_owned),
            until: time(10),
            reason: "maintenance".to_owned(),
            by: Actor::Anonymous,
            at: time(0),
        };
        let open = AlertRule::CircuitBreakerOpen;
        assert!(silence(None, None).covers(open, "email/a", time(9)));
        assert!(!silence(None, None).covers(open, "email/a", time(10)), "it is over");
        assert!(silence(Some(open), Some("email/a")).covers(open, "email/a", time(0)));
        assert!(!silence(Some(open), Some("email/b")).covers(open, "email/a", time(0)));
        assert!(!silence(Some(AlertRule::StoreReadOnly), None).covers(open, "email/a", time(0)));
    }
}
