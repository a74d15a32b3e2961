//! One connection to a Redis: made, signed in, and used for one exchange after the other. Uses
//! `integrations::sockets`.

use std::{
    io::{self, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
};

use redis::{Cmd, Pipeline, ServerError, Value, cmd};
use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};

use super::{
    frame::{FrameFault, read_reply},
    refusal::{refusal, sign_in_refusal},
    settings::{RedisSettings, Target},
};
use crate::integrations::{
    Blame, Failure, Next,
    sockets::{Deadline, Dialer, Timed, failure_of},
};

/// Most bytes of all replies of an exchange.
const REPLY_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// A connection that is signed in.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<Stream>,
    peer: String,
}

#[derive(Debug)]
enum Stream {
    Plain(Timed<TcpStream>),
    Tls(Box<StreamOwned<ClientConnection, Timed<TcpStream>>>),
}

impl Connection {
    /// Connects, and signs in where there is a password.
    pub(super) fn open(
        target: &Target,
        settings: &RedisSettings,
        dialer: &Dialer,
        deadline: Deadline,
    ) -> Result<Self, Failure> {
        let peer = target.key();
        let socket = Timed::new(dialer.tcp(&target.host, target.port, deadline)?, deadline);
        let stream = match settings.tls.as_ref().filter(|_| target.tls) {
            None => Stream::Plain(socket),
            Some(config) => {
                let secured = secured(socket, config, &target.host);
                Stream::Tls(Box::new(secured.map_err(|error| failure_of(&error, &peer))?))
            }
        };
        let mut connection = Self { stream: BufReader::new(stream), peer };
        connection.sign_in(target, settings, deadline)?;
        Ok(connection)
    }

    fn sign_in(
        &mut self,
        target: &Target,
        settings: &RedisSettings,
        deadline: Deadline,
    ) -> Result<(), Failure> {
        if let Some(password) = &settings.password {
            let mut auth = cmd("AUTH");
            auth.arg(&target.user).arg(password);
            for reply in self.exchange(vec![auth], deadline)? {
                reply.map_err(|error| sign_in_refusal(&error, &self.peer))?;
            }
        }
        if target.database != 0 {
            let mut select = cmd("SELECT");
            select.arg(target.database);
            for reply in self.exchange(vec![select], deadline)? {
                // No call can succeed where the database is missing.
                reply.map_err(|error| Failure {
                    blame: Blame::Service,
                    next: Next::Retry,
                    ..self.refusal(&error)
                })?;
            }
        }
        Ok(())
    }

    /// Whether nothing came since the last reply: neither the end of the connection nor what nobody had asked for.
    /// What a faulty server says unasked after this cannot be told from a reply: the protocol numbers none.
    pub(super) fn is_quiet(&self) -> bool {
        let socket = self.stream.get_ref().socket();
        let quiet = socket.set_nonblocking(true).and_then(|()| socket.peek(&mut [0]));
        let waits_again = socket.set_nonblocking(false).is_ok();
        waits_again && matches!(quiet, Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends commands at once and reads a reply to each: a value or an error.
    pub(super) fn exchange(
        &mut self,
        commands: Vec<Cmd>,
        deadline: Deadline,
    ) -> Result<Vec<Result<Value, ServerError>>, Failure> {
        let mut pipeline = Pipeline::with_capacity(commands.len());
        let count = commands.len();
        for command in commands {
            pipeline.add_command(command);
        }
        self.stream.get_mut().set_deadline(deadline);
        self.send(&pipeline.get_packed_pipeline()).map_err(|error| failure_of(&error, &self.peer))?;
        let mut budget = REPLY_BYTES_MAX;
        let mut replies = Vec::with_capacity(count);
        for _ in 0..count {
            replies.push(match read_reply(&mut self.stream, &mut budget) {
                Ok(Value::ServerError(error)) => Err(error),
                Ok(value) => Ok(value),
                Err(fault) => return Err(self.failure(&fault)),
            });
        }
        if !self.stream.buffer().is_empty() {
            return Err(self.failure(&FrameFault::Malformed));
        }
        Ok(replies)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes)?;
        stream.flush()
    }

    fn failure(&self, fault: &FrameFault) -> Failure {
        let peer = &self.peer;
        match fault {
            FrameFault::Io(error) => failure_of(error, peer),
            FrameFault::Malformed => malformed(format!("{peer} does not answer as a Redis")),
            FrameFault::TooLarge => malformed(format!("the answer of {peer} is larger than is read")),
        }
    }

    /// What an error says that was answered to a command.
    pub(super) fn refusal(&self, error: &ServerError) -> Failure {
        refusal(error, &self.peer)
    }
}

fn malformed(what: String) -> Failure {
    Failure::new(Blame::Service, Next::Retry, "malformed", what)
}

fn secured(
    mut socket: Timed<TcpStream>,
    config: &Arc<ClientConfig>,
    host: &str,
) -> io::Result<StreamOwned<ClientConnection, Timed<TcpStream>>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}

impl Stream {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket.socket(),
            Self::Tls(stream) => stream.get_ref().socket(),
        }
    }

    fn set_deadline(&mut self, deadline: Deadline) {
        match self {
            Self::Plain(socket) => socket.set_deadline(deadline),
            Self::Tls(stream) => stream.get_mut().set_deadline(deadline),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
