//! The connection that ureq speaks over: TCP to a checked address, with TLS for https. One of two files that know ureq's
//! `unversioned` part. Uses what is beside it.

use std::{
    io::{self, Read, Write},
    sync::Arc,
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use url::{Host, Url};

use super::{
    answer::HEAD_BYTES_MAX,
    faults::{boxed, broken, unconnected, unsecured},
    progress::Progress,
    request::{HttpFailure, HttpFault},
    socket::Socket,
};

/// Of each of the two buffers of a connection. The head of an answer has to fit into one.
const BUFFER_BYTES: usize = 2 * HEAD_BYTES_MAX;

/// Connects for one request.
#[derive(Debug)]
pub(super) struct GuardedConnector {
    host: String,
    /// For https: how, and whom to expect.
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    progress: Arc<Progress>,
}

impl GuardedConnector {
    /// For the host of a URL.
    ///
    /// # Errors
    /// There cannot be a certificate for such a name.
    pub(super) fn new(
        url: &Url,
        config: &Arc<ClientConfig>,
        progress: Arc<Progress>,
    ) -> Result<Self, HttpFailure> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let tls = if url.scheme() == "https" {
            let name = server_name(url).ok_or_else(|| {
                HttpFailure::unsent(HttpFault::Tls, format!("no certificate can be for the name {host}"))
            })?;
            Some((Arc::clone(config), name))
        } else {
            None
        };
        Ok(Self { host, tls, progress })
    }

    fn secured(
        &self,
        mut socket: Socket,
        (config, name): &(Arc<ClientConfig>, ServerName<'static>),
    ) -> Result<Channel, HttpFailure> {
        let failed = |error: io::Error| unsecured(&self.host, &error);
        let mut session = ClientConnection::new(Arc::clone(config), name.clone())
            .map_err(io::Error::other)
            .map_err(failed)?;
        while session.is_handshaking() {
            session.complete_io(&mut socket).map_err(failed)?;
        }
        socket.established();
        Ok(Channel::Tls(Box::new(StreamOwned::new(session, socket))))
    }
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        // A name is the same with the dot of the root and without; certificates have none.
        Host::Domain(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::IpAddress(address.into())),
        Host::Ipv6(address) => Some(ServerName::IpAddress(address.into())),
    }
}

impl Connector<()> for GuardedConnector {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Connection>, ureq::Error> {
        let mut socket = Socket::connect(&details.addrs, Arc::clone(&self.progress))
            .map_err(|error| boxed(unconnected(&self.host, &error)))?;
        let channel = match &self.tls {
            Some(tls) => self.secured(socket, tls).map_err(boxed)?,
            None => {
                socket.established();
                Channel::Plain(socket)
            }
        };
        Ok(Some(Connection {
            host: self.host.clone(),
            channel,
            buffers: LazyBuffers::new(BUFFER_BYTES, BUFFER_BYTES),
            progress: Arc::clone(&self.progress),
            refused: None,
        }))
    }
}

/// A connection over which a request and its answer go.
#[derive(Debug)]
pub(super) struct Connection {
    host: String,
    channel: Channel,
    buffers: LazyBuffers,
    progress: Arc<Progress>,
    /// How the peer stopped taking the request.
    refused: Option<HttpFailure>,
}

#[derive(Debug)]
enum Channel {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Channel {
    /// Until the operating system has taken everything. TLS keeps to itself what it could not write, and that it could
    /// not, until it is asked to flush.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.write_all(bytes),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        if self.refused.is_some() {
            return Ok(());
        }
        let bytes = self.buffers.output().get(..amount).unwrap_or_default();
        let Err(error) = self.channel.write(bytes) else { return Ok(()) };
        let failure = broken(&self.host, &error);
        if failure.fault == HttpFault::Reset {
            // A peer that will not have the request hangs up while it is sent, and may have answered why.
            self.refused = Some(failure);
            return Ok(());
        }
        Err(boxed(failure))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        // ureq waits for an answer only when it has transmitted everything.
        if self.refused.is_none() {
            self.progress.request_left();
        }
        let amount = match self.channel.read(self.buffers.input_append_buf()) {
            Ok(amount) => amount,
            // Many peers end TLS without a farewell; whether anything is missing, the framing of the answer tells.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => {
                return Err(boxed(self.refused.take().unwrap_or_else(|| broken(&self.host, &error))));
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // No connection is used twice.
        false
    }

    fn is_tls(&self) -> bool {
        matches!(self.channel, Channel::Tls(_))
    }
}
