//! Use cases: each authorises, loads, applies the rules of the domain and writes change and audit record in one
//! operation. Never calls the outside. May use `resilience`, `store`, `security`, `text` and `telemetry`.

mod accounts;
mod acting;
mod alert_telling;
mod alerts;
mod audience;
mod audit;
mod audit_seal;
mod backup_queue;
mod backup_work;
mod backups;
mod bench;
mod blueprint;
mod branding;
mod bulk;
mod bulk_operation;
mod category_cache;
mod causing;
mod changes;
mod checks;
mod circuits;
mod conflicts;
mod contest_links;
mod correlations;
mod custom_fields;
mod deliveries;
mod delivery_editing;
mod delivery_filter;
mod entry_numbers;
mod error;
mod export;
mod export_event;
mod export_scores;
mod feed;
mod file_fetching;
mod file_reach;
mod file_storage;
mod file_storage_job;
mod files;
mod following;
mod guards;
mod hooks;
mod idempotency;
mod impact;
mod import;
mod import_columns;
mod import_conflicts;
mod import_headings;
mod import_rows;
mod integrations;
mod jobs;
mod judge_link_drafts;
mod judge_link_sending;
mod judge_link_sign_in;
mod judge_links;
mod judging;
mod limits;
mod locks;
mod log_erasure;
mod log_following;
mod log_queries;
mod log_question;
mod log_reading;
mod log_reports;
mod log_search;
mod log_traces;
mod messages;
mod mirroring;
mod operator;
mod outbox;
mod paging;
mod password_policy;
mod password_reset;
mod permit;
mod pictures;
mod principals;
mod progress;
mod publishing;
mod purge;
mod readiness;
mod refusals;
mod renumbering;
mod reopening;
mod resources;
mod restoring;
mod restriction;
mod results;
mod results_mail;
mod scanning;
mod scorer;
mod search;
mod seats;
mod second_factor;
mod session_in_use;
mod session_list;
mod session_use;
mod sessions;
mod settings;
mod settled_results;
mod setup;
mod sheet_trash;
mod sheets;
mod silences;
mod submission;
mod suppressions;
mod taken;
mod template_check;
mod templates;
#[cfg(test)]
mod tests;
mod texting;
mod tokens;
mod trash;
mod undo;
mod unlocking;
mod uploads;
mod versions;
mod waiting;
mod worded;
mod wordings;

use std::{sync::Arc, time::Duration};

use tokio::sync::{Notify, Semaphore};

