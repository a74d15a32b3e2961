//! How many files the process may have open: each connection is one. Systems start programs with a soft limit that is far
//! below what they may have. Uses nothing of ours.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the process needs beside connections: the data, the log, the threads' own.
const OTHER_FILES: u64 = 256;

/// Raises the limit so that so many connections fit, or says that they do not.
pub fn raise_for(connections: usize) {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No limit is no number.
    if current.is_none_or(|current| current >= needed) {
        return;
    }
    let raised = maximum.map_or(needed, |maximum| maximum.min(needed));
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        tracing::warn!(%error, "the limit of open files was not raised");
    }
    if raised < needed {
        tracing::warn!(
            limit = raised,
            needed,
            "fewer connections than server.max_connections fit: raise the hard limit of open files (ulimit -Hn, \
             LimitNOFILE)"
        );
    }
}
