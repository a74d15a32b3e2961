//! What handlers take from a request, each checked and described in one place. A handler's signature states its
//! permission, its input and its answers.

mod attempt;
mod body;
mod can;
mod conditions;
mod faults;
mod idempotency;
mod json;
mod path;
mod payload;
mod query;
mod schema;
mod surplus;
mod table;

pub use attempt::Door;
pub use body::{Body, New, Patch};
pub use can::{Caller, Can, SESSION_COOKIE, context_of, has_credentials};
pub use conditions::Expected;
pub use idempotency::Once;
pub(in crate::http) use json::to_json;
pub use path::{BackupPath, CorrelationPath, Ids, Item, SessionPath, SheetPath, TableName, TracePath};
pub use payload::{BODY_PROBLEMS, BodyLimit, Pieces, Stopping, read_up_to};
pub use query::{
    ConfirmQuery, CursorText, DeleteQuery, ListQuery, Listing, PageQuery, Query, ReadQuery, RestoreQuery,
    StatesQuery, place_of,
};
pub use surplus::Only;
pub use table::table;
