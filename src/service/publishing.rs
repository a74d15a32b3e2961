//! Publishing: a tenant's changes become deliveries for its webhooks and actions, each once, in the order of their numbers.
//! The number up to which that was done is written in the same operation, so a crash repeats nothing and skips nothing.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use uuid::Uuid;

use super::{
    ServiceError, Services,
    causing::{Cause, new_delivery},
    permit,
};
use crate::{
    domain::{
        ActionHook, ActionHookId, Actor, AuditRecord, CategoryId, Delivery, EventData, EventType, Facts,
        Kind, Outgoing, Published, ResultData, Row, SYSTEM_TENANT, TenantId, ThingData, Timestamp, Urgency,
        Webhook, WebhookId, host_key, wanted,
    },
    store::{ChainedRecord, Lineage, StoreError, Watch, WithDeleted},
    telemetry::{
        clock::Clock,
        context::{RequestContext, TRACE_CONTINUED, TraceContext},
    },
};

/// Most records that are looked at at a time.
pub(super) const RECORDS_MAX: usize = 128;

/// Most deliveries that one look causes: each is three rows of an operation.
const DELIVERIES_MAX: usize = 600;

/// Up to where each tenant was looked at, and whom to tell there.
#[derive(Default)]
pub struct Publishing {
    tenants: Mutex<HashMap<TenantId, Looked>>,
    /// Whether all tenants were looked at once: one that is met for the first time afterwards is new.
    begun: AtomicBool,
}

#[derive(Clone)]
struct Looked {
    /// Number of the last record that was looked at.
    to: u64,
    /// Whom to tell, as of these changes.
    hooks: Arc<Hooks>,
    stamp: HooksStamp,
}

/// What it depends on whom to tell: the newest changes that were of no sheet, of the tenant and of the operators' one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct HooksStamp {
    tenant: u64,
    operators: u64,
}

/// Whom to tell of what happens in a tenant.
#[derive(Default)]
struct Hooks {
    own: Listeners,
    /// The operators', who are told what becomes of the tenant itself.
    operators: Listeners,
}

/// Webhooks and actions of a tenant.
#[derive(Default)]
struct Listeners {
    webhooks: Vec<Row<Webhook>>,
    actions: Vec<Row<ActionHook>>,
}

impl Listeners {
    fn is_empty(&self) -> bool {
        self.webhooks.is_empty() && self.actions.is_empty()
    }

    /// Number of the oldest of them.
    fn since(&self) -> Option<u64> {
        let webhooks = self.webhooks.iter().map(|row| row.version);
        webhooks.chain(self.actions.iter().map(|row| row.version)).min()
    }
}

/// What one look has found: deliveries, each with the tenant that is told.
struct Look {
    looked: Looked,
    deliveries: Vec<(TenantId, Delivery)>,
    more: bool,
}

impl Services {
    /// Waits for changes of any tenant.
    pub fn watch_all(&self) -> Watch {
        self.store.watch_all()
    }

    /// Publishes what is new in every tenant. Returns how many deliveries that has caused.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was published until then stays.
    pub async fn publish(&self, clock: &Clock) -> Result<usize, ServiceError> {
        let mut caused = 0;
        for tenant in self.store.audited_tenants()? {
            loop {
                let (count, more) = self.publish_some(clock, tenant).await?;
                caused += count;
                if !more {
                    break;
                }
            }
        }
        self.publishing.begun.store(true, Ordering::Relaxed);
        if caused > 0 {
            self.delivery_queued.notify_one();
        }
        Ok(caused)
    }

    async fn publish_some(&self, clock: &Clock, tenant: TenantId) -> Result<(usize, bool), ServiceError> {
        let (before, head) = (self.publishing.of(tenant), self.store.head(tenant)?.sequence);
        if before.as_ref().is_some_and(|before| head == before.to) {
            return Ok((0, false));
        }
        // Read after the head: as long as they stay the same, so do all who were to be told up to there.
        let stamp =
            HooksStamp { tenant: self.store.settled(tenant)?, operators: self.store.settled(SYSTEM_TENANT)? };
        let is_new = self.publishing.begun.load(Ordering::Relaxed);
        let state = State { tenant, head, stamp, is_new };
        let Look { looked, deliveries, more } =
            self.store.read_with_deleted(|view| look(view, clock, state, before)).await?;
        let (to, count) = (looked.to, deliveries.len());
        if !deliveries.is_empty() {
            let context = RequestContext::system(clock.clone(), "publishing");
            let stamp = permit::stamp(&context, Actor::System { os_user: None });
            self.store
                .write::<_, StoreError, _>(stamp, move |transaction| {
                    for (told, delivery) in &deliveries {
                        transaction.add_delivery(*told, delivery)?;
                    }
                    transaction.put_published(tenant, to)
                })
                .await?;
        }
        self.publishing.note(tenant, looked);
        Ok((count, more))
    }
}

