//! One SMTP relay: hands over single mails on connections that it keeps, each call within its limits.
//! Uses `session`, `pool` and `message`.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{ClientConfig, pki_types::ServerName};

use super::{
    address::ascii_address,
    classify::Fault,
    connect::{server_name, tls},
    dkim::Signer,
    message::{Mail, Rendered},
    pool::{Pool, Slot},
    reply::Reply,
    session::Session,
    settings::{RelaySettings, SetUpFault},
    wire::Deadline,
};
use crate::integrations::attempt::{Blame, CallIds, DETAIL_BYTES_MAX, Failure, Next};

/// Taking leave must not hold anything up: the line fits into any socket's buffer.
const QUIT_LIMIT: Duration = Duration::from_millis(250);

/// A mail that the relay has taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// What it said, such as `250 2.0.0 Ok: queued as 4B1D2`: one line of at most 1 KiB.
    pub response: String,
}

/// One relay. All calls block, at most for the limits of the settings.
pub struct Relay {
    settings: RelaySettings,
    tls: Arc<ClientConfig>,
    name: ServerName<'static>,
    signers: Vec<Signer>,
    pool: Pool,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay that is not connected to yet.
    ///
    /// # Errors
    /// What of the settings cannot work, whatever the relay says.
    pub fn new(settings: RelaySettings) -> Result<Self, SetUpFault> {
        settings.check()?;
        let signers = settings.dkim.iter().map(Signer::new).collect::<Result<_, _>>()?;
        Ok(Self {
            tls: tls(&settings)?,
            name: server_name(&settings)?,
            signers,
            pool: Pool::new(settings.connections_max),
            settings,
        })
    }

    /// `host:port` in lower case: what the relay's circuit is kept under.
    pub fn key(&self) -> String {
        self.settings.key()
    }

    /// Whether mails may come from an address: it must be one, and every signature must stand for its domain.
    ///
    /// # Errors
    /// Why they may not.
    pub fn check_sender(&self, address: &str) -> Result<(), SetUpFault> {
        let address = ascii_address(address).ok_or(SetUpFault::Sender)?;
        self.signers.iter().try_for_each(|signer| signer.check_sender(address.domain()))
    }

    /// Hands one mail over. The same mail sent again is the same text, but for its correlation id.
    ///
    /// # Errors
    /// Why it was not taken, or why nobody knows, and what is to become of it.
    pub fn send(&self, mail: &Mail, ids: &CallIds) -> Result<Accepted, Failure> {
        let rendered = mail.rendered(&ids.correlation_id, &self.signers)?;
        let deadline = Deadline::after(self.settings.send_limit);
        let (mut slot, kept) = self.slot()?;
        if let Some(session) = kept.and_then(|session| self.alive(session, deadline)) {
            match deliver(session, &rendered, deadline, &mut slot) {
                // Nothing of the mail was sent: the relay had given the connection up.
                Err(fault) if fault.is_stale() => {}
                outcome => return accepted(outcome),
            }
        }
        let session = self.open(deadline)?;
        accepted(deliver(session, &rendered, deadline, &mut slot))
    }

    /// Connects, greets, encrypts and signs in without sending a mail, and tells what the relay says of itself.
    ///
    /// # Errors
    /// At which step it failed.
    pub fn check(&self) -> Result<String, Failure> {
        let deadline = Deadline::after(self.settings.send_limit);
        let (_slot, kept) = self.slot()?;
        // A kept connection would prove less than a new one.
        if let Some(kept) = kept {
            kept.quit(Deadline::after(QUIT_LIMIT));
        }
        let mut session = self.open(deadline)?;
        session.noop()?;
        let description = shortened(session.description());
        session.quit(Deadline::after(QUIT_LIMIT));
        Ok(description)
    }

    /// Closes the connections that are kept for the next mail, as before the end of the process.
    pub fn close(&self) {
        for session in self.pool.clear() {
            session.quit(Deadline::after(QUIT_LIMIT));
        }
    }

    fn slot(&self) -> Result<(Slot<'_>, Option<Session>), Failure> {
        let wait = self.settings.connect_limit;
        self.pool.take(wait).ok_or_else(|| {
            let detail = format!("all {} connections are in use", self.settings.connections_max);
            Failure::new(Blame::Call, Next::Retry, "busy", detail)
        })
    }

    fn open(&self, deadline: Deadline) -> Result<Session, Fault> {
        Session::open(&self.settings, &self.tls, &self.name, deadline)
    }

    fn alive(&self, mut session: Session, deadline: Deadline) -> Option<Session> {
        session.is_alive(deadline.within(self.settings.connect_limit)).then_some(session)
    }
}

fn deliver(
    mut session: Session,
    mail: &Rendered,
    deadline: Deadline,
    slot: &mut Slot<'_>,
) -> Result<Reply, Fault> {
    let outcome = session.deliver(mail, deadline);
    if outcome.as_ref().map_or_else(Fault::leaves_connection, |_| true) {
        slot.keep(session);
    }
    outcome
}

fn accepted(outcome: Result<Reply, Fault>) -> Result<Accepted, Failure> {
    Ok(Accepted { response: shortened(outcome?.text()) })
}

fn shortened(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(DETAIL_BYTES_MAX));
    text
}
