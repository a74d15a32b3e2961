//! Ids in paths. A text that is no id names nothing, so it is a 404 like an id that nobody has.

use std::str::FromStr;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use uuid::Uuid;

use crate::{
    domain::{CategoryId, CriterionId, EntryId, JudgeId, UserId},
    http::{
        openapi::{DescribeInput, Operation, Schemas},
        problem::Failure,
    },
    service::{BackupName, ServiceError, SheetAddress},
    telemetry::context::{CorrelationId, TraceId},
};

/// The parameter `{id}`.
pub struct Item(pub Uuid);

/// The parameter `{what}`, the name of a table.
pub struct TableName(pub String);

/// The parameter `{name}`, the name of a backup.
pub struct BackupPath(pub BackupName);

/// The parameter `{correlationId}`.
pub struct CorrelationPath(pub CorrelationId);

/// The parameter `{traceId}`.
pub struct TracePath(pub TraceId);

/// The parameters `{id}` (a category) and `{entryId}`.
pub struct Ids {
    /// The category.
    pub category: CategoryId,
    /// The entry.
    pub entry: EntryId,
}

/// The parameters `{id}` (a user) and `{sessionId}`.
pub struct SessionPath {
    /// The user.
    pub user: UserId,
    /// The session.
    pub session: Uuid,
}

/// The parameters of one judge's sheet, and of a mark on it.
pub struct SheetPath {
    /// The sheet.
    pub address: SheetAddress,
    /// The criterion, where the path has one.
    pub criterion: Option<CriterionId>,
}

fn parameter<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Failure> {
    let text = request.match_info().get(name);
    text.and_then(|text| text.parse().ok()).ok_or_else(Failure::not_found)
}

macro_rules! from_path {
    ($type:ty, $request:ident => $make:expr) => {
        impl FromRequest for $type {
            type Error = Failure;
            type Future = std::future::Ready<Result<Self, Failure>>;

            fn from_request($request: &HttpRequest, _: &mut Payload) -> Self::Future {
                std::future::ready((|| $make)())
            }
        }

        // The path itself tells the document its parameters.
        impl DescribeInput for $type {
            fn describe(_: &mut Operation, _: &mut Schemas) {}
        }
    };
}

from_path!(Item, request => Ok(Self(parameter(request, "id")?)));
from_path!(TableName, request => Ok(Self(parameter(request, "what")?)));
from_path!(BackupPath, request => Ok(Self(parameter(request, "name")?)));
from_path!(CorrelationPath, request => Ok(Self(parameter(request, "correlationId")?)));
from_path!(TracePath, request => {
    Ok(Self(parameter(request, "traceId").map_err(|_: Failure| ServiceError::NoSuchTrace)?))
});
from_path!(Ids, request => Ok(Self {
    category: parameter(request, "id")?,
    entry: parameter(request, "entryId")?,
}));
from_path!(SessionPath, request => Ok(Self {
    user: parameter(request, "id")?,
    session: parameter(request, "sessionId")?,
}));
from_path!(SheetPath, request => {
    let address = SheetAddress {
        category: parameter(request, "id")?,
        entry: parameter(request, "entryId")?,
        judge: parameter::<JudgeId>(request, "judgeId")?,
    };
    let criterion = match request.match_info().get("criterionId") {
        Some(_) => Some(parameter(request, "criterionId")?),
        None => None,
    };
    Ok(Self { address, criterion })
});
