//! Seals: the heads of all audit chains, signed with the installation's key and logged. Whoever can write the data file
//! can write a whole new chain, but not what has left it: a seal in the log proves what the chain was at its time.
//! May use `store`, `security` and `telemetry`.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tracing::Instrument;

use crate::{
    domain::{TenantId, Timestamp, from_hex, to_hex},
    security::{KeyError, KeyFile, PublicKey, Signature, SigningKey},
    store::{Head, Store, StoreError},
    telemetry::{clock::Clock, context::RequestContext, spawn},
};

/// The key's file in the data directory.
pub const SIGNING_KEY_FILE: &str = "audit-signing.key";

/// The target of seals in the log, where no level may turn them off.
pub const AUDIT_TARGET: &str = "event_manager::audit";

/// The message of seals in the log.
const AUDIT_HEAD: &str = "audit head";

/// The end of a tenant's audit chain at a time, signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seal {
    /// Whose chain.
    pub tenant: TenantId,
    /// Its end.
    pub head: Head,
    /// When it was that.
    pub signed_at: Timestamp,
    /// The key that signed.
    pub signed_by: PublicKey,
    /// What it made of [the message](Self::is_genuine).
    pub signature: Signature,
}

/// A line of the log that looks like a seal and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a seal that cannot be read")]
pub struct UnreadableSeal;

/// What is signed: a first line that stands for this form, then the fields as the log shows them. Another form would
/// begin with another line, so that no signature ever holds for two meanings.
fn message(tenant: TenantId, head: &Head, signed_at: Timestamp) -> String {
    let Head { sequence, hash } = head;
    let hash = to_hex(hash);
    format!(
        "event-manager audit head v1\ntenantId {tenant}\nsequence {sequence}\nhash {hash}\nsignedAt {signed_at}\n"
    )
}

impl Seal {
    /// Signs a head.
    pub fn sign(key: &SigningKey, tenant: TenantId, head: Head, signed_at: Timestamp) -> Self {
        let signature = key.sign(message(tenant, &head, signed_at).as_bytes());
        Self { tenant, head, signed_at, signed_by: key.public_key(), signature }
    }

    /// Whether the key it names signed it as it is. Whose key that is, is another question.
    pub fn is_genuine(&self) -> bool {
        let message = message(self.tenant, &self.head, self.signed_at);
        self.signed_by.verifies(message.as_bytes(), &self.signature)
    }

    /// The public key is named `signedBy`, because the log hides what is named a key.
    fn log(&self) {
        tracing::info!(
            target: AUDIT_TARGET,
            tenantId = %self.tenant,
            sequence = self.head.sequence,
            hash = %to_hex(&self.head.hash),
            signedAt = %self.signed_at,
            signedBy = %self.signed_by,
            signature = %self.signature,
            "{AUDIT_HEAD}",
        );
    }

    /// The seal in a line of the log, if it is one. What a collector of logs wrote before the line is skipped.
    ///
    /// # Errors
    /// When the line is a seal's, but a part is missing or malformed.
    pub fn in_line(line: &str) -> Result<Option<Self>, UnreadableSeal> {
        // Nearly all lines are none, and parsing takes longer than looking.
        if !line.contains(AUDIT_HEAD) {
            return Ok(None);
        }
        let json = line.find('{').and_then(|start| line.get(start..)).unwrap_or_default();
        let Some(Ok(fields)) = serde_json::Deserializer::from_str(json).into_iter::<Value>().next() else {
            return Ok(None);
        };
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        if (text("module"), text("message")) != (Some(AUDIT_TARGET), Some(AUDIT_HEAD)) {
            return Ok(None);
        }
        let parsed = || {
            let sequence = fields.get("sequence")?.as_u64()?;
            Some(Self {
                tenant: text("tenantId")?.parse().ok()?,
                head: Head { sequence, hash: from_hex(text("hash")?).ok()? },
                signed_at: text("signedAt")?.parse().ok()?,
                signed_by: text("signedBy")?.parse().ok()?,
                signature: text("signature")?.parse().ok()?,
            })
        };
        parsed().map(Some).ok_or(UnreadableSeal)
    }
}

/// Seals the chains of a store.
pub struct AuditSeals {
    store: Arc<Store>,
    key: SigningKey,
    clock: Clock,
    /// The heads that were sealed last.
    sealed: Mutex<HashMap<TenantId, Head>>,
}

