//! The endpoints of API version 1: one file a group. Parse, call a service, render.

pub mod accounts;
pub mod audit;
pub mod bulk;
pub mod conflicts;
pub mod exports;
pub mod imports;
pub mod jobs;
pub mod judge_links;
pub mod judging;
pub mod password_reset;
pub mod progress;
pub mod readiness;
pub mod renumbering;
pub mod representation;
pub mod resources;
pub mod results;
pub mod search;
pub mod second_factor;
pub mod session_list;
pub mod sessions;
pub mod sheets;
pub mod states;
pub mod stream;
pub mod templates;
pub mod tokens;
pub mod trash;
