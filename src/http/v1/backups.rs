//! Backups: what there is, making and checking them, and taking one away as a file.

use std::{
    fs::File,
    io::{self, Read},
};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::{BoxBody, SizedStream},
    http::{
        Method,
        header::{self, ContentDisposition, DispositionParam, DispositionType},
    },
    web::{Bytes, Data},
};
use futures_util::stream::unfold;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{deliveries::AcceptedDelivery, delivery_views::out, representation::PageOut};
use crate::{
    domain::{Timestamp, permission::permissions},
    http::{
        answer::{Digested, accepted},
        extract::{BackupPath, Can},
        openapi::{DescribeAnswer, Operation, Schemas, json_answer},
        problem::Failure,
        route::Endpoint,
    },
    service::{BackupKeys, BackupName, BackupState, BackupView, Services},
    telemetry::spawn,
};

/// Bytes of a file that are read and sent at a time.
const PIECE: usize = 256 * 1_024;

/// A backup.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BackupOut {
    /// Its name, by which it is found again.
    name: String,
    state: BackupState,
    /// Why it could not be made, what is wrong with it, or what it lacks.
    fault: Option<String>,
    /// Its size in bytes.
    bytes: Option<u64>,
    /// What is in it, as soon as it is there.
    content: Option<ContentOut>,
}

/// What is in a backup.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContentOut {
    /// Its id in the audit log.
    id: Uuid,
    /// SHA-256 of the file, in hexadecimal digits.
    sha256: String,
    /// It holds every change that was acknowledged before.
    taken_at: Timestamp,
    /// When the newest change in it was made.
    newest_change_at: Option<Timestamp>,
    /// How long it took to make and to read it again, in milliseconds.
    duration_ms: u64,
    /// The version of the program that made it.
    version: String,
    /// Tenants with an audit log.
    tenants: u64,
    /// Records of all audit logs.
    records: u64,
    /// Uploaded files.
    files: u64,
    keys: BackupKeys,
    /// When it was read last, as a whole.
    checked_at: Timestamp,
}

impl From<BackupView> for BackupOut {
    fn from(view: BackupView) -> Self {
        let content = view.label.map(|label| ContentOut {
            id: label.id,
            sha256: label.sha256,
            taken_at: label.taken_at,
            newest_change_at: label.newest_change,
            duration_ms: label.duration_ms,
            version: label.version,
            tenants: label.tenants,
            records: label.records,
            files: label.files,
            keys: label.keys,
            checked_at: label.checked_at,
        });
        let BackupView { name, state, bytes, fault, .. } = view;
        Self { name: name.to_string(), state, fault, bytes, content }
    }
}

/// The answer to what is done with a backup behind the answer: 202, with where to look.
struct AcceptedBackup(BackupView);

impl Responder for AcceptedBackup {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let location = format!("/api/v1/backups/{}", self.0.name);
        accepted(&location, &BackupOut::from(self.0))
    }
}

impl DescribeAnswer for AcceptedBackup {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<BackupOut>();
        let headers = json!({"Location": {"schema": {"type": "string"}}});
        let what = "It is done behind the answer; `Location` tells how it stands.";
        operation.answers.insert(202, json_answer(what, &schema, &headers));
    }
}

/// A backup as a file, read piece by piece as it is sent.
struct BackupContent {
    name: BackupName,
    file: File,
    bytes: u64,
}

impl Responder for BackupContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let disposition = ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![DispositionParam::Filename(self.name.to_string())],
        };
        let begun = (self.bytes > 0).then_some((self.file, self.bytes));
        let pieces = unfold(begun, |begun| async move {
            let (file, left) = begun?;
            let read = spawn::spawn_blocking(move || piece(file, left)).await;
            Some(match read.map_err(io::Error::other).flatten() {
                Ok((bytes, file)) => {
                    let left = left - bytes.len() as u64;
                    (Ok(bytes), (left > 0).then_some((file, left)))
                }
                // The client sees that it did not get all.
                Err(error) => {
                    tracing::error!(%error, "a backup cannot be read");
                    (Err(error), None)
                }
            })
        });
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/zstd"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header(disposition)
            .body(SizedStream::new(self.bytes, pieces))
    }
}

/// The next bytes of a file, at least one and at most `left`.
fn piece(mut file: File, left: u64) -> io::Result<(Bytes, File)> {
    let mut bytes = vec![0; usize::try_from(left).map_or(PIECE, |left| left.min(PIECE))];
    let count = file.read(&mut bytes)?;
    if count == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.truncate(count);
    Ok((bytes.into(), file))
}

impl DescribeAnswer for BackupContent {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        let schema = json!({"type": "string", "format": "binary"});
        let answer = json!({
            "description": "The file.",
            "headers": {"Content-Disposition": {"schema": {"type": "string"}}},
            "content": {"application/zstd": {"schema": schema}},
        });
        operation.answers.insert(200, answer);
    }
}

async fn list(
    can: Can<permissions::ReadBackups>,
    services: Data<Services>,
) -> Result<Digested<PageOut<BackupOut>>, Failure> {
    let items = services.backups(&can).await?.into_iter().map(BackupOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn get(
    can: Can<permissions::ReadBackups>,
    services: Data<Services>,
    BackupPath(name): BackupPath,
) -> Result<Digested<BackupOut>, Failure> {
    Ok(Digested(services.backup(&can, name).await?.into()))
}

async fn create(
    can: Can<permissions::ManageBackups>,
    services: Data<Services>,
) -> Result<AcceptedBackup, Failure> {
    Ok(AcceptedBackup(services.ask_for_backup(&can).await?))
}

async fn verify(
    can: Can<permissions::ManageBackups>,
    services: Data<Services>,
    BackupPath(name): BackupPath,
) -> Result<AcceptedBackup, Failure> {
    Ok(AcceptedBackup(services.ask_for_backup_check(&can, name).await?))
}

async fn content(
    can: Can<permissions::ManageBackups>,
    services: Data<Services>,
    BackupPath(name): BackupPath,
) -> Result<BackupContent, Failure> {
    let (file, bytes) = services.take_backup(&can, name).await?;
    Ok(BackupContent { name, file, bytes })
}

async fn try_storage(
    can: Can<permissions::ManageBackups>,
    services: Data<Services>,
) -> Result<AcceptedDelivery, Failure> {
    let delivery = services.try_storage(&can).await?;
    Ok(AcceptedDelivery(out(&services, delivery)))
}

/// The endpoints of backups.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("backups", name, summary);
    vec![
        Endpoint::new(
            Method::POST,
            "/backups/storage-test",
            ("backups", "testStorage", "Tries whether object storage works, with a small object."),
            try_storage,
        ),
        Endpoint::new(
            Method::GET,
            "/backups",
            about("listBackups", "Backups that are there, or on their way, newest first."),
            list,
        ),
        Endpoint::new(
            Method::POST,
            "/backups",
            about("makeBackup", "Makes a backup, behind the answer and behind those asked for before."),
            create,
        ),
        Endpoint::new(
            Method::GET,
            "/backups/{name}",
            about("getBackup", "A backup, and how it stands."),
            get,
        ),
        Endpoint::new(
            Method::POST,
            "/backups/{name}/verify",
            about(
                "verifyBackup",
                "Reads a backup as a whole, behind the answer, and tells whether it is sound.",
            ),
            verify,
        ),
        Endpoint::new(
            Method::GET,
            "/backups/{name}/content",
            about(
                "takeBackup",
                "The file of a backup, with all that is in it; who took it is in the audit log.",
            ),
            content,
        ),
    ]
}
