//! Whether a request was encrypted on its way. A proxy in front ends the encryption and says so in a header; only
//! proxies that the operator trusts are believed.

use std::net::IpAddr;

use actix_web::{HttpRequest, web::Data};

use crate::config::Network;

/// What is known of the way to this server.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// The address that people type begins with `https`.
    pub public_https: bool,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
}

impl Transport {
    /// Whether a request came encrypted, so that its cookie may be marked `Secure`.
    pub fn is_encrypted(request: &HttpRequest) -> bool {
        request.app_data::<Data<Self>>().is_some_and(|transport| transport.says_encrypted(request))
    }

    fn says_encrypted(&self, request: &HttpRequest) -> bool {
        let claimed = request.headers().get("x-forwarded-proto").and_then(|value| value.to_str().ok());
        let trusted = |ip: IpAddr| self.trusted_proxies.iter().any(|network| network.contains(ip));
        let believed = request.peer_addr().is_some_and(|address| trusted(address.ip()));
        self.public_https || (believed && claimed == Some("https"))
    }
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
        let trusting = |network: &str| Transport {
            public_https: false,
            trusted_proxies: vec![network.parse().unwrap()],
        };
        assert!(trusting("10.0.0.0/8").says_encrypted(&request));
        assert!(!trusting("192.168.0.0/16").says_encrypted(&request));
        assert!(Transport { public_https: true, ..Transport::default() }.says_encrypted(&request));
    }
}
