//! What the keys say together: combinations that are refused, and those that are worth a warning.

use std::{fmt, net::SocketAddr, path::PathBuf};

use super::{Config, Fault, Origins, Problem, PublicUrl};

/// Something allowed that is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The server can be reached from the network, and nothing says that it is through TLS.
    Unencrypted {
        /// The address it listens on.
        address: SocketAddr,
    },
    /// A proxy stands in front, but its headers are not believed.
    ProxyNotTrusted {
        /// The address that people type.
        public_url: PublicUrl,
    },
    /// Links would lead past the path under which everything is served.
    LinksMissBasePath {
        /// The address that people type.
        public_url: PublicUrl,
        /// The path under which everything is served.
        base_path: String,
    },
    /// A file with a secret in it can be read by every user of the machine.
    SecretReadableByAll {
        /// The file.
        path: PathBuf,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unencrypted { address } => write!(
                f,
                "server.address {address} can be reached from the network without encryption: passwords and \
                 scores can be read on the way. Put a proxy with TLS in front and name its https address in \
                 server.public_url"
            ),
            Self::ProxyNotTrusted { public_url } => write!(
                f,
                "server.public_url {} says that a proxy stands in front, but server.trusted_proxies is \
                 empty: every visitor seems to come from the proxy, and one on this machine opens /metrics \
                 to all",
                public_url.as_str()
            ),
            Self::LinksMissBasePath { public_url, base_path } => write!(
                f,
                "server.public_url {} does not end in server.base_path {base_path}: links will \
                 lead nowhere unless the proxy adds it",
                public_url.as_str()
            ),
            Self::SecretReadableByAll { path } => write!(
                f,
                "{} holds a secret and can be read by every user of this machine: chmod o-r it",
                path.display()
            ),
        }
    }
}

