//! What leaves the box. Uses ids and services outside.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{ActionHookId, OutboundService, WebhookId};

/// What leaves the box.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outgoing {
    /// An event for a subscriber, by the Standard Webhooks.
    Webhook {
        /// The subscription.
        webhook: WebhookId,
        /// The type of event, such as `contest.created`.
        event: String,
        /// The body: what is signed is what is sent.
        body: String,
    },
    /// A call of another HTTP interface on an event.
    Action {
        /// What is called.
        action: ActionHookId,
        /// The type of event.
        event: String,
        /// The event, of which the call's body is made.
        body: String,
    },
}

impl Outgoing {
    /// The service it goes out by.
    pub const fn service(&self) -> OutboundService {
        match self {
            Self::Webhook { .. } => OutboundService::Webhook,
            Self::Action { .. } => OutboundService::ExternalApi,
        }
    }

    /// Whether it may be sent again when nobody knows whether it arrived, because the receiver can tell that it is the same.
    pub const fn is_repeatable(&self) -> bool {
        match self {
            Self::Webhook { .. } | Self::Action { .. } => true,
        }
    }

    /// What is sent, as far as it may be shown.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Webhook { body, .. } | Self::Action { body, .. } => Some(body),
        }
    }

    /// The webhook or action that it is for.
    pub const fn hook(&self) -> Option<Uuid> {
        match self {
            Self::Webhook { webhook, .. } => Some(webhook.uuid()),
            Self::Action { action, .. } => Some(action.uuid()),
        }
    }

    /// What it is, in a word or two: the type of event, or the kind of message.
    pub fn title(&self) -> &str {
        match self {
            Self::Webhook { event, .. } | Self::Action { event, .. } => event,
        }
    }
}
