//! The rules of judged events: ids, nouns, permissions, scoring. Pure values and functions; no I/O, no
//! asynchrony, no clock, no HTTP, and nothing of the other rooms.

mod actor;
mod audit;
mod criterion;
mod decimal;
mod deletion;
mod event;
mod hex;
mod id;
mod judge_link;
mod judging;
mod kind;
mod name;
pub mod noun;
mod participant;
pub mod permission;
pub mod scoring;
mod sheet;
mod tenant;
mod timestamp;
mod token;
mod user;

pub use actor::*;
pub use audit::*;
pub use criterion::*;
pub use decimal::*;
pub use deletion::*;
pub use event::*;
pub use hex::*;
pub use id::*;
pub use judge_link::*;
pub use judging::*;
pub use kind::*;
pub use name::readable as readable_name;
pub use noun::{Fault, Noun, Row};
pub use participant::*;
pub use permission::{Action, Permission};
pub use sheet::*;
pub use tenant::*;
pub use timestamp::*;
pub use token::*;
pub use user::*;
