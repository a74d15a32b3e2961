//! The program. Everything it does is in the library; this only runs a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    event_manager::cli::run()
}
