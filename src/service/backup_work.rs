//! Doing what was asked for with backups: on a thread of its own for each, of the least priority, one at a time.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, sync_channel},
    },
    time::Duration,
};

use tokio::sync::oneshot;

use super::{
    Services,
    backup_queue::{BackupWork, Backups, Failed, Task},
};
use crate::{
    domain::{Facts, Verb},
    store::{
        BackupError, BackupLabel, BackupName, Store, half_idle, label_of, relabel, step_back, verify_backup,
    },
    telemetry::{
        clock::{Clock, Stopwatch},
        metrics, spawn,
    },
};

/// How long the end of the program waits for work to be given up: its disk may not answer.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(5);

impl Backups {
    /// Does a piece of work on the calling thread.
    fn work(
        &self,
        store: &Store,
        (task, name, id): (Task, BackupName, uuid::Uuid),
        clock: &Clock,
        stopped: &Receiver<()>,
    ) -> Result<BackupLabel, BackupError> {
        step_back();
        let mut pace = half_idle(stopped, || store.trouble().is_some());
        match task {
            Task::Make => self.rules.place.make(store, (name, id), clock, &mut pace),
            Task::Check => {
                let path = self.rules.place.path_of(name);
                let (checked, known) = (verify_backup(&path, &mut pace), label_of(&path));
                let now = clock.now();
                let label = match (checked, &known) {
                    (Ok(read), _) => read.label(known.as_ref(), now),
                    (Err(error), Some(label)) if error.is_fault() => {
                        BackupLabel { checked_at: now, fault: Some(error.to_string()), ..label.clone() }
                    }
                    (Err(error), _) => return Err(error),
                };
                if let Err(error) = relabel(&path, &label) {
                    tracing::warn!(%error, "the label of a backup cannot be written");
                }
                Ok(label)
            }
        }
    }

    /// Takes down what became of a check. Returns which backup is not sound, and why.
    fn checked(
        &self,
        work: &BackupWork,
        outcome: Result<BackupLabel, BackupError>,
    ) -> Option<(uuid::Uuid, String)> {
        let name = work.name;
        let (id, fault) = match outcome {
            Ok(label) => (label.id, label.fault),
            Err(error) if error.is_fault() => {
                let fault = error.to_string();
                self.state().odd.insert(name, fault.clone());
                (work.id, Some(fault))
            }
            Err(error) => {
                tracing::warn!(backup = %name, %error, "a backup could not be checked");
                return None;
            }
        };
        let Some(fault) = fault else {
            self.state().odd.remove(&name);
            tracing::info!(backup = %name, "a backup was read again and is sound");
            return None;
        };
        ::metrics::counter!(metrics::BACKUP_FAILURES).increment(1);
        tracing::error!(backup = %name, fault, "a backup is not sound");
        Some((id, fault))
    }

    fn failed(&self, name: BackupName, why: String, clock: &Clock) {
        ::metrics::counter!(metrics::BACKUP_FAILURES).increment(1);
        tracing::error!(backup = %name, error = why, "no backup could be made");
        self.state().failed = Some(Failed { name, at: clock.now(), why });
    }
}

impl Services {
    /// Returns as soon as something is asked for.
    pub async fn backup_wanted(&self) {
        self.backups.wanted.notified().await;
    }

    /// What is to be done next with a backup.
    pub fn next_backup_work(&self) -> Option<BackupWork> {
        let mut state = self.backups.state();
        let work = state.waiting.pop_front()?;
        state.at_work = Some((work.task, work.name));
        Some(work)
    }

