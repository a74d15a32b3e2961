//! Which addresses may be asked: the rules on a URL before its name is resolved, and on every address that the name leads
//! to. May use `config`.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::{
    address_ranges::{held, is_metadata, is_metadata_name, not_public},
    request::{HttpFailure, HttpFault, Reach},
};
use crate::config::Network;

/// The rules on addresses.
#[derive(Debug)]
pub(super) struct AddressGuard {
    tenant_networks: Vec<Network>,
    tenant_https_only: bool,
}

impl AddressGuard {
    /// Tenants may reach these networks beside public ones, and have to use https or not.
    pub(super) fn new(tenant_networks: Vec<Network>, tenant_https_only: bool) -> Self {
        Self { tenant_networks, tenant_https_only }
    }

    /// Whether a URL may be asked, as far as it can be told without resolving its name.
    ///
    /// # Errors
    /// Why it may not, without what may be secret in it.
    pub(super) fn check_url(&self, url: &Url, reach: Reach) -> Result<(), HttpFailure> {
        match url.scheme() {
            "https" => {}
            "http" if reach == Reach::Operator || !self.tenant_https_only => {}
            "http" => return Err(forbidden("the address must begin with https://")),
            _ => return Err(forbidden("the address must begin with https:// or http://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden("the address must not hold a user name or a password"));
        }
        let address = match url.host() {
            Some(Host::Domain(name)) if is_metadata_name(name) => return Err(metadata(name)),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            None => return Err(forbidden("the address has no host")),
        };
        self.check_address(url.host_str().unwrap_or_default(), address, reach)
    }

    /// The addresses that may be connected to, of those that a host leads to. IPv4 addresses in IPv6 form become the
    /// IPv4 addresses that are connected to anyway.
    ///
    /// # Errors
    /// One of them may not be reached. Then none may: whoever answers for the name chooses which of them comes first.
    pub(super) fn admitted(
        &self,
        host: &str,
        addresses: Vec<SocketAddr>,
        reach: Reach,
    ) -> Result<Vec<SocketAddr>, HttpFailure> {
        let canonical = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        let addresses: Vec<SocketAddr> = addresses.into_iter().map(canonical).collect();
        for address in &addresses {
            self.check_address(host, address.ip(), reach)?;
        }
        Ok(addresses)
    }

    fn check_address(&self, host: &str, address: IpAddr, reach: Reach) -> Result<(), HttpFailure> {
        if is_metadata(address) {
            return Err(metadata(host));
        }
        if reach == Reach::Operator || self.is_tenant_network(address) {
            return Ok(());
        }
        // The address itself is not said: it would tell a tenant how the operator's network is laid out.
        not_public(address).map_or(Ok(()), |kind| {
            Err(forbidden(format!("{host} leads to {kind}, which the operator does not allow")))
        })
    }

    fn is_tenant_network(&self, address: IpAddr) -> bool {
        let behind = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => held(address).map(IpAddr::from),
        };
        let within = |address| self.tenant_networks.iter().any(|network| network.contains(address));
        within(address) || behind.is_some_and(within)
    }
}

fn forbidden(detail: impl Into<String>) -> HttpFailure {
    HttpFailure::unsent(HttpFault::Forbidden, detail)
}

fn metadata(host: &str) -> HttpFailure {
    forbidden(format!("{host} is the metadata service of a cloud, which may never be asked"))
}
