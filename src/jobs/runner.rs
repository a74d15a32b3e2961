//! The runner: takes what is due from the queue and does one piece of each job in turn, so that a long one holds up
//! nobody. The queue is in the store, so after a crash it simply goes on.

use std::{collections::HashMap, io, time::Duration};

use actix_web::web::Data;
use tokio::{sync::watch, task::JoinHandle};
use tracing::Instrument;

use crate::{
    domain::{Job, JobId, JobState, Timestamp},
    service::{QueuedJob, ServiceError, Services, StoreError},
    telemetry::{
        clock::{Clock, Stopwatch},
        context::RequestContext,
        metrics, spawn,
    },
};

/// Jobs that take turns.
const TURNS_MAX: usize = 16;
/// How long an empty queue is left alone when nobody says that there is work.
const LOOKED_AFTER: Duration = Duration::from_secs(30);
/// How often a piece is tried that fails for no fault of its own.
const TRIES_MAX: u32 = 20;
/// First wait after such a failure; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Does jobs.
pub struct JobRunner {
    services: Data<Services>,
    clock: Clock,
    stopping: watch::Receiver<bool>,
    /// Jobs that wait after a failure: how often they failed, and until when (on the monotonic clock).
    waiting: HashMap<JobId, (u32, Duration)>,
}

/// A runner at work.
pub struct RunningJobs {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningJobs {
    /// Lets the piece at hand finish, and does no more.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if self.task.await.is_err() {
            tracing::error!("the runner of jobs panicked");
        }
    }
}

impl JobRunner {
    /// Begins to do jobs.
    pub fn start(services: Data<Services>, clock: Clock) -> RunningJobs {
        let (stop, stopping) = watch::channel(false);
        let runner = Self { services, clock, stopping, waiting: HashMap::new() };
        RunningJobs { stop, task: spawn::spawn(runner.run()) }
    }

    async fn run(mut self) {
        loop {
            let pause = match self.turn().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "the queue of jobs cannot be read");
                    Some(LONGEST_WAIT)
                }
            };
            if *self.stopping.borrow() {
                return;
            }
            let Some(pause) = pause else { continue };
            let services = self.services.clone();
            tokio::select! {
                _ = self.stopping.changed() => return,
                () = services.job_queued() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One piece of each job that is due; how long to wait before the next turn, if nothing was done.
    async fn turn(&mut self) -> Result<Option<Duration>, ServiceError> {
        let queued = self.services.queued_jobs(TURNS_MAX).await?;
        let now = self.clock.monotonic();
        let mut pause = Some(LOOKED_AFTER);
        for queued in queued {
            if *self.stopping.borrow() {
                return Ok(None);
            }
            if let Some((_, until)) = self.waiting.get(&queued.id).filter(|(_, until)| *until > now) {
                pause = pause.map(|pause| pause.min(*until - now));
                continue;
            }
            self.piece(queued).await;
            pause = None;
        }
        Ok(pause)
    }

    async fn piece(&mut self, queued: QueuedJob) {
        let job = match self.services.queued_job(queued).await {
            Ok(Some(job)) => job,
            Ok(None) => return,
            Err(error) => return self.later(queued.id, &error),
        };
        let context = RequestContext::of_job(
            self.clock.clone(),
            &job.own_request_id(),
            &job.correlation_id,
            &job.traceparent,
            job.created_at,
        );
        let context = context.with_actor(job.by.clone(), Some(queued.tenant));
        let span = context.span("job");
        self.attempt(queued, job, context).instrument(span).await;
    }

    async fn attempt(&mut self, queued: QueuedJob, job: Job, context: RequestContext) {
        let watch = Stopwatch::start();
        if job.state == JobState::Waiting {
            tracing::info!(job = job.task.word(), jobId = %job.id, "a job begins");
        }
        match self.services.do_piece(context.clone(), queued.tenant, &job).await {
            Ok(after) => {
                self.waiting.remove(&queued.id);
                ::metrics::histogram!(metrics::JOB_PIECE_DURATION, "job" => job.task.word())
                    .record(watch.elapsed().as_secs_f64());
                if job.state == JobState::Waiting {
                    took(metrics::JOB_QUEUE_WAIT, &after, Some(after.created_at), after.started_at);
                }
                if after.state.is_over() {
                    told(&after);
                }
            }
            Err(error)
                if is_passing(&error) && (self.tries(queued.id) < TRIES_MAX || is_of_the_disk(&error)) =>
            {
                self.later(queued.id, &error);
            }
            Err(error) => {
                tracing::warn!(%error, job = job.task.word(), jobId = %job.id, "a job failed");
                let failed =
                    self.services.fail_job(&context, queued.tenant, queued.id, error.to_string()).await;
                match failed {
                    Ok(()) => drop(self.waiting.remove(&queued.id)),
                    Err(error) => self.later(queued.id, &error),
                }
            }
        }
    }

    fn tries(&self, id: JobId) -> u32 {
        self.waiting.get(&id).map_or(0, |(tries, _)| *tries)
    }

    /// Tries again after a while.
    fn later(&mut self, id: JobId, error: &ServiceError) {
        let tries = self.tries(id) + 1;
        let wait = FIRST_WAIT.saturating_mul(1 << tries.min(16)).min(LONGEST_WAIT);
        tracing::warn!(%error, jobId = %id, tries, "a piece of a job is tried again later");
        self.waiting.insert(id, (tries, self.clock.monotonic() + wait));
    }
}

fn told(job: &Job) {
    let (done, faulty) = (job.done, job.faulty);
    let since = job.started_at.zip(job.finished_at);
    let duration_ms = since.map(|(began, ended)| ended.millis().saturating_sub(began.millis()).max(0));
    tracing::info!(
        job = job.task.word(), jobId = %job.id, done, faulty, durationMs = duration_ms, "a job has ended"
    );
    took(metrics::JOB_DURATION, job, job.started_at, job.finished_at);
}

fn took(metric: &'static str, job: &Job, from: Option<Timestamp>, to: Option<Timestamp>) {
    let Some((from, to)) = from.zip(to) else { return };
    let millis = u64::try_from(to.millis() - from.millis()).unwrap_or(0);
    ::metrics::histogram!(metric, "queue" => "jobs", "job" => job.task.word())
        .record(Duration::from_millis(millis).as_secs_f64());
}

/// Whether the store is read-only, or the disk has no room. However long that takes, it is nothing that the job can help.
fn is_of_the_disk(error: &ServiceError) -> bool {
    match error {
        ServiceError::Store(StoreError::ReadOnly(_)) => true,
        ServiceError::LogNotErased(error) => error.kind() == io::ErrorKind::StorageFull,
        _ => false,
    }
}

/// Whether the same piece may succeed later, because nothing is wrong with it.
fn is_passing(error: &ServiceError) -> bool {
    use StoreError::{Busy, Closed, CommitUnknown, Engine, NotCommitted, Panicked, ReadOnly};
    matches!(
        error,
        ServiceError::Store(
            Busy | NotCommitted | CommitUnknown | ReadOnly(_) | Closed | Engine(_) | Panicked
        ) | ServiceError::LogNotErased(_)
    )
}
