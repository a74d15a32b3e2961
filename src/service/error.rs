//! What a use case can fail with, in words of the domain. The HTTP edge turns it into an answer, once.

use uuid::Uuid;

use crate::{
    domain::{
        Action, Actor, ConflictRule, DeliveryId, Fault, Kind, OutboundService, ScanState, Sheet, Submission,
        noun::UniqueField,
    },
    security::{PasswordsError, RandomError},
    store::{RestoreError, RowError, StoreError, Taken},
};

use super::{Restriction, impact::CategoryImpact};

/// A use case that did not succeed. Nothing was changed, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Nobody is signed in, or the credentials are wrong.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The password is right, and a second factor is needed, too.
    #[error("the password is right; send a code of your authenticator app as totp, too, or a recovery code")]
    SecondFactorRequired,
    /// The password is right, and the second factor is not.
    #[error("the code is wrong, used already, or too old; try the next one")]
    SecondFactorWrong,
    /// Something has to be done before anything else.
    #[error("{}", must(*.0))]
    Restricted(Restriction),
    /// The actor may not do this anywhere.
    #[error("this needs the permission {}", .0.word())]
    Forbidden(Action),
    /// The actor may do this to what lies in the scope of its grants; this reaches out of it.
    #[error(
        "this {kind} also takes part outside of the events and contests that are yours; ask somebody who runs all of them"
    )]
    OutOfScope {
        /// What it is.
        kind: Kind,
        /// What the actor lacks there.
        action: Action,
    },
    /// Too many PINs of a judge link were wrong.
    #[error(
        "this link is blocked after too many wrong PINs; the tally desk can release it or give it a new PIN"
    )]
    LinkBlocked,
    /// A judge link has expired or was revoked, or its judge is deleted.
    #[error("this link has expired or was withdrawn; ask an organiser for a new one")]
    LinkEnded,
    /// What claims to come from a service outside is not signed as that service signs.
    #[error("this is not signed as it should be")]
    WronglySigned,
    /// There is no such thing, or the actor may not know of it.
    #[error("there is no such {0}")]
    NotFound(Kind),
    /// The change deleted nothing, or what it deleted is in the trash no more.
    #[error("this is not in the trash, or not any more")]
    NotInTrash,
    /// The log knows of no such trace, or the actor may not know of it.
    #[error("the log knows nothing of this trace, or not any more")]
    NoSuchTrace,
    /// It is being destroyed.
    #[error("this is being destroyed for good and cannot be restored any more")]
    Purging,
    /// There is no such session, or it has ended.
    #[error("there is no such session; it may have ended")]
    NoSession,
    /// The category, or something above it, is deleted.
    #[error("the category is deleted")]
    CategoryDeleted,
    /// What was sent breaks rules.
    #[error("{detail}")]
    Invalid {
        /// Stable code.
        code: &'static str,
        /// One sentence.
        detail: String,
        /// Every fault, with its place.
        faults: Vec<Fault>,
    },
    /// The state of things does not allow it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The content of a file is missing on this machine, and was stored elsewhere.
    #[error("{}", away(*.is_coming, *.delivery))]
    ContentAway {
        /// The delivery that fetches it back.
        delivery: DeliveryId,
        /// Whether that is under way; it was given up otherwise.
        is_coming: bool,
        /// After how many seconds it is worth asking again.
        retry_after_s: u32,
    },
    /// Somebody else changed it since it was read.
    #[error("it was changed meanwhile; its version is now {current}")]
    VersionMismatch {
        /// The version it has.
        current: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Lines cannot be erased from the log.
    #[error("lines cannot be erased from the log: {0}")]
    LogNotErased(std::io::Error),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Something that cannot happen did.
    #[error("{0}")]
    Internal(String),
}

