//! A relay that plays a script: an SMTP server on a real socket that does what it is told at every step.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the relay does at a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Answers; the text is sent as it stands, with a line end behind it.
    Say(&'static str),
    /// Answers and closes.
    SayAndClose(&'static str),
    /// Answers, and reads nothing of what follows.
    SayAndIgnore(&'static str),
    /// Closes the connection without a word.
    Close,
    /// Says nothing until the client goes.
    Silence,
    /// Sends a byte at a time for ever, and never a whole line.
    Drip,
    /// Sends a line without an end.
    EndlessLine,
    /// Sends lines without an end.
    EndlessLines,
}

/// What the relay does, by step: `greeting`, the command's verb in capitals, `LOGIN 1`, `LOGIN 2`, or `end`.
#[derive(Clone, Default)]
pub(super) struct Script {
    acts: HashMap<&'static str, Act>,
    /// Closes after so many commands of a connection, without a word.
    commands_max: Option<usize>,
    /// Closes behind every mail that it took.
    closes_behind_mail: bool,
    /// What it says to EHLO, before and under TLS.
    features: (Vec<&'static str>, Vec<&'static str>),
    tls: Option<Arc<ServerConfig>>,
    tls_at_once: bool,
}

impl Script {
    /// A relay that takes everything.
    pub(super) fn good() -> Self {
        Self::default()
    }

    pub(super) fn at(mut self, step: &'static str, act: Act) -> Self {
        self.acts.insert(step, act);
        self
    }

    pub(super) fn closing_behind_mail(self) -> Self {
        Self { closes_behind_mail: true, ..self }
    }

    pub(super) fn closing_after(self, commands: usize) -> Self {
        Self { commands_max: Some(commands), ..self }
    }

    pub(super) fn offering(self, in_clear: &[&'static str], under_tls: &[&'static str]) -> Self {
        Self { features: (in_clear.to_vec(), under_tls.to_vec()), ..self }
    }

    pub(super) fn with_tls(self, config: &Arc<ServerConfig>, at_once: bool) -> Self {
        Self { tls: Some(Arc::clone(config)), tls_at_once: at_once, ..self }
    }
}

/// What the relay saw.
#[derive(Clone, Default, Debug)]
pub(super) struct Seen {
    pub(super) connections: usize,
    /// Every line of a command; those under TLS begin with `tls `.
    pub(super) commands: Vec<String>,
    /// Every content that it took, dots undone, whatever it then answered.
    pub(super) contents: Vec<String>,
}

/// A running relay.
pub(super) struct Peer {
    pub(super) port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Peer {
    #[allow(clippy::disallowed_methods, reason = "the peer is no part of the product")]
    pub(super) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let record = Arc::clone(&seen);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (script, record, socket) = (script.clone(), Arc::clone(&record), socket.unwrap());
                record.lock().unwrap().connections += 1;
                // A client that goes away in the middle ends the play, not the test.
                thread::spawn(move || drop(Play { script, record, line: Line::Clear(socket) }.run()));
            }
        });
        Self { port, seen }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn mails(&self) -> usize {
        self.seen().contents.len()
    }
}

enum Line {
    Clear(TcpStream),
    Tls(Box<BufReader<StreamOwned<ServerConnection, TcpStream>>>),
}

struct Play {
    script: Script,
    record: Arc<Mutex<Seen>>,
    line: Line,
}

