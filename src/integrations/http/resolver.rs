//! Resolves a host once and lets only checked addresses through to the connection, so that no second answer for the name
//! can lead elsewhere. One of two files that know ureq's `unversioned` part. Uses what is beside it.

use std::{net::SocketAddr, sync::Arc};

use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};
use url::{Host, Url};

use super::{
    address_guard::AddressGuard,
    faults::{boxed, late},
    lookup::{LookupError, Lookups},
    progress::Progress,
    request::{HttpFailure, HttpFault, Reach},
};

/// Most addresses that ureq takes.
const ADDRESSES_MAX: usize = 16;

/// Resolves the host of one request.
#[derive(Debug)]
pub(super) struct GuardedResolver {
    guard: Arc<AddressGuard>,
    lookups: Lookups,
    reach: Reach,
    host: Host,
    port: u16,
    progress: Arc<Progress>,
}

impl GuardedResolver {
    /// For the host of a URL. Nothing if it has none.
    pub(super) fn new(
        (guard, lookups): (Arc<AddressGuard>, Lookups),
        (url, reach): (&Url, Reach),
        progress: Arc<Progress>,
    ) -> Option<Self> {
        let host = url.host()?.to_owned();
        Some(Self { guard, lookups, reach, host, port: url.port_or_known_default()?, progress })
    }

    fn addresses(&self) -> Result<Vec<SocketAddr>, HttpFailure> {
        let host = self.host.to_string();
        let found = match &self.host {
            Host::Ipv4(address) => vec![SocketAddr::new((*address).into(), self.port)],
            Host::Ipv6(address) => vec![SocketAddr::new((*address).into(), self.port)],
            Host::Domain(name) => {
                let left = self.progress.left_to_connect().ok_or_else(|| late(&host))?;
                self.lookups.addresses(name, self.port, left).map_err(|error| unresolved(&host, &error))?
            }
        };
        if found.is_empty() {
            return Err(HttpFailure::unsent(HttpFault::Dns, format!("{host} has no address")));
        }
        self.guard.admitted(&host, found, self.reach)
    }
}

impl Resolver for GuardedResolver {
    // The host is that of the URL which was checked, not what another parser makes of it.
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.addresses().map_err(boxed)?;
        let mut resolved = self.empty();
        for address in addresses.into_iter().take(ADDRESSES_MAX) {
            resolved.push(address);
        }
        Ok(resolved)
    }
}

fn unresolved(host: &str, error: &LookupError) -> HttpFailure {
    let fault = match error {
        LookupError::Slow => HttpFault::Timeout,
        LookupError::Busy | LookupError::System(_) => HttpFault::Dns,
    };
    HttpFailure::unsent(fault, format!("the name {host} cannot be resolved: {error}"))
}
