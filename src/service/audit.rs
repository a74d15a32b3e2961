//! Reading and verifying the audit log.

use std::{collections::BTreeSet, sync::Arc};

use super::{Permit, ServiceError, Services, custom_fields};
use crate::{
    domain::{
        Actor, AuditDetail, AuditRecord, Contestant, Entry, Event, Judge, Kind, Noun, SYSTEM_TENANT, Sight,
        TenantId, Verb,
    },
    store::{AuditPart, ChainReport, ChainedRecord, Head, Lineage, Store, StoreError, WithDeleted},
    telemetry::spawn,
};

/// Most known heads that one request may name, so that its address is not longer than servers and proxies take.
pub const KNOWN_HEADS_MAX: usize = 200;

/// A record with names of who acted and personal values, as far as they are kept.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// The record.
    pub chained: ChainedRecord,
    /// Values before and after.
    pub detail: Option<AuditDetail>,
    /// Who acted, by name.
    pub actor_name: String,
}

/// What verifying a chain found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// What a walk along it found.
    pub chain: ChainReport,
    /// How many of the known heads it passes through.
    pub confirmed: usize,
    /// The known heads that it does not pass through, oldest first.
    pub missed: Vec<MissedHead>,
}

/// A head that the chain once had, and now does not pass through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MissedHead {
    /// The head.
    pub head: Head,
    /// What stands in its place.
    pub what: &'static str,
}

impl Verification {
    /// Whether the past stands as it was written, as far as can be known.
    pub fn is_intact(&self) -> bool {
        self.chain.fault.is_none() && self.missed.is_empty()
    }
}

impl Services {
    /// A part of the tenant's records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(
        &self,
        permit: &Permit,
        part: AuditPart,
        limit: usize,
    ) -> Result<Vec<AuditLine>, ServiceError> {
        ensure_covers_tenant(permit)?;
        let records = self.store.audit_records(permit.tenant(), part, limit)?;
        let lines = self
            .store
            .read_with_deleted(|view| {
                let sight = custom_fields::sight(&view.live(), permit)?;
                let named = |(chained, detail): (ChainedRecord, Option<AuditDetail>)| {
                    let actor_name = actor_name(view, permit.tenant(), &chained.record.actor)?;
                    let detail = detail.map(|detail| as_seen(detail, &chained.record, &sight));
                    Ok(AuditLine { chained, detail, actor_name })
                };
                let lines: Result<Vec<_>, StoreError> = records.into_iter().map(named).collect();
                Ok::<_, ServiceError>(lines?)
            })
            .await?;
        Ok(lines)
    }

    /// Walks the tenant's whole chain, and says whether it is intact and passes through heads that it is known to have
    /// had, such as those of [seals](super::Seal). Whoever rewrites a whole chain makes one that is intact, but does
    /// not pass through them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn verify_audit(
        &self,
        permit: &Permit,
        known: Vec<Head>,
    ) -> Result<Verification, ServiceError> {
        ensure_covers_tenant(permit)?;
        let (store, tenant) = (Arc::clone(&self.store), permit.tenant());
        let walk = spawn::spawn_blocking(move || verify(&store, tenant, known));
        Ok(walk.await.map_err(|error| ServiceError::Internal(error.to_string()))??)
    }
}

/// Values before and after as a reader may see them: the log shows nobody more of a body than the body itself does.
fn as_seen(detail: AuditDetail, record: &AuditRecord, sight: &Sight) -> AuditDetail {
    let seen = |text: String| match record.kind {
        Kind::Contest if record.verb == Verb::Renumbered => list_as_seen::<Entry>(&text, sight),
        Kind::Event => text_as_seen::<Event>(&text, sight),
        Kind::Entry => text_as_seen::<Entry>(&text, sight),
        Kind::Contestant => text_as_seen::<Contestant>(&text, sight),
        Kind::Judge => text_as_seen::<Judge>(&text, sight),
        _ => Some(text),
    };
    AuditDetail { before: detail.before.and_then(seen), after: detail.after.and_then(seen), ..detail }
}

/// The list of bodies that a change of several at once has left.
fn list_as_seen<N: Noun>(text: &str, sight: &Sight) -> Option<String> {
    let bodies: Vec<N> = serde_json::from_str(text).ok()?;
    let seen: Vec<N> = bodies.into_iter().map(|body| body.seen_with(sight)).collect();
    serde_json::to_string(&seen).ok()
}

fn text_as_seen<N: Noun>(text: &str, sight: &Sight) -> Option<String> {
    let body: N = serde_json::from_str(text).ok()?;
    serde_json::to_string(&body.seen_with(sight)).ok()
}

