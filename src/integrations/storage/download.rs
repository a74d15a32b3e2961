//! Fetching an object in ranges, and comparing it with what it ought to be. Uses `attempt`.

use std::io::{self, Write};

use futures_util::TryStreamExt;
use object_store::{Attribute, GetOptions, GetRange, GetResult, path::Path};
use sha2::{Digest, Sha256};

use super::{PART_BYTES, carrier::Kind, session::Session, target::StorageTarget, upload::SHA256_KEY};
use crate::{
    domain::to_hex,
    integrations::attempt::{Blame, CallIds, Failure, Next},
};

/// An object that has been fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// Its size.
    pub bytes: u64,
    /// Of what was fetched.
    pub sha256: [u8; 32],
    /// What the service calls this version of it.
    pub etag: Option<String>,
}

/// One range of an object, and what it tells about the whole.
struct Piece {
    bytes: Vec<u8>,
    size: u64,
    etag: Option<String>,
    /// The SHA-256 that was noted when it was stored.
    noted: Option<String>,
}

impl StorageTarget {
    /// Fetches an object of at most `bytes_max` bytes, 8 MiB at a time, all of one version of it. What was written before
    /// an error is to be thrown away.
    ///
    /// # Errors
    /// By the verdict table. Class `not_found` when there is no such object, `too_large` when it has more bytes (nothing is
    /// written), `changed` when it was replaced meanwhile, `checksum` when it is not what was stored, `sink` when it could
    /// not be written.
    pub fn fetch(
        &self,
        path: &str,
        sink: &mut dyn Write,
        bytes_max: u64,
        ids: &CallIds,
    ) -> Result<Fetched, Failure> {
        let location = self.located(path)?;
        let session = self.session(ids)?;
        let first = match piece(&session, &location, 0, None) {
            // There is no first byte.
            Err(failure) if failure.class == "range" => empty(&session, &location)?,
            first => first?,
        };
        if first.size > bytes_max {
            let detail =
                format!("{location} has {} bytes, of which at most {bytes_max} are fetched", first.size);
            return Err(Failure::new(Blame::Call, Next::GiveUp, "too_large", detail));
        }
        let (size, etag, noted) = (first.size, first.etag, first.noted);
        let mut hash = Sha256::new();
        let mut done = 0;
        let mut bytes = first.bytes;
        loop {
            sink.write_all(&bytes).map_err(|error| unwritable(&error))?;
            hash.update(&bytes);
            done += bytes.len() as u64;
            if done >= size {
                break;
            }
            bytes = piece(&session, &location, done, etag.clone())?.bytes;
        }
        let sha256: [u8; 32] = hash.finalize().into();
        if noted.is_some_and(|noted| noted != to_hex(&sha256)) {
            return Err(damaged(&location));
        }
        Ok(Fetched { bytes: size, sha256, etag })
    }

    /// Fetches an object, and compares it with what was stored, of which this is the size and the SHA-256.
    ///
    /// # Errors
    /// Those of [`StorageTarget::fetch`]; class `checksum` when it is something else.
    pub fn verify(&self, path: &str, bytes: u64, sha256: &[u8; 32], ids: &CallIds) -> Result<(), Failure> {
        let location = self.located(path)?;
        let fetched = match self.fetch(path, &mut io::sink(), bytes, ids) {
            Err(failure) if failure.class == "too_large" => return Err(damaged(&location)),
            fetched => fetched?,
        };
        if fetched.bytes == bytes && fetched.sha256 == *sha256 { Ok(()) } else { Err(damaged(&location)) }
    }
}

fn piece(session: &Session, location: &Path, from: u64, etag: Option<String>) -> Result<Piece, Failure> {
    let range = GetRange::Bounded(from..from + PART_BYTES as u64);
    let options = GetOptions { range: Some(range), if_match: etag, ..GetOptions::default() };
    let whole = async {
        let found = session.store.get_opts(location, options).await?;
        let (size, etag, noted) = (found.meta.size, found.meta.e_tag.clone(), noted(&found));
        let promised = found.range.end - found.range.start;
        let bytes: Vec<_> = found.into_stream().try_collect().await?;
        Ok((Piece { bytes: bytes.concat(), size, etag, noted }, promised))
    };
    let (piece, promised) = session.run(Kind::Transfer, whole)?;
    if piece.bytes.len() as u64 != promised || promised == 0 {
        let detail = format!("{location}: {} bytes came where {promised} were announced", piece.bytes.len());
        return Err(Failure::new(Blame::Service, Next::Retry, "malformed", detail));
    }
    Ok(piece)
}

/// An object without bytes, of which no range can be asked for.
fn empty(session: &Session, location: &Path) -> Result<Piece, Failure> {
    let options = GetOptions { head: true, ..GetOptions::default() };
    let found = session.run(Kind::Control, session.store.get_opts(location, options))?;
    if found.meta.size > 0 {
        let detail = format!("{location} has {} bytes, but not the first", found.meta.size);
        return Err(Failure::new(Blame::Service, Next::Retry, "malformed", detail));
    }
    let noted = noted(&found);
    Ok(Piece { bytes: Vec::new(), size: 0, etag: found.meta.e_tag, noted })
}

fn noted(found: &GetResult) -> Option<String> {
    found.attributes.get(&Attribute::Metadata(SHA256_KEY.into())).map(|noted| noted.as_ref().to_owned())
}

fn damaged(location: &Path) -> Failure {
    let detail = format!("{location} is not what was stored there");
    Failure::new(Blame::Service, Next::GiveUp, "checksum", detail)
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::new(Blame::Call, Next::Retry, "sink", format!("what was fetched cannot be written: {error}"))
}