impl Play {
    fn run(mut self) -> io::Result<()> {
        if self.script.tls_at_once {
            self = self.encrypted()?;
        }
        self.act("greeting", "220 relay.test ESMTP")?;
        let mut commands = 0;
        loop {
            let command = self.command()?;
            commands += 1;
            if self.script.commands_max.is_some_and(|max| commands > max) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            let verb = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let secure = matches!(self.line, Line::Tls(_));
                    let offered = if secure { &self.script.features.1 } else { &self.script.features.0 };
                    let rest: String = offered.iter().map(|feature| format!("\r\n250-{feature}")).collect();
                    self.act("EHLO", &format!("250-relay.test{rest}\r\n250 HELP"))?;
                }
                "STARTTLS" => {
                    self.act("STARTTLS", "220 go on")?;
                    self = self.encrypted()?;
                }
                "AUTH" if command.to_ascii_uppercase().starts_with("AUTH LOGIN") => {
                    self.act("LOGIN 1", "334 VXNlcm5hbWU6")?;
                    self.command()?;
                    self.act("LOGIN 2", "334 UGFzc3dvcmQ6")?;
                    self.command()?;
                    self.act("AUTH", "235 2.7.0 welcome")?;
                }
                "AUTH" => {
                    self.act("AUTH", "334 ")?;
                    self.command()?;
                    self.act("SECRET", "235 2.7.0 welcome")?;
                }
                "DATA" => {
                    self.act("DATA", "354 go on")?;
                    if self
                        .script
                        .acts
                        .get("DATA")
                        .is_none_or(|act| matches!(act, Act::Say(text) if text.starts_with("354")))
                    {
                        self.content()?;
                        self.act("end", "250 2.0.0 Ok: queued as 4B1D2")?;
                        if self.script.closes_behind_mail {
                            return Ok(());
                        }
                    }
                }
                "QUIT" => return self.say("221 bye"),
                _ => self.act(leaked(&verb), "250 2.1.0 Ok")?,
            }
        }
    }

    fn content(&mut self) -> io::Result<()> {
        let mut content = String::new();
        loop {
            let line = self.read_line()?;
            if line == ".\r\n" {
                break;
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        self.record.lock().unwrap().contents.push(content);
        Ok(())
    }

    fn command(&mut self) -> io::Result<String> {
        let line = self.read_line()?;
        let line = line.trim_end().to_owned();
        let mark = if matches!(self.line, Line::Tls(_)) { "tls " } else { "" };
        self.record.lock().unwrap().commands.push(format!("{mark}{line}"));
        Ok(line)
    }

    fn act(&mut self, step: &str, otherwise: &str) -> io::Result<()> {
        match self.script.acts.get(step).copied() {
            None => self.say(otherwise),
            Some(Act::Say(text)) => self.say(text),
            Some(Act::SayAndClose(text)) => {
                self.say(text)?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(Act::SayAndIgnore(text)) => {
                self.say(text)?;
                loop {
                    thread::park();
                }
            }
            Some(Act::Close) => Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Silence) => self.wait_for_the_end(),
            Some(Act::Drip) => {
                self.socket().set_read_timeout(Some(Duration::from_millis(20)))?;
                loop {
                    self.write(b"2")?;
                    // Waiting for a word of the client is the pause between two bytes.
                    match self.socket().read(&mut [0]) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        _ => return Err(io::ErrorKind::ConnectionAborted.into()),
                    }
                }
            }
            Some(Act::EndlessLine) => loop {
                self.write(&[b'2'; 4_096])?;
            },
            Some(Act::EndlessLines) => loop {
                self.write(b"250-and another\r\n")?;
            },
        }
    }

    fn wait_for_the_end(&mut self) -> io::Result<()> {
        io::copy(&mut self.socket(), &mut io::sink())?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.write(format!("{text}\r\n").as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.line {
            Line::Clear(socket) => socket.write_all(bytes),
            Line::Tls(stream) => stream.get_mut().write_all(bytes),
        }
    }

    fn socket(&self) -> &TcpStream {
        match &self.line {
            Line::Clear(socket) => socket,
            Line::Tls(stream) => &stream.get_ref().sock,
        }
    }

    /// In clear byte by byte: what follows STARTTLS must be left for the handshake.
    fn read_line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        match &mut self.line {
            Line::Clear(socket) => {
                let mut byte = [0];
                while line.last() != Some(&b'\n') {
                    socket.read_exact(&mut byte)?;
                    line.extend(byte);
                }
            }
            Line::Tls(stream) => {
                stream.read_until(b'\n', &mut line)?;
            }
        }
        if line.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8(line).unwrap())
    }

    fn encrypted(self) -> io::Result<Self> {
        let Line::Clear(mut socket) = self.line else { panic!("encrypted twice") };
        let config = self.script.tls.clone().expect("the script has a certificate");
        let mut connection = ServerConnection::new(config).unwrap();
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        let stream = BufReader::new(StreamOwned::new(connection, socket));
        Ok(Self { line: Line::Tls(Box::new(stream)), ..self })
    }
}

/// Commands that have no answer of their own in `run`.
fn leaked(verb: &str) -> &'static str {
    ["MAIL", "RCPT", "RSET", "NOOP"].into_iter().find(|known| *known == verb).unwrap_or("other")
}
