//! Files as they are listed and given out, and the removal of what nothing refers to any more. How they come in is in
//! `uploads`; what every noun has is in `resources`. Uses the store.

use std::{
    fs,
    io::{Read, Seek},
    sync::Arc,
    time::Duration,
};

use super::{
    Conflict, Paging, Permit, ServiceError, Services,
    file_reach::is_readable,
    file_storage::store_file,
    paging::cut,
    resources::{ensure_may_see_deleted, live},
    sheets::{entries_of, own_judge},
    uploads::on_disk,
};
use crate::{
    domain::{
        About, AboutKind, Action, Assignment, BlobHash, Category, Contestant, Facts, File, FileId,
        FilePurpose, ImageType, Judge, Kind, MediaType, Noun, ScanOutcome, ScanState, ScanWord, TenantId,
        Verb,
    },
    store::{Cursor, EngineError, Found, Lineage, Live, LiveRow, Page},
    telemetry::{context::RequestContext, metrics},
};

/// How long a blob that nothing refers to is left alone.
pub const BLOBS_LEFT: Duration = Duration::from_secs(24 * 60 * 60);

/// Which files are wanted; all that no word is said about.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileFilter {
    /// Of which purpose.
    pub purpose: Option<FilePurpose>,
    /// About what.
    pub about: Option<About>,
    /// In which state of scanning.
    pub scan: Option<ScanWord>,
}

/// Which form of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileForm {
    /// What is kept.
    Whole,
    /// The small form of an image.
    Small,
}

/// What is given out of a file.
#[derive(Clone, Debug)]
pub struct FileContent {
    /// What people call it.
    pub name: String,
    /// Its hash.
    pub hash: BlobHash,
    media_type: MediaType,
    tenant: TenantId,
}

/// A file that is read.
#[derive(Debug)]
pub struct OpenContent {
    /// It, from its beginning.
    pub file: fs::File,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it holds.
    pub media_type: MediaType,
}

impl FileFilter {
    fn wants(&self, file: &File) -> bool {
        self.purpose.is_none_or(|purpose| file.purpose == purpose)
            && self.about.is_none_or(|about| file.about == Some(about))
            && self.scan.is_none_or(|scan| file.scan.is() == scan)
    }
}

impl Services {
    /// A page of the files about what the holder may see, in order of their upload.
    ///
    /// # Errors
    /// Deleted ones need the permission to see them.
    pub async fn files(
        &self,
        permit: &Permit,
        filter: FileFilter,
        paging: Paging,
    ) -> Result<Page<Found<File>>, ServiceError> {
        if paging.with_deleted {
            ensure_may_see_deleted(permit)?;
        }
        let tenant = permit.tenant();
        self.store
            .read_with_deleted(|all| {
                let view = all.live();
                let found: Vec<Found<File>> = match filter.about {
                    _ if paging.with_deleted => all.children::<File>(&Lineage::of_tenant(tenant))?,
                    Some(about) => live_rows(view.referrers::<File>(tenant, about.id)?),
                    None => {
                        let row = view.tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
                        live_rows(view.children::<File>(&row.place())?)
                    }
                };
                let mut wanted = Vec::new();
                for found in found {
                    if filter.wants(&found.row.body) && is_readable(all, permit, &found.row.body)? {
                        wanted.push(found);
                    }
                }
                Ok(cut(wanted, paging, |found| Cursor { order: found.row.body.order(), id: found.row.id }))
            })
            .await
    }

    /// That the holder may see what a file is about.
    pub(super) async fn ensure_readable(&self, permit: &Permit, file: &File) -> Result<(), ServiceError> {
        let readable = self.store.read_with_deleted(|all| is_readable(all, permit, file)).await?;
        if readable { Ok(()) } else { Err(ServiceError::NotFound(Kind::File)) }
    }

