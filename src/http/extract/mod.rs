//! What handlers take from a request, each checked and described in one place. A handler's signature states its
//! permission, its input and its answers.

mod body;
mod can;
mod conditions;
mod idempotency;
mod path;
mod query;

pub(in crate::http) use body::to_json;
pub use body::{Body, BodyLimit, Patch};
pub use can::{Caller, Can, SESSION_COOKIE};
pub use conditions::Expected;
pub use idempotency::Once;
pub use path::{Ids, Item, SheetPath};
pub use query::{CursorText, DeleteQuery, ListQuery, PageQuery, Query, ReadQuery};