/// Why the state of things does not allow something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// A unique value is taken.
    #[error("{value} {}{}", held(*.field), .next_free.as_ref().map(|free| format!("; {free} is free")).unwrap_or_default())]
    Taken {
        /// The field.
        field: UniqueField,
        /// The value, or the name of what it is the id of.
        value: String,
        /// Who holds it, live or hidden.
        holder: Uuid,
        /// A value that is free.
        next_free: Option<String>,
    },
    /// It or something above it is locked.
    #[error("the {kind} is locked")]
    Locked {
        /// What is locked.
        kind: Kind,
        /// Which one.
        id: Uuid,
    },
    /// Something is locked beneath what would change.
    #[error("a {kind} of the {above} is locked: {name}")]
    LockedBeneath {
        /// Beneath what.
        above: Kind,
        /// What is locked.
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// What people know it by.
        name: String,
    },
    /// It or something above it is archived.
    #[error("the {kind} is archived")]
    Archived {
        /// What is archived.
        kind: Kind,
        /// Which one.
        id: Uuid,
    },
    /// It is not locked.
    #[error("the {0} is not locked")]
    NotLocked(Kind),
    /// Somebody has asked to unlock it already.
    #[error("{name} has asked to unlock this already; somebody else approves or refuses that")]
    UnlockRequested {
        /// Who.
        by: Actor,
        /// Who, by name.
        name: String,
    },
    /// There is no open request to unlock it.
    #[error("nobody has asked to unlock this, or the request was decided or is older than a day")]
    NoUnlockRequest,
    /// An alert that is over is not looked after any more.
    #[error("this alert is over")]
    AlertOver,
    /// It takes two people, and this would be the doing of one.
    #[error("{0}")]
    SecondPersonNeeded(&'static str),
    /// A criterion's range or weight cannot change once there are marks.
    #[error("there are marks for this criterion: its range, step and weight cannot change any more")]
    HasMarks,
    /// Marks would go out of sight, or sheets lack marks: the actor must confirm it.
    #[error("this takes marks out of sight, or leaves sheets without one; confirm it to go on")]
    ConfirmationRequired(Vec<CategoryImpact>),
    /// Something above it, or that it points at, is deleted, so it cannot be restored.
    #[error("the {kind} it belongs to is deleted; restore that first")]
    ParentDeleted {
        /// What is deleted.
        kind: Kind,
        /// Which one.
        id: Uuid,
    },
    /// The sheet changed since the judge saw it.
    #[error("the sheet was changed meanwhile")]
    StaleSheet {
        /// The sheet as it is.
        stored: Box<Sheet>,
        /// The sheet as it was sent.
        sent: Box<Submission>,
    },
    /// The sheet is submitted, which is final.
    #[error("the sheet is submitted; ask the tally master to reopen it")]
    SheetFinal,
    /// There is no open request to reopen, or the sheet is open already.
    #[error("{0}")]
    SheetState(&'static str),
    /// The tenant would be left without anybody who can run it.
    #[error("this is the last {0}: give somebody else the role first")]
    LastAdmin(crate::domain::Role),
    /// The limit of siblings is reached.
    #[error("there can be at most {limit} {} here", kind.plural())]
    TooMany {
        /// Of what.
        kind: Kind,
        /// How many there can be.
        limit: usize,
    },
    /// The judge must not score this contestant.
    #[error("{}", match rule {
        ConflictRule::Block => "a conflict of interest is declared between you and this contestant: you do not score it",
        ConflictRule::Abstain => "a conflict of interest is declared between you and this contestant: your sheet counts as abstained",
    })]
    OfInterest {
        /// What that means in the category.
        rule: ConflictRule,
    },
    /// More would take part than somebody has said.
    #[error("“{name}” takes at most {limit} {}", if *kind == Kind::Event { "contestants" } else { "entrants" })]
    OverLimit {
        /// An event or a category.
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// What people know it by.
        name: String,
        /// How many it takes.
        limit: u32,
    },
    /// The numbers of a contest are not the box's to change.
    #[error(
        "numbers are closed up only where the system gives them; set the numbering of the contest to automatic"
    )]
    NumbersByHand,
    /// Numbers would change under which judges have handed in sheets.
    #[error("judges have handed in sheets under the present numbers; confirm to change them nevertheless")]
    NumbersOnSheets,
    /// More numbers would change than one operation may write.
    #[error(
        "{0} numbers would change, which is more than can be done at once; start the numbers so that fewer do"
    )]
    TooManyNumbers(usize),
    /// The box is set up already.
    #[error("this event-manager is set up already")]
    AlreadySetUp,
    /// A judge link is in use on another device.
    #[error("this link is in use on another device; ask the tally desk to release it")]
    LinkInUse,
    /// The file is not given out.
    #[error("{}", quarantined(.0))]
    Quarantined(ScanState),
    /// What a job did cannot be taken back.
    #[error("{0}")]
    NotUndoable(&'static str),
    /// What it would go out by is not set up.
    #[error("the service {0} is not set up on this server; its operator does that in config.toml")]
    NotSetUp(OutboundService),
    /// A delivery cannot be sent once more.
    #[error("{0}")]
    NotReplayable(&'static str),
    /// A delivery cannot be changed in this way.
    #[error("this cannot be changed of this delivery: {0}")]
    NotEditable(&'static str),
    /// The tenant of the operators cannot be deleted.
    #[error("the tenant of the operators cannot be deleted")]
    SystemTenant,
}

impl ServiceError {
    /// What was sent breaks rules.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self::Invalid { code: "invalid", detail: "the request breaks rules; see errors".to_owned(), faults }
    }

    /// Whether somebody gave a password or a code that is not theirs.
    pub fn is_wrong_guess(&self) -> bool {
        match self {
            Self::Unauthenticated(_) | Self::SecondFactorWrong | Self::LinkBlocked => true,
            Self::Invalid { code, .. } => ["wrong_password", "wrong_code"].contains(code),
            _ => false,
        }
    }

    /// One field of what was sent breaks a rule.
    pub fn fault(code: &'static str, pointer: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Invalid { code, detail: message.clone(), faults: vec![Fault::new(pointer, message)] }
    }
}

const fn must(restriction: Restriction) -> &'static str {
    match restriction {
        Restriction::PasswordChange => "your password was set by somebody else: choose one of your own first",
        Restriction::SecondFactor => "your role signs in with an authenticator app, too: set it up first",
    }
}