fn verify(store: &Store, tenant: TenantId, known: Vec<Head>) -> Result<Verification, StoreError> {
    let mut ahead: BTreeSet<Head> = known.into_iter().collect();
    let mut confirmed = 0;
    let chain = store.verify_audit(tenant, &mut |&ChainedRecord { sequence, hash, .. }| {
        confirmed += usize::from(ahead.remove(&Head { sequence, hash }));
    })?;
    let what = |head: &Head| match (&chain.fault, head.sequence > chain.head.sequence) {
        (_, false) => "another record stands there: the past was rewritten",
        (None, true) => "the log ends before it: records are gone",
        (Some(_), true) => "the log is broken before it",
    };
    let missed = ahead.into_iter().map(|head| MissedHead { head, what: what(&head) }).collect();
    Ok(Verification { chain, confirmed, missed })
}

/// The log is of the whole tenant, so a grant for one event does not open it.
pub(super) fn ensure_covers_tenant(permit: &Permit) -> Result<(), ServiceError> {
    if permit.covers(&Lineage::of_tenant(permit.tenant())) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(permit.action()))
    }
}

/// Who somebody is, by name; deleted users and judges keep theirs on what they did, and so do tokens that are void.
/// Operators may have acted in the tenant.
pub(super) fn actor_name(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    actor: &Actor,
) -> Result<String, StoreError> {
    let user = match actor.user_id() {
        Some(user) => {
            let name = |tenant| view.label(tenant, Kind::User, user.uuid());
            name(tenant)?.map_or_else(|| name(SYSTEM_TENANT), |name| Ok(Some(name)))?
        }
        None => None,
    };
    let name = match actor {
        Actor::JudgeLink { judge } => view.label(tenant, Kind::Judge, judge.uuid())?,
        Actor::ApiToken { id, .. } => match (view.live().token(tenant, *id)?, user) {
            (Some(token), Some(owner)) => Some(format!("{} (API token of {owner})", token.name)),
            (Some(token), None) => Some(format!("{} (API token)", token.name)),
            (None, owner) => owner,
        },
        _ => user,
    };
    Ok(name.unwrap_or_else(|| actor.to_string()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::{Facts, Timestamp, Verb},
        store::{Stamp, StoreLimits},
    };

    /// A store with as many records as there are texts, each of which holds one.
    fn with_history(reasons: &[&str]) -> Store {
        let store = Store::in_memory(StoreLimits::default()).unwrap();
        reasons.iter().for_each(|reason| append(&store, reason));
        store
    }

    fn append(store: &Store, reason: &str) {
        let stamp = Stamp {
            at: Timestamp::from_millis(0),
            actor: Actor::System { os_user: None },
            request_id: "request".to_owned(),
            correlation_id: "request".to_owned(),
            traceparent: String::new(),
            seed: [0; 16],
        };
        let facts = Facts::Reason(reason.to_owned());
        let write = store.write::<_, StoreError, _>(stamp, move |transaction| {
            transaction.record(SYSTEM_TENANT, Verb::Deleted, (Kind::Event, Uuid::nil()), facts.clone(), None)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(write).unwrap();
    }

    fn head(store: &Store) -> Head {
        store.head(SYSTEM_TENANT).unwrap()
    }

    fn verified(store: &Store, known: &[Head]) -> Verification {
        verify(store, SYSTEM_TENANT, known.to_vec()).unwrap()
    }

    #[test]
    fn a_chain_passes_through_every_head_it_ever_had() {
        let store = with_history(&["one"]);
        let first = head(&store);
        append(&store, "two");
        let second = head(&store);
        append(&store, "three");
        let found = verified(&store, &[second, first, second, head(&store)]);
        assert!(found.is_intact());
        assert_eq!((found.confirmed, found.chain.records), (3, 3));
    }

    #[test]
    fn a_chain_rewritten_with_all_its_hashes_is_intact_but_misses_the_heads_it_had() {
        let heads: Vec<Head> = [&["one"][..], &["one", "two"], &["one", "two", "three"]]
            .map(|reasons| head(&with_history(reasons)))
            .into();
        let rewritten = with_history(&["one", "another", "three"]);
        let found = verified(&rewritten, &heads);
        assert_eq!(found.chain.fault, None, "nobody sees it by the chain alone");
        assert!(!found.is_intact());
        assert_eq!(found.confirmed, 1);
        let missed: Vec<Head> = found.missed.iter().map(|missed| missed.head).collect();
        assert_eq!(missed, heads[1..]);
        assert!(found.missed[0].what.contains("rewritten"));
    }

    #[test]
    fn a_chain_that_lost_its_end_misses_the_heads_beyond() {
        let newest = head(&with_history(&["one", "two"]));
        let found = verified(&with_history(&["one"]), &[newest]);
        assert!(found.chain.fault.is_none() && !found.is_intact());
        assert_eq!(found.missed[0].head, newest);
        assert!(found.missed[0].what.contains("gone"));
    }
}
