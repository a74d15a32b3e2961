//! The way to a relay: its name, its TCP connection, and whose certificates are trusted there.
//! Uses `telemetry::spawn`: the operating system's look-up of names knows no limit of time.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::{Arc, mpsc},
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::{
    classify::Trouble,
    settings::{RelaySettings, SetUpFault},
    wire::Deadline,
};
use crate::telemetry::spawn::spawn_thread;

/// Connects to the first of the relay's addresses that answers.
pub(super) fn connect(settings: &RelaySettings, deadline: Deadline) -> Result<TcpStream, Trouble> {
    let addresses = addresses(settings.bare_host(), settings.port, deadline)?;
    let mut failed = Trouble::Dns("the name has no address".to_owned());
    let mut others = addresses.len();
    for address in addresses {
        let left = deadline.left().map_err(|_| Trouble::Late)?;
        others = others.saturating_sub(1);
        // An address that swallows everything must leave time for the next.
        let share = if others == 0 { left } else { left / 2 };
        match TcpStream::connect_timeout(&address, share) {
            Ok(socket) => {
                // Commands are short and wait for their answers; a socket that cannot is slower, not wrong.
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => failed = Trouble::Late,
            Err(error) => failed = Trouble::Connect(error.to_string()),
        }
    }
    Err(failed)
}

/// The addresses of a host. A look-up that takes too long is left behind on its thread, which ends when the operating
/// system gives up.
fn addresses(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Trouble> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let left = deadline.left().map_err(|_| Trouble::Late)?;
    let (answer, answered) = mpsc::sync_channel(1);
    let host = host.to_owned();
    spawn_thread("mail-name", move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // Nobody waits any more if it took too long.
        let _ = answer.send(found);
    })
    .map_err(|error| Trouble::Dns(error.to_string()))?;
    match answered.recv_timeout(left) {
        Ok(found) => found.map_err(|error| Trouble::Dns(error.to_string())),
        Err(_) => Err(Trouble::Dns("the look-up of the name took too long".to_owned())),
    }
}

/// The name that the relay's certificate must carry.
pub(super) fn server_name(settings: &RelaySettings) -> Result<ServerName<'static>, SetUpFault> {
    let host = match url::Host::parse(&settings.host) {
        Ok(url::Host::Domain(domain)) => domain,
        _ => settings.bare_host().to_owned(),
    };
    ServerName::try_from(host).map_err(|_| SetUpFault::Host)
}

/// TLS that trusts the authorities of browsers and those of the settings.
pub(super) fn tls(settings: &RelaySettings) -> Result<Arc<ClientConfig>, SetUpFault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = &settings.extra_authorities_pem {
        let refuse = |reason: String| SetUpFault::Authorities(reason);
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
            roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
            found += 1;
        }
        if found == 0 {
            return Err(refuse("none found".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SetUpFault::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::{server_name, tls};
    use crate::integrations::email::settings::{RelaySettings, Security, SetUpFault};

    #[test]
    fn authorities_that_are_none_are_refused_when_the_relay_is_set_up() {
        for pem in ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let settings = RelaySettings {
                extra_authorities_pem: Some(pem.to_owned()),
                ..RelaySettings::new("mail.example.org", 465, Security::Tls)
            };
            assert!(matches!(tls(&settings), Err(SetUpFault::Authorities(_))), "{pem}");
        }
    }

    #[test]
    fn certificates_are_checked_for_the_ascii_form_of_a_name_or_for_the_address() {
        let name = |host: &str| {
            server_name(&RelaySettings::new(host, 465, Security::Tls)).map(|name| name.to_str().into_owned())
        };
        assert_eq!(name("Bücher.example").as_deref(), Ok("xn--bcher-kva.example"));
        assert_eq!(name("[::1]").as_deref(), Ok("::1"));
        assert_eq!(name("192.0.2.1").as_deref(), Ok("192.0.2.1"));
    }
}