pub use self::{
    accounts::NewAccount,
    acting::ActAs,
    alert_telling::AlertTelling,
    alerts::{AlertChanges, AlertFilter},
    audience::{Audience, RECIPIENTS_MAX, Rehearsal, Sent},
    audit::{AuditLine, KNOWN_HEADS_MAX, MissedHead, Verification},
    audit_seal::{AUDIT_TARGET, AuditSeals, SIGNING_KEY_FILE, Seal, SealError},
    backup_queue::{BackupHealth, BackupRules, BackupState, BackupView, Backups},
    backups::Spooled,
    bench::Tally,
    blueprint::Along,
    branding::{Branding, LOGO_BYTES_MAX},
    bulk::{AT_ONCE_MAX, Applied, Bulk, BulkOutcome, Changed},
    bulk_operation::{BulkOperation, OPERATIONS_MAX},
    checks::{check, field_faults},
    circuits::{Circuits, ServiceStatus},
    correlations::{Chain, ChainPlace, ChangesTogether, Forgotten, Link, Linked, NamedChange},
    deliveries::{DeliveriesKept, REPLAYED_MAX, Replay},
    delivery_editing::{DeliveryEdit, NOTE_CHARS_MAX, Note},
    delivery_filter::{DeliveryFilter, MessageName},
    error::{Conflict, ServiceError},
    export::{EXPORT_ROWS_MAX, Export, Exported},
    export_event::{WholeCategory, WholeContest, WholeEvent},
    file_fetching::Refetch,
    file_storage::FileStorage,
    files::{BLOBS_LEFT, FileContent, FileFilter, FileForm, OpenContent},
    following::{Follower, News, Place, REPLAY_MAX, Told},
    hooks::{ActionCall, SECRET_KEPT_MS, SignedWebhook, Unaddressed},
    idempotency::{Creation, IdempotencyKey},
    impact::{CategoryImpact, EntryImpact},
    import::{Import, ImportOutcome, ImportTable},
    import_columns::{Column, Imported},
    integrations::{Integration, IntegrationTarget, OutsideSetUp},
    jobs::JobFilter,
    judge_link_sending::{LinkSending, SendBy},
    judge_link_sign_in::LinkSignIn,
    judge_links::{JudgeLinkView, LinksOfJudge, NewJudgeLink},
    judging::{Frame, Judging, JudgingCategory, JudgingEntrant},
    locks::StateChange,
    log_erasure::LogFiles,
    log_following::FollowedLog,
    log_queries::{Entries, EntrySearch, LogRead, Numbers},
    log_reading::LogReader,
    log_reports::RequestReport,
    log_search::{FoundLine, LogPage, LogSearch, LogTail},
    log_traces::{Calls, SoFar, TraceSearch},
    messages::{MAIL_QUEUE, Sender},
    mirroring::{LiveEvent, Mirroring},
    outbox::{Beginning, Ending},
    paging::Paging,
    password_reset::{NewResetLink, SignInState},
    permit::{Authority, Permit, Principal, SessionInUse},
    progress::{Awaited, CategoryProgress, ContestProgress, EntrantProgress, EventProgress, JudgeProgress},
    readiness::{Finding, Lack, Readiness, Severity},
    refusals::{Account, Refusal},
    renumbering::{NumberChange, Renumbering},
    resources::Deletion,
    restoring::Restoring,
    restriction::Restriction,
    results::{CategoryResults, ContestResults, NotComputable},
    results_mail::ResultsOf,
    search::Hit,
    second_factor::{Enrolment, Proof, SEALING_KEY_FILE, open_sealing_key},
    session_in_use::csrf_matches,
    session_list::{SessionLine, Which},
    sessions::{SignIn, SignedIn, Who},
    settled_results::{SettledBook, SettledResults},
    setup::SetUp,
    sheets::{SheetAddress, SheetView},
    submission::Submitted,
    templates::CloneEvent,
    texting::SmsReport,
    tokens::{NewToken, TokenRequest},
    trash::{DeletionPreview, TrashLine},
    unlocking::OpenRequest,
    uploads::{FileRules, Files, NewFile, Upload},
    versions::Versions,
    waiting::Parked,
    worded::{Unworded, Worded, worded},
    wordings::{MessageTexts, OwnText, TextIn},
};
use self::{
    category_cache::CategoryCache, feed::Feeds, log_reading::LogReadings, log_search::LogTurns,
    principals::KnownPrincipals, publishing::Publishing, refusals::RefusalCounts, search::SearchIndex,
    seats::Seats, session_use::MemorySessions,
};
/// What use cases take and give that the store defines.
pub use crate::store::{
    Acting, AuditPart, BackupKeys, BackupLabel, BackupName, Below, Cursor, DueDelivery, DueQueue,
    EngineError, Found, Head, Origin, Page, QueuePlace, QueueSize, QueuedJob, SheetPlace, StoreError,
    Superseded, Trouble,
};
/// A message in words.
pub use crate::text::Rendered;
use crate::{
    domain::{Action, Actor, Roles},
    security::{Passwords, SealingKey},
    store::{Receipt, Stamp, Store, Transaction},
    telemetry::{context::RequestContext, metrics, spawn},
};

/// How long sessions last, and what passwords must be.
#[derive(Clone, Copy, Debug)]
pub struct AccountRules {
    /// How long without use a session lasts.
    pub session_idle: Duration,
    /// How long a session lasts whatever happens.
    pub session_lifetime: Duration,
    /// Fewest characters of a password.
    pub password_length_min: usize,
    /// How hard to guess a password must be, from 0 to 4.
    pub password_score_min: u8,
    /// Whose holders need a second factor.
    pub second_factor_for: Roles,
    /// Hashes that may be computed at the same time.
    pub parallel_hashes: usize,
}

