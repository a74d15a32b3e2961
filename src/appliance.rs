//! The composition root: builds everything from the configuration, wires it, and takes it down in order. Nothing else
//! knows which room is made of what.

mod backups;
mod behind;
mod circuits;
mod data;
mod ending;
mod error;
mod listening;
mod outside;
mod stored_backups;

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use actix_web::{dev::ServerHandle, web::Data};
use tokio::sync::mpsc::UnboundedReceiver;

use self::{
    behind::{CircuitKeeper, Jobs, fold_metrics, seal_audit, tell_refusals},
    circuits::CircuitNews,
    data::{charts_file, check, ensure_restored, files, log_rules, place},
    ending::EndSignals,
    outside::Outside,
};
pub use self::{
    data::{copies_directory, data_file, ensure_lost, ensure_usable, socket_path},
    error::ApplianceError,
    listening::listen,
    outside::ensure_outside,
    stored_backups::{StoredBackup, StoredBackups},
};
use crate::{
    config::{Config, FirstAdmin, Outbound},
    http::{self, Edge, HttpSettings, Transport},
    jobs::{BackupRunner, CANARY_TARGET, ChartKeeper, LogInUse, LogKeeper, LogRules, RunningBackups},
    security::{HashingCost, Passwords},
    service::{
        AUDIT_TARGET, AccountRules, AlertTelling, AuditSeals, Disk, LogFiles, Services, SetUp,
        open_sealing_key,
    },
    store::{CopyKeeper, CopyRules, Store, StoreLimits},
    telemetry::{
        charts::Charts,
        clock::Clock,
        context::RequestContext,
        log::{self, LogGuard, LogSettings, SegmentSettings},
        log_store::LogStore,
        metrics::{self, MetricsHandle},
        spawn,
    },
};

/// The log and the metrics of the process. Dropped last, so that the end of everything else is in the log.
pub struct Telemetry {
    /// The metrics.
    pub metrics: MetricsHandle,
    /// The time.
    pub clock: Clock,
    log: LogGuard,
}

impl Telemetry {
    /// Starts log and metrics as configured.
    ///
    /// # Errors
    /// When they cannot be started.
    pub fn start(config: &Config, to_stdout: bool) -> Result<Self, ApplianceError> {
        let metrics = metrics::install_recorder()?;
        let clock = Clock::system();
        let settings = LogSettings {
            // What the server library says of connections that fail is said by the edge, with ids. Seals of the audit
            // log are evidence, and the canary proves that there is a log, whatever else is wanted.
            filter: format!(
                "actix_http=off,{AUDIT_TARGET}=info,{CANARY_TARGET}=info,{}",
                config.log.level.as_str()
            ),
            stdout: to_stdout && config.log.stdout,
            segments: SegmentSettings {
                dir: config.log_dir(),
                max_bytes: config.log.segment_bytes(),
                max_age: config.log.segment_age(),
            },
        };
        let log = log::init(settings, clock.clone())?;
        log::install_panic_hook(log.flusher());
        Ok(Self { metrics, clock, log })
    }

    /// Waits until all log lines are on disk, a bounded time.
    pub fn flush(&self) {
        if !self.log.flush() {
            tracing::warn!("not all log lines are on disk yet");
        }
    }
}

/// The product, put together and not yet serving.
pub struct Appliance {
    services: Data<Services>,
    store: Arc<Store>,
    seals: Arc<AuditSeals>,
    edge: Edge,
    settings: HttpSettings,
    circuit_news: UnboundedReceiver<CircuitNews>,
    trash_kept: Option<Duration>,
    log: LogInUse,
    log_rules: LogRules,
    alerts: AlertTelling,
    outbound: Outbound,
    outside: Outside,
    copies: Option<CopyRules>,
    data_directory: PathBuf,
}

/// A server that runs.
pub struct Running {
    /// Where it listens; none if only locally.
    pub address: Option<SocketAddr>,
    handle: ServerHandle,
    server: tokio::task::JoinHandle<io::Result<()>>,
    store: Arc<Store>,
    seals: Arc<AuditSeals>,
    services: Data<Services>,
    clock: Clock,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    jobs: Option<Jobs>,
    circuits: CircuitKeeper,
    copies: Option<CopyKeeper>,
    _logs: Option<LogKeeper>,
    _charts: Option<ChartKeeper>,
    backups: RunningBackups,
    socket: PathBuf,
    signals: Option<EndSignals>,
}

