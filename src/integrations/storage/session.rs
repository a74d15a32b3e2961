//! One operation: a client of the library whose requests carry the operation's ids, and an executor for its futures. Uses
//! `attempt`.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use object_store::ObjectStore;
use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

use super::{
    SendHttp,
    announced::Announced,
    carrier::{Carrier, Course, Kind, State},
    receipt::Proof,
    service,
    settings::{StorageFault, StorageSettings},
    verdict,
};
use crate::integrations::attempt::{Blame, CallIds, Failure, Next};

/// One operation.
pub(super) struct Session {
    /// The library's client. Its futures are only to be run by [`Session::run`].
    pub store: Box<dyn ObjectStore>,
    course: Arc<Course>,
    runtime: Runtime,
}

impl Session {
    /// Asks nothing. The ids go with every request: that is why each operation has a client of its own.
    ///
    /// # Errors
    /// The settings cannot be used.
    pub(super) fn open(
        settings: &StorageSettings,
        secrets: Arc<[String]>,
        send: SendHttp,
        ids: CallIds,
    ) -> Result<Self, StorageFault> {
        let course = Arc::new(Course {
            send,
            ids,
            reach: settings.reach,
            limits: settings.limits,
            announced: Announced::to(&settings.provider)?,
            secrets,
            state: Mutex::new(State { kind: Kind::Control, failure: None, unproven: false }),
        });
        let store = service::open(&settings.provider, Carrier(Arc::clone(&course)))?;
        // Nothing is awaited but the blocking client, so that neither timers nor sockets are needed.
        let runtime = Builder::new_current_thread().build().map_err(|_| StorageFault::Missing("executor"))?;
        Ok(Self { store, course, runtime })
    }

    /// Runs a future of the library, whose requests are all of one kind, on this thread. Must not be called where an
    /// asynchronous task runs.
    ///
    /// # Errors
    /// What the service answered, or why it did not.
    pub(super) fn run<T>(
        &self,
        kind: Kind,
        future: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Failure> {
        {
            let mut state = self.course.state.lock();
            state.kind = kind;
            state.failure = None;
        }
        // The library takes some answers for granted, and panics at others.
        let outcome = self.runtime.block_on(AssertUnwindSafe(future).catch_unwind());
        let kept = self.course.state.lock().failure.take();
        match outcome {
            // A failure that the library overlooked is one nevertheless.
            Ok(Ok(value)) => kept.map_or(Ok(value), Err),
            Ok(Err(error)) => {
                Err(kept.unwrap_or_else(|| self.course.without_secrets(verdict::of_library(&error))))
            }
            Err(_) => {
                let detail = "the answer of the service made no sense";
                Err(kept.unwrap_or_else(|| Failure::new(Blame::Service, Next::Retry, "malformed", detail)))
            }
        }
    }

    /// How all content that was sent is known to have arrived.
    pub(super) fn proof(&self) -> Proof {
        if self.course.state.lock().unproven { Proof::Size } else { Proof::Checksum }
    }
}
