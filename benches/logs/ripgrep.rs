//! The same searches by ripgrep, the fastest program for plain files: in the lines as they were written, and in the packed
//! files, which are all that would be left of them.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{material::evict, times::report};

/// Prints the rows.
pub fn rows(plain: &Path, packed: &Path, id: &str) {
    if Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("\nripgrep is not here: nothing to compare with");
        return;
    }
    println!();
    report("ripgrep in the plain files, an id", &mut [search(plain, id, &[], true)]);
    evict(plain);
    report("  nothing in memory", &mut [search(plain, id, &[], true)]);
    report(
        "ripgrep in the plain files, a text that is not there",
        &mut [search(plain, "nobody wrote this", &[], false)],
    );
    report("ripgrep in the packed files, an id", &mut [search(packed, id, &["--search-zip"], true)]);
}

fn search(directory: &Path, text: &str, more: &[&str], is_there: bool) -> Duration {
    let begun = Instant::now();
    let found = Command::new("rg")
        .args(["--fixed-strings", "--no-ignore", "--count"])
        .args(more)
        .args([text, "."])
        .current_dir(directory)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(found.success(), is_there, "{text}");
    begun.elapsed()
}