/// Two keys that contradict each other.
pub(super) struct Conflict {
    /// The keys.
    pub keys: [&'static str; 2],
    /// What is wrong, as a sentence about the first key.
    pub sentence: &'static str,
}

impl Conflict {
    /// The fault, at the key that was given in the higher layer.
    pub(super) fn fault(&self, origins: &Origins) -> Fault {
        let [first, second] = self.keys;
        let key = if origins.of(first) >= origins.of(second) { first } else { second };
        Fault {
            origin: origins.of(key).clone(),
            key: Some(first.to_owned()),
            problem: Problem::Inconsistent(self.sentence.to_owned()),
        }
    }
}

/// Every combination of keys that is refused.
pub(super) fn conflicts(config: &Config) -> impl Iterator<Item = Conflict> {
    let Config { store, log, auth, setup, sms, .. } = config;
    let (tenant, email) = (setup.tenant.is_some(), setup.admin_email.is_some());
    let password = setup.admin_password.as_ref();
    let (provider, sms_on) = sms.place();
    let short = |text: &str| text.chars().count() < auth.password_min_length.as_usize();
    let rules = [
        (
            store.batch.get() > store.queue.get(),
            ["store.batch", "store.queue"],
            "must not be greater than store.queue",
        ),
        (
            log.total_mib.get() < 2 * log.segment_mib.get(),
            ["log.total_mib", "log.segment_mib"],
            "must be at least twice log.segment_mib",
        ),
        (
            auth.session_idle() > auth.session_lifetime(),
            ["auth.session_idle_minutes", "auth.session_hours"],
            "must not be longer than auth.session_hours",
        ),
        (
            tenant && !email,
            ["setup.admin_email", "setup.tenant"],
            "is missing; setup.tenant needs an administrator",
        ),
        (
            email && !tenant,
            ["setup.tenant", "setup.admin_email"],
            "is missing; setup.admin_email needs a tenant",
        ),
        (
            email && password.is_none(),
            ["setup.admin_password", "setup.admin_email"],
            "is missing; setup.admin_email needs a password",
        ),
        (
            password.is_some() && !email,
            ["setup.admin_email", "setup.admin_password"],
            "is missing; setup.admin_password needs an account",
        ),
        (
            password.is_some_and(|password| short(password.expose())),
            ["setup.admin_password", "auth.password_min_length"],
            "is shorter than auth.password_min_length",
        ),
        (
            sms_on && sms.token.is_none(),
            ["sms.token", provider],
            "is missing; text messages need the secret of the account",
        ),
        (
            sms_on && sms.from.is_none(),
            ["sms.from", provider],
            "is missing; text messages need a number or name that they come from",
        ),
        (
            !sms_on && sms.token.is_some(),
            [provider, "sms.token"],
            "is missing; sms.token is the secret of an account with a provider",
        ),
    ];
    rules.into_iter().filter(|(broken, ..)| *broken).map(|(_, keys, sentence)| Conflict { keys, sentence })
}

/// Every combination of keys that is worth a warning.
pub(super) fn warnings(config: &Config) -> Vec<Warning> {
    let server = &config.server;
    let https_url = server.public_url.as_ref().filter(|url| url.is_https());
    let mut warnings = Vec::new();
    if !server.address.ip().is_loopback() && https_url.is_none() {
        warnings.push(Warning::Unencrypted { address: server.address });
    }
    if let Some(url) = https_url.filter(|_| server.trusted_proxies.is_empty()) {
        warnings.push(Warning::ProxyNotTrusted { public_url: url.clone() });
    }
    let base_path = server.base_path.as_str();
    if let Some(url) = server.public_url.as_ref().filter(|url| !url.path().as_str().ends_with(base_path)) {
        warnings
            .push(Warning::LinksMissBasePath { public_url: url.clone(), base_path: base_path.to_owned() });
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{Warning, conflicts, warnings};
    use crate::config::Config;

    fn with(settings: &[(&str, &str)]) -> Config {
        let mut config = Config::default();
        for (key, text) in settings {
            let mut settings = config.settings();
            let setting = settings.get_mut(*key).unwrap();
            let value = setting.form().value_of(text);
            setting.set(&value).unwrap();
        }
        config
    }

    fn conflicts_of(settings: &[(&str, &str)]) -> Vec<String> {
        conflicts(&with(settings))
            .map(|conflict| format!("{} {}", conflict.keys[0], conflict.sentence))
            .collect()
    }

    #[test]
    fn the_defaults_go_together() {
        assert_eq!(conflicts_of(&[]), Vec::<String>::new());
        assert_eq!(warnings(&Config::default()), []);
    }

    #[test]
    fn a_limit_within_another_is_not_greater_than_it() {
        assert_eq!(
            conflicts_of(&[("store.queue", "100")]),
            ["store.batch must not be greater than store.queue"]
        );
        assert_eq!(
            conflicts_of(&[("log.total_mib", "127")]),
            ["log.total_mib must be at least twice log.segment_mib"]
        );
        assert_eq!(
            conflicts_of(&[("auth.session_hours", "3")]),
            ["auth.session_idle_minutes must not be longer than auth.session_hours"]
        );
    }

    #[test]
    fn a_provider_of_text_messages_is_whole_or_absent() {
        let (account, token, from) =
            (("sms.account", "AC01"), ("sms.token", "x"), ("sms.from", "+15005550006"));
        let (generic, url) = (("sms.provider", "generic"), ("sms.url", "https://sms.example/send"));
        assert_eq!(conflicts_of(&[account, token, from]), Vec::<String>::new());
        assert_eq!(conflicts_of(&[generic, url, token, from]), Vec::<String>::new());
        for (half, missing) in [
            (&[account, from][..], "sms.token is missing"),
            (&[account, token], "sms.from is missing"),
            (&[token], "sms.account is missing"),
            (&[generic, url, from], "sms.token is missing"),
            (&[generic, token, from], "sms.url is missing"),
        ] {
            let conflicts = conflicts_of(half);
            assert!(conflicts.len() == 1 && conflicts[0].starts_with(missing), "{half:?}: {conflicts:?}");
        }
    }

    #[test]
    fn an_unattended_setup_is_whole_or_absent() {
        let tenant = ("setup.tenant", "Wachau Pageants");
        let email = ("setup.admin_email", "ann@example.org");
        let password = ("setup.admin_password", "correct horse");
        assert_eq!(conflicts_of(&[tenant, email, password]), Vec::<String>::new());
        for half in
            [&[tenant][..], &[email], &[password], &[tenant, email], &[tenant, password], &[email, password]]
        {
            assert!(!conflicts_of(half).is_empty(), "{half:?}");
        }
        assert_eq!(
            conflicts_of(&[tenant, email, ("setup.admin_password", "short")]),
            ["setup.admin_password is shorter than auth.password_min_length"]
        );
    }

    #[test]
    fn an_open_address_without_tls_is_worth_a_warning() {
        let open = ("server.address", "0.0.0.0:8080");
        let address = "0.0.0.0:8080".parse().unwrap();
        assert_eq!(warnings(&with(&[open])), [Warning::Unencrypted { address }]);
        let url = ("server.public_url", "https://scores.example.org");
        assert_eq!(warnings(&with(&[open, url, ("server.trusted_proxies", "10.0.0.2")])), []);
    }

    #[test]
    fn a_proxy_that_is_not_trusted_is_worth_a_warning() {
        let warnings = warnings(&with(&[("server.public_url", "https://scores.example.org")]));
        assert!(matches!(warnings[..], [Warning::ProxyNotTrusted { .. }]), "{warnings:?}");
    }

    #[test]
    fn links_that_miss_the_base_path_are_worth_a_warning() {
        let path = ("server.base_path", "/events");
        let warnings_at =
            |url| warnings(&with(&[path, ("server.public_url", url), ("server.trusted_proxies", "::1")]));
        assert_eq!(warnings_at("https://example.org/events"), []);
        let missing = warnings_at("https://example.org");
        assert!(matches!(missing[..], [Warning::LinksMissBasePath { .. }]), "{missing:?}");
    }
}
