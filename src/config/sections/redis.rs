//! `[redis]`: where events are mirrored as they happen.

use std::path::PathBuf;

use crate::config::{
    keys::section,
    values::{Line, Secret},
};

section! {
    /// A Redis that is told what happens, for screens and other programs that listen there: each tenant's events are published on
    /// the channel "<prefix>events:<tenant's id>". Nothing waits for it. Without a url, there is none.
    Redis {
        /// Where it is: "redis://[user@]host[:port]", or "rediss://" for TLS.
        url: Option<Line> = None,
        /// Its password.
        password: Option<Secret> = None,
        /// A file with its password.
        password_file: Option<PathBuf> = None,
        /// Whether it also holds results, under the key "<prefix>results:<tenant's id>:<category's id>": the places of every
        /// category that is locked, once no mark can come or change. They name people: whoever reads this Redis reads them.
        results: bool = false,
        /// What the names of channels and keys begin with.
        prefix: Line = Line::constant("event-manager:"),
    }
}
