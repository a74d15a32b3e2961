//! `audit verify` and `audit export`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::Subcommand;
use serde_json::Value;

use super::{
    Failure, console,
    local_api::{LocalApi, with_api},
};
use crate::config::Flags;

/// What to do with the audit log.
#[derive(Subcommand)]
pub enum Verb {
    /// Walk the chain of every tenant (or of one) and compare every hash; fails if one byte was changed
    Verify {
        #[command(flatten)]
        flags: Flags,
        /// Short name of one tenant
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Write a tenant's records as JSON lines, oldest first
    Export {
        #[command(flatten)]
        flags: Flags,
        /// Short name of the tenant; needed if there are several
        #[arg(long)]
        tenant: Option<String>,
        /// File to write, instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Runs the verb.
///
/// # Errors
/// The data cannot be reached, a chain is broken, or the file cannot be written.
pub fn run(verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Verify { flags, tenant } => with_api(&flags, Some("system".to_owned()), |api| {
            let tenants = match tenant {
                Some(tenant) => vec![tenant],
                None => slugs(api)?,
            };
            let mut broken = Vec::new();
            for slug in tenants {
                let report = api.in_tenant(&slug).request("GET", "/audit/verify", None)?;
                if report["intact"].as_bool() == Some(true) {
                    let head = report["head"]["hash"].as_str().unwrap_or_default();
                    console::say(&format!("{slug}: {} records intact, head {head}", report["records"]));
                } else {
                    let fault = &report["fault"];
                    let what = fault["what"].as_str().unwrap_or_default();
                    broken.push(format!("{slug}: record {}: {what}", fault["sequence"]));
                }
            }
            if broken.is_empty() { Ok(()) } else { Err(Failure::Other(broken.join("\n"))) }
        }),
        Verb::Export { flags, tenant, output } => with_api(&flags, tenant, move |api| {
            let writer: Box<dyn Write> = match &output {
                Some(path) => Box::new(File::create(path)?),
                None => Box::new(io::stdout()),
            };
            export(api, BufWriter::new(writer))
        }),
    }
}

fn slugs(api: &LocalApi) -> Result<Vec<String>, Failure> {
    let page = api.request("GET", "/tenants?limit=500", None)?;
    let items = page["items"].as_array().into_iter().flatten();
    Ok(items.filter_map(|tenant| tenant["slug"].as_str().map(ToOwned::to_owned)).collect())
}

fn export(api: &LocalApi, mut writer: impl Write) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = api.request("GET", &format!("/audit?limit=500&after={after}"), None)?;
        let items: &[Value] = page["items"].as_array().map_or(&[], Vec::as_slice);
        for item in items {
            writeln!(writer, "{item}")?;
        }
        match items.last().and_then(|item| item["sequence"].as_u64()) {
            Some(sequence) => after = sequence,
            None => return Ok(writer.flush()?),
        }
    }
}
