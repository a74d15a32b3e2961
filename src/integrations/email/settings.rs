//! How a relay is reached, and what of that cannot work. Uses `url` for names of hosts.

use std::{fmt, time::Duration};

use super::{address::ascii_domain, dkim::DkimSettings};

/// How long a name, a connection and its TLS may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long a mail may take in all.
const SEND_LIMIT: Duration = Duration::from_secs(60);
/// Most connections to one relay at a time.
const CONNECTIONS_MAX: usize = 4;
/// Longest user name or password; the line that carries them must be accepted by every relay.
const LOGIN_BYTES_MAX: usize = 1_024;

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// It begins in clear and must become TLS before anything is sent, on port 587 or 25.
    StartTls,
    /// It is TLS from its first byte, on port 465.
    Tls,
    /// It stays in clear: for a relay on the same machine or network, without a password.
    Plain,
}

/// Who signs in to a relay. It is sent under TLS only.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// The password, which nothing prints.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).field("password", &"[secret]").finish()
    }
}

/// One relay: where it is, how it is spoken to, and within which limits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelaySettings {
    /// The name or address of the host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who signs in, if the relay wants that.
    pub login: Option<Login>,
    /// The name by which we greet the relay: a domain, or an address such as `[192.0.2.1]`.
    pub client_name: String,
    /// Authorities that are trusted beside those of browsers, as PEM.
    pub extra_authorities_pem: Option<String>,
    /// How long name, connection and TLS may take, and a kept connection to prove that it still works.
    pub connect_limit: Duration,
    /// How long a mail may take in all.
    pub send_limit: Duration,
    /// Most connections at a time, at least one.
    pub connections_max: usize,
    /// The keys by which mails are signed; none leaves them unsigned.
    pub dkim: Vec<DkimSettings>,
}

impl RelaySettings {
    /// A relay without sign-in and signatures, with the usual limits. Greets as `localhost` until told otherwise.
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self {
            host: host.into(),
            port,
            security,
            login: None,
            client_name: "localhost".to_owned(),
            extra_authorities_pem: None,
            connect_limit: CONNECT_LIMIT,
            send_limit: SEND_LIMIT,
            connections_max: CONNECTIONS_MAX,
            dkim: Vec::new(),
        }
    }

    /// `host:port` in lower case: what the relay's circuit is kept under.
    pub fn key(&self) -> String {
        format!("{}:{}", self.host.to_lowercase(), self.port)
    }

    /// The host without the brackets in which addresses of IPv6 are written.
    pub(super) fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// What can be said to be wrong before anything is sent; keys and authorities are checked where they are read.
    pub(super) fn check(&self) -> Result<(), SetUpFault> {
        if url::Host::parse(&self.host).is_err() && self.bare_host().parse::<std::net::IpAddr>().is_err() {
            return Err(SetUpFault::Host);
        }
        if !is_client_name(&self.client_name) {
            return Err(SetUpFault::ClientName);
        }
        if self.connect_limit.is_zero() || self.send_limit.is_zero() || self.connections_max == 0 {
            return Err(SetUpFault::Limits);
        }
        let Some(login) = &self.login else { return Ok(()) };
        if self.security == Security::Plain {
            return Err(SetUpFault::PasswordInClear);
        }
        let fits = |text: &str| (1..=LOGIN_BYTES_MAX).contains(&text.len()) && !text.contains('\0');
        if !fits(&login.user) || !fits(&login.password) {
            return Err(SetUpFault::Login);
        }
        Ok(())
    }
}

fn is_client_name(name: &str) -> bool {
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(address) => address.strip_prefix("IPv6:").unwrap_or(address).parse::<std::net::IpAddr>().is_ok(),
        None => ascii_domain(name).is_some_and(|domain| domain.eq_ignore_ascii_case(name)),
    }
}

