//! `version`.

use serde_json::json;

use super::{Failure, console};
use crate::store::FORMAT;

/// Arguments of `version`.
#[derive(clap::Args)]
pub struct Arguments {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Prints the version of the program and of the data it writes.
///
/// # Errors
/// Never.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    if arguments.json {
        console::say(&json!({"version": version, "dataFormat": FORMAT}).to_string());
    } else {
        console::say(&format!("event-manager {version} (data format {FORMAT})"));
    }
    Ok(())
}
