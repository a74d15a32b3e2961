//! Who is let in, how often: the limits of `resilience` at the door, with the answers to what is beyond them. The operator
//! on the local socket is never kept waiting.

use std::{net::IpAddr, time::Duration};

use actix_web::HttpRequest;
use sha2::{Digest, Sha256};

use super::{Transport, problem::Failure};
use crate::{
    config,
    domain::{Actor, UserId},
    http::router::route_of,
    resilience::{Delayed, Exhausted, Rate, SignInRules, SignIns, Subject, TokenBuckets},
    service::{Principal, Services},
    telemetry::{context::RequestContext, metrics},
};

/// How much is let in.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wrong sign-ins.
    pub sign_ins: SignInRules,
    /// Requests of one session or API token.
    pub known: Rate,
    /// Requests of one client without valid credentials.
    pub strangers: Rate,
}

impl From<&config::Limits> for Limits {
    fn from(limits: &config::Limits) -> Self {
        let rate = |per_second: u32, burst: u32| Rate { per_second: per_second.into(), burst };
        Self {
            sign_ins: SignInRules {
                failures: limits.sign_in_failures.get(),
                failures_everywhere: limits.sign_in_failures_everywhere.get(),
                client_failures: limits.client_sign_in_failures.get(),
            },
            known: rate(limits.requests_per_s.get(), limits.requests_burst.get()),
            strangers: rate(limits.anonymous_requests_per_s.get(), limits.anonymous_requests_burst.get()),
        }
    }
}

/// The limits, and how much of them is used up. One a process.
pub struct Admission {
    sign_ins: SignIns,
    known: TokenBuckets<[u8; 32]>,
    strangers: TokenBuckets<IpAddr>,
}

impl Admission {
    /// Nothing is used up.
    pub fn new(limits: Limits) -> Self {
        Self {
            sign_ins: SignIns::new(limits.sign_ins),
            known: TokenBuckets::new(limits.known),
            strangers: TokenBuckets::new(limits.strangers),
        }
    }

    /// The failed sign-ins.
    pub const fn sign_ins(&self) -> &SignIns {
        &self.sign_ins
    }

    /// Lets a request in that came with valid credentials.
    ///
    /// # Errors
    /// There were too many with the same ones.
    pub fn admit(
        &self,
        request: &HttpRequest,
        context: &RequestContext,
        services: &Services,
        principal: &Principal,
    ) -> Result<(), Failure> {
        let Some(credentials) = credentials(principal) else { return Ok(()) };
        self.known.take(credentials, context.clock().monotonic()).map_err(|Exhausted(wait)| {
            services.count_limited(principal.tenant, &principal.actor);
            limited(request, "session", wait)
        })
    }

    /// Lets a request in that came without valid credentials.
    ///
    /// # Errors
    /// There were too many from the same client.
    pub fn admit_stranger(
        &self,
        request: &HttpRequest,
        context: &RequestContext,
        services: &Services,
    ) -> Result<(), Failure> {
        let Some(client) = Transport::client_of(request) else { return Ok(()) };
        self.strangers.take(client, context.clock().monotonic()).map_err(|Exhausted(wait)| {
            services.count_limited_stranger();
            limited(request, "client", wait)
        })
    }
}

/// What a sign-in to an account is counted under.
pub fn subject_of(user: UserId) -> Subject {
    Sha256::digest(user.uuid().as_bytes()).into()
}

/// What a sign-in to an account that is not there is counted under, so that it waits as others do.
pub fn subject_of_nobody(email: &str, tenant: Option<&str>) -> Subject {
    let hash = Sha256::new().chain_update(email).chain_update([0]).chain_update(tenant.unwrap_or_default());
    hash.finalize().into()
}

/// The answer to a sign-in that has to wait.
pub fn delayed(request: &HttpRequest, method: &'static str, Delayed(wait): Delayed) -> Failure {
    count(request, "sign_in");
    ::metrics::counter!(metrics::AUTH_ATTEMPTS, "method" => method, "outcome" => "throttled").increment(1);
    Failure::sign_in_delayed(seconds(wait))
}

fn limited(request: &HttpRequest, limit: &'static str, wait: Duration) -> Failure {
    count(request, limit);
    Failure::rate_limited(seconds(wait))
}

fn count(request: &HttpRequest, limit: &'static str) {
    let route = route_of(request).to_string();
    ::metrics::counter!(metrics::HTTP_REQUESTS_LIMITED, "limit" => limit, "route" => route).increment(1);
}

/// Whole seconds after which there is no need to wait any more.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
}

/// What tells the requests of one session or token from those of others; nothing for the operator.
fn credentials(principal: &Principal) -> Option<[u8; 32]> {
    if let Some(used) = &principal.session {
        return Some(used.token);
    }
    match &principal.actor {
        Actor::ApiToken { id, .. } => Some(Sha256::digest(id.uuid().as_bytes()).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds;

    #[test]
    fn whoever_waits_as_long_as_told_has_waited_long_enough() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(Duration::from_secs(30)), 30);
    }
}
