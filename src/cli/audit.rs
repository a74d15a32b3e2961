//! `audit verify` and `audit export`.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

use clap::Subcommand;
use serde_json::Value;

use super::{
    Failure, console,
    local_api::{Data, LocalApi, OPERATORS, list, text, with_api},
    seals::{Comparison, Seals},
};
use crate::{
    config::{Config, Flags, Sources},
    domain::TenantId,
    security::PublicKey,
    service::{Head, KNOWN_HEADS_MAX},
};

/// What to do with the audit log.
#[derive(Subcommand)]
pub enum Verb {
    /// Walk the chain of every tenant (or of one) and compare every hash, and every seal in the log; fails if one byte
    /// was changed, or the past was rewritten since it was sealed
    Verify {
        #[command(flatten)]
        flags: Flags,
        /// Short name of one tenant
        #[arg(long)]
        tenant: Option<String>,
        /// Further files with seals: `audit head` lines of the log that were kept elsewhere
        #[arg(long, value_name = "FILE", num_args = 1..)]
        seals: Vec<PathBuf>,
        /// Key that signed the seals, instead of the one in the data directory; may be given several times
        #[arg(long = "public-key", value_name = "KEY")]
        public_keys: Vec<PublicKey>,
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
        Verb::Verify { flags, tenant, seals, public_keys } => {
            let config = Config::load(&Sources::of_process(flags.clone()))?.config;
            // Before a server that is started for this command seals what it finds.
            let seals = Seals::gather(&config, &seals, public_keys)?;
            let operators = Some(OPERATORS.to_owned());
            with_api(&flags, Data::Existing, operators, move |api| verify(api, tenant.as_deref(), &seals))
        }
        Verb::Export { flags, tenant, output } => with_api(&flags, Data::Existing, tenant, move |api| {
            let writer: Box<dyn Write> = match &output {
                Some(path) => Box::new(File::create(path)?),
                None => Box::new(io::stdout()),
            };
            export(api, BufWriter::new(writer))
        }),
    }
}

/// A tenant, as far as its audit log is concerned.
struct Audited {
    slug: String,
    id: TenantId,
    deleted: bool,
}

/// Verifies the chains of all tenants, or of one, and tells all that is wrong with them.
fn verify(api: &LocalApi, only: Option<&str>, seals: &Seals) -> Result<(), Failure> {
    let tenants = tenants(api)?;
    let mut wrong = Vec::new();
    for tenant in tenants.iter().filter(|tenant| only.is_none_or(|slug| tenant.slug == slug)) {
        if !tenant.deleted {
            wrong.extend(verify_chain(&api.in_tenant(&tenant.slug), tenant, seals)?);
        } else if !seals.heads(tenant.id).is_empty() {
            console::complain(&format!("{}: is deleted, so its seals are not compared", tenant.slug));
        }
    }
    match only {
        Some(slug) if tenants.iter().all(|tenant| tenant.slug != slug) => {
            wrong.push(format!("there is no tenant {slug}"));
        }
        Some(_) => {}
        None => {
            let gone = |id: &TenantId| tenants.iter().all(|tenant| tenant.id != *id);
            let gone = seals.tenants().into_iter().filter(gone);
            wrong.extend(gone.map(|id| format!("the tenant {id} has seals, but is not there any more")));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Other(wrong.join("\n"))) }
}

/// Verifies one chain, says what is well, and gives back what is wrong.
fn verify_chain(api: &LocalApi, tenant: &Audited, seals: &Seals) -> Result<Vec<String>, Failure> {
    let heads: Vec<String> = seals.heads(tenant.id).iter().map(ToString::to_string).collect();
    let mut parts: Vec<&[String]> = heads.chunks(KNOWN_HEADS_MAX).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    let (mut report, mut missed) = (Value::Null, HashMap::new());
    for part in parts {
        report = api.request("GET", &format!("/audit/verify?heads={}", part.join(",")), None)?;
        for head in list(&report, "missed") {
            let sequence = head.get("sequence").and_then(Value::as_u64).unwrap_or_default();
            let known = format!("{sequence}:{}", text(head, "hash")).parse::<Head>();
            let known = known.map_err(|error| Failure::Other(error.to_string()))?;
            missed.insert(known, text(head, "what").to_owned());
        }
    }
    let slug = &tenant.slug;
    let held = seals.compare(tenant.id, &missed);
    let mut wrong: Vec<String> = held.wrong.iter().map(|what| format!("{slug}: {what}")).collect();
    let number = |part: Option<&Value>, name: &str| part?.get(name)?.as_u64();
    match report.get("fault").filter(|fault| !fault.is_null()) {
        None => {
            let records = number(Some(&report), "records").unwrap_or_default();
            let head = report.get("head").map(|head| text(head, "hash")).unwrap_or_default();
            let Comparison { confirmed, seals, .. } = held;
            console::say(&format!(
                "{slug}: {records} records intact, head {head}, {confirmed} of {seals} seals confirmed"
            ));
        }
        Some(fault) => {
            let sequence = number(Some(fault), "sequence").unwrap_or_default();
            wrong.insert(0, format!("{slug}: record {sequence}: {}", text(fault, "what")));
        }
    }
    for note in held.notes {
        console::complain(&format!("{slug}: {note}"));
    }
    Ok(wrong)
}

/// All tenants, deleted ones too.
fn tenants(api: &LocalApi) -> Result<Vec<Audited>, Failure> {
    let (mut tenants, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.request("GET", &format!("/tenants?limit=500&includeDeleted=true{cursor}"), None)?;
        for tenant in list(&page, "items") {
            let id = text(tenant, "id").parse();
            tenants.push(Audited {
                slug: text(tenant, "slug").to_owned(),
                id: id.map_err(|_| Failure::Other("a tenant without an id".to_owned()))?,
                deleted: tenant.get("deletedAt").is_some(),
            });
        }
        match text(&page, "nextCursor") {
            "" => return Ok(tenants),
            next => cursor = format!("&cursor={next}"),
        }
    }
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
