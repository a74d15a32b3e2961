//! Uploads: bytes come in piece by piece and go to the disk as they come; then it is looked at what they are, pictures are
//! encoded anew, and what is kept is on the disk before the operation that refers to it. Uses the store and `telemetry`.

use std::{
    io::{BufReader, BufWriter, Seek, Write},
    sync::Arc,
    time::Duration,
};

use image::ImageError;
use serde::{Deserialize, de::IgnoredAny};
use tokio::sync::Semaphore;

use super::{
    Permit, ServiceError, Services, changes, file_reach,
    file_storage::{Drawn, store_file},
    guards,
    idempotency::{Creation, IdempotencyKey, Once},
    pictures::{NoPicture, Picture},
    scanning::scan_of,
};
use crate::{
    domain::{
        About, BlobHash, Delivery, File, FileId, FilePurpose, ImageType, Kind, MediaType, Noun, ScanState,
        TenantId, is_text,
    },
    store::{Blobs, Found, Incoming, KeptBlob, Lineage, StoreError, Transaction, unwritten},
    telemetry::{metrics, spawn},
};

/// Pictures that are decoded at the same time. Each takes as much memory as it has pixels.
const PICTURES_AT_ONCE: usize = 2;
/// How much is gathered before it is written.
const GATHERED: usize = 256 * 1024;

/// What may be uploaded.
#[derive(Clone, Debug)]
pub struct FileRules {
    /// Most bytes of a file.
    pub bytes_max: u64,
    /// Most pixels of a picture.
    pub pixels_max: u64,
    /// The types that are taken.
    pub media_types: Vec<MediaType>,
    /// Longest time from head to end.
    pub time: Duration,
}

/// Everything that has to do with files beside their rows.
pub struct Files {
    pub(super) blobs: Arc<Blobs>,
    rules: FileRules,
    has_scanner: bool,
    decoding: Semaphore,
}

impl Files {
    /// Files on blobs; `has_scanner` if new ones are to be scanned before they are given out.
    pub fn new(blobs: Blobs, rules: FileRules, has_scanner: bool) -> Self {
        let decoding = Semaphore::new(PICTURES_AT_ONCE);
        Self { blobs: Arc::new(blobs), rules, has_scanner, decoding }
    }
}

/// What is said of a file that is uploaded.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub purpose: FilePurpose,
    /// What it belongs to.
    pub about: Option<About>,
    /// What it is said to hold.
    pub media_type: MediaType,
}

/// A file on its way in. Nothing of it is left when this is gone.
pub struct Upload {
    /// Nothing after a write that failed.
    incoming: Option<Incoming>,
    gathered: Vec<u8>,
    head: Vec<u8>,
    is_text: bool,
}

impl Services {
    /// What may be uploaded.
    pub fn file_rules(&self) -> &FileRules {
        &self.files.rules
    }

    /// Begins to take a file of which so many bytes are announced.
    ///
    /// # Errors
    /// What is said of it breaks rules or is about something that is not there or out of reach; there is no room.
    pub async fn begin_upload(
        &self,
        permit: &Permit,
        new: &NewFile,
        announced: Option<u64>,
    ) -> Result<Upload, ServiceError> {
        self.store.ensure_room_for(announced.unwrap_or_default())?;
        let (tenant, first) = (permit.tenant(), new.first());
        super::check(&first)?;
        self.store
            .read_with_deleted(|all| {
                file_reach::ensure_in_reach(all, permit, &first)?;
                guards::ensure_references(&all.live(), &Lineage::of_tenant(tenant), &first.references())
            })
            .await?;
        let blobs = Arc::clone(&self.files.blobs);
        let incoming = on_disk(move || Ok(blobs.incoming()?)).await?;
        Ok(Upload { incoming: Some(incoming), gathered: Vec::new(), head: Vec::new(), is_text: true })
    }

