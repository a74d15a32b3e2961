//! `backup stored` and `backup fetch`: the backups that were taken away to object storage, and how one comes back.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Failure, backup::verify, console};
use crate::{
    appliance::{StoredBackups, Telemetry, ensure_usable},
    config::Config,
    store::BackupName,
    telemetry::context::RequestContext,
};

/// Lists what is in object storage.
///
/// # Errors
/// None is set up, or one of the stores could not be asked.
pub fn stored(config: &Config, as_json: bool) -> Result<(), Failure> {
    let (backups, faults) = with_stores(config, |stores| Ok(stores.list()))?;
    if as_json {
        let items: Vec<Value> = backups
            .iter()
            .map(|backup| {
                json!({
                    "name": backup.name.to_string(), "bytes": backup.bytes, "storedAt": backup.stored_at,
                    "targets": backup.targets,
                })
            })
            .collect();
        console::say(&json!({"items": items}).to_string());
    } else {
        for backup in &backups {
            let (name, bytes, targets) = (backup.name, backup.bytes, backup.targets.join(", "));
            console::say(&format!("{name}  {bytes:>12} bytes  stored {}  in {targets}", backup.stored_at));
        }
        if backups.is_empty() && faults.is_empty() {
            console::complain("there is no backup in object storage");
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Other(faults.join("\n"))) }
}

/// Fetches a backup and reads it as a whole.
///
/// # Errors
/// No store gives it, it cannot be kept, or it is not sound.
pub fn fetch(config: &Config, name: BackupName, to: Option<PathBuf>) -> Result<(), Failure> {
    let directory = to.unwrap_or_else(|| config.backup_dir());
    let file = with_stores(config, |stores| Ok(stores.fetch(name, &directory)?))?;
    verify(&file)
}

fn with_stores<T>(
    config: &Config,
    ask: impl FnOnce(&StoredBackups) -> Result<T, Failure>,
) -> Result<T, Failure> {
    ensure_usable(&config.store.data_dir)?;
    let telemetry = Telemetry::start(config, false)?;
    let context = RequestContext::system(telemetry.clock.clone(), "storedBackups");
    let asked = context.span("storedBackups").in_scope(|| ask(&StoredBackups::of(config, &context)?));
    telemetry.flush();
    asked
}