    /// Does it, unless the program is to stop before it is done: then nothing is left of it.
    pub async fn do_backup_work(&self, work: BackupWork, clock: &Clock, stopping: impl Future<Output = ()>) {
        let what = (work.task, work.name, work.id);
        let (stop, stopped) = sync_channel(1);
        let (done, mut outcome) = oneshot::channel();
        let (backups, store, time) = (Arc::clone(&self.backups), Arc::clone(&self.store), clock.clone());
        let watch = Stopwatch::start();
        let thread = spawn::spawn_thread("backup", move || {
            // Nobody listens any more if it was given up.
            let _ = done.send(backups.work(&store, what, &time, &stopped));
        });
        let panicked = |_| "making it panicked".to_owned();
        let ended = match thread {
            Err(error) => Err(error.to_string()),
            Ok(_) => {
                tokio::select! {
                    outcome = &mut outcome => outcome.map_err(panicked),
                    () = stopping => {
                        drop(stop);
                        match tokio::time::timeout(GIVEN_UP_WITHIN, outcome).await {
                            Err(_) | Ok(Ok(Err(BackupError::Ended))) => {
                                tracing::info!(backup = %work.name, "work on a backup is given up");
                                return;
                            }
                            Ok(outcome) => outcome.map_err(panicked),
                        }
                    }
                }
            }
        };
        match (ended, work.task) {
            (Err(why), _) => self.not_made(&work, why, clock).await,
            (Ok(outcome), Task::Check) => {
                if let Some((id, fault)) = self.backups.checked(&work, outcome) {
                    self.put_failure_on_record(&work, id, fault).await;
                }
            }
            (Ok(outcome), Task::Make) => self.made(&work, outcome, clock, watch.elapsed()).await,
        }
        self.backups.state().at_work = None;
        self.look_at_backups(clock.now()).await;
    }

    async fn not_made(&self, work: &BackupWork, why: String, clock: &Clock) {
        self.backups.failed(work.name, why.clone(), clock);
        self.put_failure_on_record(work, work.id, why).await;
    }

    /// Puts it on record that a backup failed, so that others can be told of it.
    async fn put_failure_on_record(&self, work: &BackupWork, id: uuid::Uuid, why: String) {
        let facts = Facts::BackupFailed { name: work.name.to_string(), why };
        if let Err(error) = self.put_backup_on_record(&work.permit, Verb::Failed, id, facts).await {
            tracing::warn!(backup = %work.name, %error, "a failed backup is not in the audit log");
        }
    }

    async fn made(
        &self,
        work: &BackupWork,
        outcome: Result<BackupLabel, BackupError>,
        clock: &Clock,
        took: Duration,
    ) {
        let name = work.name;
        let label = match outcome {
            Ok(label) => label,
            // Nobody ended it: the disk has trouble.
            Err(BackupError::Ended) => {
                return self.not_made(work, "the disk of the data has trouble".to_owned(), clock).await;
            }
            Err(error) => return self.not_made(work, error.to_string(), clock).await,
        };
        ::metrics::histogram!(metrics::BACKUP_DURATION).record(took.as_secs_f64());
        let BackupLabel { id, sha256, bytes, records, lack, .. } = label;
        tracing::info!(backup = %name, bytes, records, sha256, "made a verified backup");
        // It is kept and leaves all the same: what is in it is worth more than nothing.
        if let Some(lack) = lack {
            ::metrics::counter!(metrics::BACKUP_FAILURES).increment(1);
            tracing::error!(backup = %name, fault = lack, "a backup is not complete");
        }
        self.backups.state().failed = None;
        let facts = Facts::Backup { name: name.to_string(), sha256, bytes };
        if let Err(error) = self.put_backup_on_record(&work.permit, Verb::Created, id, facts).await {
            tracing::warn!(backup = %name, %error, "a backup is not in the audit log");
        }
        let (backups, now) = (Arc::clone(&self.backups), clock.now());
        let thinned = spawn::spawn_blocking(move || backups.rules.place.thin(backups.rules.keep, now)).await;
        match thinned.map_err(std::io::Error::other).flatten() {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "removed backups whose time was over"),
            Err(error) => tracing::warn!(%error, "old backups cannot be removed"),
        }
    }
}
