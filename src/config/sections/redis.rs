//! `[redis]`: where events are mirrored as they happen.

use std::path::PathBuf;

use crate::config::{
    keys::section,
    values::{Line, Secret},
};

section! {
    /// A Redis that is told what happens, for screens and other programs that listen there: each tenant's events are published on
    /// the channel "<prefix>events:<tenant's id>". Nothing is kept in it, and nothing waits for it. Without a url, there is none.
    Redis {
        /// Where it is: "redis://[user@]host[:port]", or "rediss://" for TLS.
        url: Option<Line> = None,
        /// Its password.
        password: Option<Secret> = None,
        /// A file with its password.
        password_file: Option<PathBuf> = None,
        /// What the names of channels begin with.
        prefix: Line = Line::constant("event-manager:"),
    }
}