/// What has become of a content that is missing.
fn away(is_coming: bool, delivery: DeliveryId) -> String {
    if is_coming {
        return "the content of this file is missing on this machine and is being fetched back from object storage; \
                try again in a while"
            .to_owned();
    }
    format!(
        "the content of this file is missing on this machine and could not be fetched back from object storage; \
         delivery {delivery} says why, and can be sent once more"
    )
}

/// Why a file is not given out.
fn quarantined(state: &ScanState) -> String {
    match state {
        ScanState::NotScanned => {
            "this file was never scanned for viruses, which is required here; upload it again once there is a scanner"
                .to_owned()
        }
        ScanState::Pending => "this file waits to be scanned for viruses; try again in a while".to_owned(),
        ScanState::Infected { signature } => {
            format!("a scanner found something in this file ({signature}), so it is not given out; delete it")
        }
        ScanState::Failed { why } => {
            format!("this file could not be scanned for viruses ({why}), so it is not given out")
        }
        ScanState::Clean => "this file is not given out".to_owned(),
    }
}

/// How a unique value is held, behind the value or the name of what it stands for.
const fn held(field: UniqueField) -> &'static str {
    match field {
        UniqueField::Slug | UniqueField::Email | UniqueField::Number | UniqueField::FieldKey => "is taken",
        UniqueField::Contestant => "takes part already",
        UniqueField::Entry => "is listed already",
        UniqueField::Judge => "judges here already",
        UniqueField::User => "belongs to another judge",
        UniqueField::Conflict => "have a conflict of interest that is declared already",
        UniqueField::HeadJudge => "is somebody else here",
        UniqueField::Wording => "is worded already",
    }
}

impl Conflict {
    /// What is wrong with a unique value, if it is that.
    pub fn taken(&self) -> Option<Fault> {
        match self {
            Self::Taken { field, value, .. } => {
                Some(Fault::new(field.pointer(), format!("{value} {}", held(*field))))
            }
            _ => None,
        }
    }
}

impl From<Taken> for ServiceError {
    fn from(Taken { field, value, holder }: Taken) -> Self {
        Conflict::Taken { field, value, holder, next_free: None }.into()
    }
}

impl From<RowError> for ServiceError {
    fn from(error: RowError) -> Self {
        match error {
            RowError::Taken(taken) => taken.into(),
            RowError::Store(error) => error.into(),
        }
    }
}

impl From<RestoreError> for ServiceError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::ParentDeleted(lineage) => {
                Conflict::ParentDeleted { kind: lineage.kind(), id: lineage.id() }.into()
            }
            RestoreError::Purging => Self::Purging,
            RestoreError::Row(error) => error.into(),
        }
    }
}
