//! `serve --restore-copy`: puts the newest sound copy in the place of a data file that is lost, after telling what it
//! lacks and asking.

use std::{
    fs,
    io::{self, BufRead},
    os::unix::net::UnixStream,
};

use super::{Failure, console, seals::Seals, since_copy::changes_since};
use crate::{
    appliance::{copies_directory, data_file, ensure_lost, socket_path},
    config::Config,
    domain::{TenantId, Timestamp},
    service::Head,
    store::{CopyContent, newest_sound, restore_copy},
};

/// Restores the newest sound copy.
///
/// # Errors
/// The data is not lost, there is no sound copy, or the operator does not want it.
pub fn restore(config: &Config, now: Timestamp, yes: bool) -> Result<(), Failure> {
    let directory = &config.store.data_dir;
    let (file, copies) = (data_file(directory), copies_directory(directory));
    if UnixStream::connect(socket_path(directory)).is_ok() {
        return Err(Failure::Other("a server runs on this data; stop it first".to_owned()));
    }
    if let Some(said) = ensure_lost(config, now)? {
        console::complain(&said);
    }
    let Some((copy, content)) = newest_sound(&copies)? else {
        return Err(Failure::Other(format!("there is no sound copy in {}", copies.display())));
    };
    console::say(&format!(
        "The newest sound copy is of {}, with {} audit records: {}",
        copy.taken_at,
        content.records(),
        copy.path.display()
    ));
    for line in missing(&content, &Seals::gather(config, &[], Vec::new())?, "copy") {
        console::say(&line);
    }
    match changes_since(&config.log_dir(), copy.taken_at) {
        Ok(lost) if lost.is_empty() => console::say("The log knows of no change after it."),
        Ok(lost) => {
            console::say("What was changed after it, by the log, and has to be done again:");
            lost.iter().for_each(|line| console::say(line));
        }
        Err(error) => console::say(&format!("What was changed after it is not known: {error}")),
    }
    if !yes && !agreed("Go on with this copy? Type yes:")? {
        return Err(Failure::Other("nothing was restored".to_owned()));
    }
    // One that was interrupted left a part of it.
    if let Err(error) = fs::remove_file(file.with_extension("restoring"))
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    restore_copy(&copy, &file).map_err(|error| Failure::Other(error.to_string()))?;
    tracing::warn!(copy = %copy.path.display(), takenAt = %copy.taken_at, "the data was restored from a copy");
    console::say("Restored.");
    Ok(())
}

/// Asks something that is agreed to by `yes`.
pub fn agreed(question: &str) -> Result<bool, Failure> {
    console::say(question);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// What the seals in the log know of and a copy or backup lacks, a line a tenant.
pub fn missing(content: &CopyContent, seals: &Seals, what: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (tenant, slug, head) in &content.chains {
        let name = slug.clone().unwrap_or_else(|| format!("the deleted tenant {tenant}"));
        lines.push(line(&name, *tenant, *head, seals));
    }
    for tenant in seals.tenants() {
        if content.chains.iter().all(|(known, ..)| *known != tenant) {
            lines.push(line(
                &format!("the tenant {tenant}, which is not in the {what}"),
                tenant,
                Head::default(),
                seals,
            ));
        }
    }
    lines
}

fn line(name: &str, tenant: TenantId, head: Head, seals: &Seals) -> String {
    match seals.newest(tenant) {
        Some((known, at)) if known.sequence > head.sequence => {
            let (first, last) = (head.sequence + 1, known.sequence);
            let count = last - head.sequence;
            format!(
                "  {name}: {count} audit records are missing, {first} to {last}; the log sealed {last} at {at}"
            )
        }
        _ => format!(
            "  {name}: nothing that the log has sealed is missing, up to audit record {}",
            head.sequence
        ),
    }
}