    /// What is given out of a file.
    ///
    /// # Errors
    /// There is none, or it has no such form; it is in quarantine.
    pub async fn file_content(
        &self,
        permit: &Permit,
        id: FileId,
        form: FileForm,
    ) -> Result<FileContent, ServiceError> {
        let file = self.get::<File>(permit, id.uuid(), false).await?.row.body;
        self.store.read(|view| content(view, permit.tenant(), &file, form)).await
    }

    /// What is given out of the newest photo of a contestant or judge, for whoever may see them, and for judges of
    /// those whom they judge and of themselves.
    ///
    /// # Errors
    /// There is nobody, or no photo of them; it is in quarantine.
    pub async fn photo(
        &self,
        permit: &Permit,
        of: About,
        form: FileForm,
    ) -> Result<FileContent, ServiceError> {
        self.store
            .read(|view| {
                if !is_seen(view, permit, of)? {
                    return Err(ServiceError::NotFound(of.kind.kind()));
                }
                let files = view.referrers::<File>(permit.tenant(), of.id)?;
                let photos = files.iter().filter(|file| file.body().purpose == FilePurpose::Photo);
                // Ids are in order of creation.
                let newest = photos.max_by_key(|file| file.id()).ok_or(ServiceError::NotFound(Kind::File))?;
                content(view, permit.tenant(), newest.body(), form)
            })
            .await
    }

    /// Opens what is given out. What is missing is fetched back, if it was stored elsewhere.
    ///
    /// # Errors
    /// It is missing, or the disk fails.
    pub async fn open_content(
        &self,
        permit: &Permit,
        content: &FileContent,
    ) -> Result<OpenContent, ServiceError> {
        let (blobs, tenant, hash) = (Arc::clone(&self.files.blobs), content.tenant, content.hash);
        let is_missing = on_disk(move || Ok(blobs.find(tenant, hash)?.is_none())).await?;
        if is_missing && let Some(away) = self.fetch_back(permit, hash).await? {
            return Err(away);
        }
        let (blobs, told) = (Arc::clone(&self.files.blobs), content.media_type);
        on_disk(move || {
            let mut file = blobs.read(tenant, hash)?;
            let unread =
                |error: std::io::Error| ServiceError::Store(EngineError::Io(error.to_string()).into());
            let bytes = file.metadata().map_err(unread)?.len();
            let mut head = [0; 16];
            let count = file.read(&mut head).map_err(unread)?;
            file.rewind().map_err(unread)?;
            // The small form of an image has a type of its own.
            let media_type = match ImageType::of(head.get(..count).unwrap_or_default()) {
                Some(ImageType::Png) => MediaType::Png,
                Some(ImageType::Jpeg) => MediaType::Jpeg,
                Some(ImageType::Webp) => MediaType::Webp,
                None => told,
            };
            Ok(OpenContent { file, bytes, media_type })
        })
        .await
    }

    /// The bytes of a file for a scanner, whatever its state; nothing if the file was destroyed meanwhile.
    ///
    /// # Errors
    /// They are missing, or the disk fails.
    pub async fn file_to_scan(
        &self,
        tenant: TenantId,
        id: FileId,
    ) -> Result<Option<(BlobHash, fs::File)>, ServiceError> {
        let found = self.store.read_with_deleted(|all| all.find::<File>(tenant, id.uuid())).await?;
        let Some(hash) = found.map(|found| found.row.body.sha256) else { return Ok(None) };
        let blobs = Arc::clone(&self.files.blobs);
        on_disk(move || Ok(Some((hash, blobs.read(tenant, hash)?)))).await
    }

    /// Notes what a scanner says of a file, wherever the file lies meanwhile. From then on it is given out, or not.
    ///
    /// # Errors
    /// It was destroyed, or the change cannot be written.
    pub async fn note_scan(
        &self,
        context: &RequestContext,
        tenant: TenantId,
        id: FileId,
        outcome: ScanOutcome,
    ) -> Result<Found<File>, ServiceError> {
        let permit = Permit::of_the_box(context.clone(), tenant);
        let state = ScanState::from(outcome);
        let storing = self.drawn_for_file(context).filter(|_| state == ScanState::Clean);
        let noted = self
            .write(&permit, move |transaction| {
                let found = transaction.with_deleted().find::<File>(tenant, id.uuid())?;
                let found = found.ok_or(ServiceError::NotFound(Kind::File))?;
                if found.row.body.scan == state {
                    return Ok(found);
                }
                if let Some(drawn) = &storing {
                    store_file(transaction, tenant, &found.row.body, drawn)?;
                }
                let what = (Verb::ScanNoted, Facts::Scan(state.clone()));
                Ok(transaction.amend(found, what, |row| row.body.scan = state.clone())?)
            })
            .await?;
        self.delivery_queued.notify_one();
        Ok(noted)
    }

