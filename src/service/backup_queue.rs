//! What is asked for with backups and waits, what is being done, and what is known of those that are there. In memory: after a
//! restart the files tell.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Permit, ServiceError};
use crate::{
    domain::Timestamp,
    store::{BackupFile, BackupLabel, BackupName, BackupPlace, Keep, backups_in},
    telemetry::{context::RequestContext, metrics},
};

/// What may wait. Each is for another backup.
const WAITING_MAX: usize = 1_000;

/// How far in the future a backup may seem to be, before it is taken for one of a clock that was wrong.
const AHEAD: Duration = Duration::from_secs(3_600);

/// How soon after a failure another backup is made without anybody asking, at the earliest.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Where backups are, when they are made and which are kept.
#[derive(Clone, Debug)]
pub struct BackupRules {
    /// Where they are, and what goes into them.
    pub place: BackupPlace,
    /// How old the newest may get; none if none are made unasked.
    pub every: Option<Duration>,
    /// Which are kept.
    pub keep: Keep,
}

/// What is to be done with a backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Task {
    Make,
    Check,
}

/// Something to be done with a backup, for somebody.
pub struct BackupWork {
    pub(super) task: Task,
    pub(super) name: BackupName,
    pub(super) id: Uuid,
    pub(super) permit: Permit,
}

impl BackupWork {
    /// The request that asked for it.
    pub fn context(&self) -> &RequestContext {
        self.permit.context()
    }
}

/// A backup that could not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failed {
    pub name: BackupName,
    pub at: Timestamp,
    pub why: String,
}

#[derive(Default)]
pub(super) struct State {
    pub waiting: VecDeque<BackupWork>,
    pub at_work: Option<(Task, BackupName)>,
    /// The last attempt, if no backup came of it.
    pub failed: Option<Failed>,
    /// What was wrong with those that have no label.
    pub odd: BTreeMap<BackupName, String>,
    /// The newest one that is sound, and what it lacks.
    newest: Option<BackupName>,
    lack: Option<String>,
    began: Option<Timestamp>,
}

/// The backups of the box.
pub struct Backups {
    pub(super) rules: BackupRules,
    pub(super) wanted: Notify,
    state: Mutex<State>,
}

/// Where a backup stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BackupState {
    /// It will be made.
    Waiting,
    /// It is being made.
    Making,
    /// It is being read again.
    Checking,
    /// It was whole when it was read last.
    Sound,
    /// It was whole when it was read last, but lacks uploaded files that its data speaks of.
    Incomplete,
    /// It was not.
    Unsound,
    /// It lies there without its label, and was not read.
    Unknown,
    /// It could not be made.
    Failed,
}

/// A backup as it is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupView {
    /// Its name.
    pub name: BackupName,
    /// Where it stands.
    pub state: BackupState,
    /// Its size, as soon as it is there.
    pub bytes: Option<u64>,
    /// What is in it.
    pub label: Option<BackupLabel>,
    /// What is wrong with it, or what it lacks.
    pub fault: Option<String>,
}

/// Whether backups are as they should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupHealth {
    /// `ok`, `off`, `stale`, `incomplete` or `failed`.
    pub status: &'static str,
    /// When the newest sound one was taken.
    pub newest_at: Option<Timestamp>,
    /// Why the last one could not be made, or what the newest lacks.
    pub reason: Option<String>,
}

impl BackupHealth {
    /// Whether somebody should look.
    pub fn is_bad(&self) -> bool {
        matches!(self.status, "stale" | "incomplete" | "failed")
    }
}

