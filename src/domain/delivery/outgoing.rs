//! What leaves the box. Uses ids, recipients and services outside.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{
    ActionHookId, BlobAct, BlobHash, FileId, Language, MessageKind, OutboundService, Recipient, TenantId,
    WebhookId,
};

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
    /// A mail.
    Mail(Box<OutgoingMessage>),
    /// A text message.
    Sms(Box<OutgoingMessage>),
    /// A backup, to object storage.
    Upload {
        /// Its name.
        backup: String,
    },
    /// The content of a file, to object storage or back, or its end there.
    Blob {
        /// What is done with it.
        act: BlobAct,
        /// Whose it is.
        tenant: TenantId,
        /// Which one.
        blob: BlobHash,
    },
    /// A small object that shows whether object storage works.
    StorageProbe,
    /// A question that shows whether the scanner works.
    ScanProbe,
    /// A question that shows whether Redis works.
    RedisProbe,
    /// A file for a scanner, which says whether there is a virus in it.
    Scan {
        /// The file. Its bytes never change.
        file: FileId,
    },
}

/// A message to somebody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutgoingMessage {
    /// Who gets it.
    pub to: Recipient,
    /// What it is about.
    pub kind: MessageKind,
    /// In which language it is wanted; that of the tenant if none is said.
    pub language: Option<Language>,
    /// What it is made of, sealed; empty once it has arrived.
    pub sealed: Vec<u8>,
    /// Whether it goes to many, who can ask for no more of the kind.
    pub bulk: bool,
    /// Where it goes by mail if it cannot go as a text message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub or_mail: Option<Recipient>,
}

impl Outgoing {
    /// The service it goes out by.
    pub const fn service(&self) -> OutboundService {
        match self {
            Self::Webhook { .. } => OutboundService::Webhook,
            Self::Action { .. } => OutboundService::ExternalApi,
            Self::Mail(_) => OutboundService::Email,
            Self::Sms(_) => OutboundService::Sms,
            Self::Upload { .. } | Self::Blob { .. } | Self::StorageProbe => OutboundService::Storage,
            Self::Scan { .. } | Self::ScanProbe => OutboundService::VirusScan,
            Self::RedisProbe => OutboundService::Redis,
        }
    }

    /// What is asked of that service, in a word, as in the metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Action { .. } => "action",
            Self::Mail(_) => "mail",
            Self::Sms(_) => "sms",
            Self::Upload { .. } => "upload",
            Self::Blob { act, .. } => act.word(),
            Self::StorageProbe | Self::ScanProbe | Self::RedisProbe => "probe",
            Self::Scan { .. } => "scan",
        }
    }

    /// Whether it may be sent again when nobody knows whether it arrived, because the receiver can tell that it is the same, or
    /// nothing comes of it but an answer.
    pub const fn is_repeatable(&self) -> bool {
        match self {
            Self::Webhook { .. }
            | Self::Action { .. }
            | Self::Mail(_)
            | Self::Upload { .. }
            | Self::Blob { .. }
            | Self::StorageProbe
            | Self::ScanProbe
            | Self::RedisProbe
            | Self::Scan { .. } => true,
            Self::Sms(_) => false,
        }
    }

    /// What is sent, as far as it may be shown.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Webhook { body, .. } | Self::Action { body, .. } => Some(body),
            Self::Mail(_)
            | Self::Sms(_)
            | Self::Upload { .. }
            | Self::Blob { .. }
            | Self::StorageProbe
            | Self::ScanProbe
            | Self::RedisProbe
            | Self::Scan { .. } => None,
        }
    }

    /// The webhook or action that it is for.
    pub const fn hook(&self) -> Option<Uuid> {
        match self {
            Self::Webhook { webhook, .. } => Some(webhook.uuid()),
            Self::Action { action, .. } => Some(action.uuid()),
            Self::Mail(_)
            | Self::Sms(_)
            | Self::Upload { .. }
            | Self::Blob { .. }
            | Self::StorageProbe
            | Self::ScanProbe
            | Self::RedisProbe
            | Self::Scan { .. } => None,
        }
    }

    /// Who gets it, if it is a message.
    pub const fn message(&self) -> Option<&OutgoingMessage> {
        match self {
            Self::Mail(message) | Self::Sms(message) => Some(message),
            Self::Webhook { .. }
            | Self::Action { .. }
            | Self::Upload { .. }
            | Self::Blob { .. }
            | Self::StorageProbe
            | Self::ScanProbe
            | Self::RedisProbe
            | Self::Scan { .. } => None,
        }
    }

    /// What it is, in a word or two: the type of event, the kind of message, `backup`, `file` or `scan`.
    pub fn title(&self) -> &str {
        match self {
            Self::Webhook { event, .. } | Self::Action { event, .. } => event,
            Self::Mail(message) | Self::Sms(message) => message.kind.as_str(),
            Self::Upload { .. } => "backup",
            Self::Blob { act: BlobAct::Store, .. } => "file",
            Self::Blob { act: BlobAct::Fetch, .. } => "file fetch",
            Self::Blob { act: BlobAct::Delete, .. } => "file deletion",
            Self::StorageProbe | Self::ScanProbe | Self::RedisProbe => "probe",
            Self::Scan { .. } => "scan",
        }
    }
}