    /// Takes the next bytes of a file.
    ///
    /// # Errors
    /// There is no room for them, or the disk fails.
    pub async fn receive(&self, upload: &mut Upload, piece: &[u8]) -> Result<(), ServiceError> {
        let lacks = MediaType::HEAD.saturating_sub(upload.head.len()).min(piece.len());
        upload.head.extend_from_slice(piece.get(..lacks).unwrap_or_default());
        upload.is_text &= is_text(piece);
        upload.gathered.extend_from_slice(piece);
        if upload.gathered.len() >= GATHERED { self.put_down(upload).await } else { Ok(()) }
    }

    /// Writes what is gathered.
    async fn put_down(&self, upload: &mut Upload) -> Result<(), ServiceError> {
        let gathered = std::mem::take(&mut upload.gathered);
        self.store.ensure_room_for(gathered.len() as u64)?;
        let gone = || ServiceError::Internal("an upload goes on after it has failed".to_owned());
        let mut incoming = upload.incoming.take().ok_or_else(gone)?;
        let write = move || match incoming.write_all(&gathered) {
            Ok(()) => Ok(incoming),
            Err(error) => Err(unwritten(&error).into()),
        };
        upload.incoming = Some(on_disk(write).await?);
        Ok(())
    }

    /// Looks at what has come, keeps it, and creates the file that refers to it; once under a key.
    ///
    /// # Errors
    /// It is not what it is said to be, the disk is full, or whatever creating something fails with.
    pub async fn finish_upload(
        &self,
        permit: &Permit,
        new: NewFile,
        mut upload: Upload,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Found<File>>, ServiceError> {
        self.put_down(&mut upload).await?;
        let Upload { incoming: Some(incoming), head, is_text, .. } = upload else {
            return Err(ServiceError::Internal("an upload has lost its bytes".to_owned()));
        };
        ensure_is(new.media_type, incoming.bytes(), &head, is_text)?;
        let asked = (Kind::File, &new.name, new.purpose, new.about, incoming.hash());
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let (body, kept) = self.settle(permit.tenant(), &new, incoming).await?;
        let id = permit.context().clock().new_uuid();
        let (holder, has_scanner) = (permit.clone(), self.files.has_scanner);
        let scan = scan_of(permit.context(), FileId::new(id));
        let storing = self.drawn_for_file(permit.context());
        let made = self
            .write(permit, move |transaction| {
                // The blobs are held until the operation is done with, whoever still waits for it.
                let _held = &kept;
                Once::make(once.as_ref(), transaction, id, |transaction| {
                    let waits_for = (has_scanner, &scan, storing.as_ref());
                    create(transaction, &holder, id, body.clone(), waits_for)
                })
            })
            .await?;
        let creation = self.creation(permit, made).await?;
        if !creation.replayed {
            ::metrics::counter!(metrics::FILES_UPLOADED).increment(1);
            self.delivery_queued.notify_one();
        }
        Ok(creation)
    }

    /// Turns what has come into what is kept, on the disk.
    async fn settle(
        &self,
        tenant: TenantId,
        new: &NewFile,
        incoming: Incoming,
    ) -> Result<(File, Vec<KeptBlob>), ServiceError> {
        let (blobs, first, pixels) =
            (Arc::clone(&self.files.blobs), new.first(), self.files.rules.pixels_max);
        let Some(kind) = new.media_type.image() else {
            let media_type = new.media_type;
            return on_disk(move || {
                ensure_reads(media_type, &incoming)?;
                let kept = blobs.keep(tenant, incoming)?;
                Ok((File { sha256: kept.hash, bytes: kept.bytes, ..first }, vec![kept]))
            })
            .await;
        };
        let closed = |error: tokio::sync::AcquireError| ServiceError::Internal(error.to_string());
        let _turn = self.files.decoding.acquire().await.map_err(closed)?;
        on_disk(move || settle_picture(&blobs, tenant, kind, pixels, first, incoming)).await
    }
}

impl NewFile {
    /// The file as far as it is known before its bytes are there.
    fn first(&self) -> File {
        File {
            name: self.name.clone(),
            purpose: self.purpose,
            about: self.about,
            sha256: BlobHash([0; 32]),
            bytes: 0,
            media_type: self.media_type,
            width: None,
            height: None,
            thumbnail: None,
            scan: ScanState::Pending,
            uploaded_by: None,
        }
    }
}

/// Creates a file whose bytes are kept, with the scan that it waits for, or its way to object storage: the one place where
/// files come to be.
fn create(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    id: uuid::Uuid,
    body: File,
    (has_scanner, waits_for, storing): (bool, &Delivery, Option<&Drawn>),
) -> Result<Found<File>, ServiceError> {
    let tenant = permit.tenant();
    let row = transaction.live().tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?;
    let scan = row.body().settings.file_scan.first_state(has_scanner);
    match storing {
        _ if scan == ScanState::Pending => transaction.add_delivery(tenant, waits_for)?,
        Some(drawn) => store_file(transaction, tenant, &body, drawn)?,
        None => {}
    }
    let uploaded_by = Some(permit.principal().actor.clone());
    changes::create(transaction, permit, tenant.uuid(), id, File { scan, uploaded_by, ..body }, false)
}

/// Something came, and it begins as what it is said to be.
fn ensure_is(kind: MediaType, bytes: u64, head: &[u8], text: bool) -> Result<(), ServiceError> {
    if bytes == 0 {
        return Err(ServiceError::fault("invalid", "", "the file is empty"));
    }
    if kind.fits(head) && (text || !kind.is_text()) {
        return Ok(());
    }
    Err(no_such(kind, ""))
}

/// What is kept as values for programs can be read by one.
fn ensure_reads(kind: MediaType, incoming: &Incoming) -> Result<(), ServiceError> {
    if kind != MediaType::Json {
        return Ok(());
    }
    let reader = incoming.reader().map_err(|error| unwritten(&error))?;
    let mut values = serde_json::Deserializer::from_reader(BufReader::new(reader));
    let read = IgnoredAny::deserialize(&mut values).and_then(|_| values.end());
    read.map_err(|error| no_such(kind, &format!(": {error}")))
}

fn no_such(kind: MediaType, why: &str) -> ServiceError {
    let said = format!("the file is no {}, although it is sent as one{why}", kind.extension().to_uppercase());
    ServiceError::fault("content_mismatch", "", said)
}

fn settle_picture(
    blobs: &Blobs,
    tenant: TenantId,
    kind: ImageType,
    pixels: u64,
    first: File,
    incoming: Incoming,
) -> Result<(File, Vec<KeptBlob>), ServiceError> {
    let mut sent = incoming.reader().map_err(|error| unwritten(&error))?;
    sent.rewind().map_err(|error| unwritten(&error))?;
    let refused = |why: NoPicture| ServiceError::fault("invalid_image", "", format!("the image {why}"));
    let picture = Picture::read(kind, BufReader::new(sent), pixels).map_err(refused)?;
    drop(incoming);
    let kept = keep(blobs, tenant, |to| picture.write(to))?;
    let small = keep(blobs, tenant, |to| picture.write_thumbnail(to))?;
    let (width, height) = picture.size();
    let body = File {
        sha256: kept.hash,
        bytes: kept.bytes,
        media_type: picture.kept_as(),
        width: Some(width),
        height: Some(height),
        thumbnail: Some(small.hash),
        ..first
    };
    Ok((body, vec![kept, small]))
}

/// Keeps what is written.
fn keep(
    blobs: &Blobs,
    tenant: TenantId,
    write: impl FnOnce(&mut BufWriter<&mut Incoming>) -> Result<(), ImageError>,
) -> Result<KeptBlob, ServiceError> {
    let mut incoming = blobs.incoming()?;
    let mut buffered = BufWriter::new(&mut incoming);
    let written = write(&mut buffered).and_then(|()| buffered.flush().map_err(ImageError::IoError));
    drop(buffered);
    match written {
        Ok(()) => Ok(blobs.keep(tenant, incoming)?),
        Err(ImageError::IoError(error)) => Err(unwritten(&error).into()),
        Err(error) => Err(ServiceError::Internal(format!("an image was not encoded: {error}"))),
    }
}

/// Runs what waits for the disk, or keeps a core, aside.
pub(super) async fn on_disk<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let ended = spawn::spawn_blocking(run).await;
    ended.unwrap_or_else(|error| {
        tracing::error!(%error, "work on a file has panicked");
        Err(StoreError::Panicked.into())
    })
}
