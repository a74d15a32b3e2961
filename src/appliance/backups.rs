//! Backups as the configuration wants them.

use std::path::Path;

use crate::{
    config::Config,
    service::{BackupRules, Backups, SEALING_KEY_FILE, SIGNING_KEY_FILE},
    store::{BackupPlace, Keep},
};

/// The keys of a data directory that read its data again.
const KEYS: [&str; 2] = [SEALING_KEY_FILE, SIGNING_KEY_FILE];

/// The backups of a data directory.
pub(super) fn backups(config: &Config, data: &Path) -> Backups {
    let rules = &config.backup;
    let place = BackupPlace {
        directory: config.backup_dir(),
        data: data.to_owned(),
        keys: if rules.include_keys { KEYS.to_vec() } else { Vec::new() },
        floor_bytes: config.store.free_floor_bytes(),
    };
    let keep = Keep { count: rules.kept.as_usize(), age: rules.kept_for(), bytes: rules.kept_bytes() };
    Backups::new(BackupRules { place, every: rules.every(), keep })
}
