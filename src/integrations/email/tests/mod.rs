//! The e-mail client against relays that are played on real sockets. See `peer`.

mod certificates;
mod faults;
mod kept;
mod mails;
mod peer;
mod secure;
mod signatures;

use std::time::Duration;

use super::{Mail, Person, Relay, RelaySettings, Security};
use crate::integrations::attempt::CallIds;

/// A mail without anything special in it.
fn mail() -> Mail {
    Mail {
        from: Person { name: "Summer Cup".to_owned(), address: "cup@example.org".to_owned() },
        reply_to: None,
        to: Person { name: "Ada".to_owned(), address: "ada@example.net".to_owned() },
        subject: "Your results".to_owned(),
        text: "Hello Ada,\n.\nyou came first.\n".to_owned(),
        html: None,
        message_id: "<job-1@example.org>".to_owned(),
        date_ms: 1_777_662_000_123,
        language: "en".to_owned(),
        unsubscribe: None,
        attachments: Vec::new(),
    }
}

fn ids() -> CallIds {
    CallIds {
        request_id: "req-1".to_owned(),
        correlation_id: "corr-1".to_owned(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
    }
}

/// A relay in clear on a port of this machine.
fn settings(port: u16) -> RelaySettings {
    RelaySettings {
        connect_limit: Duration::from_secs(20),
        ..RelaySettings::new("127.0.0.1", port, Security::Plain)
    }
}

fn relay(port: u16) -> Relay {
    Relay::new(settings(port)).unwrap()
}

/// A relay that is waited for only briefly, for peers that never answer.
fn hasty_relay(port: u16) -> Relay {
    let limit = Duration::from_secs(1);
    Relay::new(RelaySettings { connect_limit: limit, send_limit: limit, ..settings(port) }).unwrap()
}
