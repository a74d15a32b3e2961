//! The sections of config.toml, one file each: the place to add a key. Uses the value types and `domain`.

mod alerts;
mod auth;
mod backup;
mod email;
mod files;
mod limits;
mod log;
mod otlp;
mod outbound;
mod redis;
mod resilience;
mod server;
mod setup;
mod sms;
mod storage;
mod store;
mod trash;
mod virus_scan;

pub use alerts::Alerts;
pub use auth::Auth;
pub use backup::Backup;
pub use email::{MailRelay, SecondRelay};
pub use files::Files;
pub use limits::Limits;
pub use log::Log;
pub use otlp::Otlp;
pub use outbound::Outbound;
pub use redis::Redis;
pub use resilience::{BreakerRules, BreakerSections, Resilience};
pub use server::Server;
pub use setup::{FirstAdmin, Setup};
pub use sms::SmsProvider;
pub use storage::{SecondStorageTarget, StorageRules, StorageTarget};
pub use store::Store;
pub use trash::Trash;
pub use virus_scan::VirusScan;

use std::time::Duration;

/// MiB as bytes.
const fn mib(count: u32) -> u64 {
    count as u64 * 1024 * 1024
}

/// Hours as a duration.
const fn hours(count: u32) -> Duration {
    minutes(count * 60)
}

/// Minutes as a duration.
const fn minutes(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 60)
}

/// Days as a duration.
const fn days(count: u32) -> Duration {
    hours(count * 24)
}
