//! The SMTP dialogue with one relay, step by step, so that it is known at which step something failed.
//! Uses `connect`, `wire` and `reply`.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{ClientConfig, pki_types::ServerName};

use super::{
    classify::{Fault, Stage, Trouble},
    connect::connect,
    message::Rendered,
    reply::Reply,
    settings::{Login, RelaySettings, Security},
    wire::{Deadline, Wire},
};

/// Shortest word of an answer that is taken for a piece of the credentials if it is one.
const TELLING_BYTES: usize = 6;

/// A connection that has greeted, is as secure as it must be, and is signed in.
pub(super) struct Session {
    wire: Wire,
    greeting: Reply,
    features: Vec<String>,
    signed_in: bool,
}

impl Session {
    /// Connects, greets, encrypts and signs in, as the settings say.
    pub(super) fn open(
        settings: &RelaySettings,
        tls: &Arc<ClientConfig>,
        name: &ServerName<'static>,
        deadline: Deadline,
    ) -> Result<Self, Fault> {
        let connecting = deadline.within(settings.connect_limit);
        let socket = connect(settings, connecting).map_err(|trouble| Stage::Connect.fault(trouble))?;
        let mut wire = Wire::new(socket, connecting);
        if settings.security == Security::Tls {
            wire = wire.encrypted(tls, name.clone()).map_err(|trouble| Stage::Encrypt.fault(trouble))?;
        }
        wire.limit(deadline);
        let greeting =
            expected(Reply::read(&mut wire), 2).map_err(|trouble| Stage::Greeting.fault(trouble))?;
        let mut session = Self { wire, greeting, features: Vec::new(), signed_in: false };
        session.hello(settings)?;
        if settings.security == Security::StartTls {
            session = session.encrypted(tls, name)?;
            // What was offered in clear could have come from anybody on the way.
            session.hello(settings)?;
        }
        if let Some(login) = &settings.login {
            session.sign_in(login)?;
        }
        Ok(session)
    }

    fn hello(&mut self, settings: &RelaySettings) -> Result<(), Fault> {
        let reply = self.ask(Stage::Hello, &format!("EHLO {}", settings.client_name), 2)?;
        self.features = reply.lines.into_iter().skip(1).collect();
        Ok(())
    }

    fn encrypted(mut self, tls: &Arc<ClientConfig>, name: &ServerName<'static>) -> Result<Self, Fault> {
        if self.feature("STARTTLS").is_none() {
            let refused = "the relay does not offer STARTTLS, and nothing is sent in clear".to_owned();
            return Err(Stage::Encrypt.fault(Trouble::Tls(refused)));
        }
        self.ask(Stage::Encrypt, "STARTTLS", 2)?;
        let wire = self.wire.encrypted(tls, name.clone()).map_err(|trouble| Stage::Encrypt.fault(trouble))?;
        Ok(Self { wire, ..self })
    }

    fn sign_in(&mut self, login: &Login) -> Result<(), Fault> {
        // Settings with a password have TLS; this holds even if that rule were lost.
        if !self.wire.is_encrypted() {
            return Err(Stage::SignIn.fault(Trouble::Tls("no password is sent in clear".to_owned())));
        }
        let user = STANDARD.encode(&login.user);
        let password = STANDARD.encode(&login.password);
        let both = STANDARD.encode(format!("\0{}\0{}", login.user, login.password));
        let outcome = match self.mechanism() {
            Some(Mechanism::Plain) => self.challenged(&["AUTH PLAIN", &both]),
            Some(Mechanism::Login) => self.challenged(&["AUTH LOGIN", &user, &password]),
            None => Err(Stage::SignIn.fault(Trouble::NoMechanism)),
        };
        self.signed_in = outcome.is_ok();
        // Some relays repeat the line that they did not like.
        outcome.map_err(|fault| fault.map_reply(|reply| told(reply, &[&login.password, &password, &both])))
    }

    /// Sends the lines in turn, each but the first as the answer to a challenge.
    fn challenged(&mut self, lines: &[&str]) -> Result<(), Fault> {
        let mut lines = lines.iter().peekable();
        while let Some(line) = lines.next() {
            self.ask(Stage::SignIn, line, if lines.peek().is_some() { 3 } else { 2 })?;
        }
        Ok(())
    }

    fn mechanism(&self) -> Option<Mechanism> {
        let offered = self.feature("AUTH")?.to_ascii_uppercase();
        let offers = |name: &str| offered.split([' ', '=']).any(|word| word == name);
        match (offers("PLAIN"), offers("LOGIN")) {
            (true, _) => Some(Mechanism::Plain),
            (false, true) => Some(Mechanism::Login),
            (false, false) => None,
        }
    }

    /// What follows the name of a capability, if the relay has it.
    fn feature(&self, name: &str) -> Option<&str> {
        self.features.iter().find_map(|line| {
            let (word, rest) = line.split_at(line.find([' ', '=']).unwrap_or(line.len()));
            word.eq_ignore_ascii_case(name).then_some(rest)
        })
    }

