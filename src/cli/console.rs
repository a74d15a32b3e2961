//! What a command tells the person at the terminal. The only place that writes to it.

use std::io::Write;

/// Prints a line. A terminal that is gone is no reason to fail.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints a line about something that is wrong.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints a question; the answer is typed on the same line.
pub fn ask(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
}
