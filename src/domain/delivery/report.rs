//! What a service says later of a message that it had taken. Uses times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;

/// What a service says of a message that it had taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryReport {
    /// What became of it.
    pub status: ReportedStatus,
    /// When that was said.
    pub at: Timestamp,
    /// The service's own code for why it did not arrive.
    pub code: Option<String>,
    /// The request in which it was said; none in reports of before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReportedStatus {
    /// The telephone has it.
    Delivered,
    /// The network of the telephone did not take it.
    Undelivered,
    /// It was not sent.
    Failed,
}

impl ReportedStatus {
    /// The one that a word stands for; none for those on the way, after which another one comes.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "delivered" => Some(Self::Delivered),
            "undelivered" => Some(Self::Undelivered),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}
