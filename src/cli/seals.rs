//! The seals that `audit verify` holds against the audit log: where they are found, and whose they are.

use std::{
    collections::{BTreeSet, HashMap},
    fs::File,
    io::{self, BufRead, BufReader},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::Failure;
use crate::{
    config::Config,
    domain::{TenantId, Timestamp},
    security::{PublicKey, SigningKey},
    service::{AUDIT_TARGET, Head, SIGNING_KEY_FILE, Seal},
    telemetry::log_store::{IdHash, LogStore, Order, Plan, Seen},
};

/// Seals from the log and from further files, and the keys that are expected to have signed them.
pub struct Seals {
    /// By tenant, record and time, each once.
    seals: Vec<Seal>,
    trusted: Vec<PublicKey>,
}

impl Seals {
    /// Gathers them. Without keys to trust, that of the data directory is trusted.
    ///
    /// # Errors
    /// A file cannot be read, has a seal that cannot be read, or is a further file without any seal.
    pub fn gather(config: &Config, files: &[PathBuf], keys: Vec<PublicKey>) -> Result<Self, Failure> {
        let mut seals = in_log(&config.log_dir())?;
        for path in files {
            let found = in_file(path).map_err(|error| at(path, &error))?;
            if found.is_empty() {
                return Err(Failure::Other(format!("{}: there is no seal in it", path.display())));
            }
            seals.extend(found);
        }
        seals.sort_unstable_by_key(|seal| (seal.tenant, seal.head, seal.signed_at));
        seals.dedup();
        let trusted = if keys.is_empty() { own_key(config)? } else { keys };
        Ok(Self { seals, trusted })
    }

    /// The heads that a tenant's chain had, by its seals.
    pub fn heads(&self, tenant: TenantId) -> BTreeSet<Head> {
        self.of(tenant).map(|seal| seal.head).collect()
    }

    /// The tenants that have seals, each once.
    pub fn tenants(&self) -> BTreeSet<TenantId> {
        self.seals.iter().map(|seal| seal.tenant).collect()
    }

    /// The furthest head that a tenant's chain had, by its seals, with the time of the seal.
    pub fn newest(&self, tenant: TenantId) -> Option<(Head, Timestamp)> {
        let genuine = self.of(tenant).filter(|seal| seal.is_genuine());
        genuine.max_by_key(|seal| seal.head.sequence).map(|seal| (seal.head, seal.signed_at))
    }

    fn of(&self, tenant: TenantId) -> impl Iterator<Item = &Seal> {
        self.seals.iter().filter(move |seal| seal.tenant == tenant)
    }

    /// What a tenant's seals say, given those of [their heads](Self::heads) that the chain does not pass through, each
    /// with what stands there.
    ///
    /// A seal of an unknown key proves nothing, but hides nothing either: it is an earlier key's if the chain passes
    /// through its head, and a reason to look closer if it does not.
    pub fn compare(&self, tenant: TenantId, missed: &HashMap<Head, String>) -> Comparison {
        let mut comparison = Comparison::default();
        let mut unknown: Vec<PublicKey> = Vec::new();
        let mut broken = Vec::new();
        for seal in self.of(tenant) {
            comparison.seals += 1;
            let known = self.trusted.contains(&seal.signed_by);
            let told = format!("the seal of {} on record {}", seal.signed_at, seal.head.sequence);
            if !seal.is_genuine() {
                comparison.wrong.push(format!("{told} was altered: its signature is wrong"));
            } else if let Some(what) = missed.get(&seal.head) {
                let whose = if known {
                    String::new()
                } else {
                    format!(" (signed by the unknown key {})", seal.signed_by)
                };
                broken.push(format!("{told} does not hold{whose}: {what}"));
            } else if known {
                comparison.confirmed += 1;
            } else if !unknown.contains(&seal.signed_by) {
                unknown.push(seal.signed_by);
            }
        }
        if let Some((first, later)) = broken.split_first() {
            let later = if later.is_empty() {
                String::new()
            } else {
                format!("; so do not {} later ones", later.len())
            };
            comparison.wrong.push(format!("{first}{later}"));
        }
        let note = |key| {
            format!("seals that agree are signed by another key; to count them, add --public-key {key}")
        };
        comparison.notes = unknown.into_iter().map(note).collect();
        comparison
    }
}

/// What the seals of a chain say about it.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How many there are.
    pub seals: usize,
    /// How many of them prove that it was what it is.
    pub confirmed: usize,
    /// What is wrong: the first seal that does not hold, and each that was altered.
    pub wrong: Vec<String>,
    /// What to know beside.
    pub notes: Vec<String>,
}

fn own_key(config: &Config) -> Result<Vec<PublicKey>, Failure> {
    let key = SigningKey::load(&config.store.data_dir.join(SIGNING_KEY_FILE)).map_err(|error| {
        Failure::Other(format!("{error}; name the key that signed the audit log with --public-key"))
    })?;
    Ok(key.iter().map(SigningKey::public_key).collect())
}

