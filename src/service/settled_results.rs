//! Results for readers outside: the places of every category that is locked and in which no mark can come or change any more.

use serde::Serialize;

use super::{ServiceError, Services, results::NOT_COMPUTABLE, results_mail::places};
use crate::{
    domain::{Category, CategoryId, Contest, Event, PlaceTold, TenantId},
    store::{Live, LiveRow, Stamps},
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
    pub body: String,
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
    /// The settled results of all tenants.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settled_results(&self) -> Result<Vec<SettledResults>, ServiceError> {
        let tenants = self.store.read(|view| view.tenants()).await?;
        let mut found = Vec::new();
        for tenant in tenants {
            let of_tenant = self.store.read_stamped(|view, stamps| {
                let mut found = Vec::new();
                for event in view.children::<Event>(&tenant.place())? {
                    for contest in view.children::<Contest>(&event.place())? {
                        for category in view.children::<Category>(&contest.place())? {
                            let locks =
                                [event.row().locked_at, contest.row().locked_at, category.row().locked_at];
                            if locks.iter().any(Option::is_some) {
                                found.extend(self.settled(view, stamps, &category)?);
                            }
                        }
                    }
                }
                Ok::<_, ServiceError>(found)
            });
            found.extend(of_tenant.await?);
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
        Ok(Some(SettledResults { tenant, category, body }))
    }
}