/// Everything use cases need. One a process.
pub struct Services {
    store: Arc<Store>,
    passwords: Arc<Passwords>,
    sealing: Arc<SealingKey>,
    refusals: RefusalCounts,
    hashing: Semaphore,
    rules: AccountRules,
    results: CategoryCache<CategoryResults>,
    progress: CategoryCache<CategoryProgress>,
    principals: KnownPrincipals,
    memory_sessions: MemorySessions,
    seats: Seats,
    job_queued: Notify,
    delivery_queued: Notify,
    search: SearchIndex,
    feeds: Feeds,
    circuits: Circuits,
    files: Files,
    publishing: Publishing,
    outside: OutsideSetUp,
    backups: Arc<Backups>,
    logs: LogFiles,
    log_turns: LogTurns,
    log_readings: LogReadings,
}

/// What lies on the disk beside the data file.
pub struct Disk {
    /// Uploaded files.
    pub files: Files,
    /// Backups.
    pub backups: Backups,
    /// The log.
    pub logs: LogFiles,
}

impl Services {
    /// Use cases on a store.
    pub fn new(
        store: Arc<Store>,
        passwords: Passwords,
        sealing: SealingKey,
        rules: AccountRules,
        circuits: Circuits,
        Disk { files, backups, logs }: Disk,
    ) -> Self {
        Self {
            store,
            passwords: Arc::new(passwords),
            sealing: Arc::new(sealing),
            refusals: RefusalCounts::default(),
            hashing: Semaphore::new(rules.parallel_hashes),
            rules,
            results: CategoryCache::default(),
            progress: CategoryCache::default(),
            principals: KnownPrincipals::default(),
            memory_sessions: MemorySessions::default(),
            seats: Seats::default(),
            job_queued: Notify::new(),
            delivery_queued: Notify::new(),
            search: SearchIndex::default(),
            feeds: Feeds::default(),
            circuits,
            files,
            publishing: Publishing::default(),
            outside: OutsideSetUp::default(),
            backups: Arc::new(backups),
            logs,
            log_turns: LogTurns::default(),
            log_readings: LogReadings::default(),
        }
    }

    /// The same, with what outside is set up.
    #[must_use]
    pub fn with_outside(self, outside: OutsideSetUp) -> Self {
        Self { outside, ..self }
    }

    /// The store, for health checks and metrics.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Permits somebody to do something, in a request.
    ///
    /// # Errors
    /// When nothing the principal holds allows it anywhere.
    pub fn permit(
        &self,
        context: RequestContext,
        principal: Principal,
        action: Action,
    ) -> Result<Permit, ServiceError> {
        Permit::new(context, principal, action)
    }

    async fn write<T, F>(&self, permit: &Permit, operation: F) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    {
        self.write_stamped(permit.stamp(), operation).await
    }

    async fn write_as<T, F>(
        &self,
        context: &RequestContext,
        actor: Actor,
        operation: F,
    ) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    {
        self.write_stamped(permit::stamp(context, actor), operation).await
    }

    async fn write_stamped<T, F>(&self, stamp: Stamp, operation: F) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    {
        let (value, receipt) = self.store.write(stamp, operation).await?;
        record(receipt);
        Ok(value)
    }

    /// Runs something that takes a core for tens of milliseconds aside, a few at a time.
    async fn aside<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Passwords) -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let failed = |error: &dyn std::fmt::Display| ServiceError::Internal(format!("hashing: {error}"));
        let _turn = self.hashing.acquire().await.map_err(|error| failed(&error))?;
        let passwords = Arc::clone(&self.passwords);
        spawn::spawn_blocking(move || run(&passwords)).await.map_err(|error| failed(&error))
    }
}

/// Notes on the request's own record how long its write took.
fn record(receipt: Receipt) {
    let span = tracing::Span::current();
    let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    span.record("dbQueueUs", micros(receipt.queued));
    span.record("dbApplyUs", micros(receipt.applied));
    span.record("dbCommitUs", micros(receipt.committed));
    ::metrics::histogram!(metrics::DB_WRITE_LOCK_WAIT).record(receipt.queued.as_secs_f64());
}
