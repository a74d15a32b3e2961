//! Which backups are kept: so many, so young, so large together, and in any case the newest, and the newest that lacks
//! nothing. Pure.

use std::time::Duration;

use super::BackupFile;
use crate::domain::Timestamp;

/// How many backups are kept, how old they get, and how large they may be together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    /// How many.
    pub count: usize,
    /// How old.
    pub age: Duration,
    /// How large together.
    pub bytes: u64,
}

/// The backups that are to go, of all there are, newest first. One that is not sound counts for nothing, and goes when its
/// time has come: somebody may want to look at it.
pub(super) fn to_go(backups: &[BackupFile], now: Timestamp, keep: Keep) -> Vec<&BackupFile> {
    let mut gone = Vec::new();
    let (mut count, mut bytes, mut complete) = (0, 0_u64, 0);
    for backup in backups {
        let sound = !backup.is_unsound();
        let newest = (sound && count == 0) || (backup.is_complete() && complete == 0);
        let age = now.millis().saturating_sub(backup.name.time().millis());
        let young = u128::try_from(age).unwrap_or(0) <= keep.age.as_millis();
        let fits = count < keep.count && bytes.saturating_add(backup.bytes) <= keep.bytes;
        if newest || (young && fits) {
            count += usize::from(sound);
            complete += usize::from(backup.is_complete());
            bytes = bytes.saturating_add(backup.bytes);
        } else {
            gone.push(backup);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::store::{BackupKeys, BackupLabel, BackupName};

    const NOW: i64 = 1_777_662_000_000;
    const DAY: i64 = 24 * 3_600_000;
    const KEEP: Keep = Keep { count: 3, age: Duration::from_secs(10 * 24 * 3_600), bytes: 1_000 };

    fn backups(days_and_bytes: &[(i64, u64)]) -> Vec<BackupFile> {
        let backup = |(days, bytes): &(i64, u64)| BackupFile {
            path: PathBuf::new(),
            name: BackupName::at(Timestamp::from_millis(NOW - days * DAY)),
            bytes: *bytes,
            label: None,
        };
        days_and_bytes.iter().map(backup).collect()
    }

    fn label() -> BackupLabel {
        let at = Timestamp::from_millis(NOW);
        BackupLabel {
            id: uuid::Uuid::nil(),
            sha256: String::new(),
            bytes: 1,
            taken_at: at,
            newest_change: None,
            duration_ms: 1,
            version: String::new(),
            tenants: 1,
            records: 1,
            files: 0,
            keys: BackupKeys::Included,
            checked_at: at,
            fault: None,
            lack: None,
        }
    }

    /// The ages in days of those that stay.
    fn kept(days_and_bytes: &[(i64, u64)], keep: Keep) -> Vec<i64> {
        let backups = backups(days_and_bytes);
        let now = Timestamp::from_millis(NOW);
        let gone = to_go(&backups, now, keep);
        let stays = backups.iter().filter(|backup| !gone.contains(backup));
        stays.map(|backup| (NOW - backup.name.time().millis()) / DAY).collect()
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_they_are_too_old_or_too_large() {
        assert_eq!(kept(&[(0, 1), (1, 1), (2, 1), (3, 1)], KEEP), [0, 1, 2]);
        assert_eq!(kept(&[(0, 1), (9, 1), (11, 1)], KEEP), [0, 9]);
        assert_eq!(kept(&[(0, 400), (1, 400), (2, 400)], KEEP), [0, 1]);
        assert_eq!(kept(&[(-1, 1), (0, 1)], KEEP), [-1, 0], "one of the future is young");
    }

    #[test]
    fn the_newest_that_lacks_nothing_stays_behind_any_number_of_others() {
        let label = BackupLabel { lack: Some("it lacks a file".to_owned()), ..label() };
        let mut all = backups(&[(0, 1), (1, 1), (2, 1), (3, 1), (40, 1), (41, 1)]);
        all.iter_mut().take(4).for_each(|backup| backup.label = Some(label.clone()));
        let gone = to_go(&all, Timestamp::from_millis(NOW), KEEP);
        assert_eq!(gone, [&all[3], &all[5]]);
    }

    #[test]
    fn the_newest_stays_however_old_and_large_it_is() {
        assert_eq!(kept(&[(400, 5_000), (401, 1)], KEEP), [400]);
        assert_eq!(kept(&[(5, 9)], Keep { count: 0, age: Duration::ZERO, bytes: 0 }), [5]);
    }
}