impl Appliance {
    /// Opens the data and builds everything on it.
    ///
    /// # Errors
    /// The data is in use, damaged or of a newer format; the directory cannot be used.
    pub fn open(config: &Config, telemetry: &Telemetry) -> Result<Self, ApplianceError> {
        let path = config.store.data_dir.clone();
        ensure_usable(&path)?;
        ensure_restored(&path)?;
        let limits = StoreLimits {
            queue: config.store.queue.as_usize(),
            batch: config.store.batch.as_usize(),
            queue_wait: config.store.queue_wait(),
            ..StoreLimits::default()
        };
        let (file, copies) = (data_file(&path), copies_directory(&path));
        let now = telemetry.clock.now();
        let place = place(config, &file, &copies, check(config, &file), now);
        let store = Store::open(place, limits)
            .map_err(|error| ApplianceError::Store { path: path.clone(), error })?;
        let store = Arc::new(store);
        let seals = AuditSeals::open(&path, Arc::clone(&store), telemetry.clock.clone())?;
        let passwords = Passwords::new(HashingCost {
            memory_kib: config.auth.argon2_memory_kib.get(),
            iterations: config.auth.argon2_iterations.get(),
        })?;
        let rules = AccountRules {
            session_idle: config.auth.session_idle(),
            session_lifetime: config.auth.session_lifetime(),
            password_length_min: config.auth.password_min_length.as_usize(),
            password_score_min: u8::try_from(config.auth.password_min_score.get()).unwrap_or(u8::MAX),
            second_factor_for: config.auth.totp_required_for.iter().copied().collect(),
            parallel_hashes: config.auth.parallel_hashes.as_usize(),
        };
        let sealing = open_sealing_key(&path)?;
        let (circuits, circuit_news) = circuits::circuits(config, telemetry.clock.clone());
        let outside = Outside::build(config)?;
        let disk = Disk {
            files: files(config, &path),
            backups: backups::backups(config, &path),
            logs: LogFiles {
                store: Arc::new(LogStore::new(&config.log_dir())),
                writer: telemetry.log.flusher(),
                floor_bytes: config.store.free_floor_bytes(),
            },
        };
        let services = Services::new(Arc::clone(&store), passwords, sealing, rules, circuits, disk);
        let services = services.with_outside(outside.set_up(config));
        let services = Data::new(services);
        let edge = Edge {
            services: services.clone(),
            clock: telemetry.clock.clone(),
            metrics: telemetry.metrics.clone(),
            charts: Arc::new(Charts::new(telemetry.metrics.clone(), telemetry.clock.clone())),
            answered: Arc::default(),
        };
        let log = LogInUse {
            store: Arc::clone(services.logs()),
            writer: telemetry.log.flusher(),
            answered: Arc::clone(&edge.answered),
        };
        let settings = HttpSettings {
            base_path: config.server.base_path.as_str().to_owned(),
            workers: config.server.worker_threads(),
            body_limit_bytes: config.server.body_limit_bytes(),
            body_depth: config.server.json_depth.as_usize(),
            body_timeout: config.server.body_timeout(),
            connections_max: config.server.max_connections.as_usize(),
            streams_max: config.server.max_streams.as_usize(),
            shutdown_grace: config.server.shutdown_grace(),
            slow_request: config.log.slow_request(),
            metrics_open_on_loopback: config.server.metrics_open_on_loopback,
            limits: (&config.limits).into(),
            transport: Transport {
                public_url: config.server.public_url.as_ref().map(|url| url.as_str().to_owned()),
                trusted_proxies: config.server.trusted_proxies.clone(),
            },
        };
        let copies = config.store.copy_every().map(|every| CopyRules {
            directory: copies,
            every,
            count: config.store.copies_kept.as_usize(),
            bytes: config.store.copies_bytes(),
        });
        Ok(Self {
            services,
            store,
            seals: Arc::new(seals),
            edge,
            settings,
            circuit_news,
            copies,
            trash_kept: config.trash.retention(),
            log,
            log_rules: log_rules(config),
            alerts: AlertTelling {
                mail: config.alerts.email.clone(),
                sms: config.alerts.sms.clone(),
                every: config.alerts.look_every(),
                again_after: config.alerts.again_after(),
            },
            outbound: config.outbound.clone(),
            outside,
            data_directory: path,
        })
    }

    /// The use cases.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Sets a new box up without a browser, if the configuration says how; otherwise opens the set-up and returns its
    /// one-time code. A box that is set up needs neither.
    ///
    /// # Errors
    /// What the configuration gives breaks rules.
    pub async fn prepare(
        &self,
        first: Option<FirstAdmin<'_>>,
        context: &RequestContext,
    ) -> Result<Option<String>, ApplianceError> {
        if !self.services.setup_needed().await? {
            return Ok(None);
        }
        let Some(first) = first else { return Ok(self.services.prepare_setup(context).await?) };
        let set_up = SetUp {
            tenant_name: first.tenant.to_owned(),
            name: first.name.to_owned(),
            email: first.email.clone(),
            password: first.password.expose().to_owned(),
        };
        self.services.create_first(context, set_up).await?;
        tracing::info!("set up from the configuration");
        Ok(None)
    }

