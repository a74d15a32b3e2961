//! What is asked of a Redis. Uses nothing.

use std::time::Duration;

use redis::{Cmd, cmd};

/// Something that is changed or told, as part of many. All of them may be done twice without harm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RedisCommand {
    /// Stores a value.
    Set {
        /// Without the prefix.
        key: String,
        /// The bytes.
        value: Vec<u8>,
        /// How long it stays, to the millisecond; `None` for ever.
        ttl: Option<Duration>,
    },
    /// Deletes a value, if there is one.
    Delete {
        /// Without the prefix.
        key: String,
    },
    /// Tells whoever has subscribed.
    Publish {
        /// Without the prefix.
        channel: String,
        /// The bytes.
        message: Vec<u8>,
    },
}

impl RedisCommand {
    pub(super) fn packed(&self, prefix: &str) -> Cmd {
        match self {
            Self::Set { key, value, ttl } => set(prefix, key, value, *ttl),
            Self::Delete { key } => delete(prefix, key),
            Self::Publish { channel, message } => publish(prefix, channel, message),
        }
    }
}

pub(super) fn set(prefix: &str, key: &str, value: &[u8], ttl: Option<Duration>) -> Cmd {
    let mut command = cmd("SET");
    command.arg(format!("{prefix}{key}")).arg(value);
    if let Some(ttl) = ttl {
        // Redis refuses zero.
        command.arg("PX").arg(i64::try_from(ttl.as_millis()).unwrap_or(MILLIS_MAX).clamp(1, MILLIS_MAX));
    }
    command
}

/// Longest time that Redis can add to its clock, by a wide margin: a thousand years.
const MILLIS_MAX: i64 = 1_000 * 365 * 24 * 60 * 60 * 1_000;

pub(super) fn get(prefix: &str, key: &str) -> Cmd {
    let mut command = cmd("GET");
    command.arg(format!("{prefix}{key}"));
    command
}

pub(super) fn delete(prefix: &str, key: &str) -> Cmd {
    let mut command = cmd("DEL");
    command.arg(format!("{prefix}{key}"));
    command
}

pub(super) fn publish(prefix: &str, channel: &str, message: &[u8]) -> Cmd {
    let mut command = cmd("PUBLISH");
    command.arg(format!("{prefix}{channel}")).arg(message);
    command
}
