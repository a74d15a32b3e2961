//! The export of traces and logs to a collector. It follows the log as it lies on the disk, a thread a signal, and keeps how far
//! it is: nothing waits for it, nothing piles up in memory, and a collector that was away gets what the log still has. What the
//! export itself writes to the log is not exported, or there would be no end. Uses the port of collectors, under its breaker.

use std::{
    fs,
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    time::Duration,
};

use serde_json::Value;

use super::{call::call, outbox::ids_of};
use crate::{
    integrations::{Blame, Failure, Next, otlp::Collector},
    resilience::Breaker,
    store::step_back,
    telemetry::{
        clock::Clock,
        context::RequestContext,
        log_store::{Filter, LogStore, Order, Place, Plan, Seen},
        logql::APP,
        metrics as names,
        otlp::{Signal, items, request},
        spawn,
    },
};

/// How often it is looked for new lines.
const LOOK: Duration = Duration::from_secs(1);
/// Most lines of one request, and most bytes of them; the last line may exceed that.
const LINES_MAX: usize = 1_000;
const BYTES_MAX: usize = 1024 * 1024;
/// After which time what was not taken is sent again at first, and at most: each time it is twice as long.
const AGAIN: Duration = Duration::from_secs(1);
const AGAIN_MAX: Duration = Duration::from_secs(30);

/// What is exported where.
#[derive(Clone, Debug)]
pub struct LogExport {
    /// The log.
    pub logs: Arc<LogStore>,
    /// Where to.
    pub collector: Arc<Collector>,
    /// The breaker of the collector.
    pub breaker: Breaker,
    /// What of it.
    pub signals: Vec<Signal>,
    /// The time.
    pub clock: Clock,
}

/// The export, until this is dropped. Nobody waits for its end: what is under way then is sent again after the next start.
pub struct Exporting {
    _working: Vec<SyncSender<()>>,
}

impl LogExport {
    /// Begins with what is logged from now on, or goes on where it was.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(self) -> io::Result<Exporting> {
        let context = RequestContext::system(self.clock.clone(), "otlp");
        let begin = |signal: &Signal| {
            let (working, ended) = sync_channel(1);
            let follower = Follower::new((self.clone(), *signal), context.child(), ended);
            // Whatever is logged from here on is behind it. If it cannot be said, it is asked again and told.
            let _ = follower.position();
            spawn::spawn_thread("otlp", move || {
                step_back();
                let span = follower.context.span("otlp");
                span.in_scope(|| follower.run());
            })?;
            Ok(working)
        };
        let working = self.signals.iter().map(begin).collect::<io::Result<_>>()?;
        Ok(Exporting { _working: working })
    }
}

/// The program ends.
struct Ended;

/// What is sent together.
struct Batch {
    items: Vec<Value>,
    /// The last line that was looked at.
    last: Option<Place>,
    /// Whether there is more.
    more: bool,
}

/// Exports one signal.
struct Follower {
    export: LogExport,
    signal: Signal,
    ended: Receiver<()>,
    context: RequestContext,
    resource: Vec<(&'static str, Value)>,
    /// What went wrong last, until something is taken: it is told once.
    trouble: Option<&'static str>,
}

impl Follower {
    fn new((export, signal): (LogExport, Signal), context: RequestContext, ended: Receiver<()>) -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let resource = vec![
            ("service.name", APP.into()),
            ("service.version", env!("CARGO_PKG_VERSION").into()),
            ("service.instance.id", export.clock.new_uuid().to_string().into()),
            ("host.name", host.trim().into()),
        ];
        Self { export, signal, ended, context, resource, trouble: None }
    }

    /// Exports until the program ends.
    fn run(mut self) {
        while self.look().is_ok() {}
    }

    /// Exports what there is, and waits for more.
    fn look(&mut self) -> Result<(), Ended> {
        let mut after = match self.position() {
            Ok(after) => after,
            Err(error) => return self.troubled("position", &error, LOOK),
        };
        loop {
            let batch = match self.batch(after) {
                Ok(batch) => batch,
                Err(error) => return self.troubled("log", &error, LOOK),
            };
            if !batch.items.is_empty() {
                self.deliver(batch.items)?;
            }
            if batch.last.is_some() {
                after = batch.last;
                if let Err(error) = self.keep(after) {
                    self.troubled("position", &error, LOOK)?;
                }
            }
            if !batch.more {
                self.wait(LOOK)?;
            }
        }
    }

