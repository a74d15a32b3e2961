//! The HTTP edge: parses a request, calls a use case, renders its answer. Knows statuses and headers; the rooms
//! beneath know neither. May use `service`, `reports`, `telemetry`, and read `resilience`.

mod admission;
mod answer;
mod assets;
mod attachment;
mod callbacks;
mod connections;
mod content_coding;
mod download;
mod extract;
mod file_limit;
mod health;
mod jaeger;
mod local;
mod log_view;
mod loki;
mod middleware;
pub mod openapi;
mod page;
mod problem;
mod rejects;
mod renders;
mod route;
mod router;
pub mod routes;
mod sse;
mod steps;
mod streams;
mod transport;
mod ui;
mod unsubscribe;
mod v1;

use std::{io, net::TcpListener, os::unix::net::UnixListener, path::Path, rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    App, Route,
    dev::Server,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

use self::{
    admission::Admission,
    extract::{BodyLimit, Stopping},
    log_view::OpenOnLoopback,
    middleware::record::SlowRequest,
    problem::{BasePath, Failure},
    renders::Renders,
    streams::Streams,
};
pub use self::{admission::Limits, transport::Transport};
use crate::{
    service::Services,
    telemetry::{
        answered::AnsweredIds,
        charts::Charts,
        clock::Clock,
        metrics::{MetricsHandle, Runtime, watch_runtime},
        spawn,
    },
};

/// How the edge behaves.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// What stands before every path, such as `/events`; empty for none.
    pub base_path: String,
    /// Threads that answer requests.
    pub workers: usize,
    /// Most bytes of a body.
    pub body_limit_bytes: usize,
    /// Deepest nesting of a JSON body.
    pub body_depth: usize,
    /// How long a whole body may take.
    pub body_timeout: Duration,
    /// Most connections at a time.
    pub connections_max: usize,
    /// Most event streams at a time.
    pub streams_max: usize,
    /// How much is let in.
    pub limits: Limits,
    /// When a request counts as encrypted on its way.
    pub transport: Transport,
    /// How long requests under way may take when the server stops.
    pub shutdown_grace: Duration,
    /// From when on a request is slow.
    pub slow_request: Duration,
    /// Whether callers on the same machine may read metrics and the log without a token.
    pub metrics_open_on_loopback: bool,
}

/// What the edge works with.
#[derive(Clone)]
pub struct Edge {
    /// The use cases.
    pub services: Data<Services>,
    /// The time.
    pub clock: Clock,
    /// The metrics.
    pub metrics: MetricsHandle,
    /// What they were.
    pub charts: Arc<Charts>,
    /// Ids that callers were told.
    pub answered: Arc<AnsweredIds>,
}

/// Opens the local socket, for its owner only.
///
/// # Errors
/// When the file system refuses.
pub fn listen_locally(path: &Path) -> io::Result<UnixListener> {
    local::listen(path)
}

/// Starts answering on a listener and on the local socket. The server runs until it is stopped.
///
/// # Errors
/// When the threads or listeners cannot be set up.
pub fn serve(
    edge: Edge,
    settings: HttpSettings,
    tcp: Option<TcpListener>,
    socket: UnixListener,
) -> io::Result<Server> {
    let (workers, grace) = (settings.workers, settings.shutdown_grace);
    let base_path = settings.base_path.clone();
    let (clock, renders) = (edge.clock.clone(), Data::new(Renders::default()));
    let streams = Data::from(Streams::new(settings.streams_max, clock.clone()));
    let admission = Data::new(Admission::new(settings.limits));
    file_limit::raise_for(settings.connections_max);
    // The library counts by thread.
    let connections = settings.connections_max.div_ceil(workers.max(1));
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections)
        .shutdown_timeout(grace.as_secs())
        .disable_signals();
    let signal = server.graceful_shutdown_signal();
    let drained = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let stopping = drained.clone();
    let app = move || {
        let (edge, settings) = (edge.clone(), settings.clone());
        let stopping = stopping.clone();
        App::new()
            .app_data(edge.services)
            .app_data(Data::new(edge.clock))
            .app_data(Data::new(edge.metrics))
            .app_data(Data::from(edge.charts))
            .app_data(Data::from(edge.answered))
            .app_data(BodyLimit {
                bytes: settings.body_limit_bytes,
                depth: settings.body_depth,
                time: settings.body_timeout,
            })
            .app_data(Stopping(Rc::new(move || Box::pin(stopping()))))
            .app_data(Data::new(settings.transport))
            .app_data(BasePath(base_path.clone()))
            .app_data(Data::new(SlowRequest(
                u64::try_from(settings.slow_request.as_millis()).unwrap_or(u64::MAX),
            )))
            .app_data(Data::new(OpenOnLoopback(settings.metrics_open_on_loopback)))
            .app_data(renders.clone())
            .app_data(streams.clone())
            .app_data(admission.clone())
            .wrap(from_fn(middleware::failures::answer))
            // Around failures, whose answers replace those of handlers, too.
            .wrap(from_fn(middleware::unread::close_after))
            .wrap(from_fn(middleware::record::observe))
            .wrap(from_fn(middleware::context::enter))
            .service(web::scope(&base_path).configure(|config| configure(config, &base_path)))
            .default_service(web::to(nothing_here))
    };
    let local = {
        let (app, drained, clock) = (app.clone(), drained.clone(), clock.clone());
        move || {
            // Each thread that answers requests makes this once, on the runtime of its own.
            spawn::spawn(watch_runtime(Runtime::Http));
            connections::serve(app(), drained.clone(), clock.clone())
        }
    };
    let server = server.listen_uds("local socket", socket, local)?;
    let server = match tcp {
        Some(listener) => server
            .listen("http", listener, move || connections::serve(app(), drained.clone(), clock.clone()))?,
        None => server,
    };
    Ok(server.run())
}

fn configure(config: &mut ServiceConfig, base_path: &str) {
    config.service(router::api(base_path));
    for page in routes::pages() {
        config.service(page.resource());
    }
}

fn other_method(allowed: String) -> Route {
    web::to(move || {
        let failure = Failure::other_method(&allowed);
        async move { Err::<Nothing, _>(failure) }
    })
}

type Nothing = actix_web::HttpResponse;

async fn nothing_here() -> Result<Nothing, Failure> {
    Err(Failure::not_found())
}
