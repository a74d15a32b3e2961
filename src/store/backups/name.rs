//! Names of backups: `event-manager-20260501T190000Z.embackup`. Nothing else is one, so that no path comes in by a name.

use std::{fmt, str::FromStr};

use crate::{
    domain::Timestamp,
    store::copies::{time_for_names, time_of},
};

const BEFORE: &str = "event-manager-";
const BEHIND: &str = ".embackup";

/// A millisecond count of a second.
const SECOND: i64 = 1_000;

/// The name of a backup, which is its time to the second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BackupName(Timestamp);

/// A text that is no name of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a backup")]
pub struct NoBackupName;

impl BackupName {
    /// The form of all names, as JSON Schema has patterns.
    pub const PATTERN: &str = "^event-manager-[0-9]{8}T[0-9]{6}Z\\.embackup$";

    /// The name of a backup that is taken at a time.
    pub fn at(time: Timestamp) -> Self {
        Self(Timestamp::from_millis(time.millis().div_euclid(SECOND) * SECOND))
    }

    /// The next name that differs.
    pub fn next(self) -> Self {
        Self(Timestamp::from_millis(self.0.millis() + SECOND))
    }

    /// The time in it.
    pub const fn time(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEFORE}{}{BEHIND}", time_for_names(self.0))
    }
}

impl FromStr for BackupName {
    type Err = NoBackupName;

    fn from_str(text: &str) -> Result<Self, NoBackupName> {
        let time = text.strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(BEHIND)).and_then(time_of);
        let name = time.map(Self).ok_or(NoBackupName)?;
        // One name a backup: what reads the same in another spelling is none.
        if name.to_string() == text { Ok(name) } else { Err(NoBackupName) }
    }
}

#[cfg(test)]
mod tests {
    use super::{BackupName, NoBackupName};

    #[test]
    fn a_name_reads_back_and_nothing_else_is_one() {
        let name = BackupName::at("2026-05-01T19:00:07.999Z".parse().unwrap());
        assert_eq!(name.to_string(), "event-manager-20260501T190007Z.embackup");
        assert_eq!(name.to_string().parse(), Ok(name));
        assert_eq!(name.next().to_string(), "event-manager-20260501T190008Z.embackup");
        for other in [
            "",
            "event-manager-20260501T190007Z.embackup.json",
            "event-manager-20260501T1900Z.embackup",
            "event-manager-20261301T190007Z.embackup",
            "../event-manager-20260501T190007Z.embackup",
            "event-manager-../../etc/passwd.embackup",
            "event-manager.20260501T190007Z.redb",
        ] {
            assert_eq!(other.parse::<BackupName>(), Err(NoBackupName), "{other}");
        }
    }
}
