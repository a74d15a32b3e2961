//! What a backup says about itself: before its content, so that a newer one is known at once, behind it, with the hash of
//! each member, and beside it in a label, so that a list need not read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BackupError, VerifiedBackup, members::BLOBS};
use crate::{
    domain::{BlobHash, TenantId, Timestamp, to_hex},
    store::copies::CopyContent,
};

/// The format of backups that this program makes, and the newest that it reads.
pub const BACKUP_FORMAT: u32 = 1;

/// The program in the first member of a backup.
const PROGRAM: &str = "event-manager";

/// The first member: who made it, in which format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opening {
    program: String,
    format: u32,
    version: String,
    id: Uuid,
    taken_at: Timestamp,
}

impl Opening {
    /// That of a backup that is begun.
    pub(super) fn new(id: Uuid, taken_at: Timestamp) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { program: PROGRAM.to_owned(), format: BACKUP_FORMAT, version, id, taken_at }
    }

    /// The opening in the bytes of a first member, if this program can read what follows.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, BackupError> {
        let opening: Self = serde_json::from_slice(bytes).map_err(|_| BackupError::foreign())?;
        if opening.program != PROGRAM {
            return Err(BackupError::foreign());
        }
        match opening.format {
            1..=BACKUP_FORMAT => Ok(opening),
            format => Err(BackupError::Format { format, version: opening.version }),
        }
    }
}

/// A file within a backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its path in the backup.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// The end of a tenant's audit chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainEnd {
    /// Whose.
    pub tenant_id: TenantId,
    /// The tenant's short name, if it is not deleted.
    pub slug: Option<String>,
    /// The number of its newest change.
    pub sequence: u64,
    /// The hash of that, in hexadecimal digits.
    pub hash: String,
}

/// The last member: what is in the backup.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The format of the backup.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// Its id in the audit log.
    pub id: Uuid,
    /// When the state in it was the newest.
    pub taken_at: Timestamp,
    /// When the newest change in it was made.
    pub newest_change: Option<Timestamp>,
    /// The number of the last batch of the data file.
    pub batch: u64,
    /// The ends of all audit chains.
    pub chains: Vec<ChainEnd>,
    /// Records of all chains.
    pub records: u64,
    /// Every other member but the first, in the order of the backup.
    pub members: Vec<Member>,
}

/// Which keys a backup has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BackupKeys {
    /// Those that are needed to read everything again.
    Included,
    /// None: second factors and audit seals need those of the data directory.
    LeftOut,
}

impl Manifest {
    /// That of a data file with other members.
    pub(super) fn new(opening: &Opening, content: &CopyContent, members: Vec<Member>) -> Self {
        Self {
            format: opening.format,
            version: opening.version.clone(),
            id: opening.id,
            taken_at: opening.taken_at,
            newest_change: content.newest_change,
            batch: content.batch,
            chains: chains(content),
            records: content.records(),
            members,
        }
    }

    /// Whether it is that of a backup that begins so.
    pub(super) fn belongs_to(&self, opening: &Opening) -> bool {
        (self.format, &self.version, self.id, self.taken_at)
            == (opening.format, &opening.version, opening.id, opening.taken_at)
    }

    /// Whether a data file holds what it says.
    pub(super) fn is_of(&self, content: &CopyContent) -> bool {
        (self.batch, self.records, self.newest_change)
            == (content.batch, content.records(), content.newest_change)
            && self.chains == chains(content)
    }

    /// Whether keys are in it.
    pub fn keys(&self) -> BackupKeys {
        let has = self.members.iter().any(|member| member.path.starts_with("keys/"));
        if has { BackupKeys::Included } else { BackupKeys::LeftOut }
    }

    /// Uploaded files in it.
    pub fn files(&self) -> u64 {
        self.members.iter().filter(|member| member.path.starts_with("blobs/")).count() as u64
    }
}

fn chains(content: &CopyContent) -> Vec<ChainEnd> {
    let end = |(tenant, slug, head): &(TenantId, Option<String>, crate::store::Head)| ChainEnd {
        tenant_id: *tenant,
        slug: slug.clone(),
        sequence: head.sequence,
        hash: to_hex(&head.hash),
    };
    content.chains.iter().map(end).collect()
}

/// What lies beside a backup: enough for a list, and the hash of the whole file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupLabel {
    /// Its id in the audit log.
    pub id: Uuid,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// When the state in it was the newest.
    pub taken_at: Timestamp,
    /// When the newest change in it was made.
    pub newest_change: Option<Timestamp>,
    /// How long it took to make and verify it.
    pub duration_ms: u64,
    /// The version of the program that made it.
    pub version: String,
    /// Tenants with an audit chain.
    pub tenants: u64,
    /// Records of all chains.
    pub records: u64,
    /// Uploaded files.
    pub files: u64,
    /// Whether keys are in it.
    pub keys: BackupKeys,
    /// When it was read last, as a whole.
    pub checked_at: Timestamp,
    /// What was wrong with it then.
    pub fault: Option<String>,
    /// What of that which its data speaks of is not in it, and never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lack: Option<String>,
}

/// Uploaded files that a backup lacks and that are named.
const LACKING_NAMED: usize = 5;

impl VerifiedBackup {
    /// The uploaded files that its data speaks of and that are not in it, or not as they were uploaded; in a sentence, if
    /// there are any. `is_needed` says of a file whether it matters.
    pub fn lack(&self, is_needed: impl Fn(TenantId, BlobHash) -> bool) -> Option<String> {
        let members = self.manifest.members.iter();
        let held: BTreeMap<&str, &str> =
            members.map(|member| (member.path.as_str(), member.sha256.as_str())).collect();
        let path = |(tenant, blob): &(TenantId, BlobHash)| format!("{BLOBS}/{tenant}/{blob}");
        let is_there = |blob: &(TenantId, BlobHash)| {
            held.get(path(blob).as_str()).is_some_and(|sha256| *sha256 == blob.1.to_string())
        };
        let lacking = self.content.blobs.iter().filter(|blob| !is_there(blob) && is_needed(blob.0, blob.1));
        let lacking: Vec<String> = lacking.map(path).collect();
        let (count, of) = (lacking.len(), self.content.blobs.len());
        let named = lacking.get(..count.min(LACKING_NAMED)).filter(|named| !named.is_empty())?.join(", ");
        let more = if count > LACKING_NAMED { ", ..." } else { "" };
        Some(format!(
            "it lacks {count} of {of} uploaded files, which were missing or damaged on the disk: {named}{more}"
        ))
    }

    /// The label of a backup that was just read. Of an earlier one it keeps what reading does not tell, and another hash than
    /// that is a fault.
    pub fn label(&self, known: Option<&BackupLabel>, checked_at: Timestamp) -> BackupLabel {
        let manifest = &self.manifest;
        let other = known.is_some_and(|known| known.sha256 != self.sha256);
        BackupLabel {
            id: manifest.id,
            sha256: known.map_or(&self.sha256, |known| &known.sha256).clone(),
            bytes: self.bytes,
            taken_at: manifest.taken_at,
            newest_change: manifest.newest_change,
            duration_ms: known.map_or(0, |known| known.duration_ms),
            version: manifest.version.clone(),
            tenants: manifest.chains.len() as u64,
            records: manifest.records,
            files: manifest.files(),
            keys: manifest.keys(),
            checked_at,
            fault: other
                .then(|| "it is whole, but not the file that was made: its SHA-256 is another".to_owned()),
            lack: known.map_or_else(|| self.lack(|_, _| true), |known| known.lack.clone()),
        }
    }
}
