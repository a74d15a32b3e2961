//! event-manager runs judged events from one self-contained binary. `docs/ARCHITECTURE.md` is the map of its rooms.

pub mod appliance;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod integrations;
pub mod jobs;
pub mod reports;
pub mod resilience;
pub mod security;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod text;