    /// Removes what was destroyed from the disk, and from object storage. What cannot be removed now is found again later.
    pub(super) async fn remove_purged(&self, context: &RequestContext) {
        if let Err(error) = self.sweep_blobs(context, Duration::ZERO).await {
            tracing::warn!(%error, "files that were destroyed are removed from the disk later");
        }
        if let Err(error) = self.delete_unused_contents(context).await {
            tracing::warn!(%error, "files that were destroyed are deleted in object storage later");
        }
    }

    /// Removes the blobs that nothing refers to and that came longer ago than this. Returns how many.
    ///
    /// # Errors
    /// It cannot be told whether something refers to one, or the disk fails.
    pub async fn sweep_blobs(&self, context: &RequestContext, left: Duration) -> Result<usize, ServiceError> {
        // What the data file holds is known for sure only while it can be written.
        if self.store.trouble().is_some() {
            return Ok(0);
        }
        let (blobs, store) = (Arc::clone(&self.files.blobs), Arc::clone(&self.store));
        let before = context.clock().now().minus(left).plus_millis(1);
        let sweep = move || Ok(blobs.sweep(before, |tenant, blob| store.is_blob_used(tenant, blob))?);
        let removed = on_disk(sweep).await?;
        if removed > 0 {
            tracing::info!(removed, "files that nothing refers to were removed from the disk");
            ::metrics::counter!(metrics::BLOBS_REMOVED).increment(removed as u64);
        }
        Ok(removed)
    }
}

fn live_rows(rows: Vec<LiveRow<File>>) -> Vec<Found<File>> {
    rows.into_iter().map(live).collect()
}

/// One form of a file, unless the file is in quarantine.
fn content(
    view: &Live<'_>,
    tenant: TenantId,
    file: &File,
    form: FileForm,
) -> Result<FileContent, ServiceError> {
    let row = view.tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    if !file.scan.is_open(row.body().settings.file_scan) {
        return Err(Conflict::Quarantined(file.scan.clone()).into());
    }
    let hash = match form {
        FileForm::Whole => file.sha256,
        FileForm::Small => file.thumbnail.ok_or(ServiceError::NotFound(Kind::File))?,
    };
    Ok(FileContent { name: file.name.clone(), hash, media_type: file.media_type, tenant })
}

/// Whether somebody is there, and whoever asks may see them.
fn is_seen(view: &Live<'_>, permit: &Permit, of: About) -> Result<bool, ServiceError> {
    let tenant = permit.tenant();
    let is_there = match of.kind {
        AboutKind::Contestant => view.find::<Contestant>(tenant, of.id)?.is_some(),
        AboutKind::Judge => view.find::<Judge>(tenant, of.id)?.is_some(),
        _ => false,
    };
    if !is_there || permit.principal().may_somewhere(Action::ReadPeople) {
        return Ok(is_there);
    }
    let Ok((judge, _)) = own_judge(view, permit) else { return Ok(false) };
    if of.kind == AboutKind::Judge {
        return Ok(judge.uuid() == of.id);
    }
    for seat in view.referrers::<Assignment>(tenant, judge.uuid())? {
        let category = view.find::<Category>(tenant, seat.lineage().parent())?;
        let Some(category) = category.filter(|category| permit.covers(category.lineage())) else { continue };
        let entries = entries_of(view, &category)?;
        if entries.iter().any(|entry| entry.body().contestant_id.uuid() == of.id) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
