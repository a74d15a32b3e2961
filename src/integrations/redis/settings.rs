//! Where a Redis is and how it is spoken to. Uses nothing.

use std::{fmt, sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use url::Url;

use crate::integrations::http::client_config;

/// How a Redis is reached.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://[user@]host[:port][/database]`, or `rediss://` for TLS. Holds no password.
    pub url: String,
    /// The password: a secret.
    pub password: Option<String>,
    /// Longest time that a call takes, connecting and waiting for its turn included.
    pub limit: Duration,
    /// What the names of all keys and channels begin with.
    pub prefix: String,
    /// What is trusted with `rediss://`; not needed otherwise.
    pub tls: Option<Arc<ClientConfig>>,
}

impl RedisSettings {
    /// The usual limit (250 ms), without password, prefix and TLS.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            limit: Duration::from_millis(250),
            prefix: String::new(),
            tls: None,
        }
    }

    /// The same with TLS that trusts the authorities of browsers and these, in PEM form.
    ///
    /// # Errors
    /// There are none in them.
    pub fn trusting(self, extra_authorities_pem: Option<&str>) -> Result<Self, RedisSettingsFault> {
        let tls = client_config(extra_authorities_pem).map_err(|_| RedisSettingsFault::Authorities)?;
        Ok(Self { tls: Some(Arc::new(tls)), ..self })
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Somebody may have written a password into the URL, which is refused but may be printed before.
        f.debug_struct("RedisSettings")
            .field("key", &Target::of(&self.url).map(|target| target.key()).ok())
            .field("password", &self.password.as_ref().map(|_| "[secret]"))
            .field("limit", &self.limit)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// What is wrong with the settings of a Redis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RedisSettingsFault {
    /// The URL cannot be read.
    #[error("the address of a Redis is redis://host:port/database, or rediss:// for TLS")]
    Url,
    /// The URL holds what nobody hides.
    #[error("the password of a Redis does not belong into its URL, which is shown and logged")]
    PasswordInUrl,
    /// A user name without a password.
    #[error("the user of a Redis needs a password")]
    UserWithoutPassword,
    /// `rediss://` without anything that is trusted.
    #[error("rediss:// needs a TLS configuration")]
    NoTls,
    /// What is trusted beside the usual is not certificates.
    #[error("the further authorities are not certificates in PEM form")]
    Authorities,
}

/// What a URL says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Target {
    /// In lower case, without brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
    pub user: Option<String>,
    pub database: u32,
}

impl Target {
    /// # Errors
    /// `Url` or `PasswordInUrl`.
    pub(super) fn of(url: &str) -> Result<Self, RedisSettingsFault> {
        let url = Url::parse(url).map_err(|_| RedisSettingsFault::Url)?;
        if url.password().is_some() {
            return Err(RedisSettingsFault::PasswordInUrl);
        }
        let tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(RedisSettingsFault::Url),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
        let port = url.port().unwrap_or(6_379);
        if host.is_empty() || port == 0 || url.query().is_some() || url.fragment().is_some() {
            return Err(RedisSettingsFault::Url);
        }
        let user = match url.username() {
            "" => None,
            name => {
                let name = percent_decode_str(name).decode_utf8().map_err(|_| RedisSettingsFault::Url)?;
                Some(name.into_owned())
            }
        };
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number.parse().map_err(|_| RedisSettingsFault::Url)?,
        };
        Ok(Self { host, port, tls, user, database })
    }

    /// `host:port`.
    pub(super) fn key(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::{RedisSettings, RedisSettingsFault, Target};

    #[test]
    fn a_url_says_where_a_redis_is() {
        let target = Target::of("redis://Cache.Example").unwrap();
        assert_eq!((target.key().as_str(), target.tls, target.database), ("cache.example:6379", false, 0));
        let target = Target::of("rediss://em%40venue@[::1]:6380/3").unwrap();
        assert_eq!((target.key().as_str(), target.tls, target.database), ("[::1]:6380", true, 3));
        assert_eq!((target.user.as_deref(), target.host.as_str()), (Some("em@venue"), "::1"));
    }

    #[test]
    fn anything_else_is_refused() {
        for url in ["", "cache:6379", "http://cache", "redis://", "redis://cache/x", "redis://cache/1?a=b"] {
            assert_eq!(Target::of(url), Err(RedisSettingsFault::Url), "{url}");
        }
        assert_eq!(Target::of("redis://:horse@cache"), Err(RedisSettingsFault::PasswordInUrl));
    }

    #[test]
    fn a_password_is_never_shown_wherever_it_was_written() {
        for url in ["redis://cache", "redis://:horse@cache", "horse"] {
            let settings = RedisSettings { password: Some("horse".to_owned()), ..RedisSettings::new(url) };
            let shown = format!("{settings:?}");
            assert!(shown.contains("[secret]") && !shown.contains("horse"), "{shown}");
        }
    }
}
