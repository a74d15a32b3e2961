//! The way of a request: whether it was encrypted, and where it came from. A proxy in front ends the encryption and stands
//! between, and says so in headers; only proxies that the operator trusts are believed.

use std::net::{IpAddr, SocketAddr};

use actix_web::{HttpRequest, http::header, web::Data};

use super::problem::BasePath;
use crate::config::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// What is known of the way to this server.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// The address that people type, with the base path, as far as it is known.
    pub public_url: Option<String>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
}

impl Transport {
    /// Whether a request came encrypted, so that its cookie may be marked `Secure`.
    pub fn is_encrypted(request: &HttpRequest) -> bool {
        request.app_data::<Data<Self>>().is_some_and(|transport| transport.says_encrypted(request))
    }

    /// A link to a page of this server, for people: beneath the address that they type, or, if none is configured, the one
    /// this request came to. Through the local socket that may be none; then it is the path alone.
    pub fn link(request: &HttpRequest, path: &str) -> String {
        let transport = request.app_data::<Data<Self>>();
        if let Some(url) = transport.and_then(|transport| transport.public_url.as_ref()) {
            return format!("{}{path}", url.trim_end_matches('/'));
        }
        let base = request.app_data::<BasePath>().map_or("", |base| base.0.as_str());
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        match host.filter(|_| request.peer_addr().is_some()) {
            Some(host) => {
                let scheme = if Self::is_encrypted(request) { "https" } else { "http" };
                format!("{scheme}://{host}{base}{path}")
            }
            None => format!("{base}{path}"),
        }
    }

    /// The address of whoever sent a request: that of the connection, or, as far as the proxies between are trusted, the
    /// one that the last of them names. None through the local socket.
    pub fn client_of(request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        Some(
            request.app_data::<Data<Self>>().map_or(peer, |transport| transport.client_behind(peer, request)),
        )
    }

    /// From right to left each proxy has added whom it was asked by; what stands left of one that is not trusted may be
    /// made up.
    fn client_behind(&self, peer: IpAddr, request: &HttpRequest) -> IpAddr {
        let lines = request.headers().get_all(FORWARDED_FOR).map(|line| line.to_str().unwrap_or_default());
        let lines: Vec<&str> = lines.collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        let mut client = peer;
        while self.trusts(client) {
            match hops.next().and_then(address) {
                Some(before) => client = before,
                None => break,
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }

    fn says_encrypted(&self, request: &HttpRequest) -> bool {
        let claimed = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        let believed = request.peer_addr().is_some_and(|address| self.trusts(address.ip()));
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https:"))
            || (believed && claimed == Some("https"))
    }
}

/// An address as proxies write it: alone, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let alone = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let address = alone.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::Transport;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let request = TestRequest::default()
            .insert_header(("x-forwarded-proto", "https"))
            .peer_addr("10.0.0.7:4000".parse().unwrap())
            .to_http_request();
        let trusting =
            |network: &str| Transport { public_url: None, trusted_proxies: vec![network.parse().unwrap()] };
        assert!(trusting("10.0.0.0/8").says_encrypted(&request));
        assert!(!trusting("192.168.0.0/16").says_encrypted(&request));
        let public_url = Some("https://scores.example.org".to_owned());
        assert!(Transport { public_url, ..Transport::default() }.says_encrypted(&request));
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_no_trusted_proxy_has() {
        let transport = Transport {
            public_url: None,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "fd00::1".parse().unwrap()],
        };
        let client = |peer: &str, lines: &[&str]| {
            let mut request = TestRequest::default().peer_addr(format!("{peer}:4000").parse().unwrap());
            for line in lines {
                request = request.append_header(("x-forwarded-for", *line));
            }
            let peer = peer.trim_matches(['[', ']']).parse().unwrap();
            transport.client_behind(peer, &request.to_http_request()).to_string()
        };
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1", "others can claim what they like");
        assert_eq!(client("10.0.0.2", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.2", &["1.1.1.1, 198.51.100.7, 10.0.0.3"]), "198.51.100.7");
        assert_eq!(client("10.0.0.2", &["1.1.1.1", "198.51.100.7:4711", "10.0.0.3"]), "198.51.100.7");
        assert_eq!(client("[fd00::1]", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client("10.0.0.2", &["::ffff:198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.2", &[]), "10.0.0.2");
        assert_eq!(
            client("10.0.0.2", &["198.51.100.7, unknown"]),
            "10.0.0.2",
            "not to be read, not to be passed"
        );
        assert_eq!(client("10.0.0.2", &["10.0.0.9"]), "10.0.0.9", "nobody but proxies");
    }
}