/// What of a relay's settings cannot work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetUpFault {
    /// The host is neither a name nor an address.
    #[error("the host of the mail relay is neither a name nor an address")]
    Host,
    /// The name by which we greet is no domain and no bracketed address.
    #[error("the name by which the mail relay is greeted is no domain and no address in brackets")]
    ClientName,
    /// A limit is zero.
    #[error("a limit of the mail relay is zero")]
    Limits,
    /// A password without TLS.
    #[error("the mail relay has a password but no TLS: it would be sent in clear")]
    PasswordInClear,
    /// The user name or the password is empty, too long or holds a NUL.
    #[error("the user name and the password of the mail relay must have 1 to 1024 bytes without NUL")]
    Login,
    /// The PEM of further authorities holds no certificate, or one that cannot be read.
    #[error("the further authorities of the mail relay are no certificates in PEM: {0}")]
    Authorities(String),
    /// TLS cannot be set up.
    #[error("TLS for the mail relay cannot be set up: {0}")]
    Tls(String),
    /// A domain or selector of a signature is no DNS name.
    #[error("the domain or the selector of the mail signature is no DNS name")]
    DkimName,
    /// A key of a signature cannot be read; holds why, and nothing of the key.
    #[error("the key of the mail signature cannot be used: {0}")]
    DkimKey(&'static str),
    /// Mails would come from a domain that their signature does not stand for, and receivers would reject them.
    #[error("mails from {sender} cannot be signed for {domain}: one must be part of the other")]
    Misaligned {
        /// The domain of the sender.
        sender: String,
        /// The domain of the signature.
        domain: String,
    },
    /// The sender is no address.
    #[error("the sender of mails is no address")]
    Sender,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Login, RelaySettings, Security, SetUpFault};

    fn settings() -> RelaySettings {
        RelaySettings::new("Mail.Example.ORG", 587, Security::StartTls)
    }

    fn login(user: &str, password: &str) -> Option<Login> {
        Some(Login { user: user.to_owned(), password: password.to_owned() })
    }

    #[test]
    fn one_relay_has_one_key_however_its_name_is_written() {
        assert_eq!(settings().key(), "mail.example.org:587");
        assert_eq!(RelaySettings::new("[::1]", 25, Security::Plain).key(), "[::1]:25");
    }

    #[test]
    fn a_password_is_never_printed() {
        let settings = RelaySettings { login: login("mailer", "open-sesame"), ..settings() };
        let printed = format!("{settings:?} {settings:#?}");
        assert!(printed.contains("mailer") && !printed.contains("open-sesame"), "{printed}");
    }

    #[test]
    fn what_cannot_work_is_refused_before_anything_is_sent() {
        let plain = RelaySettings::new("localhost", 25, Security::Plain);
        let cases = [
            (RelaySettings { host: "mail example".to_owned(), ..settings() }, SetUpFault::Host),
            (RelaySettings { host: String::new(), ..settings() }, SetUpFault::Host),
            (RelaySettings { client_name: "me\r\nMAIL".to_owned(), ..settings() }, SetUpFault::ClientName),
            (RelaySettings { client_name: "[me]".to_owned(), ..settings() }, SetUpFault::ClientName),
            (RelaySettings { send_limit: Duration::ZERO, ..settings() }, SetUpFault::Limits),
            (RelaySettings { connections_max: 0, ..settings() }, SetUpFault::Limits),
            (RelaySettings { login: login("mailer", "secret"), ..plain }, SetUpFault::PasswordInClear),
            (RelaySettings { login: login("mailer", ""), ..settings() }, SetUpFault::Login),
            (RelaySettings { login: login("a\0b", "secret"), ..settings() }, SetUpFault::Login),
        ];
        for (settings, fault) in cases {
            assert_eq!(settings.check(), Err(fault));
        }
        for name in ["localhost", "event-manager.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]"] {
            assert_eq!(
                RelaySettings { client_name: name.to_owned(), ..settings() }.check(),
                Ok(()),
                "{name}"
            );
        }
        for host in ["::1", "[::1]", "192.0.2.1", "bücher.example"] {
            assert_eq!(RelaySettings { host: host.to_owned(), ..settings() }.check(), Ok(()), "{host}");
        }
    }
}
