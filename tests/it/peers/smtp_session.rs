//! One session of the scripted mail server: the commands of SMTP in the order in which RFC 5321 allows them.

use std::io::{self, BufRead, BufReader, Write};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    http::read_line,
    smtp::{Fault, Mail, Shared, Stage},
    tls::Stream,
};

pub(super) struct Session<'a> {
    shared: &'a Shared,
    stream: BufReader<Stream>,
    number: u64,
    user: Option<String>,
    /// Sender and parameters of the mail that is under way.
    from: Option<(String, String)>,
    to: Vec<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(shared: &'a Shared, stream: Stream, number: u64) -> Self {
        Self { shared, stream: BufReader::new(stream), number, user: None, from: None, to: Vec::new() }
    }

    /// Serves the client until it leaves, or a fault ends the session.
    pub(super) fn run(&mut self) -> io::Result<()> {
        let greeting = self.shared.state.lock().greeting.clone();
        let greeting = greeting.unwrap_or_else(|| "220 peer.test ESMTP".to_owned());
        self.answer(Stage::Greeting, &greeting)?;
        while let Some(line) = read_line(&mut self.stream)? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.ehlo()?,
                "HELO" => drop(self.answer(Stage::Ehlo, "250 peer.test")?),
                "STARTTLS" => self.start_tls()?,
                "AUTH" => self.auth(rest)?,
                "MAIL" => self.mail(rest)?,
                "RCPT" => self.rcpt(rest)?,
                "DATA" => self.data()?,
                "RSET" => {
                    self.forget();
                    self.say("250 2.0.0 ok")?;
                }
                "NOOP" => self.say("250 2.0.0 ok")?,
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.say("502 5.5.1 unknown command")?,
            }
        }
        Ok(())
    }

    fn ehlo(&mut self) -> io::Result<()> {
        let mut lines = vec!["peer.test", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 10485760"];
        let is_offered = self.shared.options.authority.is_some() && !self.is_encrypted();
        if is_offered {
            lines.push("STARTTLS");
        } else if self.shared.options.login.is_some() {
            lines.push("AUTH PLAIN");
        }
        let last = lines.pop().unwrap_or_default();
        let mut reply: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        reply.push_str(&format!("250 {last}"));
        self.forget();
        self.answer(Stage::Ehlo, &reply).map(drop)
    }

    fn start_tls(&mut self) -> io::Result<()> {
        let (Some(authority), Stream::Plain(stream)) =
            (&self.shared.options.authority, self.stream.get_ref())
        else {
            return self.say("502 5.5.1 not offered");
        };
        let encrypted = authority.encrypt(stream.try_clone()?);
        if self.answer(Stage::StartTls, "220 2.0.0 go ahead")? {
            self.stream = BufReader::new(encrypted);
            self.forget();
        }
        Ok(())
    }

    fn auth(&mut self, rest: &str) -> io::Result<()> {
        let Some((user, password)) = self.shared.options.login.clone() else {
            return self.say("502 5.5.1 not offered");
        };
        if self.shared.options.authority.is_some() && !self.is_encrypted() {
            return self.say("538 5.7.11 encryption required");
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        if !mechanism.eq_ignore_ascii_case("PLAIN") {
            return self.say("504 5.5.4 unknown mechanism");
        }
        let mut response = initial.to_owned();
        if response.is_empty() {
            self.say("334 ")?;
            response = read_line(&mut self.stream)?.unwrap_or_default();
        }
        let expected = STANDARD.encode(format!("\0{user}\0{password}"));
        if response != expected {
            return self.say("535 5.7.8 wrong user or password");
        }
        if self.answer(Stage::Auth, "235 2.7.0 welcome")? {
            self.user = Some(user);
        }
        Ok(())
    }

    fn mail(&mut self, rest: &str) -> io::Result<()> {
        if self.shared.options.login.is_some() && self.user.is_none() {
            return self.say("530 5.7.0 sign in first");
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>");
        };
        if self.from.is_some() {
            return self.say("503 5.5.1 a mail is under way");
        }
        if self.answer(Stage::Mail, "250 2.1.0 ok")? {
            self.from = Some((from.to_owned(), parameters.to_owned()));
        }
        Ok(())
    }

    fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        let Some((to, _)) = path(rest, "TO:") else { return self.say("501 5.5.4 RCPT TO:<address>") };
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        let refusal = self.shared.state.lock().refused.get(to).cloned();
        if let Some(refusal) = refusal {
            return self.say(&refusal);
        }
        if self.answer(Stage::Rcpt, "250 2.1.5 ok")? {
            self.to.push(to.to_owned());
        }
        Ok(())
    }

    fn data(&mut self) -> io::Result<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first");
        }
        if !self.answer(Stage::Data, "354 go ahead")? {
            return Ok(());
        }
        let data = self.read_data()?;
        let fault = self.shared.fault(Stage::Dot);
        if let Some(Fault::Reply(_)) = fault {
            self.forget();
            return self.carry_out(fault, "").map(drop);
        }
        let (from, parameters) = self.from.take().unwrap_or_default();
        let (to, user) = (std::mem::take(&mut self.to), self.user.clone());
        let (session, is_encrypted) = (self.number, self.is_encrypted());
        let mail = Mail { session, from, parameters, to, data, is_encrypted, user, is_answered: false };
        let place = {
            let mut state = self.shared.state.lock();
            state.mails.push(mail);
            state.mails.len() - 1
        };
        self.shared.changed.notify_all();
        self.carry_out(fault, &format!("250 2.0.0 taken as {}", place + 1))?;
        self.shared.state.lock().mails[place].is_answered = true;
        Ok(())
    }

    fn read_data(&mut self) -> io::Result<Vec<u8>> {
        let mut data = Vec::new();
        loop {
            let start = data.len();
            if self.stream.read_until(b'\n', &mut data)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if data[start..] == *b".\r\n" {
                data.truncate(start);
                return Ok(data);
            }
            if data[start] == b'.' {
                data.remove(start);
            }
        }
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.stream.get_ref(), Stream::Encrypted(_))
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    /// Gives the usual answer of a stage unless a fault is due. Tells whether it did.
    fn answer(&mut self, stage: Stage, usual: &str) -> io::Result<bool> {
        let fault = self.shared.fault(stage);
        self.carry_out(fault, usual)
    }

    fn carry_out(&mut self, fault: Option<Fault>, usual: &str) -> io::Result<bool> {
        match fault {
            Some(Fault::Reply(reply)) => {
                self.say(&reply)?;
                if reply.starts_with("421") {
                    Err(io::ErrorKind::ConnectionAborted.into())
                } else {
                    Ok(false)
                }
            }
            Some(Fault::Close) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Fault::Stall(resumed)) => {
                self.shared.stall(resumed);
                self.say(usual).map(|()| true)
            }
            None => self.say(usual).map(|()| true),
        }
    }

    fn say(&mut self, reply: &str) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{reply}\r\n").as_bytes())?;
        stream.flush()
    }
}

/// The address and what follows it in `FROM:<a@x.test> BODY=8BITMIME`.
fn path<'t>(rest: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let start = rest.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))?;
    let (address, parameters) = rest[start.len()..].trim_start().strip_prefix('<')?.split_once('>')?;
    Some((address, parameters.trim()))
}
