//! Backups as operators see them: asked for, made one after the other behind the answer, checked, taken away as files. Who
//! made or took one stands in the operators' audit log.

use std::{fs::File, path::PathBuf, sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services,
    backup_queue::{BackupHealth, BackupState, BackupView, Task},
    causing::{Cause, new_delivery},
};
use crate::{
    domain::{
        Delivery, Facts, Kind, OutboundService, Outgoing, SYSTEM_TENANT, Timestamp, Urgency, Verb, from_hex,
    },
    store::{BackupName, label_of},
    telemetry::{clock::Clock, context::RequestContext, spawn},
};

/// What goes to object storage, as it lies on this machine: whatever becomes of the storage, it stays here.
#[derive(Clone, Debug)]
pub struct Spooled {
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
}

/// The queue of what goes to object storage and comes from there: its targets take the place of one another.
pub(super) const UPLOADS: &str = "storage";

/// Something for object storage.
pub(super) fn upload(permit: &Permit, what: Outgoing, urgency: Urgency) -> Delivery {
    let cause = Cause { by: permit.principal().actor.clone(), ..Cause::of(permit.context()) };
    new_delivery(permit.context().clock(), what, UPLOADS.to_owned(), urgency, cause)
}

impl Services {
    /// Looks at the backups that are there, and removes what was interrupted.
    pub async fn prepare_backups(&self, clock: &Clock) {
        let (backups, now) = (Arc::clone(&self.backups), clock.now());
        if spawn::spawn_blocking(move || backups.prepare(now)).await.is_err() {
            tracing::error!("looking at the backups panicked");
        }
    }

    /// Looks for the newest backup that is sound.
    pub(super) async fn look_at_backups(&self, now: Timestamp) {
        let backups = Arc::clone(&self.backups);
        if spawn::spawn_blocking(move || backups.look_for_newest(now)).await.is_err() {
            tracing::error!("looking at the backups panicked");
        }
    }

    /// Asks for a backup. One that is asked for and not begun yet serves everybody.
    ///
    /// # Errors
    /// When it cannot be asked for.
    pub async fn ask_for_backup(&self, permit: &Permit) -> Result<BackupView, ServiceError> {
        let name = BackupName::at(permit.context().clock().now());
        let (backups, permit) = (Arc::clone(&self.backups), permit.clone());
        let asked = spawn::spawn_blocking(move || backups.ask(Task::Make, name, permit)).await;
        let name = asked.map_err(|error| ServiceError::Internal(format!("asking for a backup: {error}")))?;
        Ok(BackupView { name, state: BackupState::Waiting, bytes: None, label: None, fault: None })
    }

    /// A backup on this machine, as it is uploaded; nothing if there is none of this name.
    pub fn spooled_backup(&self, name: &str) -> Option<Spooled> {
        let path = self.backups.rules.place.path_of(name.parse().ok()?);
        let label = label_of(&path)?;
        Some(Spooled { path, sha256: from_hex(&label.sha256).ok()?, bytes: label.bytes })
    }

    /// Tries whether object storage works.
    ///
    /// # Errors
    /// None is set up.
    pub async fn try_storage(&self, permit: &Permit) -> Result<Delivery, ServiceError> {
        self.ensure_set_up(OutboundService::Storage)?;
        let delivery = upload(permit, Outgoing::StorageProbe, Urgency::Now);
        self.deliver(permit, delivery).await
    }

    /// Asks for a backup if one is due.
    pub async fn ask_for_due_backup(&self, clock: &Clock) {
        if !self.backups.is_due(clock.now()) {
            return;
        }
        let context = RequestContext::system(clock.clone(), "backup");
        if let Err(error) = self.ask_for_backup(&Permit::of_the_box(context, SYSTEM_TENANT)).await {
            tracing::error!(%error, "no backup was asked for");
        }
    }

    /// How old the newest backup may get; none if none are made unasked.
    pub fn backups_every(&self) -> Option<Duration> {
        self.backups.rules.every
    }

    /// Asks for a backup to be read again.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn ask_for_backup_check(
        &self,
        permit: &Permit,
        name: BackupName,
    ) -> Result<BackupView, ServiceError> {
        let view = self.backup(permit, name).await?;
        if view.bytes.is_none() {
            return Err(ServiceError::NotFound(Kind::Backup));
        }
        self.backups.ask(Task::Check, name, permit.clone());
        Ok(BackupView { state: BackupState::Checking, ..view })
    }

    /// Every backup that is there or on its way, newest first.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub async fn backups(&self, _permit: &Permit) -> Result<Vec<BackupView>, ServiceError> {
        // Aside, because the directory may be on a disk that is slow or does not answer.
        let backups = Arc::clone(&self.backups);
        let views = spawn::spawn_blocking(move || backups.views()).await;
        views.map_err(|error| ServiceError::Internal(format!("listing backups: {error}")))?
    }

    /// One backup.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn backup(&self, permit: &Permit, name: BackupName) -> Result<BackupView, ServiceError> {
        let views = self.backups(permit).await?;
        views.into_iter().find(|view| view.name == name).ok_or(ServiceError::NotFound(Kind::Backup))
    }

    /// A backup as a file with its size, once it is on record who takes it away.
    ///
    /// # Errors
    /// When there is none of this name, or it cannot be put on record.
    pub async fn take_backup(&self, permit: &Permit, name: BackupName) -> Result<(File, u64), ServiceError> {
        let path = self.backups.rules.place.path_of(name);
        let opened = spawn::spawn_blocking(move || {
            let file = File::open(&path).ok()?;
            Some((file.metadata().ok()?.len(), file, label_of(&path)))
        });
        let Some((bytes, file, label)) = opened.await.ok().flatten() else {
            return Err(ServiceError::NotFound(Kind::Backup));
        };
        let id = label.as_ref().map_or(Uuid::nil(), |label| label.id);
        let sha256 = label.map(|label| label.sha256).unwrap_or_default();
        self.put_backup_on_record(
            permit,
            Verb::Downloaded,
            id,
            Facts::Backup { name: name.to_string(), sha256, bytes },
        )
        .await?;
        Ok((file, bytes))
    }

    pub(super) async fn put_backup_on_record(
        &self,
        permit: &Permit,
        verb: Verb,
        id: Uuid,
        facts: Facts,
    ) -> Result<(), ServiceError> {
        // One that was made leaves for storage in the same operation that puts it on record.
        let leaving = match &facts {
            Facts::Backup { name, .. }
                if verb == Verb::Created && self.outside().has(OutboundService::Storage) =>
            {
                Some(upload(permit, Outgoing::Upload { backup: name.clone() }, Urgency::Bulk))
            }
            _ => None,
        };
        self.write(permit, move |transaction| {
            transaction.record(SYSTEM_TENANT, verb, (Kind::Backup, id), facts.clone(), None)?;
            if let Some(delivery) = &leaving {
                transaction.add_delivery(SYSTEM_TENANT, delivery)?;
            }
            Ok(())
        })
        .await?;
        self.delivery_queued.notify_one();
        Ok(())
    }

    /// Whether backups are as they should be.
    pub fn backup_health(&self, clock: &Clock) -> BackupHealth {
        self.backups.health(clock.now())
    }
}