    /// Whether a connection that was kept still works. Clears what the mail before may have left.
    pub(super) fn is_alive(&mut self, deadline: Deadline) -> bool {
        self.wire.limit(deadline);
        self.ask(Stage::Idle, "RSET", 2).is_ok()
    }

    /// Asks for nothing, as the last step of a check.
    pub(super) fn noop(&mut self) -> Result<(), Fault> {
        self.ask(Stage::Idle, "NOOP", 2).map(drop)
    }

    /// Hands over one mail by the deadline.
    pub(super) fn deliver(&mut self, mail: &Rendered, deadline: Deadline) -> Result<Reply, Fault> {
        self.wire.limit(deadline);
        let limit = self.feature("SIZE").map(|size| size.trim().parse().unwrap_or(0));
        if let Some(limit) = limit.filter(|limit| (1..mail.bytes.len()).contains(limit)) {
            return Err(Stage::Sender.fault(Trouble::TooLarge { limit, bytes: mail.bytes.len() }));
        }
        let size = limit.map(|_| format!(" SIZE={}", mail.bytes.len())).unwrap_or_default();
        self.ask(Stage::Sender, &format!("MAIL FROM:<{}>{size}", mail.sender), 2)?;
        self.ask(Stage::Recipient, &format!("RCPT TO:<{}>", mail.recipient), 2)?;
        self.ask(Stage::Data, "DATA", 3)?;
        self.wire.write(&stuffed(&mail.bytes)).map_err(|trouble| Stage::Content.fault(trouble))?;
        self.quiet(Stage::Content)?;
        self.ask(Stage::End, ".", 2)
    }

    /// Takes leave without waiting for an answer.
    pub(super) fn quit(mut self, deadline: Deadline) {
        self.wire.limit(deadline);
        // The relay sees the connection end in any case.
        let _ = self.wire.write(b"QUIT\r\n");
    }

    /// What the relay says of itself.
    pub(super) fn description(&self) -> String {
        let security = if self.wire.is_encrypted() { "TLS" } else { "in clear" };
        let signed_in = if self.signed_in { ", signed in" } else { "" };
        format!("{}; {security}{signed_in}; {}", self.greeting.text(), self.features.join(", "))
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    }

    /// Sends a line and reads the answer, which must be of a class.
    fn ask(&mut self, stage: Stage, line: &str, class: u16) -> Result<Reply, Fault> {
        self.quiet(stage)?;
        let sent = self.wire.write(format!("{line}\r\n").as_bytes());
        let answered = sent.and_then(|()| Reply::read(&mut self.wire));
        expected(answered, class).map_err(|trouble| stage.fault(trouble))
    }

    /// An answer that nobody asked for would be taken for the answer to what is asked next.
    fn quiet(&self, stage: Stage) -> Result<(), Fault> {
        if self.wire.has_unread() {
            return Err(stage.fault(Trouble::Malformed("an answer came that nobody asked for")));
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Mechanism {
    Plain,
    Login,
}

fn expected(answered: Result<Reply, Trouble>, class: u16) -> Result<Reply, Trouble> {
    let reply = answered?;
    match reply.class() {
        found if found == class => Ok(reply),
        4 | 5 => Err(Trouble::Said(reply)),
        _ => Err(Trouble::Malformed("an answer does not fit the question")),
    }
}

/// The answer as it may be told: without its text if that repeats a secret or a piece of one.
fn told(reply: Reply, secrets: &[&str]) -> Reply {
    let text = reply.text();
    let is_piece = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        word.len() >= TELLING_BYTES && secrets.iter().any(|secret| secret.contains(word))
    };
    let reveals = secrets.iter().any(|secret| text.contains(secret))
        || text.split([' ', ':', '<', '>', '\'', '"']).any(is_piece);
    if reveals { reply.without_text() } else { reply }
}

/// The content as it is sent: a dot that begins a line is doubled, since one alone ends the mail.
fn stuffed(content: &[u8]) -> Vec<u8> {
    let mut sent = Vec::with_capacity(content.len() + 64);
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            sent.push(b'.');
        }
        sent.extend_from_slice(line);
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::{Reply, stuffed, told};

    #[test]
    fn dots_that_begin_lines_are_doubled() {
        assert_eq!(stuffed(b".\r\na.\r\n..\r\n\r\n.b\r\n"), b"..\r\na.\r\n...\r\n\r\n..b\r\n");
    }

    #[test]
    fn an_answer_that_repeats_a_secret_or_a_piece_of_it_is_told_without_its_text() {
        let secrets = ["open-sesame", "b3Blbi1zZXNhbWU=", "AG1haWxlcgBvcGVuLXNlc2FtZQ=="];
        let said = |line: &str| told(Reply { code: 535, lines: vec![line.to_owned()] }, &secrets).text();
        assert_eq!(said("5.7.8 bad password open-sesame"), "535 5.7.8");
        assert_eq!(said("5.5.2 unknown: AUTH PLAIN AG1haWxlcgBvcGVu..."), "535 5.5.2");
        assert_eq!(said("what is \"b3Blbi1zZXNhbWU=\"?"), "535");
        assert_eq!(said("5.7.8 see https://example.org/help"), "535 5.7.8 see https://example.org/help");
    }
}
