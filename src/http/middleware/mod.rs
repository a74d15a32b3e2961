//! What every request goes through, one concern a file, outermost first: its context and headers (`context`), the
//! record of how it went (`record`), the answer to whatever fails (`failures`), and to a handler that panics (`panics`).

pub mod context;
pub mod failures;
pub mod panics;
pub mod record;
