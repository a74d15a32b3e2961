//! Results by mail: the places of a category, or of all categories of a contest, as they are when they are sent.

use serde::Serialize;

use super::{
    Audience, CategoryResults, NotComputable, Permit, Rehearsal, Sent, ServiceError, Services,
    idempotency::{Creation, IdempotencyKey, Once},
};
use crate::domain::{
    Action, CategoryId, CategoryPlaces, ContestId, EntryId, Language, MessageContent, PlaceTold,
};

/// Most places that one mail tells, of all its categories together.
const PLACES_MAX: usize = 200;

/// Fewest places of a category that a mail tells, however many categories there are.
const PLACES_MIN: usize = 3;

/// Which results are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ResultsOf {
    /// Those of a category.
    Category(CategoryId),
    /// Those of all categories of a contest.
    Contest(ContestId),
}

impl Services {
    /// Mails results to many, each by itself, once under a key.
    ///
    /// # Errors
    /// They are out of reach, or cannot be computed, or nobody has a place yet; and as with any message to many.
    pub async fn mail_results(
        &self,
        permit: &Permit,
        of: ResultsOf,
        audience: &Audience,
        language: Option<&Language>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation<Sent>, ServiceError> {
        let asked = ("results", of, audience, language);
        let once = key.map(|key| Once::new(permit, key, &asked)).transpose()?;
        let content = self.results_content(&permit.for_action(Action::ReadResults)?, of).await?;
        self.send_to(permit, audience, &content, language, once).await
    }

    /// What would come of [`Self::mail_results`]: nothing is sent.
    ///
    /// # Errors
    /// As if they were mailed.
    pub async fn rehearse_results(
        &self,
        permit: &Permit,
        of: ResultsOf,
        audience: &Audience,
        language: Option<&Language>,
    ) -> Result<Rehearsal, ServiceError> {
        let content = self.results_content(&permit.for_action(Action::ReadResults)?, of).await?;
        self.rehearse(permit, audience, content, language).await
    }

    async fn results_content(&self, permit: &Permit, of: ResultsOf) -> Result<MessageContent, ServiceError> {
        let (event, contest, category, categories) = match of {
            ResultsOf::Category(id) => {
                let results = self.category_results(permit, id).await?;
                let frame = &results.frame;
                let names = (frame.event.body.name.clone(), frame.contest.body.name.clone());
                let category = Some(frame.category.body.name.clone());
                (names.0, names.1, category, vec![places(&results, PLACES_MAX)])
            }
            ResultsOf::Contest(id) => {
                let (contest, results) = self.contest_results(permit, id.uuid()).await?;
                let most = (PLACES_MAX / results.len().max(1)).max(PLACES_MIN);
                let categories = results.into_iter().map(|of_category| match of_category {
                    Ok(results) => Ok((results.frame.event.body.name.clone(), places(&results, most))),
                    Err(NotComputable { category, detail }) => {
                        Err(ServiceError::not_computable(format!("{}: {detail}", category.body.name)))
                    }
                });
                let found: Vec<(String, CategoryPlaces)> = categories.collect::<Result<_, _>>()?;
                let event = found.first().map(|(event, _)| event.clone()).unwrap_or_default();
                let categories = found.into_iter().map(|(_, places)| places);
                (event, contest.body.name, None, categories.filter(|told| told.count > 0).collect())
            }
        };
        if categories.iter().all(|told| told.count == 0) {
            return Err(ServiceError::fault(
                "invalid",
                "",
                "nobody has a place yet, so there is nothing to send",
            ));
        }
        Ok(MessageContent::Results { event, contest, category, categories })
    }
}

/// The first places of a category. A guest takes none.
pub(super) fn places(results: &CategoryResults, most: usize) -> CategoryPlaces {
    let entry = |id: EntryId| results.entries.iter().find(|(entry, ..)| *entry == id);
    let placed = || results.standings.placements.iter().filter(|row| row.eligible && row.place.is_some());
    let told = placed().take(most).filter_map(|row| {
        let (_, number, name) = entry(row.entry)?;
        let score = row.rounded_total.as_ref().map(ToString::to_string);
        Some(PlaceTold { rank: row.place?, name: name.clone(), number: *number, score })
    });
    CategoryPlaces {
        name: results.frame.category.body.name.clone(),
        provisional: results.is_provisional(),
        count: placed().count(),
        places: told.collect(),
    }
}