impl AuditSeals {
    /// Seals with the key in the data directory, which is made at the first start. One that is lost or damaged is
    /// replaced, with a warning: an event must not wait for it, and what the lost one signed can still be verified with
    /// its public key, which stands in each of its seals.
    ///
    /// # Errors
    /// When the key's file or the store cannot be read, or a new key cannot be written.
    pub fn open(data_directory: &Path, store: Arc<Store>, clock: Clock) -> Result<Self, SealError> {
        let (key, found) = SigningKey::open(&data_directory.join(SIGNING_KEY_FILE))?;
        let signed_by = key.public_key();
        match found {
            KeyFile::Whole => {}
            KeyFile::Missing if store.heads()?.is_empty() => {
                tracing::info!(signedBy = %signed_by, "made the key that signs the heads of the audit log");
            }
            KeyFile::Missing => tracing::warn!(
                signedBy = %signed_by,
                "the audit log had no signing key, and a new one was made: if there was one before, its seals are \
                 verified with --public-key"
            ),
            KeyFile::Damaged { aside } => tracing::warn!(
                signedBy = %signed_by,
                keptAs = %aside.display(),
                "the signing key of the audit log was damaged, and a new one was made: the seals of the old one are \
                 verified with --public-key"
            ),
        }
        Ok(Self { store, key, clock, sealed: Mutex::default() })
    }

    /// Seals the heads that have moved since they were sealed last, all of one state.
    fn seal_moved(&self) -> Result<Vec<Seal>, StoreError> {
        let now = self.clock.now();
        let mut sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut moved = self.store.heads()?;
        moved.retain(|(tenant, head)| sealed.insert(*tenant, *head) != Some(*head));
        Ok(moved.into_iter().map(|(tenant, head)| Seal::sign(&self.key, tenant, head, now)).collect())
    }

    /// Logs a seal of each head that has moved since it was sealed last, in a context of its own. Heads that cannot be
    /// read are an error in the log, and sealed the next time.
    pub async fn log_moved(self: &Arc<Self>) {
        let context = RequestContext::system(self.clock.clone(), "audit-seal");
        let seals = Arc::clone(self);
        let work = async {
            let seal = spawn::spawn_blocking(move || match seals.seal_moved() {
                Ok(moved) => moved.iter().for_each(Seal::log),
                Err(error) => tracing::error!(%error, "the heads of the audit log are not sealed"),
            });
            if seal.await.is_err() {
                tracing::error!("the heads of the audit log are not sealed: sealing them panicked");
            }
        };
        work.instrument(context.span("audit-seal")).await;
    }
}

