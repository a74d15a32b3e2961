//! What happens on each connection: HTTP/1.1 is spoken to the app, and what is refused unread is recorded. The server
//! library's `HttpServer` does not let its connections be watched, so they are put together here. Uses `telemetry`.

use std::{fmt, net::SocketAddr, time::Duration};

use actix_http::{HttpService, Protocol, Request, Response, error::DispatchError};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, apply_fn_factory, map_config,
};
use actix_web::{
    Error,
    body::MessageBody,
    dev::AppConfig,
    rt::net::{TcpStream, UnixStream},
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    local,
    rejects::{self, Refusal, Watched},
};
use crate::telemetry::clock::Clock;

/// How long a peer may take to close its side of a connection that has ended.
const CLOSING: Duration = Duration::from_secs(1);

/// What requests can come through.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {
    /// Where the other end is, if that is an address.
    fn peer(&self) -> Option<SocketAddr>;
}

impl Stream for TcpStream {
    fn peer(&self) -> Option<SocketAddr> {
        self.peer_addr().ok()
    }
}

impl Stream for UnixStream {
    fn peer(&self) -> Option<SocketAddr> {
        None
    }
}

/// Serves an app on every connection it is called with, until `drained` resolves: from then on no further request is
/// read.
pub fn serve<T, I, S, B, F>(
    app: I,
    drained: impl Fn() -> F + 'static,
    clock: Clock,
) -> impl ServiceFactory<T, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    T: Stream,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Error = Error> + 'static,
    S::Future: 'static,
    S::Service: 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
    F: Future<Output = ()> + 'static,
{
    let app = app.into_factory().map_err(|error: Error| error.error_response());
    let http = HttpService::build()
        .graceful_shutdown_signal(drained)
        .client_disconnect_timeout(CLOSING)
        .on_connect_ext(|stream: &Watched<T>, data| local::note_peer(stream.stream(), data))
        .finish(map_config(app, |()| AppConfig::default()));
    apply_fn_factory(http, move |stream: T, http| {
        let (peer, refusal, clock) = (stream.peer(), Refusal::default(), clock.clone());
        let ended = http.call((Watched::new(stream, clock.clone(), refusal.clone()), Protocol::Http1, peer));
        async move {
            let ended = ended.await;
            rejects::record(&ended, &refusal, peer, &clock);
            ended
        }
    })
}
