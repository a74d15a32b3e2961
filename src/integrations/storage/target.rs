//! A bucket as the rest of the product sees it: stored in, fetched from, listed, deleted in. Uses `attempt`.

use std::{fmt, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, future, stream};
use object_store::path::Path;

use super::{
    SendHttp,
    carrier::Kind,
    session::Session,
    settings::{StorageFault, StorageSettings},
};
use crate::integrations::attempt::{Blame, CallIds, Failure, Next};

/// A bucket, below a prefix. All methods block, and are to be called on a thread that may; none where an asynchronous task
/// runs. None of them tries anything twice.
#[derive(Clone)]
pub struct StorageTarget {
    pub(super) settings: Arc<StorageSettings>,
    secrets: Arc<[String]>,
    prefix: Path,
    send: SendHttp,
}

impl fmt::Debug for StorageTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StorageTarget").field(&self.settings).finish()
    }
}

/// An object that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Where, below the prefix of the settings.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was stored, in milliseconds since 1970 by the clock of the service.
    pub modified_ms: i64,
}

/// Objects that are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing {
    /// In no order.
    pub objects: Vec<Listed>,
    /// Whether there are others.
    pub more: bool,
}

impl StorageTarget {
    /// Takes what is set; asks nothing.
    ///
    /// # Errors
    /// The settings can never work.
    pub fn new(settings: StorageSettings, send: SendHttp) -> Result<Self, StorageFault> {
        settings.ensure_sound()?;
        let prefix = Path::parse(&settings.prefix).map_err(|_| StorageFault::Prefix)?;
        let secrets = settings.secrets().into();
        let target = Self { settings: Arc::new(settings), secrets, prefix, send };
        // The library has its own opinion of credentials.
        target.opened(CallIds {
            request_id: String::new(),
            correlation_id: String::new(),
            traceparent: String::new(),
        })?;
        Ok(target)
    }

    /// Provider and bucket: what shares a circuit breaker.
    pub fn key(&self) -> String {
        self.settings.key()
    }

    /// The objects in a folder below the prefix and in its folders; `""` is the prefix itself. At most `limit` of them.
    ///
    /// # Errors
    /// By the verdict table; class `no_bucket` when there is no bucket.
    pub fn list(&self, folder: &str, limit: usize, ids: &CallIds) -> Result<Listing, Failure> {
        let folder = if folder.is_empty() { self.prefix.clone() } else { self.located(folder)? };
        let session = self.session(ids)?;
        let found = session.store.list(Some(&folder)).take(limit.saturating_add(1)).try_collect::<Vec<_>>();
        let mut found = session.run(Kind::Control, found)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let objects = found.iter().filter_map(|meta| {
            let path: Vec<_> = meta.location.prefix_match(&self.prefix)?.collect();
            let path = path.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("/");
            Some(Listed { path, bytes: meta.size, modified_ms: meta.last_modified.timestamp_millis() })
        });
        Ok(Listing { objects: objects.collect(), more })
    }

    /// Deletes an object; one that is not there is deleted.
    ///
    /// # Errors
    /// By the verdict table; class `no_bucket` when there is no bucket.
    pub fn delete(&self, path: &str, ids: &CallIds) -> Result<(), Failure> {
        let location = self.located(path)?;
        let session = self.session(ids)?;
        let locations = stream::once(future::ready(Ok(location))).boxed();
        let deleted = session.store.delete_stream(locations).try_collect::<Vec<_>>();
        match session.run(Kind::Control, deleted) {
            Err(failure) if failure.class == "not_found" => Ok(()),
            deleted => deleted.map(|_| ()),
        }
    }

    /// Where an object is in the bucket.
    pub(super) fn located(&self, path: &str) -> Result<Path, Failure> {
        let refused = || {
            let detail = format!("{path:?} is no path: it has empty, `.` or `..` segments, or is empty");
            Failure::new(Blame::Call, Next::GiveUp, "path", detail)
        };
        let below = Path::parse(path).map_err(|_| refused())?;
        if below.as_ref().is_empty() {
            return Err(refused());
        }
        Ok(self.prefix.parts().chain(below.parts()).collect())
    }

    pub(super) fn session(&self, ids: &CallIds) -> Result<Session, Failure> {
        self.opened(ids.clone())
            .map_err(|fault| Failure::new(Blame::Call, Next::GiveUp, "settings", fault.to_string()))
    }

    fn opened(&self, ids: CallIds) -> Result<Session, StorageFault> {
        Session::open(&self.settings, Arc::clone(&self.secrets), Arc::clone(&self.send), ids)
    }
}