/// What keeps heads from being sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key to sign with.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::{Actor, Facts, Kind, SYSTEM_TENANT, Verb},
        store::{Stamp, StoreLimits},
        telemetry::{clock::ManualClock, log::capture::captured},
    };

    const HOUSE: TenantId = TenantId::new(Uuid::from_u128(7));

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    fn store() -> Arc<Store> {
        Arc::new(Store::in_memory(StoreLimits::default()).unwrap())
    }

    async fn append(store: &Store, tenant: TenantId) {
        let stamp = Stamp {
            at: Timestamp::from_millis(0),
            actor: Actor::System { os_user: None },
            request_id: "request".to_owned(),
            correlation_id: "request".to_owned(),
            traceparent: String::new(),
            seed: [0; 16],
        };
        let write = store.write::<_, StoreError, _>(stamp, move |transaction| {
            let subject = (Kind::Tenant, tenant.uuid());
            transaction.record(tenant, Verb::Updated, subject, Facts::None, None)
        });
        write.await.unwrap();
    }

    fn seal() -> Seal {
        let head = Head { sequence: 42, hash: [0xa7; 32] };
        Seal::sign(&SigningKey::generate().unwrap(), HOUSE, head, Timestamp::from_millis(1_777_662_000_000))
    }

    fn logged(seal: &Seal) -> Value {
        let mut lines = captured("info", || seal.log());
        lines.pop().unwrap()
    }

    #[test]
    fn what_is_signed_can_be_put_together_from_the_line_in_the_log() {
        let seal = seal();
        let signed = format!(
            "event-manager audit head v1\n\
             tenantId 00000000-0000-0000-0000-000000000007\n\
             sequence 42\n\
             hash {}\n\
             signedAt 2026-05-01T19:00:00.000Z\n",
            "a7".repeat(32)
        );
        assert!(seal.signed_by.verifies(signed.as_bytes(), &seal.signature));
        assert!(seal.is_genuine());
    }

    #[test]
    fn a_seal_that_was_altered_is_not_genuine() {
        let seal = seal();
        let head = seal.head;
        for altered in [
            Seal { tenant: SYSTEM_TENANT, ..seal },
            Seal { head: Head { sequence: 43, ..head }, ..seal },
            Seal { head: Head { hash: [0; 32], ..head }, ..seal },
            Seal { signed_at: seal.signed_at.plus_millis(1), ..seal },
            Seal { signed_by: SigningKey::generate().unwrap().public_key(), ..seal },
        ] {
            assert!(!altered.is_genuine(), "{altered:?}");
        }
    }

    #[test]
    fn a_seal_reads_back_from_its_line_whatever_a_collector_wrote_before_it() {
        let seal = seal();
        let line = logged(&seal).to_string();
        assert_eq!(Seal::in_line(&line), Ok(Some(seal)));
        assert_eq!(Seal::in_line(&format!("Nov 23 20:00:01 venue event-manager[7]: {line}")), Ok(Some(seal)));
    }

    #[test]
    fn other_lines_are_none_and_a_seal_with_a_faulty_part_is_told() {
        let whole = logged(&seal());
        let with = |name: &str, value: Value| {
            let mut line = whole.clone();
            line[name] = value;
            line.to_string()
        };
        for line in [
            String::new(),
            "audit head".to_owned(),
            whole.to_string().replace('}', ""),
            with("message", json!("the audit head")),
            with("module", json!("event_manager::request")),
        ] {
            assert_eq!(Seal::in_line(&line), Ok(None), "{line}");
        }
        for (name, value) in [
            ("tenantId", json!("house")),
            ("sequence", json!("42")),
            ("hash", json!("a7")),
            ("signedAt", json!("yesterday")),
            ("signedBy", Value::Null),
            ("signature", json!("[redacted]")),
        ] {
            assert_eq!(Seal::in_line(&with(name, value)), Err(UnreadableSeal), "{name}");
        }
    }

    #[test]
    fn each_head_that_moved_is_logged_once_with_the_ids_of_the_task() {
        let directory = tempfile::tempdir().unwrap();
        let (store, clock) = (store(), ManualClock::at(Timestamp::from_millis(1_777_662_000_000)));
        let seals = Arc::new(AuditSeals::open(directory.path(), Arc::clone(&store), clock.clock()).unwrap());
        let lines = captured("info", || {
            run(async {
                append(&store, SYSTEM_TENANT).await;
                append(&store, HOUSE).await;
                seals.log_moved().await;
                seals.log_moved().await;
                append(&store, HOUSE).await;
                clock.advance(Duration::from_secs(3_600));
                seals.log_moved().await;
            });
        });
        let found: Vec<Seal> =
            lines.iter().map(|line| Seal::in_line(&line.to_string()).unwrap().unwrap()).collect();
        let heads: Vec<_> = found.iter().map(|seal| (seal.tenant, seal.head.sequence)).collect();
        assert_eq!(heads, [(SYSTEM_TENANT, 1), (HOUSE, 1), (HOUSE, 2)]);
        assert_eq!(found[2].head, store.head(HOUSE).unwrap());
        assert_eq!(found[2].signed_at.to_string(), "2026-05-01T20:00:00.000Z");
        assert!(found.iter().all(|seal| seal.is_genuine() && seal.signed_by == seals.key.public_key()));
        let request = |index: usize| lines[index]["requestId"].as_str().unwrap();
        assert!(
            request(0).starts_with("audit-seal-") && request(0) == request(1) && request(1) != request(2)
        );
        assert!(lines.iter().all(|line| line["level"] == "info"));
    }

    #[test]
    fn a_key_that_is_lost_or_damaged_does_not_keep_the_installation_from_starting() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SIGNING_KEY_FILE);
        let store = store();
        let open = || AuditSeals::open(directory.path(), Arc::clone(&store), Clock::system()).unwrap();
        let level = |lines: &[Value]| lines.iter().map(|line| line["level"].clone()).collect::<Vec<_>>();
        assert_eq!(level(&captured("info", || drop(open()))), ["info"], "a new installation has no key yet");
        assert_eq!(level(&captured("info", || drop(open()))), [""; 0]);
        run(append(&store, HOUSE));
        fs::remove_file(&path).unwrap();
        assert_eq!(level(&captured("info", || drop(open()))), ["warn"], "the key is lost");
        fs::write(&path, "rotten").unwrap();
        let lines = captured("info", || drop(open()));
        assert_eq!(level(&lines), ["warn"], "the key is damaged");
        assert_eq!(fs::read_to_string(lines[0]["keptAs"].as_str().unwrap()).unwrap(), "rotten");
    }
}
