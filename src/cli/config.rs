//! `config check` and `config show`.

use clap::Subcommand;

use super::{Failure, console, load};
use crate::{
    appliance::ensure_outside,
    config::{self, Config, Flags, Sources},
};

/// What to do with the configuration.
#[derive(Subcommand)]
pub enum Verb {
    /// Check the configuration; every fault is told with file and line
    Check {
        #[command(flatten)]
        flags: Flags,
    },
    /// Show the configuration, and where each value comes from
    Show {
        #[command(flatten)]
        flags: Flags,
        /// Show every key at its default, as the shipped config.toml does
        #[arg(long)]
        defaults: bool,
    },
}

/// Runs the verb.
///
/// # Errors
/// The configuration is not valid.
pub fn run(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Check { flags } => {
            ensure_outside(&load(&flags)?)?;
            console::say("configuration is valid");
            Ok(())
        }
        Verb::Show { defaults: true, .. } => {
            console::say(config::show_defaults().trim_end());
            Ok(())
        }
        Verb::Show { flags, defaults: false } => {
            let loaded = Config::load(&Sources::of_process(flags))?;
            console::say(config::show(&loaded).trim_end());
            Ok(())
        }
    }
}
