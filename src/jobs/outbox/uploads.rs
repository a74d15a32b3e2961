//! Object storage, and the backups that leave for it. What is stored lies on this machine, which is spool and fallback at
//! once; what one target cannot take, the next one takes.

use std::{fs::File, sync::Arc};

use super::{
    carrier::{Passage, arrived, ids_of, refused},
    probes::told_now,
    ways::Ways,
};
use crate::{
    domain::AttemptEnd,
    integrations::{
        Blame, CallIds, Failure, Next,
        storage::{CheckFault, Content, Origin, Proof, StorageTarget},
    },
    jobs::call::call,
    resilience::{Breakers, Permit},
    service::{Refetch, Services, Spooled, StoreError},
    telemetry::{context::RequestContext, spawn},
};

/// Where backups are in a bucket, below the prefix.
pub const BACKUPS_FOLDER: &str = "backups";

/// The object stores that backups and files go to.
pub struct StoragePort {
    /// The stores.
    pub targets: Ways<StorageTarget>,
}

/// What is asked of a target.
pub(super) enum Asked {
    /// To store something under a path.
    Store { path: String, file: Spooled },
    /// To give back what is stored under a path.
    Fetch { path: String, refetch: Refetch },
    /// To delete what is stored under a path.
    Delete { path: String },
    /// To do all of that with a small object.
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
        let Some(file) = services.spooled_backup(name) else {
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

    /// Asks the targets one after the other, until one does it.
    pub(super) async fn carry(
        &self,
        context: &RequestContext,
        asked: Asked,
        passage: (Passage, &Breakers),
    ) -> AttemptEnd {
        let asked = Arc::new(asked);
        let hand_over = |target, permit, context| hand_over(target, Arc::clone(&asked), context, permit);
        // What was done twice is the same as what was done once.
        self.targets.attempt(passage, context, |_| true, hand_over).await
    }
}

/// Asks a target, on a thread that may block, where the permit goes along.
pub(super) async fn hand_over(
    target: Arc<StorageTarget>,
    asked: Arc<Asked>,
    context: RequestContext,
    permit: Permit,
) -> Result<AttemptEnd, Failure> {
    let ids = ids_of(&context);
    let done = spawn::spawn_blocking(move || {
        let end = match &*asked {
            Asked::Store { path, file } => call(permit, "upload", || store(&target, path, file, &ids)),
            Asked::Fetch { path, refetch } => call(permit, "fetch", || fetch(&target, path, refetch, &ids)),
            Asked::Delete { path } => call(permit, "delete", || {
                target.delete(path, &ids).map(|()| "deleted wherever files are stored".to_owned())
            }),
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

fn store(target: &StorageTarget, path: &str, file: &Spooled, ids: &CallIds) -> Result<String, Failure> {
    let Spooled { path: spool, sha256, bytes } = file;
    let unreadable =
        |error: std::io::Error| Failure::new(Blame::Call, Next::Retry, "unreadable", error.to_string());
    let mut source = File::open(spool).map_err(unreadable)?;
    let origin = Origin { correlation_id: ids.correlation_id.clone(), request_id: ids.request_id.clone() };
    let content = Content { source: &mut source, length: *bytes, sha256: *sha256 };
    let stored = target.store(path, content, &origin, ids)?;
    if stored.proof == Proof::Size {
        target.verify(path, *bytes, sha256, ids)?;
    }
    Ok(format!("{} bytes, checked", stored.bytes))
}

fn fetch(target: &StorageTarget, path: &str, refetch: &Refetch, ids: &CallIds) -> Result<String, Failure> {
    let unkept = |error: StoreError| Failure::new(Blame::Call, Next::Retry, "unwritable", error.to_string());
    let mut sink = refetch.sink().map_err(unkept)?;
    // Another target may have it, or somebody may put it there: nothing that is said of it is the last word.
    let fetched =
        target.fetch(path, &mut sink, refetch.bytes_max, ids).map_err(|failure| match failure.next {
            Next::GiveUp => Failure { next: Next::Retry, ..failure },
            _ => failure,
        })?;
    if refetch.keep(sink).map_err(unkept)? {
        return Ok(format!("{} bytes, checked, and back in their place", fetched.bytes));
    }
    let detail = format!("{path} is not what was stored there, so it is not taken");
    Err(Failure::new(Blame::Call, Next::Retry, "checksum", detail))
}