    /// Where it is; at the end of the log, if it never was anywhere.
    fn position(&self) -> io::Result<Option<Place>> {
        match fs::read_to_string(self.file()) {
            Ok(kept) => Ok(kept.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let end = self.export.logs.end()?;
                self.keep(end)?;
                Ok(end)
            }
            Err(error) => Err(error),
        }
    }

    fn file(&self) -> PathBuf {
        self.export.logs.directory().join(format!("exported-{}", self.signal.word()))
    }

    /// Keeps where it is, over a crash as well. Nowhere is the beginning of the log.
    fn keep(&self, after: Option<Place>) -> io::Result<()> {
        let begun = self.file().with_extension("new");
        let mut file = fs::File::create(&begun)?;
        file.write_all(after.map(|place| place.to_string()).unwrap_or_default().as_bytes())?;
        file.sync_data()?;
        fs::rename(begun, self.file())
    }

    /// The next lines behind a place.
    fn batch(&self, after: Option<Place>) -> io::Result<Batch> {
        let (all, own) = (Filter::default(), self.context.correlation_id().as_str());
        let mut batch = Batch { items: Vec::new(), last: None, more: false };
        let (mut lines, mut bytes) = (0, 0);
        self.export.logs.walk(&Plan { after, ..Plan::all(Order::OldestFirst) }, &mut |seen| {
            let Seen::Line(line) = seen else { return ControlFlow::Continue(()) };
            batch.last = Some(line.place);
            (lines, bytes) = (lines + 1, bytes + line.text.len());
            // A torn line has no fields, and no time.
            if let Some((micros, fields)) = line.micros.zip(all.matches(line.text))
                && fields.get("correlationId").and_then(Value::as_str) != Some(own)
            {
                batch.items.extend(items(self.signal, micros, fields));
            }
            batch.more = lines >= LINES_MAX || bytes >= BYTES_MAX;
            if batch.more { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(batch)
    }

    /// Sends items until they are taken or refused for good.
    fn deliver(&mut self, items: Vec<Value>) -> Result<(), Ended> {
        let count = items.len() as u64;
        let body = request(self.signal, &self.resource, items).to_string();
        let mut again = AGAIN;
        loop {
            let failure = match self.send(&body) {
                Ok(refused) => {
                    self.count("exported", count.saturating_sub(refused));
                    self.count("rejected", refused.min(count));
                    if self.trouble.take().is_some() {
                        tracing::info!(
                            signal = self.signal.word(),
                            "the collector takes what it is sent again"
                        );
                    }
                    return Ok(());
                }
                Err(failure) => failure,
            };
            if failure.next == Next::GiveUp {
                self.count("rejected", count);
                return self.troubled(failure.class, &failure, Duration::ZERO);
            }
            self.count("failed", count);
            let asked = if let Next::RetryAfter(asked) = failure.next { asked } else { Duration::ZERO };
            self.troubled(failure.class, &failure, again.max(asked))?;
            again = (again * 2).min(AGAIN_MAX);
        }
    }

    /// Makes one attempt, if the breaker lets it pass.
    fn send(&self, body: &str) -> Result<u64, Failure> {
        let LogExport { collector, breaker, clock, .. } = &self.export;
        let permit = breaker.admit(self.context.correlation_id()).map_err(|_| {
            Failure::new(
                Blame::Call,
                Next::Retry,
                "circuit_open",
                format!("{} is left alone", collector.key()),
            )
        })?;
        let ids = ids_of(&self.context.child());
        call(permit, self.signal.word(), || collector.send(self.signal, body, &ids, clock.now().millis()))
    }

    fn count(&self, outcome: &'static str, items: u64) {
        let labels = [("signal", self.signal.word()), ("outcome", outcome)];
        ::metrics::counter!(names::OTLP_EXPORT_ITEMS, &labels).increment(items);
    }

    /// Tells what is wrong if it is something new, and waits.
    fn troubled(
        &mut self,
        class: &'static str,
        reason: &dyn std::fmt::Display,
        wait: Duration,
    ) -> Result<(), Ended> {
        if self.trouble.replace(class) != Some(class) {
            tracing::warn!(signal = self.signal.word(), class, %reason, "the log is not exported");
        }
        self.wait(wait)
    }

    fn wait(&self, span: Duration) -> Result<(), Ended> {
        match self.ended.recv_timeout(span) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Ended),
        }
    }
}