/// The seals in a log, packed files included.
fn in_log(directory: &Path) -> Result<Vec<Seal>, Failure> {
    let mut seals = Vec::new();
    let mut unreadable = None;
    let of_the_audit = Plan { ids: vec![IdHash::of(AUDIT_TARGET)], ..Plan::all(Order::OldestFirst) };
    let report = LogStore::new(directory).walk(&of_the_audit, &mut |seen| {
        if let Seen::Line(line) = seen {
            match Seal::in_line(&String::from_utf8_lossy(line.text)) {
                Ok(seal) => seals.extend(seal),
                Err(error) => {
                    unreadable = Some(error);
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    });
    let report = report.map_err(|error| at(directory, &error))?;
    if let Some(error) = unreadable {
        return Err(at(directory, &io::Error::other(error)));
    }
    match report.faults.first() {
        Some(fault) => Err(at(&directory.join(&fault.file), &io::Error::other(fault.what.clone()))),
        None => Ok(seals),
    }
}

fn in_file(path: &Path) -> io::Result<Vec<Seal>> {
    let mut seals = Vec::new();
    for (index, line) in BufReader::new(File::open(path)?).split(b'\n').enumerate() {
        let line = line?;
        let found = Seal::in_line(&String::from_utf8_lossy(&line));
        seals.extend(found.map_err(|error| io::Error::other(format!("line {}: {error}", index + 1)))?);
    }
    Ok(seals)
}

fn at(path: &Path, error: &io::Error) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::SYSTEM_TENANT;

    fn head(sequence: u64) -> Head {
        Head { sequence, hash: [7; 32] }
    }

    fn seal(key: &SigningKey, sequence: u64) -> Seal {
        Seal::sign(key, SYSTEM_TENANT, head(sequence), Timestamp::from_millis(1_777_662_000_000))
    }

    fn compared(seals: Vec<Seal>, trusted: &SigningKey, missed: &[u64]) -> Comparison {
        let missed = missed.iter().map(|sequence| (head(*sequence), "another stands there".to_owned()));
        Seals { seals, trusted: vec![trusted.public_key()] }.compare(SYSTEM_TENANT, &missed.collect())
    }

    #[test]
    fn a_seal_of_the_known_key_on_the_chain_is_confirmed() {
        let key = SigningKey::generate().unwrap();
        let found = compared(vec![seal(&key, 1), seal(&key, 2)], &key, &[]);
        assert_eq!(found, Comparison { seals: 2, confirmed: 2, ..Comparison::default() });
    }

    #[test]
    fn the_first_seal_beside_the_chain_is_told_with_record_and_time() {
        let key = SigningKey::generate().unwrap();
        let found = compared([1, 2, 3, 4].map(|sequence| seal(&key, sequence)).into(), &key, &[2, 3, 4]);
        assert_eq!(found.confirmed, 1);
        assert_eq!(
            found.wrong,
            [
                "the seal of 2026-05-01T19:00:00.000Z on record 2 does not hold: another stands there; so do not 2 \
              later ones"
            ]
        );
    }

    #[test]
    fn a_seal_that_was_altered_is_wrong_even_if_the_chain_passes_through_it() {
        let key = SigningKey::generate().unwrap();
        let altered = Seal { signed_at: Timestamp::from_millis(0), ..seal(&key, 1) };
        let found = compared(vec![altered], &key, &[]);
        assert_eq!(found.confirmed, 0);
        assert!(found.wrong[0].contains("signature is wrong"), "{:?}", found.wrong);
    }

    #[test]
    fn a_seal_of_an_unknown_key_is_noted_if_it_agrees_and_wrong_if_not() {
        let (key, other) = [(); 2].map(|()| SigningKey::generate().unwrap()).into();
        let found = compared(vec![seal(&other, 1), seal(&other, 2)], &key, &[]);
        assert_eq!((found.confirmed, found.wrong.len(), found.notes.len()), (0, 0, 1));
        assert!(found.notes[0].ends_with(&other.public_key().to_string()), "{:?}", found.notes);
        let found = compared(vec![seal(&other, 1)], &key, &[1]);
        let expected = format!("signed by the unknown key {}", other.public_key());
        assert!(found.wrong[0].contains(&expected), "{:?}", found.wrong);
    }

    #[test]
    fn the_log_is_read_whole_and_lines_that_are_no_seals_are_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        assert!(in_log(&directory.path().join("none")).unwrap().is_empty());
        fs::write(directory.path().join("active.jsonl"), b"{\"message\":\"audit head\"}\n\xff\n{\"mess")
            .unwrap();
        assert!(in_log(directory.path()).unwrap().is_empty());
        let faulty = r#"{"timestamp":"2026-05-01T19:00:00.000000Z","module":"event_manager::audit","message":"audit head"}"#;
        fs::write(directory.path().join("active.jsonl"), format!("{faulty}\n")).unwrap();
        let said = in_log(directory.path()).unwrap_err().to_string();
        assert!(said.ends_with("a seal that cannot be read"), "{said}");
    }
}
