//! The command line: one file a verb. May use the appliance and, for codes on the terminal, `reports`.

mod addresses;
mod audit;
mod backup;
mod backup_restore;
mod backup_stored;
mod config;
mod console;
mod copies;
mod demo;
mod first_start;
mod healthcheck;
mod local_api;
mod log_erase;
mod log_lines;
mod logs;
mod openapi;
mod restore;
mod seals;
mod serve;
mod since_copy;
mod user;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    appliance::ApplianceError,
    config::{Config, ConfigErrors, Flags, Loaded, Sources},
};

/// Runs judged events: set-up, score sheets, exact results, and nothing deleted is lost.
#[derive(Parser)]
#[command(name = "event-manager", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve the API and the browser pages
    Serve(serve::Arguments),
    /// Serve an example: a real competition with users and marks
    Demo(demo::Arguments),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(config::Verb),
    /// Manage accounts, whether the server runs or not
    #[command(subcommand)]
    User(user::Verb),
    /// Verify or export the audit log, whether the server runs or not
    #[command(subcommand)]
    Audit(audit::Verb),
    /// List or verify the local copies of the data
    #[command(subcommand)]
    Copies(copies::Verb),
    /// Make a backup; list, verify or restore backups
    Backup(backup::Arguments),
    /// Search the log by any id, time, level or text, also a copied one; show traces
    Logs(Box<logs::Arguments>),
    /// Succeed if the server is ready
    Healthcheck(healthcheck::Arguments),
    /// Print the OpenAPI document
    Openapi,
    /// Print the version
    Version(version::Arguments),
}

/// Why a command failed, in one sentence; several faults of a configuration stand each on its line.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the configuration is not valid:{}{}", if .0.faults().len() == 1 { " " } else { "\n" }, .0)]
    Config(#[from] ConfigErrors),
    #[error(transparent)]
    Appliance(#[from] ApplianceError),
    #[error(transparent)]
    Service(#[from] crate::service::ServiceError),
    #[error("{0}")]
    Other(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().verb {
        Verb::Serve(arguments) => serve::run(&arguments),
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Config(verb) => config::run(verb),
        Verb::User(verb) => user::run(verb),
        Verb::Audit(verb) => audit::run(verb),
        Verb::Copies(verb) => copies::run(verb),
        Verb::Backup(arguments) => backup::run(arguments),
        Verb::Logs(arguments) => logs::run(&arguments),
        Verb::Healthcheck(arguments) => healthcheck::run(&arguments),
        Verb::Openapi => openapi::run(),
        Verb::Version(arguments) => version::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console::complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// The configuration of the process, with its warnings told.
fn load(flags: &Flags) -> Result<Config, Failure> {
    Ok(load_with_origins(flags)?.config)
}

/// As [`load`], with where each value came from.
fn load_with_origins(flags: &Flags) -> Result<Loaded, Failure> {
    let loaded = Config::load(&Sources::of_process(flags.clone()))?;
    for warning in &loaded.warnings {
        console::complain(&format!("warning: {warning}"));
    }
    Ok(loaded)
}

/// Runs asynchronous work on the server library's runtime.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}
