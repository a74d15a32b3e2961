//! From what a use case or the store refuses to the answer: the one place that knows which status and code each is.

use actix_web::http::StatusCode;
use serde_json::json;

use super::{
    Failure,
    code::{self, Code},
};
use crate::{
    domain::Kind,
    service::{Conflict, EngineError, Restriction, ServiceError, StoreError, Trouble},
    telemetry::metrics,
};

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let detail = error.to_string();
        match error {
            ServiceError::Unauthenticated(_) => Self::unauthenticated(code::UNAUTHENTICATED, detail),
            ServiceError::SecondFactorRequired => Self::unauthenticated(code::TOTP_REQUIRED, detail),
            ServiceError::SecondFactorWrong => Self::unauthenticated(code::TOTP_WRONG, detail),
            ServiceError::Restricted(restriction) => {
                let code = match restriction {
                    Restriction::PasswordChange => code::PASSWORD_CHANGE_REQUIRED,
                    Restriction::SecondFactor => code::TOTP_ENROLMENT_REQUIRED,
                };
                Self::new(StatusCode::FORBIDDEN, code, detail)
            }
            ServiceError::Forbidden(action) => {
                Self::new(StatusCode::FORBIDDEN, code::FORBIDDEN, detail).with("action", json!(action.word()))
            }
            ServiceError::OutOfScope { action, .. } => {
                Self::new(StatusCode::FORBIDDEN, code::OUT_OF_SCOPE, detail)
                    .with("action", json!(action.word()))
            }
            ServiceError::LinkBlocked => Self::new(StatusCode::FORBIDDEN, code::LINK_BLOCKED, detail),
            ServiceError::WronglySigned => Self::new(StatusCode::FORBIDDEN, code::WRONGLY_SIGNED, detail),
            ServiceError::LinkEnded => Self::new(StatusCode::FORBIDDEN, code::LINK_ENDED, detail),
            ServiceError::NotFound(kind) => {
                Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail).with("kind", json!(kind.word()))
            }
            ServiceError::NotInTrash | ServiceError::NoSuchTrace => {
                Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail)
            }
            ServiceError::Purging => Self::new(StatusCode::GONE, code::PURGING, detail),
            ServiceError::NoSession => Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, detail),
            ServiceError::CategoryDeleted => Self::new(StatusCode::NOT_FOUND, code::CATEGORY_DELETED, detail),
            ServiceError::Invalid { code, detail, faults } => {
                let code = Code::of_rule(code).unwrap_or(code::INVALID);
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).with_errors(faults)
            }
            ServiceError::Conflict(conflict) => conflict_failure(conflict, &detail),
            ServiceError::VersionMismatch { current } => {
                Self::new(StatusCode::PRECONDITION_FAILED, code::VERSION_MISMATCH, detail)
                    .with("currentVersion", json!(current))
            }
            ServiceError::ContentAway { delivery, retry_after_s, .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code::CONTENT_AWAY, detail)
                    .with("delivery", json!(delivery))
                    .retry_after(retry_after_s)
            }
            ServiceError::Store(error) => store_failure(&error),
            ServiceError::Passwords(_)
            | ServiceError::Random(_)
            | ServiceError::LogNotErased(_)
            | ServiceError::Internal(_) => {
                tracing::error!(error = %detail, "a request failed");
                Self::internal()
            }
        }
    }
}