impl Publishing {
    fn of(&self, tenant: TenantId) -> Option<Looked> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    fn note(&self, tenant: TenantId, looked: Looked) {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, looked);
    }
}

/// How far a tenant's chain goes.
#[derive(Clone, Copy)]
struct State {
    tenant: TenantId,
    /// Number of its newest record.
    head: u64,
    stamp: HooksStamp,
    /// Whether it was not there when the process began.
    is_new: bool,
}

fn look(
    view: &WithDeleted<'_>,
    clock: &Clock,
    state: State,
    before: Option<Looked>,
) -> Result<Look, StoreError> {
    let State { tenant, head, stamp, is_new } = state;
    let live = view.live();
    let hooks = match &before {
        Some(before) if before.stamp == stamp => Arc::clone(&before.hooks),
        _ => Arc::new(hooks(view, tenant)?),
    };
    if hooks.own.is_empty() && hooks.operators.is_empty() {
        return Ok(Look { looked: Looked { to: head, hooks, stamp }, deliveries: Vec::new(), more: false });
    }
    let after = match before {
        Some(before) => before.to,
        // Nothing was ever published: the first of those to be told was told nothing yet.
        None => {
            let beginning = hooks.own.since().map(|first| first.saturating_sub(1));
            live.published(tenant)?.or(beginning).unwrap_or(if is_new { 0 } else { head })
        }
    };
    let records = view.records_after(tenant, after, RECORDS_MAX)?;
    let (mut to, mut deliveries, mut results) = (after, Vec::new(), BTreeSet::new());
    for ChainedRecord { sequence, record, .. } in records {
        if sequence > head || deliveries.len() >= DELIVERIES_MAX {
            break;
        }
        let told = events(view, tenant, &record, &mut results)?;
        for (event, data) in told {
            let published = published(tenant, sequence, &record, event, data);
            let own = addressed(clock, &hooks.own, &record, event, &published);
            deliveries.extend(own.into_iter().map(|delivery| (tenant, delivery)));
            if record.kind == Kind::Tenant {
                let operators = addressed(clock, &hooks.operators, &record, event, &published);
                deliveries.extend(operators.into_iter().map(|delivery| (SYSTEM_TENANT, delivery)));
            }
        }
        to = sequence;
    }
    let more = to < head;
    Ok(Look { looked: Looked { to, hooks, stamp }, deliveries, more })
}

/// Those that are to be told at present.
fn hooks(view: &WithDeleted<'_>, tenant: TenantId) -> Result<Hooks, StoreError> {
    let own = listeners(view, tenant)?;
    let operators =
        if tenant == SYSTEM_TENANT { Listeners::default() } else { listeners(view, SYSTEM_TENANT)? };
    Ok(Hooks { own, operators })
}

fn listeners(view: &WithDeleted<'_>, tenant: TenantId) -> Result<Listeners, StoreError> {
    let live = view.live();
    let Some(place) = live.tenant(tenant)?.map(|row| row.place()) else { return Ok(Listeners::default()) };
    let mut hooks = Listeners::default();
    for row in live.children::<Webhook>(&place)? {
        let stopped = live.webhook_health(WebhookId::new(row.id()))?.stopped.is_some();
        if row.body().enabled && !stopped {
            hooks.webhooks.push(row.into_parts().0);
        }
    }
    let actions = live.children::<ActionHook>(&place)?;
    hooks.actions.extend(actions.into_iter().filter(|row| row.body().enabled).map(|row| row.into_parts().0));
    Ok(hooks)
}

