//! Where a clamd listens: on TCP or on a Unix socket. Uses nothing.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Where a clamd listens. Over TCP nothing is encrypted and nobody is asked who he is: it is meant for this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClamdAddress {
    /// `host:port` or `[v6]:port`.
    Tcp {
        /// A name or an address, in lower case, without brackets.
        host: String,
        /// Usually 3310.
        port: u16,
    },
    /// `/path` or `unix:/path`.
    Unix(PathBuf),
}

/// A text that is no address of a clamd.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a clamd is addressed as host:port or as /path/of/a/socket")]
pub struct NotAClamdAddress;

impl FromStr for ClamdAddress {
    type Err = NotAClamdAddress;

    fn from_str(text: &str) -> Result<Self, NotAClamdAddress> {
        let path = text.strip_prefix("unix:").unwrap_or(text);
        if Path::new(path).is_absolute() {
            return Ok(Self::Unix(path.into()));
        }
        let (host, port) = text.rsplit_once(':').ok_or(NotAClamdAddress)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let strange = |c: char| c.is_whitespace() || c.is_control() || "/@[]?#".contains(c);
        // An IPv6 address without brackets could end in its port or not.
        let is_no_host = bare.unwrap_or(host).contains(strange) || (bare.is_none() && host.contains(':'));
        let host = bare.unwrap_or(host).to_lowercase();
        match port.parse() {
            Ok(port) if port != 0 && !host.is_empty() && !is_no_host => Ok(Self::Tcp { host, port }),
            _ => Err(NotAClamdAddress),
        }
    }
}

impl fmt::Display for ClamdAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClamdAddress, NotAClamdAddress};

    #[test]
    fn an_address_is_a_host_with_its_port_or_a_path() {
        let spellings = [
            ("Scanner.Example:3310", "scanner.example:3310"),
            ("127.0.0.1:3310", "127.0.0.1:3310"),
            ("[::1]:3310", "[::1]:3310"),
            ("/run/clamav/clamd.ctl", "unix:/run/clamav/clamd.ctl"),
            ("unix:/run/Clamav/clamd.ctl", "unix:/run/Clamav/clamd.ctl"),
        ];
        for (text, shown) in spellings {
            assert_eq!(text.parse::<ClamdAddress>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "host", ":3310", "host:0", "host:70000", "::1:3310", "unix:clamd.ctl", "http://host:80"]
        {
            assert_eq!(text.parse::<ClamdAddress>(), Err(NotAClamdAddress), "{text}");
        }
    }
}
