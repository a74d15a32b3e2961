//! The client: carries one request at a time over a connection of its own. ureq writes and reads the HTTP; which address
//! is connected to, for how long, and how, is decided here. May use `config` and `telemetry`.

use std::{fmt, sync::Arc};

use rustls::ClientConfig;
use ureq::{
    Agent,
    http::{HeaderValue, Request},
};
use url::Url;

use super::{
    super::attempt::CallIds,
    address_guard::AddressGuard,
    answer::{self, HEAD_BYTES_MAX},
    connection::GuardedConnector,
    faults::of_ureq,
    head::head,
    lookup::Lookups,
    progress::Progress,
    request::{HttpAnswer, HttpFailure, HttpFault, HttpRequest, Reach},
    resolver::GuardedResolver,
    tls::{TlsSetUpError, client_config},
};
use crate::config::Network;

/// What the client allows and trusts.
#[derive(Clone, Debug)]
pub struct HttpRules {
    /// Networks (`10.0.0.0/8`) that tenants may reach beside public ones.
    pub tenant_networks: Vec<Network>,
    /// Whether tenants' addresses must be https (true unless the operator says otherwise).
    pub tenant_https_only: bool,
    /// Further authorities that are trusted, PEM.
    pub extra_authorities_pem: Option<String>,
    /// What `User-Agent` says.
    pub user_agent: String,
}

impl Default for HttpRules {
    fn default() -> Self {
        Self {
            tenant_networks: Vec::new(),
            tenant_https_only: true,
            extra_authorities_pem: None,
            user_agent: "event-manager".to_owned(),
        }
    }
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum HttpSetUpError {
    /// The further authorities cannot be used, or TLS cannot.
    #[error("{0}")]
    Tls(String),
    /// What is to be said of us in `User-Agent` is no value of a header.
    #[error("the user agent holds characters that are not allowed")]
    UserAgent,
}

impl From<TlsSetUpError> for HttpSetUpError {
    fn from(error: TlsSetUpError) -> Self {
        Self::Tls(error.to_string())
    }
}

/// The guarded client; one a process. Clones are cheap and share everything.
#[derive(Clone)]
pub struct HttpClient(Arc<Shared>);

struct Shared {
    guard: Arc<AddressGuard>,
    lookups: Lookups,
    tls: Arc<ClientConfig>,
    user_agent: HeaderValue,
}

impl HttpClient {
    /// A client under some rules.
    ///
    /// # Errors
    /// The authorities or the user agent cannot be used.
    pub fn new(rules: HttpRules) -> Result<Self, HttpSetUpError> {
        Self::with_lookups(rules, Lookups::system())
    }

    pub(super) fn with_lookups(rules: HttpRules, lookups: Lookups) -> Result<Self, HttpSetUpError> {
        Ok(Self(Arc::new(Shared {
            tls: Arc::new(client_config(rules.extra_authorities_pem.as_deref())?),
            user_agent: HeaderValue::from_str(&rules.user_agent).map_err(|_| HttpSetUpError::UserAgent)?,
            guard: Arc::new(AddressGuard::new(rules.tenant_networks, rules.tenant_https_only)),
            lookups,
        })))
    }

    /// Whether a URL may be asked at all, before anything is resolved: scheme, credentials, host, literal addresses.
    ///
    /// # Errors
    /// It may not.
    pub fn check(&self, url: &Url, reach: Reach) -> Result<(), HttpFailure> {
        self.0.guard.check_url(url, reach)
    }

    /// Sends a request and reads the answer. Blocks, at most for the limits of the request; called on a thread that may.
    /// Redirects are answers, like every other status.
    ///
    /// # Errors
    /// There is no answer, or not all of it that is wanted.
    pub fn send(&self, request: &HttpRequest, ids: &CallIds) -> Result<HttpAnswer, HttpFailure> {
        self.check(&request.url, request.reach)?;
        let head = head(request, ids, &self.0.user_agent)?;
        let progress = Arc::new(Progress::begin(request.connect_limit, request.total_limit));
        let agent = self.agent(request, &progress)?;
        let answer = exchange(&agent, head, request)
            .and_then(|response| answer::read(response, request.answer_limit))
            .map_err(|error| {
                let failure = of_ureq(request.url.host_str().unwrap_or_default(), error);
                HttpFailure { sent: progress.sent(), ..failure }
            })?;
        Ok(HttpAnswer { address: progress.address(), ..answer })
    }

    /// What carries one request. It is thrown away with its connection: nothing that was checked for one address or one
    /// tenant is ever used for another. TLS sessions are resumed all the same.
    fn agent(&self, request: &HttpRequest, progress: &Arc<Progress>) -> Result<Agent, HttpFailure> {
        let shared = &self.0;
        let connector = GuardedConnector::new(&request.url, &shared.tls, Arc::clone(progress))?;
        let resolver = GuardedResolver::new(
            (Arc::clone(&shared.guard), shared.lookups.clone()),
            (&request.url, request.reach),
            Arc::clone(progress),
        )
        .ok_or_else(|| HttpFailure::unsent(HttpFault::Forbidden, "the address has no host"))?;
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(HEAD_BYTES_MAX)
            .max_idle_connections(0)
            .build();
        Ok(Agent::with_parts(config, connector, resolver))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("guard", &self.0.guard).finish_non_exhaustive()
    }
}

fn exchange(
    agent: &Agent,
    head: Request<()>,
    request: &HttpRequest,
) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let has_body = !request.body.is_empty() || matches!(request.method, "POST" | "PUT" | "PATCH");
    if has_body { agent.run(head.map(|()| request.body.as_slice())) } else { agent.run(head) }
}
