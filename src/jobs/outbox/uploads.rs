//! Uploads: backups that leave for object storage. The backup itself lies on this machine, so it is spool and fallback at
//! once; what one target cannot take, the next one takes.

use std::{fs::File, sync::Arc};

use super::{
    carrier::{Passage, arrived, ids_of, refused},
    probes::told_now,
    ways::Ways,
};
use crate::{
    domain::{AttemptEnd, from_hex},
    integrations::{
        Blame, CallIds, Failure, Next,
        storage::{CheckFault, Content, Origin, Proof, StorageTarget},
    },
    jobs::call::call,
    resilience::{Breakers, Permit},
    service::{BackupFile, Services},
    telemetry::{context::RequestContext, spawn},
};

/// Where backups are in a bucket, below the prefix.
pub const BACKUPS_FOLDER: &str = "backups";

/// The object stores that backups go to.
pub struct StoragePort {
    /// The stores.
    pub targets: Ways<StorageTarget>,
}

/// What is asked of a target.
enum Asked {
    Store { path: String, file: BackupFile },
    Check,
}

impl StoragePort {
    /// Uploads a backup.
    pub async fn carry_backup(
        &self,
        services: &Services,
        context: &RequestContext,
        name: &str,
        (passage, breakers): (Passage, &Breakers),
    ) -> AttemptEnd {
        let Some(file) = services.backup_file(name) else {
            return refused(
                "gone",
                "the backup is not on this machine any more: a newer one has taken its place",
            );
        };
        self.carry(
            context,
            Asked::Store { path: format!("{BACKUPS_FOLDER}/{name}"), file },
            (passage, breakers),
        )
        .await
    }

    /// Tries a target: a small object is stored, fetched, listed and deleted.
    pub async fn carry_probe(&self, context: &RequestContext, passage: (Passage, &Breakers)) -> AttemptEnd {
        told_now(self.carry(context, Asked::Check, passage).await)
    }

    async fn carry(
        &self,
        context: &RequestContext,
        asked: Asked,
        passage: (Passage, &Breakers),
    ) -> AttemptEnd {
        let asked = Arc::new(asked);
        let hand_over = |target, permit, context| hand_over(target, Arc::clone(&asked), context, permit);
        // An upload that was done twice is the same as one that was done once.
        self.targets.attempt(passage, context, |_| true, hand_over).await
    }
}

/// Asks a target, on a thread that may block, where the permit goes along.
async fn hand_over(
    target: Arc<StorageTarget>,
    asked: Arc<Asked>,
    context: RequestContext,
    permit: Permit,
) -> Result<AttemptEnd, Failure> {
    let ids = ids_of(&context);
    let done = spawn::spawn_blocking(move || {
        let end = match &*asked {
            Asked::Store { path, file } => call(permit, "upload", || store(&target, path, file, &ids)),
            Asked::Check => call(permit, "probe", || check(&target, &ids)),
        };
        end.map(|detail| arrived(None, detail, Some(target.key())))
    });
    let panicked =
        |_| Failure::new(Blame::Call, Next::Retry, "panic", "the program failed while it was uploading this");
    done.await.map_err(panicked)?.map_err(Failure::repeatable)
}

fn check(target: &StorageTarget, ids: &CallIds) -> Result<String, Failure> {
    let checked = target.check(ids).map(|()| "stored, fetched, listed and deleted".to_owned());
    checked.map_err(|CheckFault { step, failure }| {
        let detail = format!("{step:?}: {}", failure.detail);
        Failure { detail, ..failure }
    })
}

fn store(target: &StorageTarget, path: &str, file: &BackupFile, ids: &CallIds) -> Result<String, Failure> {
    let unreadable =
        |why: &dyn std::fmt::Display| Failure::new(Blame::Call, Next::Retry, "unreadable", why.to_string());
    let mut source = File::open(&file.path).map_err(|error| unreadable(&error))?;
    let sha256: [u8; 32] = from_hex(&file.sha256).map_err(|error| unreadable(&error))?;
    let origin = Origin { correlation_id: ids.correlation_id.clone(), request_id: ids.request_id.clone() };
    let content = Content { source: &mut source, length: file.bytes, sha256 };
    let stored = target.store(path, content, &origin, ids)?;
    if stored.proof == Proof::Size {
        target.verify(path, file.bytes, &sha256, ids)?;
    }
    Ok(format!("{} bytes, checked", stored.bytes))
}
