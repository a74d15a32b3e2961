//! Plain clients of the peers.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

/// Longest time that anything here may take.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// A connection on which nothing is waited for longer than [`LIMIT`].
pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// The client's side of TLS, which trusts an authority alone and wants to reach a name.
pub(super) fn encrypted(
    stream: TcpStream,
    authority_pem: &str,
    name: &'static str,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority_pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from(name).unwrap()).unwrap();
    let mut stream = StreamOwned::new(client, stream);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// An HTTP client to which every status is an answer.
pub(super) fn http() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(LIMIT)).build().new_agent()
}

/// A conversation in lines.
pub(super) struct Dialogue<S: Read + Write>(BufReader<S>);

impl Dialogue<TcpStream> {
    pub(super) fn with(address: SocketAddr) -> Self {
        Self::over(connect(address))
    }
}

impl<S: Read + Write> Dialogue<S> {
    pub(super) fn over(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    pub(super) fn into_stream(self) -> S {
        self.0.into_inner()
    }

    /// Says a line.
    pub(super) fn say(&mut self, line: &str) {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.0.get_mut().flush().unwrap();
    }

    /// Says a line and hears the answer: all lines of one of SMTP's.
    pub(super) fn ask(&mut self, line: &str) -> String {
        self.say(line);
        self.hear()
    }

    /// The next answer; empty when the other side has left.
    pub(super) fn hear(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let start = answer.len();
            // A connection that was reset has nothing more to say either.
            let count = self.0.read_line(&mut answer).unwrap_or_default();
            if count == 0 || answer.as_bytes().get(start + 3) != Some(&b'-') {
                return answer.trim_end().to_owned();
            }
        }
    }

    /// Sends a mail of one line and hears what becomes of it.
    pub(super) fn send_mail(&mut self, from: &str, to: &str, text: &str) -> String {
        for line in [format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
            let answer = self.ask(&line);
            if !answer.starts_with(['2', '3']) {
                return answer;
            }
        }
        self.ask(&format!("From: {from}\r\nSubject: A test\r\n\r\n{text}\r\n."))
    }
}
