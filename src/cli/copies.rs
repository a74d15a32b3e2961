//! `copies list` and `copies verify`: the verified local copies of a data directory. They are files, so no server is
//! needed, and none is disturbed.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Failure, console, load};
use crate::{
    appliance::copies_directory,
    config::Flags,
    store::{CopyFile, copies_in, inspect},
};

/// What to do with the copies.
#[derive(Subcommand)]
pub enum Verb {
    /// List the copies, newest first
    List {
        #[command(flatten)]
        flags: Flags,
    },
    /// Check every page and every audit record of the copies, or of the files that are named
    Verify {
        #[command(flatten)]
        flags: Flags,
        /// Copies to check, instead of all in the data directory
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// Runs the verb.
///
/// # Errors
/// The copies cannot be read, or one is not sound.
pub fn run(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List { flags } => {
            for copy in all(&flags)? {
                let CopyFile { path, taken_at, bytes } = copy;
                console::say(&format!("{taken_at}  {bytes:>12} bytes  {}", path.display()));
            }
            Ok(())
        }
        Verb::Verify { flags, files } => {
            let named = !files.is_empty();
            verify(if named { files } else { all(&flags)?.into_iter().map(|copy| copy.path).collect() })
        }
    }
}

fn all(flags: &Flags) -> Result<Vec<CopyFile>, Failure> {
    let directory = copies_directory(&load(flags)?.store.data_dir);
    let copies = copies_in(&directory)?;
    if copies.is_empty() {
        console::complain(&format!("there is no copy in {}", directory.display()));
    }
    Ok(copies)
}

fn verify(files: Vec<PathBuf>) -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for file in files {
        let path = file.display();
        match inspect(&file) {
            Ok(content) => {
                let (records, chains) = (content.records(), content.chains.len());
                console::say(&format!("{path}: sound, {records} audit records of {chains} tenants"));
            }
            Err(error) => wrong.push(format!("{path}: {error}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Other(wrong.join("\n"))) }
}
