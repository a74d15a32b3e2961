//! Events as they leave the box, and what each holds. Depends on audit records.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{
    Actor, AlertId, AlertRule, AlertSeverity, AuditRecord, CategoryId, CircuitReason, CircuitState,
    DeliveryId, EntryId, Facts, JudgeId, Kind, OutboundService, TenantId, Timestamp,
};

/// An event, as it leaves the box.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The type of event.
    #[serde(rename = "type")]
    pub event: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Number of the change in the tenant's chain: the version of what changed. Whoever has seen a greater one of the same
    /// thing may pass this by.
    pub version: u64,
    /// Who did it.
    pub actor: Actor,
    /// The request in which it was done.
    pub request_id: String,
    /// What that request belongs to.
    pub correlation_id: String,
    /// What the event is about.
    pub data: EventData,
}

/// What an event is about, by its type.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum EventData {
    /// A noun, or a lock on one.
    Thing(ThingData),
    /// A score sheet.
    Sheet(SheetData),
    /// Results.
    Result(ResultData),
    /// A circuit.
    Breaker(BreakerData),
    /// A delivery.
    Delivery(DeliveryData),
    /// A backup.
    Backup(BackupData),
    /// A backup that could not be made, or is not sound.
    FailedBackup(FailedBackupData),
    /// An alert.
    Alert(AlertData),
}

/// A noun, and where it hangs.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ThingData {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Which one: it is at `/api/v1/{kinds}/{id}`, unless it was deleted.
    pub id: Uuid,
    /// What people know it by, as far as it still says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The event it hangs beneath or is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    /// The contest it hangs beneath or is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contest_id: Option<Uuid>,
    /// The category it hangs beneath or is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_id: Option<Uuid>,
    /// Why it was done, in the words of whoever did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A score sheet, without its marks: those are fetched by whoever may see them.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SheetData {
    /// The category.
    pub category_id: CategoryId,
    /// The entry.
    pub entry_id: EntryId,
    /// The judge.
    pub judge_id: JudgeId,
}

/// Results.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResultData {
    /// The category whose results are at `/api/v1/categories/{id}/results`.
    pub category_id: CategoryId,
}

/// A circuit.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BreakerData {
    /// The kind of service.
    pub service: OutboundService,
    /// Which of its kind.
    pub key: String,
    /// What it was.
    pub from: CircuitState,
    /// What it is.
    pub to: CircuitState,
    /// Why.
    pub reason: CircuitReason,
    /// When it changed; `timestamp` is when that was put on record.
    pub at: Timestamp,
}

/// A delivery.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryData {
    /// Which: it is at `/api/v1/deliveries/{id}`.
    pub id: DeliveryId,
    /// The service it was to go out by.
    pub service: OutboundService,
    /// What it was.
    pub title: String,
    /// Why it is not tried any more, in a word.
    pub class: String,
}

/// A backup.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct BackupData {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// A backup that could not be made, or is not sound.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct FailedBackupData {
    /// Its name.
    pub name: String,
    /// Why, in a sentence.
    pub why: String,
}

/// An alert.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct AlertData {
    /// Which: it is among `/api/v1/alerts`.
    pub id: AlertId,
    /// By which rule.
    pub rule: AlertRule,
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// With which part, such as a circuit; empty for the box.
    pub subject: String,
    /// What exactly, in a sentence.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
}

impl EventData {
    /// What of an event is in its audit record alone; nothing if more is needed.
    pub fn of_facts(record: &AuditRecord) -> Option<Self> {
        match record.facts.clone() {
            Facts::Sheet { category, judge, entry, .. } => {
                Some(Self::Sheet(SheetData { category_id: category, entry_id: entry, judge_id: judge }))
            }
            Facts::Circuit { service, key, from, to, reason, at } => {
                let at = at.unwrap_or(record.at);
                Some(Self::Breaker(BreakerData { service, key, from, to, reason, at }))
            }
            Facts::Alert { rule, subject, what, since } => {
                let (id, severity) = (AlertId::new(record.id), rule.severity());
                Some(Self::Alert(AlertData { id, rule, severity, subject, what, since }))
            }
            Facts::Backup { name, sha256, bytes } => Some(Self::Backup(BackupData { name, sha256, bytes })),
            Facts::BackupFailed { name, why } => Some(Self::FailedBackup(FailedBackupData { name, why })),
            Facts::Delivery { service, title, class } => {
                let id = DeliveryId::new(record.id);
                Some(Self::Delivery(DeliveryData { id, service, title, class }))
            }
            _ => None,
        }
    }
}
