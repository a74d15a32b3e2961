//! The address of the site as people type it.

use std::net::SocketAddr;

use super::BasePath;
use crate::config::setting::TextSetting;

/// An `http` or `https` URL of host, optional port and optional path; no user, query or fragment, and no
/// slash at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    text: String,
    path: BasePath,
}

impl PublicUrl {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path in it.
    pub fn path(&self) -> &BasePath {
        &self.path
    }

    /// Whether people reach the site through TLS.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }
}

impl TextSetting for PublicUrl {
    const ALLOWED: &'static str =
        "a URL such as \"https://scores.example.org\" or \"https://example.org/events\"";

    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = BasePath::from_text(path)?;
        is_authority(authority).then(|| Self { text: text.to_owned(), path })
    }

    fn to_text(&self) -> String {
        self.text.clone()
    }
}

/// Whether a text is a host, or a host and a port.
fn is_authority(text: &str) -> bool {
    if text.starts_with('[') {
        let with_port = if text.ends_with(']') { format!("{text}:0") } else { text.to_owned() };
        return with_port.parse::<SocketAddr>().is_ok();
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    host.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;
    use crate::config::setting::TextSetting;

    #[test]
    fn a_public_url_is_scheme_host_port_and_path() {
        for taken in [
            "http://scores.local",
            "https://scores.example.org:8443/events",
            "http://192.168.1.5:8080",
            "https://[fd00::1]",
            "https://[fd00::1]:8443",
        ] {
            assert!(PublicUrl::from_text(taken).is_some(), "{taken}");
        }
        for refused in [
            "scores.local",
            "ftp://scores.local",
            "https://",
            "https://user@host",
            "https://host?x=1",
            "https://host/#top",
            "https://host:port",
            "https://a b",
            "https://[nonsense]",
        ] {
            assert!(PublicUrl::from_text(refused).is_none(), "{refused}");
        }
    }

    #[test]
    fn a_slash_at_the_end_does_not_count() {
        let url = PublicUrl::from_text("https://example.org/events/").unwrap();
        assert_eq!((url.as_str(), url.path().as_str()), ("https://example.org/events", "/events"));
    }
}