    /// Starts answering, on a listener and on the local socket.
    ///
    /// # Errors
    /// The socket cannot be listened on, or the server cannot run.
    pub fn start(self, listener: Option<TcpListener>) -> Result<Running, ApplianceError> {
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        // Taken before anybody is told that it serves: from then on it ends in order.
        let signals = address.map(|_| EndSignals::take()).transpose().map_err(ApplianceError::Server)?;
        let socket = socket_path(&self.data_directory);
        let local = http::listen_locally(&socket)
            .map_err(|error| ApplianceError::DataDirectory { path: socket.clone(), error })?;
        spawn::spawn(fold_metrics(self.edge.metrics.clone()));
        // A verb of the command line that has the data to itself for a moment leaves jobs to the server.
        let jobs = address.map(|_| {
            let outbound = (&self.outbound, self.outside);
            Jobs::start(
                &self.services,
                &self.edge.clock,
                self.trash_kept,
                outbound,
                self.alerts,
                self.edge.metrics.clone(),
            )
        });
        // A command that serves only itself is over before a copy is made.
        let rules = self.copies.filter(|_| address.is_some());
        let clock = self.edge.clock.clone();
        let copies = rules
            .map(|rules| CopyKeeper::start(Arc::clone(&self.store), rules, clock.clone()))
            .transpose()
            .map_err(|error| ApplianceError::DataDirectory { path: self.data_directory.clone(), error })?;
        let logs = address
            .map(|_| LogKeeper::start(self.log, clock.clone(), self.log_rules))
            .transpose()
            .map_err(ApplianceError::Server)?;
        let charts = address
            .map(|_| {
                self.edge.charts.keep_in(&charts_file(&self.data_directory));
                ChartKeeper::start(Arc::clone(&self.edge.charts), clock.clone())
            })
            .transpose()
            .map_err(ApplianceError::Server)?;
        let backups = BackupRunner::start(self.services.clone(), clock.clone(), address.is_some());
        let server =
            http::serve(self.edge, self.settings, listener, local).map_err(ApplianceError::Server)?;
        let handle = server.handle();
        let circuits = CircuitKeeper::start(&self.services, &clock, self.circuit_news);
        let tasks = vec![
            spawn::spawn(seal_audit(Arc::clone(&self.seals))),
            spawn::spawn(tell_refusals(self.services.clone(), clock.clone())),
        ];
        let server = spawn::spawn(server);
        let Self { services, store, seals, .. } = self;
        Ok(Running {
            address,
            handle,
            server,
            store,
            seals,
            services,
            clock,
            tasks,
            jobs,
            circuits,
            copies,
            _logs: logs,
            _charts: charts,
            backups,
            socket,
            signals,
        })
    }
}

impl Running {
    /// Stops in order: no new requests, those under way finish within their grace, jobs finish the piece at hand, what
    /// became of circuits is kept, the audit log is sealed, the store writes what is queued and closes.
    ///
    /// # Errors
    /// When the server had failed.
    pub async fn stop(self) -> Result<(), ApplianceError> {
        self.handle.stop(true).await;
        let outcome = self.server.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Some(jobs) = self.jobs {
            jobs.stop().await;
        }
        self.backups.stop().await;
        self.circuits.stop().await;
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
        self.services.tell_refusals(&self.clock).await;
        self.seals.log_moved().await;
        let (store, copies) = (Arc::clone(&self.store), self.copies);
        let close = move || {
            copies.into_iter().for_each(CopyKeeper::stop);
            store.close();
        };
        if spawn::spawn_blocking(close).await.is_err() {
            tracing::error!("the store was not closed cleanly");
        }
        match fs::remove_file(&self.socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the local socket was not removed");
            }
            _ => {}
        }
        tracing::info!("stopped");
        outcome.map_err(ApplianceError::Server)
    }

    /// Runs until the process is asked to end (SIGTERM, SIGINT), then stops in order.
    ///
    /// # Errors
    /// When signals cannot be received, or the server had failed.
    pub async fn run_until_signal(mut self) -> Result<(), ApplianceError> {
        let taken = self.signals.take().map_or_else(EndSignals::take, Ok);
        let name = taken.map_err(ApplianceError::Server)?.wait().await;
        tracing::info!(signal = name, "stopping");
        self.stop().await
    }
}
