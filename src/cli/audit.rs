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
    local_api::{LocalApi, list, text, with_api},
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
                let number = |part: Option<&Value>, name: &str| part?.get(name)?.as_u64();
                match report.get("fault").filter(|fault| !fault.is_null()) {
                    None => {
                        let records = number(Some(&report), "records").unwrap_or_default();
                        let head = report.get("head").map(|head| text(head, "hash")).unwrap_or_default();
                        console::say(&format!("{slug}: {records} records intact, head {head}"));
                    }
                    Some(fault) => {
                        let sequence = number(Some(fault), "sequence").unwrap_or_default();
                        broken.push(format!("{slug}: record {sequence}: {}", text(fault, "what")));
                    }
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
    Ok(list(&page, "items").iter().map(|tenant| text(tenant, "slug").to_owned()).collect())
}

fn export(api: &LocalApi, mut writer: impl Write) -> Result<(), Failure> {
    let mut after = 0;
    loop {
        let page = api.request("GET", &format!("/audit?limit=500&after={after}"), None)?;
        let items = list(&page, "items");
        for item in items {
            writeln!(writer, "{item}")?;
        }
        match items.last().and_then(|item| item.get("sequence")?.as_u64()) {
            Some(sequence) => after = sequence,
            None => return Ok(writer.flush()?),
        }
    }
}
