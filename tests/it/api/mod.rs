//! The API from outside: what each kind of caller can do with each noun, and what comes of it.

mod accounts;
mod acting;
mod audit;
mod editing;
mod fixtures;
mod hiding;
mod idempotency;
mod judge_links;
mod lifecycle;
mod lists;
mod locks;
mod nouns;
mod permissions;
mod places_at_stake;
mod published_results;
mod reopening;
mod results;
mod scopes;
mod sessions;
mod sheet_trash;
mod sheets;
mod tokens;
