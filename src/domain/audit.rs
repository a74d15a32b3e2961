//! Audit records: who did what to what, as ids, states and marks. Personal values are kept beside the record, under
//! a salted hash, so that they can be erased without breaking the chain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Actor, AlertRule, BreakerMode, CategoryId, CircuitReason, CircuitState, EntryId, JudgeId, Kind, Mark,
    OutboundService, ScanState, Timestamp,
};

/// One thing that was done. Its number is its place in its tenant's chain, and the version of what it changed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub verb: Verb,
    /// To what kind of thing.
    pub kind: Kind,
    /// To which one; for a sheet or mark, the entry.
    pub id: Uuid,
    /// The request in which it was done.
    pub request_id: String,
    /// What that request belongs to.
    pub correlation_id: String,
    /// States and marks.
    pub facts: Facts,
    /// SHA-256 of salt and detail, when there are personal values beside the record.
    pub detail_hash: Option<[u8; 32]>,
    /// The place of that request in its trace, as a `traceparent`; none in records of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl AuditRecord {
    /// The action in the form `event.created`.
    pub fn action(&self) -> String {
        format!("{}.{}", self.kind.word(), self.verb.word())
    }
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What can be done to a thing.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub enum Verb { $($(#[$doc])* $name,)+ }

        impl Verb {
            /// The word in actions.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

verbs! {
    /// It came to be.
    Created = "created",
    /// It was changed.
    Updated = "updated",
    /// It was deleted, and can be restored.
    Deleted = "deleted",
    /// It was brought back.
    Restored = "restored",
    /// It was locked against change.
    Locked = "locked",
    /// It was opened to change again.
    Unlocked = "unlocked",
    /// Somebody asked another one to open it to change again.
    UnlockRequested = "unlockRequested",
    /// Another one did not open it to change again.
    UnlockRefused = "unlockRefused",
    /// A scanner told what it thinks of it.
    ScanNoted = "scanNoted",
    /// It got another logo.
    LogoSet = "logoSet",
    /// It has no logo any more.
    LogoRemoved = "logoRemoved",
    /// It was put away.
    Archived = "archived",
    /// It was taken out again.
    Unarchived = "unarchived",
    /// A judge handed it in.
    Submitted = "submitted",
    /// A judge asked to change it.
    ReopeningRequested = "reopeningRequested",
    /// A judge may change it.
    Reopened = "reopened",
    /// A judge may not change it.
    ReopeningRefused = "reopeningRefused",
    /// The numbers of its entries were closed up.
    Renumbered = "renumbered",
    /// Its password was set.
    PasswordSet = "passwordSet",
    /// A new password was asked for, by whoever typed its address.
    ResetRequested = "resetRequested",
    /// A link was made with which its password can be set once.
    ResetLinkMade = "resetLinkMade",
    /// It signs in with an authenticator app, too.
    SecondFactorAdded = "secondFactorAdded",
    /// It signs in without an authenticator app.
    SecondFactorRemoved = "secondFactorRemoved",
    /// It got new recovery codes.
    RecoveryCodesMade = "recoveryCodesMade",
    /// It signed in with a recovery code.
    RecoveryCodeUsed = "recoveryCodeUsed",
    /// Sessions of it were ended by somebody.
    SessionsEnded = "sessionsEnded",
    /// Somebody searched its log.
    LogSearched = "logSearched",
    /// Its lines are being erased from the log.
    LogErasureBegun = "logErasureBegun",
    /// Its lines were erased from the log.
    LogErased = "logErased",
    /// Attempts to sign in to it, or requests of it, were refused: one record for many.
    Refused = "refused",
    /// Failed sign-ins to it were forgiven.
    Forgiven = "forgiven",
    /// It signed in.
    SignedIn = "signedIn",
    /// It signed out.
    SignedOut = "signedOut",
    /// It came to another state.
    StateChanged = "stateChanged",
    /// Its mode was chosen, or came with time.
    ModeSet = "modeSet",
    /// It was closed by hand.
    Reset = "reset",
    /// It was opened by hand.
    Tripped = "tripped",
    /// It could not be made, or is not sound.
    Failed = "failed",
    /// It was taken away as a file.
    Downloaded = "downloaded",
    /// It was made void.
    Revoked = "revoked",
    /// It was made free for another device.
    Released = "released",
    /// It got a new PIN.
    PinSet = "pinSet",
    /// It was blocked, after too many wrong PINs.
    Blocked = "blocked",
    /// The box was set up.
    SetUp = "setUp",
    /// It was stopped.
    Cancelled = "cancelled",
    /// It is not tried any more.
    Died = "died",
    /// It is not told any more, because nothing arrives.
    Stopped = "stopped",
    /// It is sent once more.
    Replayed = "replayed",
    /// It got another secret.
    SecretRenewed = "secretRenewed",
    /// It is told again of what happens.
    Resumed = "resumed",
    /// It got another authorization, or has none any more.
    AuthorizationSet = "authorizationSet",
    /// It is being destroyed for good.
    PurgeBegun = "purgeBegun",
    /// It was destroyed for good.
    Purged = "purged",
    /// An operator began to act in it.
    ActingBegun = "actingBegun",
    /// An operator ended to act in it.
    ActingEnded = "actingEnded",
    /// It is wrong.
    Fired = "fired",
    /// It is not wrong any more.
    Resolved = "resolved",
    /// Somebody looks after it.
    Acknowledged = "acknowledged",
    /// Nobody is told of such alerts for a while.
    Silenced = "silenced",
    /// They are told again.
    Unsilenced = "unsilenced",
}

/// What belongs into the record itself, because it is no personal value.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Facts {
    /// Nothing more.
    #[default]
    None,
    /// Why it was done, in the words of whoever did it.
    Reason(String),
    /// A whole sheet.
    Sheet {
        /// The category.
        category: CategoryId,
        /// The judge.
        judge: JudgeId,
        /// The entry.
        entry: EntryId,
        /// The marks after the change.
        marks: Vec<Mark>,
        /// Why it was done.
        reason: Option<String>,
    },
    /// What was looked for.
    Searched(String),
    /// What was erased from the log.
    Erased {
        /// Lines.
        lines: u64,
        /// Their size.
        bytes: u64,
        /// Why.
        reason: String,
    },
    /// How often something was refused, since the last record of it.
    Refusals(Refusals),
    /// A circuit that changed.
    Circuit {
        /// The kind of service.
        service: OutboundService,
        /// Which of its kind.
        key: String,
        /// What it was.
        from: CircuitState,
        /// What it is.
        to: CircuitState,
        /// Why.
        reason: CircuitReason,
        /// When it changed, which may be earlier than the record; none in records of before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// A circuit that somebody interfered with.
    CircuitInState {
        /// The kind of service.
        service: OutboundService,
        /// Which of its kind.
        key: String,
        /// Where it stood.
        state: CircuitState,
    },
    /// The mode of circuit breakers.
    BreakerMode {
        /// Of which service; of all, if of none.
        service: Option<OutboundService>,
        /// What it was.
        from: Option<BreakerMode>,
        /// What it is.
        to: Option<BreakerMode>,
    },
    /// What a scanner told.
    Scan(ScanState),
    /// A delivery that is not tried any more.
    Delivery {
        /// The service it was to go out by.
        service: OutboundService,
        /// What it was.
        title: String,
        /// Why, in a word.
        class: String,
    },
    /// Something that is wrong, or was.
    Alert {
        /// By which rule.
        rule: AlertRule,
        /// With which part; empty for the box.
        subject: String,
        /// What exactly, in a sentence.
        what: String,
        /// Since when.
        since: Timestamp,
    },
    /// A backup.
    Backup {
        /// Its name.
        name: String,
        /// SHA-256 of its file, in hexadecimal digits.
        sha256: String,
        /// Its size.
        bytes: u64,
    },
    /// A backup that could not be made, or is not sound.
    BackupFailed {
        /// Its name.
        name: String,
        /// Why, in a sentence.
        why: String,
    },
    /// What became of a request to unlock; whoever decided is the actor.
    UnlockRequest {
        /// Who had asked.
        requested_by: Actor,
        /// Why.
        request: String,
        /// Why it was refused.
        reason: Option<String>,
    },
}

/// How often something was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusals {
    /// Sign-ins with a wrong password or code.
    pub wrong: u32,
    /// Sign-ins that had to wait, right or wrong.
    pub delayed: u32,
    /// Requests beyond the limit.
    pub limited: u32,
}

/// Personal values before and after a change, as JSON texts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditDetail {
    /// Makes the hash say nothing about values that can be guessed.
    pub salt: [u8; 16],
    /// The body before.
    pub before: Option<String>,
    /// The body after.
    pub after: Option<String>,
}
