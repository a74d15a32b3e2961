//! Results for readers outside: the places of every category that is locked and in which no mark can come or change any more.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde::Serialize;
use uuid::Uuid;

use super::{ServiceError, Services, publishing::RECORDS_MAX, results::NOT_COMPUTABLE, results_mail::places};
use crate::{
    domain::{AuditRecord, Category, CategoryId, Contest, Event, Kind, PlaceTold, Tenant, TenantId, Verb},
    store::{ChainedRecord, Lineage, Live, LiveRow, Stamps, StoreError, WithDeleted},
};

/// Most places of a category that are told.
const PLACES_MAX: usize = 1_000;

/// Results that nothing changes any more, unless somebody unlocks them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettledResults {
    /// Whose.
    pub tenant: TenantId,
    /// Of which category.
    pub category: CategoryId,
    /// As JSON.
    pub body: Arc<str>,
}

/// The settled results of all tenants as they were when somebody last looked, so that the next look is at nothing but what
/// changes since then concern.
#[derive(Default)]
pub struct SettledBook(HashMap<TenantId, Page>);

/// Those of a tenant.
struct Page {
    /// Number of the newest change that was looked at.
    to: u64,
    /// By where each category hangs.
    results: Vec<(Lineage, SettledResults)>,
}

/// Whose results changes concern.
enum Reach {
    /// Those of every category of the tenant.
    All,
    /// Those of these categories, and of all beneath these contests and events.
    Beneath(HashSet<(Kind, Uuid)>),
}

impl Reach {
    fn has(&self, category: &Lineage) -> bool {
        match self {
            Self::All => true,
            Self::Beneath(places) => category.chain().iter().any(|place| places.contains(place)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    event: String,
    contest: String,
    category: String,
    /// How many have a place.
    count: usize,
    placements: Vec<PlaceTold>,
}

impl Services {
    /// The settled results of all tenants. Those in the book that no change concerns are neither read nor computed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settled_results(&self, book: &mut SettledBook) -> Result<Vec<SettledResults>, ServiceError> {
        let tenants = self.store.read(|view| view.tenants()).await?;
        let mut pages = std::mem::take(&mut book.0);
        for tenant in tenants {
            let id = tenant.lineage().tenant();
            book.0.insert(id, self.settled_page(&tenant, pages.remove(&id)).await?);
        }
        let results = book.0.values().flat_map(|page| &page.results);
        Ok(results.map(|(_, results)| results.clone()).collect())
    }

    /// A tenant's settled results, from those of the last look.
    async fn settled_page(&self, tenant: &LiveRow<Tenant>, last: Option<Page>) -> Result<Page, ServiceError> {
        let id = tenant.lineage().tenant();
        // Read before all else: what comes meanwhile is looked at the next time.
        let to = self.store.head(id)?.sequence;
        let (reach, mut results) = match last {
            None => (Reach::All, Vec::new()),
            // What is locked gets no sheets: no other kind of change means nothing to look at.
            Some(Page { to: last, results }) if self.store.settled(id)? <= last => {
                return Ok(Page { to, results });
            }
            Some(Page { to: last, results }) => {
                (self.store.read_with_deleted(|view| reach(view, id, last)).await?, results)
            }
        };
        results.retain(|(category, _)| !reach.has(category));
        let found = self.store.read_stamped(|view, stamps| self.settled_in(view, stamps, tenant, &reach));
        results.extend(found.await?);
        Ok(Page { to, results })
    }

    /// The settled results within a reach.
    fn settled_in(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        tenant: &LiveRow<Tenant>,
        reach: &Reach,
    ) -> Result<Vec<(Lineage, SettledResults)>, ServiceError> {
        let mut found = Vec::new();
        for event in view.children::<Event>(&tenant.place())? {
            for contest in view.children::<Contest>(&event.place())? {
                for category in view.children::<Category>(&contest.place())? {
                    let locks = [event.row().locked_at, contest.row().locked_at, category.row().locked_at];
                    if locks.iter().any(Option::is_some) && reach.has(category.lineage()) {
                        let settled = self.settled(view, stamps, &category)?;
                        found.extend(settled.map(|settled| (category.lineage().clone(), settled)));
                    }
                }
            }
        }
        Ok(found)
    }

    /// The results of a category, if they are settled.
    fn settled(
        &self,
        view: &Live<'_>,
        stamps: &Stamps<'_>,
        category: &LiveRow<Category>,
    ) -> Result<Option<SettledResults>, ServiceError> {
        let results = match self.results_of(view, stamps, category) {
            Err(ServiceError::Invalid { code: NOT_COMPUTABLE, .. }) => return Ok(None),
            results => results?,
        };
        let told = places(&results, PLACES_MAX);
        if told.provisional {
            return Ok(None);
        }
        let body = Body {
            event: results.frame.event.body.name.clone(),
            contest: results.frame.contest.body.name.clone(),
            category: told.name,
            count: told.count,
            placements: told.places,
        };
        let body = serde_json::to_string(&body)
            .map_err(|error| ServiceError::Internal(format!("results have no JSON form: {error}")))?;
        let (tenant, category) = (category.lineage().tenant(), CategoryId::new(category.id()));
        Ok(Some(SettledResults { tenant, category, body: body.into() }))
    }
}

/// Whose results the changes of a tenant behind a number concern.
fn reach(view: &WithDeleted<'_>, tenant: TenantId, after: u64) -> Result<Reach, StoreError> {
    let records = view.records_after(tenant, after, RECORDS_MAX + 1)?;
    if records.len() > RECORDS_MAX {
        return Ok(Reach::All);
    }
    let mut places = HashSet::new();
    for ChainedRecord { record, .. } in records.iter().filter(|chained| concerns_results(&chained.record)) {
        let lineage = view.lineage(tenant, record.kind, record.id)?;
        let above = |kind| lineage.as_ref().and_then(|lineage| Some((kind, lineage.id_of(kind)?)));
        let Some(nearest) = [Kind::Category, Kind::Contest, Kind::Event].into_iter().find_map(above) else {
            return Ok(Reach::All);
        };
        places.insert(nearest);
    }
    Ok(Reach::Beneath(places))
}

/// Whether the results of something that is locked may be others after a change.
fn concerns_results(record: &AuditRecord) -> bool {
    match record.kind {
        // Nothing names them yet.
        Kind::Judge | Kind::Contestant => record.verb != Verb::Created,
        Kind::Tenant
        | Kind::Event
        | Kind::Contest
        | Kind::Category
        | Kind::Criterion
        | Kind::Entry
        | Kind::Entrant
        | Kind::Assignment
        | Kind::Deduction
        | Kind::Conflict => true,
        Kind::Sheet
        | Kind::Mark
        | Kind::User
        | Kind::Token
        | Kind::Template
        | Kind::Field
        | Kind::Job
        | Kind::JudgeLink
        | Kind::Breaker
        | Kind::Delivery
        | Kind::Webhook
        | Kind::Action
        | Kind::File
        | Kind::Backup
        | Kind::Alert
        | Kind::Wording => false,
    }
}