/// The events that a record is: its own, and that the results of a category may be others than before. That is told once
/// for all records of a look.
pub(super) fn events(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    record: &AuditRecord,
    results: &mut BTreeSet<Uuid>,
) -> Result<Vec<(EventType, EventData)>, StoreError> {
    let mut events = Vec::new();
    let lineage = match record.kind {
        Kind::Sheet | Kind::Mark | Kind::Breaker | Kind::Delivery | Kind::Backup | Kind::Alert => None,
        kind => view.lineage(tenant, kind, record.id)?,
    };
    if let Some(event) = EventType::of(record) {
        let of_facts = EventData::of_facts(record);
        let data = match of_facts {
            Some(data) => data,
            None => EventData::Thing(thing(view, tenant, record, lineage.as_ref())?),
        };
        events.push((event, data));
    }
    let category = match (&record.facts, record.kind) {
        (Facts::Sheet { category, .. }, _) => Some(category.uuid()),
        (_, Kind::Deduction | Kind::Criterion | Kind::Entrant | Kind::Assignment) => {
            lineage.and_then(|lineage| lineage.id_of(Kind::Category))
        }
        _ => None,
    };
    if let Some(category) = category.filter(|category| results.insert(*category)) {
        let data = EventData::Result(ResultData { category_id: CategoryId::new(category) });
        events.push((EventType::ResultChanged, data));
    }
    Ok(events)
}

/// What a thing is called is told unless it names a person: that is fetched by whoever may know.
fn thing(
    view: &WithDeleted<'_>,
    tenant: TenantId,
    record: &AuditRecord,
    lineage: Option<&Lineage>,
) -> Result<ThingData, StoreError> {
    let names_nobody = matches!(
        record.kind,
        Kind::Tenant
            | Kind::Event
            | Kind::Contest
            | Kind::Category
            | Kind::Criterion
            | Kind::Template
            | Kind::Field
            | Kind::Webhook
            | Kind::Action
            | Kind::Wording
    );
    let name = if names_nobody { view.label(tenant, record.kind, record.id)? } else { None };
    let above = |kind| lineage.and_then(|lineage| lineage.id_of(kind));
    let reason = match &record.facts {
        Facts::Reason(reason) => Some(reason.clone()),
        Facts::UnlockRequest { request, reason, .. } => {
            Some(reason.clone().unwrap_or_else(|| request.clone()))
        }
        _ => None,
    };
    Ok(ThingData {
        kind: record.kind,
        id: record.id,
        name,
        event_id: above(Kind::Event),
        contest_id: above(Kind::Contest),
        category_id: above(Kind::Category),
        reason,
    })
}

pub(super) fn published(
    tenant: TenantId,
    version: u64,
    record: &AuditRecord,
    event: EventType,
    data: EventData,
) -> Published {
    Published {
        event: event.to_string(),
        timestamp: record.at,
        tenant_id: tenant,
        version,
        actor: record.actor.clone(),
        request_id: record.request_id.clone(),
        correlation_id: record.correlation_id.clone(),
        data,
    }
}

/// A delivery for each webhook and action that wants the event. None is told what happened before it was there.
fn addressed(
    clock: &Clock,
    hooks: &Listeners,
    record: &AuditRecord,
    event: EventType,
    published: &Published,
) -> Vec<Delivery> {
    let body = serde_json::to_string(published).unwrap_or_default();
    let told = |created_at: Timestamp| created_at <= record.at;
    let webhooks =
        hooks.webhooks.iter().filter(|row| told(row.created_at) && wanted(&row.body.events, event));
    let webhooks = webhooks.map(|row| {
        let webhook = WebhookId::new(row.id);
        let what = Outgoing::Webhook { webhook, event: published.event.clone(), body: body.clone() };
        (what, queue(&row.body.url))
    });
    let actions = hooks.actions.iter().filter(|row| told(row.created_at) && wanted(&row.body.events, event));
    let actions = actions.map(|row| {
        let action = ActionHookId::new(row.id);
        let what = Outgoing::Action { action, event: published.event.clone(), body: body.clone() };
        (what, queue(&row.body.url))
    });
    let caused = |(what, queue)| {
        let cause = Cause {
            by: record.actor.clone(),
            request_id: record.request_id.clone(),
            correlation_id: record.correlation_id.clone(),
            traceparent: traceparent(clock, record),
        };
        new_delivery(clock, what, queue, Urgency::Soon, cause)
    };
    webhooks.chain(actions).map(caused).collect()
}

/// The place in its trace of what a record is of. What is told long afterwards begins a trace of its own.
fn traceparent(clock: &Clock, record: &AuditRecord) -> String {
    let lately = clock.now() <= record.at.plus(TRACE_CONTINUED);
    let of_record = record.traceparent.clone().filter(|_| lately);
    of_record.unwrap_or_else(|| TraceContext::root(clock).to_string())
}

/// What an address that cannot be read any more is queued under; its attempts say what is wrong.
fn queue(url: &str) -> String {
    host_key(url).unwrap_or_else(|| "no address".to_owned())
}
