//! Which deliveries are listed or exported: the same filter in two queries, because a query is one flat list of names.

use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::exports::Format;
use crate::{
    domain::{DeliveryState, OutboundService, Timestamp},
    service::{DeliveryFilter, MessageName},
};

macro_rules! filtered {
    ($(#[$doc:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, JsonSchema, Validate)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[garde(allow_unvalidated)]
        pub struct $name {
            /// Only those in this state.
            #[serde(default)]
            state: Option<DeliveryState>,
            /// Only those of this service.
            #[serde(default)]
            service: Option<OutboundService>,
            /// Only messages to people: mails and text messages.
            #[serde(default)]
            messages: bool,
            /// Only those for this webhook or action.
            #[serde(default)]
            hook: Option<Uuid>,
            /// Only those that are this: a type of event, or a kind of message such as `invitation`.
            #[serde(default)]
            #[garde(inner(length(chars, min = 1, max = 100)))]
            title: Option<String>,
            /// Only those that were caused since.
            #[serde(default)]
            since: Option<Timestamp>,
            /// Only those that were caused before.
            #[serde(default)]
            until: Option<Timestamp>,
            /// Only those of this correlation ID.
            #[serde(default)]
            #[garde(inner(length(bytes, min = 1, max = 128)))]
            correlation_id: Option<String>,
            /// Only that which its receiver knows by this name, and what repeats it: `msg_…`, also as it stands in a mail.
            #[serde(default)]
            #[garde(inner(custom(is_message_id)))]
            message_id: Option<String>,
            /// Only messages to somebody whose name or address has this in it.
            #[serde(default)]
            #[garde(inner(length(chars, min = 1, max = 200)))]
            recipient: Option<String>,
            /// Only those whose recipient has this in it, or whose title, correlation ID or message ID it is.
            #[serde(default)]
            #[garde(inner(length(chars, min = 1, max = 500)))]
            text: Option<String>,
            $($own)*
        }

        impl $name {
            /// The filter it asks for.
            pub fn filter(&self) -> DeliveryFilter {
                DeliveryFilter {
                    state: self.state,
                    service: self.service,
                    messages: self.messages,
                    hook: self.hook,
                    title: self.title.clone(),
                    since: self.since,
                    until: self.until,
                    correlation_id: self.correlation_id.clone(),
                    message_id: self.message_id.as_deref().and_then(MessageName::parse),
                    recipient: self.recipient.clone(),
                    text: self.text.clone(),
                }
            }
        }
    };
}

filtered! {
    /// Which deliveries, and how many of them.
    DeliveriesQuery {
        /// Most deliveries of a page.
        #[serde(default = "fifty")]
        #[garde(range(min = 1, max = 500))]
        pub limit: u16,
        /// Where the page starts: `nextCursor` of the page before. A page may be short although there are more.
        #[serde(default)]
        pub cursor: Option<String>,
    }
}

filtered! {
    /// Which deliveries, and in which form.
    ExportQuery {
        /// The form of the file.
        #[serde(default)]
        pub format: Format,
    }
}

fn fifty() -> u16 {
    50
}

fn is_message_id(text: &str, (): &()) -> garde::Result {
    let found = MessageName::parse(text);
    found.map(drop).ok_or_else(|| garde::Error::new("must be the name of a message: msg_ and a UUID"))
}
