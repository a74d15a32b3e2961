//! Makes a verified copy every hour in which something has changed, on a thread of its own that is idle half of the time
//! even then, so that nobody waits for it. Old ones are thinned out.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use super::{
    copies_in, inspect, name, sync_directory_of,
    thinning::{Budget, to_go},
};
use crate::{
    store::{
        EngineError, Store, StoreError,
        idle::{half_idle, step_back},
    },
    telemetry::{
        clock::{Clock, Stopwatch},
        metrics, spawn,
    },
};

/// A copy that is not finished. One that is found at the start was interrupted.
const UNFINISHED: &str = ".making.redb";

/// The longest time between two looks at whether a copy is due.
const LOOK: Duration = Duration::from_secs(10);

/// When copies are made, and how many are kept.
#[derive(Clone, Debug)]
pub struct CopyRules {
    /// Where they lie.
    pub directory: PathBuf,
    /// How old the newest may get while things change.
    pub every: Duration,
    /// How many are kept.
    pub count: usize,
    /// How large they may be together.
    pub bytes: u64,
}

/// The thread that makes copies.
pub struct CopyKeeper {
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl CopyKeeper {
    /// Begins to make copies of a store.
    ///
    /// # Errors
    /// When there is no thread, or no directory, for it.
    pub fn start(store: Arc<Store>, rules: CopyRules, clock: Clock) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&rules.directory)?;
        let (stop, stopped) = sync_channel(1);
        let work = Work { store, rules, clock, stopped, newest_batch: None, said: false };
        let thread = spawn::spawn_thread("store-copies", move || work.run())?;
        Ok(Self { stop, thread })
    }

    /// Ends it; a copy in the making is given up.
    pub fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the thread that makes copies panicked");
        }
    }
}

struct Work {
    store: Arc<Store>,
    rules: CopyRules,
    clock: Clock,
    stopped: Receiver<()>,
    /// The last batch in the newest copy, once that was looked at.
    newest_batch: Option<u64>,
    /// Whether it has been said that there is no room.
    said: bool,
}

/// Why there is no new copy.
enum Failure {
    NoRoom,
    Ended,
    Other(StoreError),
}

impl<E: Into<StoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            StoreError::Engine(EngineError::Ended) => Self::Ended,
            error => Self::Other(error),
        }
    }
}

fn failed(error: io::Error) -> EngineError {
    EngineError::Io(error.to_string())
}

impl Work {
    fn run(mut self) {
        step_back();
        if let Err(error) = remove(&self.rules.directory.join(UNFINISHED)) {
            tracing::warn!(%error, "an unfinished copy cannot be removed");
        }
        // Not at once: the newest copy is read as a whole, and a start has to serve whoever waits for it.
        while self.stopped.recv_timeout(self.rules.every.min(LOOK)) == Err(RecvTimeoutError::Timeout) {
            self.look();
        }
    }

    /// Makes a copy if one is due.
    fn look(&mut self) {
        let now = self.clock.now();
        let newest = match copies_in(&self.rules.directory) {
            // One of the future was made while the clock was wrong: its time says nothing.
            Ok(copies) => copies.into_iter().find(|copy| copy.taken_at <= now),
            Err(error) => return tracing::warn!(%error, "the copies cannot be looked at"),
        };
        if self.newest_batch.is_none()
            && let Some(newest) = &newest
        {
            // One that is not sound any more counts for nothing.
            self.newest_batch = inspect(&newest.path).ok().map(|content| content.batch);
        }
        let changed = self.newest_batch != Some(self.store.batch());
        let age = newest.map(|newest| now.millis() - newest.taken_at.millis());
        let age = age.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
        let stale = if changed { age.unwrap_or_default() } else { Duration::ZERO };
        ::metrics::gauge!(metrics::STORE_COPY_AGE).set(stale.as_secs_f64());
        let due = changed && age.is_none_or(|age| self.newest_batch.is_none() || age >= self.rules.every);
        if due && self.store.trouble().is_none() {
            self.make_and_tell();
        }
    }

    fn make_and_tell(&mut self) {
        let watch = Stopwatch::start();
        let outcome = match self.make() {
            Ok(batch) => {
                self.newest_batch = Some(batch);
                self.said = false;
                ::metrics::gauge!(metrics::STORE_COPY_AGE).set(0.0);
                ::metrics::histogram!(metrics::STORE_COPY_DURATION).record(watch.elapsed().as_secs_f64());
                self.show_free_pages();
                self.thin();
                "made"
            }
            Err(Failure::Ended) => return,
            Err(Failure::NoRoom) => {
                if !self.said {
                    tracing::warn!("there is no room on the disk for a copy of the data");
                }
                self.said = true;
                "no_room"
            }
            Err(Failure::Other(error)) => {
                tracing::error!(%error, "no copy of the data could be made");
                "failed"
            }
        };
        ::metrics::counter!(metrics::STORE_COPIES, "outcome" => outcome).increment(1);
    }

    /// Tells how much of the data file is free within. It takes reading all of the file, as a copy does, so that it is told as
    /// often.
    fn show_free_pages(&self) {
        match self.store.free_pages_bytes() {
            Ok(bytes) => ::metrics::gauge!(metrics::DB_FREE_PAGES_BYTES).set(metrics::approximate(bytes)),
            Err(error) => tracing::warn!(%error, "how much of the data file is free cannot be told"),
        }
    }

    /// Makes a copy, compares it row by row, checks it, and only then gives it its name. The number of its last batch.
    fn make(&self) -> Result<u64, Failure> {
        if !self.store.has_room_for(self.store.size_bytes()) {
            return Err(Failure::NoRoom);
        }
        let unfinished = self.rules.directory.join(UNFINISHED);
        remove(&unfinished).map_err(failed)?;
        let made = self.fill(&unfinished);
        if made.is_err() {
            // What is left of it is removed before the next one.
            let _ = remove(&unfinished);
        }
        made
    }

    fn fill(&self, unfinished: &Path) -> Result<u64, Failure> {
        let taken_at = self.clock.now();
        self.store.copy_to(unfinished, &mut half_idle(&self.stopped, || self.store.trouble().is_some()))?;
        let content = inspect(unfinished)?;
        let path = self.rules.directory.join(name(taken_at));
        fs::rename(unfinished, &path).and_then(|()| sync_directory_of(&path)).map_err(failed)?;
        tracing::info!(copy = %path.display(), records = content.records(), "made a verified copy of the data");
        Ok(content.batch)
    }

    fn thin(&self) {
        let budget = Budget { count: self.rules.count, bytes: self.rules.bytes };
        let removed = copies_in(&self.rules.directory).and_then(|copies| {
            to_go(&copies, self.clock.now(), budget).into_iter().try_for_each(|copy| remove(&copy.path))
        });
        if let Err(error) = removed {
            tracing::warn!(%error, "old copies cannot be removed");
        }
    }
}

/// Removes a file, if it is there.
pub(in crate::store) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