impl Backups {
    /// Backups by these rules.
    pub fn new(rules: BackupRules) -> Self {
        Self { rules, wanted: Notify::new(), state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what is there, and removes what was interrupted.
    pub(super) fn prepare(&self, now: Timestamp) {
        if let Err(error) = self.rules.place.prepare() {
            tracing::warn!(%error, "the directory of backups cannot be used");
        }
        self.state().began.get_or_insert(now);
        self.look_for_newest(now);
    }

    pub(super) fn look_for_newest(&self, now: Timestamp) {
        let found = self.found();
        let counts = |backup: &&BackupFile| {
            backup.label.is_some() && fault_of(backup).is_none() && backup.name.time() <= now.plus(AHEAD)
        };
        let newest = found.iter().find(counts);
        let lack = newest.and_then(|backup| backup.label.as_ref()?.lack.clone());
        let mut state = self.state();
        (state.newest, state.lack) = (newest.map(|backup| backup.name), lack);
        drop(state);
        let taken_at = newest.map_or(0, |backup| backup.name.time().millis() / 1_000);
        #[allow(clippy::cast_precision_loss, reason = "seconds and bytes are far fewer than 2^53")]
        {
            ::metrics::gauge!(metrics::BACKUP_LAST_SUCCESS).set(taken_at as f64);
            ::metrics::gauge!(metrics::BACKUP_BYTES).set(newest.map_or(0, |backup| backup.bytes) as f64);
        }
    }

    /// Whether one is to be made unasked.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let Some(every) = self.rules.every else { return false };
        let state = self.state();
        let ago = |time: Timestamp| now.millis().saturating_sub(time.millis());
        let passed =
            |time: Timestamp, span: Duration| u128::try_from(ago(time)).unwrap_or(0) >= span.as_millis();
        let nothing_to_do = state.at_work.is_none() && state.waiting.is_empty();
        let old = state.newest.is_none_or(|newest| passed(newest.time(), every));
        nothing_to_do
            && old
            && state.failed.as_ref().is_none_or(|failed| passed(failed.at, every.min(PATIENCE)))
    }

    pub(super) fn health(&self, now: Timestamp) -> BackupHealth {
        let state = self.state();
        let newest_at = state.newest.map(BackupName::time);
        let since = newest_at.or(state.began).unwrap_or(now);
        let age = u128::try_from(now.millis().saturating_sub(since.millis())).unwrap_or(0);
        let status = match self.rules.every {
            _ if state.failed.is_some() => "failed",
            _ if state.lack.is_some() => "incomplete",
            None => "off",
            Some(every) if age > 2 * every.as_millis() => "stale",
            Some(_) => "ok",
        };
        let failed = state.failed.as_ref().map(|failed| failed.why.clone());
        BackupHealth { status, newest_at, reason: failed.or_else(|| state.lack.clone()) }
    }

    /// Puts something to do at the end of the queue, unless the same waits there already.
    pub(super) fn ask(&self, task: Task, name: BackupName, permit: Permit) -> BackupName {
        let id = permit.context().clock().new_uuid();
        let there: Vec<BackupName> = match task {
            Task::Make => self.found().iter().map(|backup| backup.name).collect(),
            Task::Check => Vec::new(),
        };
        let mut state = self.state();
        let same = |work: &&BackupWork| work.task == task && (task == Task::Make || work.name == name);
        // One that is not begun yet will hold all that there is now.
        if let Some(waiting) = state.waiting.iter().find(same) {
            return waiting.name;
        }
        let at_work = state.at_work.filter(|(at_work, _)| *at_work == Task::Make).map(|(_, name)| name);
        let mut name = name;
        while there.contains(&name) || task == Task::Make && at_work == Some(name) {
            name = name.next();
        }
        if state.waiting.len() < WAITING_MAX {
            state.waiting.push_back(BackupWork { task, name, id, permit });
        }
        drop(state);
        self.wanted.notify_one();
        name
    }

    fn found(&self) -> Vec<BackupFile> {
        backups_in(&self.rules.place.directory).unwrap_or_default()
    }

    /// Every backup that is there or on its way, newest first.
    pub(super) fn views(&self) -> Result<Vec<BackupView>, ServiceError> {
        // Before it is listed what is there: what is done meanwhile is there, or still on its way.
        let state = self.state();
        let (at_work, failed, odd) = (state.at_work, state.failed.clone(), state.odd.clone());
        let waiting: Vec<BackupName> = state.waiting.iter().map(|work| work.name).collect();
        drop(state);
        let found = backups_in(&self.rules.place.directory)
            .map_err(|error| ServiceError::Internal(format!("backups cannot be listed: {error}")))?;
        let mut views: Vec<BackupView> = found.into_iter().map(|backup| view(backup, &odd)).collect();
        let on_its_way = |name, state| BackupView { name, state, bytes: None, label: None, fault: None };
        if let Some((task, name)) = at_work {
            // A new one may be there, and not on record yet.
            let state = if task == Task::Check { BackupState::Checking } else { BackupState::Making };
            match views.iter_mut().find(|view| view.name == name) {
                Some(view) => view.state = state,
                None => views.push(on_its_way(name, state)),
            }
        }
        for name in waiting {
            match views.iter_mut().find(|view| view.name == name) {
                Some(view) => view.state = BackupState::Checking,
                None => views.push(on_its_way(name, BackupState::Waiting)),
            }
        }
        if let Some(Failed { name, why, .. }) = failed
            && views.iter().all(|view| view.name != name)
        {
            views.push(BackupView { fault: Some(why), ..on_its_way(name, BackupState::Failed) });
        }
        views.sort_unstable_by_key(|view| std::cmp::Reverse(view.name));
        Ok(views)
    }
}

/// What is known to be wrong with a backup.
fn fault_of(backup: &BackupFile) -> Option<String> {
    let label = backup.label.as_ref()?;
    if label.bytes != backup.bytes {
        return Some(format!("it has {} bytes, and had {}", backup.bytes, label.bytes));
    }
    label.fault.clone()
}

fn view(backup: BackupFile, odd: &BTreeMap<BackupName, String>) -> BackupView {
    let fault = fault_of(&backup).or_else(|| odd.get(&backup.name).cloned());
    let lack = backup.label.as_ref().and_then(|label| label.lack.clone());
    let state = match (&backup.label, &fault) {
        (_, Some(_)) => BackupState::Unsound,
        (Some(_), None) if lack.is_some() => BackupState::Incomplete,
        (Some(_), None) => BackupState::Sound,
        (None, None) => BackupState::Unknown,
    };
    BackupView {
        name: backup.name,
        state,
        bytes: Some(backup.bytes),
        label: backup.label,
        fault: fault.or(lack),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::store::{BackupKeys, relabel};

    const NOW: i64 = 1_777_662_000_000;
    const DAY: Duration = Duration::from_secs(24 * 3_600);

    fn time(hours: i64) -> Timestamp {
        Timestamp::from_millis(NOW + hours * 3_600_000)
    }

    fn of(directory: &Path, every: Option<Duration>) -> Backups {
        let (directory, data) = (directory.to_owned(), directory.to_owned());
        let place = BackupPlace { directory, data, keys: Vec::new(), floor_bytes: 0 };
        Backups::new(BackupRules { place, every, keep: Keep { count: 9, age: DAY, bytes: 9 } })
    }

    /// A file that looks like a sound backup of an hour.
    fn put(directory: &Path, hours: i64, fault: Option<&str>) {
        let path = directory.join(BackupName::at(time(hours)).to_string());
        fs::write(&path, "backup").unwrap();
        let label = BackupLabel {
            id: Uuid::nil(),
            sha256: String::new(),
            bytes: 6,
            taken_at: time(hours),
            newest_change: None,
            duration_ms: 1,
            version: String::new(),
            tenants: 1,
            records: 1,
            files: 0,
            keys: BackupKeys::Included,
            checked_at: time(hours),
            fault: fault.map(ToOwned::to_owned),
            lack: None,
        };
        relabel(&path, &label).unwrap();
    }

    #[test]
    fn one_is_due_when_the_newest_sound_one_is_too_old_and_stale_when_it_is_twice_as_old() {
        let directory = tempfile::tempdir().unwrap();
        let backups = of(directory.path(), Some(DAY));
        let at = |hours| {
            backups.look_for_newest(time(hours));
            (backups.is_due(time(hours)), backups.health(time(hours)).status)
        };
        backups.prepare(time(0));
        assert_eq!(at(0), (true, "ok"), "none was ever made, and nobody has waited long for it");
        assert_eq!(at(49), (true, "stale"));
        put(directory.path(), 49, None);
        assert_eq!(at(50), (false, "ok"));
        put(directory.path(), 60, Some("it is cut short"));
        assert_eq!(at(73), (true, "ok"), "one that is not sound counts for nothing");
        assert_eq!(at(98), (true, "stale"));
    }

    #[test]
    fn a_backup_of_a_clock_that_was_wrong_keeps_none_from_being_made() {
        let directory = tempfile::tempdir().unwrap();
        let backups = of(directory.path(), Some(DAY));
        put(directory.path(), 100_000, None);
        backups.prepare(time(0));
        assert!(backups.is_due(time(0)));
    }

    #[test]
    fn after_a_failure_the_next_is_tried_later_and_the_failure_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let backups = of(directory.path(), Some(DAY));
        backups.prepare(time(0));
        let name = BackupName::at(time(0));
        backups.state().failed = Some(Failed { name, at: time(0), why: "no room".to_owned() });
        assert!(!backups.is_due(time(0)) && backups.is_due(time(1)));
        let health = backups.health(time(0));
        assert_eq!(
            (health.status, health.reason.as_deref(), health.is_bad()),
            ("failed", Some("no room"), true)
        );
        let never = of(directory.path(), None);
        never.prepare(time(0));
        assert!(!never.is_due(time(10_000)) && !never.health(time(10_000)).is_bad());
    }
}
