//! Uploads: backups that leave for object storage. The backup itself lies on this machine, so it is spool and fallback at
//! once; it goes to the first target whose circuit lets it pass, and what that one cannot take now, the next one takes.

use std::{fs::File, sync::Arc};

use super::{
    carrier::{Passage, Route, failed, ids_of, refused, verdict},
    probes::told_now,
};
use crate::{
    domain::{AttemptEnd, OutboundService, Outcome, from_hex},
    integrations::{
        Blame, Failure, Next,
        storage::{CheckFault, Content, Origin, Proof, StorageTarget},
    },
    resilience::{Breakers, Permit, Rejected, Verdict},
    service::{BackupFile, Services},
    telemetry::{context::RequestContext, metrics, spawn},
};

/// The object stores that backups go to.
pub struct StoragePort {
    /// In the order in which they are tried; at least one.
    pub targets: Vec<Arc<StorageTarget>>,
}

/// What is asked of a target.
enum Asked {
    Store { path: String, file: BackupFile },
    Check,
}

impl StoragePort {
    /// The first target whose circuit lets an upload pass.
    pub fn admit(&self, breakers: &Breakers, context: &RequestContext) -> Result<Passage, Rejected> {
        self.admit_from(0, breakers, context)
    }

    fn admit_from(
        &self,
        first: usize,
        breakers: &Breakers,
        context: &RequestContext,
    ) -> Result<Passage, Rejected> {
        let mut rejected = None;
        for (index, target) in self.targets.iter().enumerate().skip(first) {
            match breakers.of(OutboundService::Storage, &target.key()).admit(context.correlation_id()) {
                Ok(permit) => {
                    if index > 0 {
                        let labels = [("service", "storage"), ("outcome", "next_target")];
                        ::metrics::counter!(metrics::BREAKER_FALLBACKS, &labels).increment(1);
                    }
                    return Ok(Passage { permit: Some(permit), route: Route(index) });
                }
                Err(error) => rejected = rejected.or(Some(error)),
            }
        }
        match rejected {
            Some(rejected) => Err(rejected),
            None => Ok(Passage { permit: None, route: Route(0) }),
        }
    }

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
        self.carry(context, &Asked::Store { path: format!("backups/{name}"), file }, (passage, breakers))
            .await
    }

    /// Tries a target: a small object is stored, fetched, listed and deleted.
    pub async fn carry_probe(&self, context: &RequestContext, passage: (Passage, &Breakers)) -> AttemptEnd {
        told_now(self.carry(context, &Asked::Check, passage).await)
    }

    async fn carry(
        &self,
        context: &RequestContext,
        asked: &Asked,
        (passage, breakers): (Passage, &Breakers),
    ) -> AttemptEnd {
        let (Passage { permit: Some(permit), route: Route(first) }, Some(usual)) =
            (passage, self.targets.first())
        else {
            return refused("not_set_up", "storage is not set up on this server");
        };
        let target = self.targets.get(first).unwrap_or(usual);
        let end = hand_over(target, asked, context, permit).await;
        let Err(failure) = &end else { return told(end, target) };
        // An upload that was done twice is the same as one that was done once.
        match self.admit_from(first + 1, breakers, context) {
            Ok(Passage { permit: Some(permit), route: Route(next) }) => {
                let Some(other) = self.targets.get(next) else { return told(end, target) };
                let mut after = told(hand_over(other, asked, &context.child(), permit).await, other);
                after.detail =
                    format!("{} failed ({failure}); then {}: {}", target.key(), other.key(), after.detail);
                after
            }
            _ => told(end, target),
        }
    }
}

/// Asks a target, on a thread that may block, where the permit goes along.
async fn hand_over(
    target: &Arc<StorageTarget>,
    asked: &Asked,
    context: &RequestContext,
    permit: Permit,
) -> Result<String, Failure> {
    let (target, ids) = (Arc::clone(target), ids_of(context));
    let asked = match asked {
        Asked::Store { path, file } => Some((path.clone(), file.clone())),
        Asked::Check => None,
    };
    let done = spawn::spawn_blocking(move || {
        let end = match asked {
            Some((path, file)) => store(&target, &path, &file, &ids),
            None => target.check(&ids).map(|()| "stored, fetched, listed and deleted".to_owned()).map_err(
                |CheckFault { step, failure }| {
                    let detail = format!("{step:?}: {}", failure.detail);
                    Failure { detail, ..failure }
                },
            ),
        };
        match &end {
            Ok(_) => permit.finish(Verdict::Ok, None),
            Err(failure) => permit.finish(verdict(failure), Some(failure.class)),
        }
        end
    });
    let panicked =
        |_| Failure::new(Blame::Call, Next::Retry, "panic", "the program failed while it was uploading this");
    done.await.map_err(panicked)?.map_err(Failure::repeatable)
}

fn store(
    target: &StorageTarget,
    path: &str,
    file: &BackupFile,
    ids: &crate::integrations::CallIds,
) -> Result<String, Failure> {
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

fn told(end: Result<String, Failure>, target: &StorageTarget) -> AttemptEnd {
    match end {
        Ok(detail) => AttemptEnd {
            took_ms: 0,
            outcome: Outcome::Arrived,
            class: "ok".to_owned(),
            status: None,
            detail,
            via: Some(target.key()),
        },
        Err(failure) => failed(&failure, Some(target.key())),
    }
}
