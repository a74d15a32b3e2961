//! The endpoints of API version 1: one file a group. Parse, call a service, render.

pub mod accounts;
pub mod audit;
pub mod judge_links;
pub mod judging;
pub mod representation;
pub mod resources;
pub mod results;
pub mod sessions;
pub mod sheets;
pub mod tokens;
pub mod trash;
