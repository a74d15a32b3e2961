//! Storing an object: whole and as sent, or not at all. Uses `attempt`.

use std::{
    fmt,
    io::{self, Read},
};

use object_store::{
    Attribute, Attributes, GetOptions, MultipartUpload, PutMultipartOptions, PutOptions, path::Path,
};
use sha2::{Digest, Sha256};

use super::{
    MULTIPART_FROM_BYTES, PART_BYTES, carrier::Kind, receipt::Proof, session::Session, target::StorageTarget,
};
use crate::{
    domain::to_hex,
    integrations::attempt::{Blame, CallIds, Failure, Next},
};

/// Most parts that every provider takes.
const PARTS_MAX: u64 = 10_000;

/// The key of the metadata that holds the SHA-256. Azure takes only letters, digits and underscores in keys, and many
/// reverse proxies drop underscores.
pub(super) const SHA256_KEY: &str = "sha256";

/// What is to be stored.
pub struct Content<'a> {
    /// Gives exactly so many bytes.
    pub source: &'a mut dyn Read,
    /// How many.
    pub length: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes, {})", self.length, to_hex(&self.sha256))
    }
}

/// By what an object came to be; kept with it as metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// As `correlationid`.
    pub correlation_id: String,
    /// As `requestid`: of the request that wanted it stored.
    pub request_id: String,
}

/// An object that is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// What the service calls this version of it.
    pub etag: Option<String>,
    /// Its size, as the service says.
    pub bytes: u64,
    /// How it is known to be what was sent.
    pub proof: Proof,
}

impl StorageTarget {
    /// Stores an object, in place of one that is already there. In one request below 16 MiB, in parts of 8 MiB from there
    /// on; parts of an upload that failed are removed. Holds up to twice 16 MiB in memory.
    ///
    /// Every request with content says its checksum, by which the service refuses what has changed on the way (S3: SHA-256;
    /// Azure and Google: MD5), and every answer to one is compared with it (S3: SHA-256 and ETag; Azure: MD5; Google: MD5
    /// and ETag). Afterwards the service is asked for the object's size and for the SHA-256 in its metadata. What it damages
    /// or says falsely is found by [`StorageTarget::verify`].
    ///
    /// # Errors
    /// By the verdict table. Class `source` when the content cannot be read or is not what was said of it, `checksum` when
    /// something else was stored, `too_large` above 78 GiB. It can be stored again whatever happened.
    pub fn store(
        &self,
        path: &str,
        content: Content<'_>,
        origin: &Origin,
        ids: &CallIds,
    ) -> Result<Stored, Failure> {
        let location = self.located(path)?;
        if content.length > PARTS_MAX * PART_BYTES as u64 {
            let detail = format!("{} bytes are more than can be stored in one object", content.length);
            return Err(Failure::new(Blame::Call, Next::GiveUp, "too_large", detail));
        }
        let session = self.session(ids)?;
        let digits = to_hex(&content.sha256);
        let attributes = attributes(origin, digits.clone());
        let length = content.length;
        if length < MULTIPART_FROM_BYTES {
            let body = Feed::new(content).whole()?;
            let options = PutOptions { attributes, ..PutOptions::default() };
            session.run(Kind::Transfer, session.store.put_opts(&location, body.into(), options))?;
        } else {
            let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
            let upload = session.run(Kind::Control, session.store.put_multipart_opts(&location, options))?;
            in_parts(&session, upload, Feed::new(content))?;
        }
        confirmed(&session, &location, length, &digits)
    }
}

fn attributes(origin: &Origin, sha256: String) -> Attributes {
    let pairs = [
        ("correlationid", origin.correlation_id.clone()),
        ("requestid", origin.request_id.clone()),
        (SHA256_KEY, sha256),
    ];
    pairs.into_iter().map(|(key, value)| (Attribute::Metadata(key.into()), value)).collect()
}

fn in_parts(
    session: &Session,
    mut upload: Box<dyn MultipartUpload>,
    mut feed: Feed<'_>,
) -> Result<(), Failure> {
    let mut sent = || -> Result<(), Failure> {
        while let Some(part) = feed.part()? {
            session.run(Kind::Transfer, upload.put_part(part.into()))?;
        }
        session.run(Kind::Transfer, upload.complete()).map(|_| ())
    };
    let Err(failure) = sent() else { return Ok(()) };
    // Parts that nobody completes are invisible, and paid for.
    match session.run(Kind::Control, upload.abort()) {
        Err(left) if left.class != "upload_lost" => {
            let detail = format!("{}; the parts already sent could not be removed: {left}", failure.detail);
            Err(Failure {
                status: failure.status,
                ..Failure::new(failure.blame, failure.next, failure.class, detail)
            })
        }
        _ => Err(failure),
    }
}

/// Asks the service what it has.
fn confirmed(session: &Session, location: &Path, length: u64, sha256: &str) -> Result<Stored, Failure> {
    let options = GetOptions { head: true, ..GetOptions::default() };
    let found = session.run(Kind::Control, session.store.get_opts(location, options))?;
    let noted = found.attributes.get(&Attribute::Metadata(SHA256_KEY.into()));
    let same = found.meta.size == length && noted.is_none_or(|noted| noted.as_ref() == sha256);
    if !same {
        let detail = format!(
            "{location} has {} bytes where {length} were stored, or is of another upload",
            found.meta.size
        );
        return Err(Failure::new(Blame::Service, Next::Retry, "checksum", detail));
    }
    Ok(Stored { etag: found.meta.e_tag, bytes: found.meta.size, proof: session.proof() })
}

/// Reads content, and gives out none of its end before all of it is known to be right.
struct Feed<'a> {
    content: Content<'a>,
    read: u64,
    hash: Sha256,
}

impl<'a> Feed<'a> {
    fn new(content: Content<'a>) -> Self {
        Self { content, read: 0, hash: Sha256::new() }
    }

    /// All of it.
    fn whole(mut self) -> Result<Vec<u8>, Failure> {
        let body = self.up_to(self.content.length)?;
        self.ensure_right()?;
        Ok(body)
    }

    /// The next part; none when there is no more.
    fn part(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let rest = self.content.length.saturating_sub(self.read);
        if rest == 0 {
            return Ok(None);
        }
        let part = self.up_to(rest.min(PART_BYTES as u64))?;
        if self.read == self.content.length {
            self.ensure_right()?;
        }
        Ok(Some(part))
    }

    fn up_to(&mut self, bytes: u64) -> Result<Vec<u8>, Failure> {
        let mut buffer = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
        let read =
            (&mut *self.content.source).take(bytes).read_to_end(&mut buffer).map_err(|e| unreadable(&e))?;
        self.hash.update(&buffer);
        self.read += read as u64;
        if (read as u64) < bytes {
            return Err(wrong(format!("it ends after {} of {} bytes", self.read, self.content.length)));
        }
        Ok(buffer)
    }

    fn ensure_right(&mut self) -> Result<(), Failure> {
        let mut beyond = [0];
        if self.content.source.read(&mut beyond).map_err(|error| unreadable(&error))? > 0 {
            return Err(wrong(format!("it has more than {} bytes", self.content.length)));
        }
        if self.hash.clone().finalize().as_slice() != self.content.sha256 {
            return Err(wrong("it has another SHA-256 than it was given with".to_owned()));
        }
        Ok(())
    }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure::new(Blame::Call, Next::Retry, "source", format!("the content cannot be read: {error}"))
}

fn wrong(how: String) -> Failure {
    Failure::new(
        Blame::Call,
        Next::GiveUp,
        "source",
        format!("the content is not what it was when it was queued: {how}"),
    )
}
