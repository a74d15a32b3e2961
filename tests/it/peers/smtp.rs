//! A scripted mail server: keeps every mail and fails on command at any stage of a session.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use super::{
    arrivals::wait_for,
    serving::Serving,
    smtp_session::Session,
    tls::{Authority, Stream},
};

/// The server. It takes mails for everybody until it is told otherwise.
pub struct SmtpPeer {
    serving: Serving,
    shared: Arc<Shared>,
}

/// What the server asks of its clients. By default nothing: neither encryption nor sign-in.
#[derive(Clone, Default)]
pub struct SmtpOptions {
    pub(super) authority: Option<Authority>,
    pub(super) is_encrypted_at_once: bool,
    pub(super) login: Option<(String, String)>,
}

/// What the server answers to. `Dot` is the end of a mail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
}

/// A mail that has arrived whole and was not refused.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The session it came in, counted from 1.
    pub session: u64,
    /// The sender of the envelope; empty in notices of failure.
    pub from: String,
    /// What follows the sender, such as `BODY=8BITMIME SMTPUTF8`.
    pub parameters: String,
    /// The recipients of the envelope that were not refused.
    pub to: Vec<String>,
    /// Head and body as they came, without the dots that the transport adds.
    pub data: Vec<u8>,
    pub is_encrypted: bool,
    /// Who had signed in.
    pub user: Option<String>,
    /// Whether the client was told that it was taken.
    pub is_answered: bool,
}

/// What happens instead of the usual answer.
#[derive(Clone)]
pub(super) enum Fault {
    Reply(String),
    Close,
    /// Until [`SmtpPeer::resume`] is called once more than so often.
    Stall(usize),
}

pub(super) struct Shared {
    pub(super) options: SmtpOptions,
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) mails: Vec<Mail>,
    pub(super) greeting: Option<String>,
    pub(super) refused: BTreeMap<String, String>,
    sessions: u64,
    once: HashMap<Stage, VecDeque<Fault>>,
    always: HashMap<Stage, Fault>,
    /// Counts the calls of [`SmtpPeer::resume`].
    resumed: usize,
    is_over: bool,
}

impl SmtpPeer {
    /// Without encryption and sign-in.
    pub fn start() -> Self {
        Self::with(SmtpOptions::default())
    }

    pub fn with(options: SmtpOptions) -> Self {
        let shared = Arc::new(Shared { options, state: Mutex::default(), changed: Condvar::new() });
        let serving = Serving::start({
            let shared = Arc::clone(&shared);
            move |stream, number| {
                shared.state.lock().sessions = number;
                shared.changed.notify_all();
                let stream = match &shared.options.authority {
                    Some(authority) if shared.options.is_encrypted_at_once => authority.encrypt(stream),
                    _ => Stream::Plain(stream),
                };
                // A client that breaks off is none of the server's business.
                drop(Session::new(&shared, stream, number).run());
            }
        });
        Self { serving, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// Greets with this line, such as `554 5.3.2 closed`, from now on.
    pub fn greeting(&self, line: &str) {
        self.shared.state.lock().greeting = Some(line.to_owned());
    }

    /// Gives this answer the next time a stage is reached, such as `451 4.3.0 later`. Faults of a stage queue up. With
    /// 421, the session ends.
    pub fn fail_next(&self, stage: Stage, reply: &str) {
        self.next(stage, Fault::Reply(reply.to_owned()));
    }

    /// Gives this answer whenever a stage is reached, until [`SmtpPeer::heal`].
    pub fn fail(&self, stage: Stage, reply: &str) {
        self.shared.state.lock().always.insert(stage, Fault::Reply(reply.to_owned()));
    }

    /// Refuses a recipient with this answer, such as `550 5.1.1 unknown`, until [`SmtpPeer::heal`].
    pub fn refuse_recipient(&self, address: &str, reply: &str) {
        self.shared.state.lock().refused.insert(address.to_owned(), reply.to_owned());
    }

    /// Closes the connection instead of answering, the next time a stage is reached.
    pub fn close_next(&self, stage: Stage) {
        self.next(stage, Fault::Close);
    }

    /// Takes the next mail and closes the connection instead of saying so.
    pub fn close_after_dot(&self) {
        self.close_next(Stage::Dot);
    }

    /// Answers nothing the next time a stage is reached, until [`SmtpPeer::resume`].
    pub fn stall_next(&self, stage: Stage) {
        self.next(stage, Fault::Stall(0));
    }

    /// Lets everybody go on whose answer stalls.
    pub fn resume(&self) {
        self.shared.state.lock().resumed += 1;
        self.shared.changed.notify_all();
    }

    /// Forgets all faults, the greeting included.
    pub fn heal(&self) {
        let mut state = self.shared.state.lock();
        (state.greeting, state.refused) = (None, BTreeMap::new());
        (state.once, state.always) = (HashMap::new(), HashMap::new());
    }

    /// How many sessions there have been.
    pub fn sessions(&self) -> u64 {
        self.shared.state.lock().sessions
    }

    /// All mails so far, in the order of their arrival.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.state.lock().mails.clone()
    }

    /// Waits until so many mails have arrived, and returns all.
    ///
    /// # Panics
    /// When they have not within the limit.
    #[track_caller]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Mail> {
        wait_for((&self.shared.state, &self.shared.changed), |state| &state.mails, count, limit)
    }

    fn next(&self, stage: Stage, fault: Fault) {
        self.shared.state.lock().once.entry(stage).or_default().push_back(fault);
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.shared.changed.notify_all();
    }
}

impl SmtpOptions {
    /// Offers encryption with STARTTLS, and sign-in only after it.
    pub fn starttls(mut self, authority: &Authority) -> Self {
        self.authority = Some(authority.clone());
        self
    }

    /// Encrypts from the first byte.
    pub fn tls(mut self, authority: &Authority) -> Self {
        self.is_encrypted_at_once = true;
        self.starttls(authority)
    }

    /// Takes mails only from this user.
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }
}

impl Shared {
    /// What is to happen instead of the usual answer.
    pub(super) fn fault(&self, stage: Stage) -> Option<Fault> {
        let mut state = self.state.lock();
        let once = state.once.get_mut(&stage).and_then(VecDeque::pop_front);
        match once.or_else(|| state.always.get(&stage).cloned()) {
            Some(Fault::Stall(_)) => Some(Fault::Stall(state.resumed)),
            fault => fault,
        }
    }

    /// Waits for [`SmtpPeer::resume`].
    pub(super) fn stall(&self, resumed: usize) {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| state.resumed == resumed && !state.is_over);
    }
}

impl Mail {
    /// The first header of a name, whatever its case, with continued lines joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.data).replace("\r\n ", " ").replace("\r\n\t", " ");
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        let mut headers = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let (_, value) = headers.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    }

    /// What follows the head, still in the encoding it came in.
    pub fn body(&self) -> String {
        let text = String::from_utf8_lossy(&self.data);
        text.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned())
    }
}
