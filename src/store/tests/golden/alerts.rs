//! Stored forms of alerts and silences.

use super::{Golden, id, time, user};
use crate::domain::{
    Acknowledgement, AlertId, AlertRecord, AlertRule, Facts, OutboundService, Silence, SilenceId,
};

/// What audit records say about alerts.
pub fn facts() -> Facts {
    Facts::Alert {
        rule: AlertRule::CircuitBreakerOpen,
        subject: "email/relay".to_owned(),
        what: "relay fails".to_owned(),
        since: time(),
    }
}

/// What is kept of alerts.
pub fn alerts(golden: &mut Golden) {
    golden.value(
        "alert",
        &AlertRecord {
            id: AlertId::new(id(4)),
            rule: AlertRule::DeadLettersGrowing,
            subject: String::new(),
            service: Some(OutboundService::Email),
            what: "2 deliveries were given up".to_owned(),
            since: time(),
            fired_at: time(),
            told_at: Some(time()),
            acknowledged: Some(Acknowledgement { by: user(), at: time(), note: Some("mine".to_owned()) }),
            resolved_at: Some(time()),
            correlation_id: "correlation".to_owned(),
            version: 6,
        },
    );
    golden.value(
        "silence",
        &Silence {
            id: SilenceId::new(id(5)),
            rule: Some(AlertRule::BackupStale),
            subject: Some("email/relay".to_owned()),
            until: time(),
            reason: "maintenance".to_owned(),
            by: user(),
            at: time(),
        },
    );
}