fn conflict_failure(conflict: Conflict, detail: &str) -> Failure {
    let failure = |code| Failure::new(StatusCode::CONFLICT, code, detail);
    let taken = conflict.taken();
    match conflict {
        Conflict::Taken { holder, next_free, .. } => failure(code::TAKEN)
            .with_errors(taken.into_iter().collect())
            .with("holder", json!(holder))
            .with("nextFree", json!(next_free)),
        Conflict::Locked { kind, id } => {
            failure(locked(kind)).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::LockedBeneath { kind, id, .. } => {
            failure(code::LOCKED_BENEATH).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::Archived { kind, id } => {
            failure(archived(kind)).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::NotLocked(kind) => failure(code::NOT_LOCKED).with("kind", json!(kind)),
        Conflict::UnlockRequested { by, name } => failure(code::UNLOCK_REQUESTED)
            .with("requestedBy", json!(by))
            .with("requestedByName", json!(name)),
        Conflict::NoUnlockRequest => failure(code::NO_UNLOCK_REQUEST),
        Conflict::AlertOver => failure(code::ALERT_OVER),
        Conflict::SecondPersonNeeded(_) => failure(code::SECOND_PERSON_NEEDED),
        Conflict::HasMarks => failure(code::HAS_MARKS),
        Conflict::ConfirmationRequired(changes) => {
            failure(code::CONFIRMATION_REQUIRED).with("changes", json!(changes))
        }
        Conflict::ParentDeleted { kind, id } => {
            failure(code::PARENT_DELETED).with("kind", json!(kind)).with("id", json!(id))
        }
        Conflict::StaleSheet { stored, sent } => failure(code::VERSION_CONFLICT)
            .with("stored", json!(crate::http::v1::sheets::content(&stored)))
            .with("sent", json!(sent)),
        Conflict::SheetFinal => failure(code::SHEET_FINAL),
        Conflict::SheetState(_) => failure(code::SHEET_STATE),
        Conflict::LastAdmin(_) => failure(code::LAST_ADMIN),
        Conflict::TooMany { .. } | Conflict::TooManyNumbers(_) => failure(code::TOO_MANY),
        Conflict::OfInterest { rule } => failure(code::CONFLICT_OF_INTEREST).with("rule", json!(rule)),
        Conflict::OverLimit { kind, id, limit, .. } => failure(code::OVER_LIMIT)
            .with("kind", json!(kind))
            .with("id", json!(id))
            .with("limit", json!(limit)),
        Conflict::NumbersByHand => failure(code::NUMBERS_BY_HAND),
        Conflict::NumbersOnSheets => failure(code::NUMBERS_ON_SHEETS),
        Conflict::AlreadySetUp => failure(code::ALREADY_SET_UP),
        Conflict::LinkInUse => failure(code::LINK_IN_USE),
        Conflict::Quarantined(state) => failure(code::FILE_QUARANTINED).with("scan", json!(state)),
        Conflict::NotUndoable(_) => failure(code::NOT_UNDOABLE),
        Conflict::NotSetUp(service) => failure(code::NOT_SET_UP).with("service", json!(service)),
        Conflict::NotReplayable(_) => failure(code::NOT_REPLAYABLE),
        Conflict::NotEditable(_) => failure(code::NOT_EDITABLE),
        Conflict::SystemTenant => failure(code::SYSTEM_TENANT),
    }
}

/// A judge's page tells a locked category from an archived one by the code, wherever the lock sits.
const fn locked(kind: Kind) -> Code {
    match kind {
        Kind::Event => code::EVENT_LOCKED,
        Kind::Contest => code::CONTEST_LOCKED,
        _ => code::CATEGORY_LOCKED,
    }
}

const fn archived(kind: Kind) -> Code {
    match kind {
        Kind::Event => code::EVENT_ARCHIVED,
        Kind::Contest => code::CONTEST_ARCHIVED,
        _ => code::CATEGORY_ARCHIVED,
    }
}

fn store_failure(error: &StoreError) -> Failure {
    let unavailable = |code| {
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, code, format!("{error}; try again")).retry_after(1)
    };
    match error {
        StoreError::Busy => unavailable(code::STORE_BUSY),
        StoreError::ReadOnly(trouble) => read_only(*trouble),
        StoreError::NotCommitted => unavailable(code::NOT_COMMITTED),
        StoreError::CommitUnknown => unavailable(code::COMMIT_UNKNOWN),
        StoreError::Closed | StoreError::Engine(EngineError::Closed) => unavailable(code::SHUTTING_DOWN),
        StoreError::Engine(EngineError::Io(_) | EngineError::Full(_)) => {
            tracing::error!(%error, "the store cannot be read");
            let detail =
                "the disk fails, and this cannot be read for now; the store is brought back by itself";
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::STORE_UNREADABLE, detail).retry_after(5)
        }
        StoreError::Codec(_) | StoreError::Engine(EngineError::Damaged(_)) => {
            ::metrics::counter!(metrics::STORE_DAMAGE).increment(1);
            tracing::error!(%error, "what is stored is damaged: restore a copy, or ask for help");
            let detail =
                "this is stored, but damaged; everything else goes on. The operator can restore a copy";
            Failure::new(StatusCode::INTERNAL_SERVER_ERROR, code::DATA_DAMAGED, detail)
        }
        other => {
            tracing::error!(error = %other, "the store failed");
            Failure::internal()
        }
    }
}

/// Nothing was changed, and a page keeps what was typed.
fn read_only(trouble: Trouble) -> Failure {
    let (status, code, remedy) = match trouble {
        Trouble::DiskFull | Trouble::LowSpace => (
            StatusCode::INSUFFICIENT_STORAGE,
            code::DISK_FULL,
            "free space on the server; writing goes on by itself",
        ),
        Trouble::Failing => (
            StatusCode::SERVICE_UNAVAILABLE,
            code::STORE_READ_ONLY,
            "look at the disk of the server; writing goes on by itself when it works again",
        ),
        Trouble::Damaged => (
            StatusCode::SERVICE_UNAVAILABLE,
            code::STORE_READ_ONLY,
            "stop the server and restore a copy with `event-manager serve --restore-copy`",
        ),
    };
    let detail = format!("{trouble}, so nothing can be changed for now; nothing is lost. To go on: {remedy}");
    Failure::new(status, code, detail).with("reason", json!(trouble.word())).retry_after(5)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        store_failure(&error)
    }
}
