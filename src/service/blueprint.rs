//! Shapes that are made again: what an event, contest or category consists of is read off the live view as parts, each
//! behind the one it lies in, and parts become changes. Templates and clones are both made of it.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{BulkOperation, Permit, ServiceError, bulk_operation::Planned};
use crate::{
    domain::{
        Assignment, Category, Contest, Criterion, Entrant, EntrantRule, Entry, Event, Kind, Noun,
        TemplatePart,
    },
    store::{Live, LiveRow},
};

/// What a copy takes along beside contests, categories and criteria.
#[derive(Clone, Copy, Debug, Default)]
pub struct Along {
    /// Entries, and lists of entrants.
    pub entries: bool,
    /// Judges' assignments.
    pub judges: bool,
}

/// Parts as they are read, with where each thing went.
pub(super) struct Blueprint {
    parts: Vec<TemplatePart>,
    place_of: HashMap<Uuid, usize>,
    along: Along,
}

impl Blueprint {
    /// An event with everything it holds.
    pub(super) fn of_event(
        view: &Live<'_>,
        event: &LiveRow<Event>,
        along: Along,
    ) -> Result<Vec<TemplatePart>, ServiceError> {
        let mut blueprint = Self { parts: Vec::new(), place_of: HashMap::new(), along };
        let whole = blueprint.add(event, None)?;
        for contest in view.children::<Contest>(&event.place())? {
            blueprint.add_contest(view, &contest, Some(whole))?;
        }
        Ok(blueprint.parts)
    }

    /// A contest with everything it holds.
    pub(super) fn of_contest(
        view: &Live<'_>,
        contest: &LiveRow<Contest>,
    ) -> Result<Vec<TemplatePart>, ServiceError> {
        let mut blueprint = Self { parts: Vec::new(), place_of: HashMap::new(), along: Along::default() };
        blueprint.add_contest(view, contest, None)?;
        Ok(blueprint.parts)
    }

    /// A category with its criteria.
    pub(super) fn of_category(
        view: &Live<'_>,
        category: &LiveRow<Category>,
    ) -> Result<Vec<TemplatePart>, ServiceError> {
        let mut blueprint = Self { parts: Vec::new(), place_of: HashMap::new(), along: Along::default() };
        blueprint.add_category(view, category, None)?;
        Ok(blueprint.parts)
    }

    fn add_contest(
        &mut self,
        view: &Live<'_>,
        contest: &LiveRow<Contest>,
        within: Option<usize>,
    ) -> Result<(), ServiceError> {
        let place = self.add(contest, within)?;
        if self.along.entries {
            for entry in view.children::<Entry>(&contest.place())? {
                self.add(&entry, Some(place))?;
            }
        }
        for category in view.children::<Category>(&contest.place())? {
            self.add_category(view, &category, Some(place))?;
        }
        Ok(())
    }

    fn add_category(
        &mut self,
        view: &Live<'_>,
        category: &LiveRow<Category>,
        within: Option<usize>,
    ) -> Result<(), ServiceError> {
        let place = self.add(category, within)?;
        for criterion in view.children::<Criterion>(&category.place())? {
            self.add(&criterion, Some(place))?;
        }
        if self.along.judges {
            for assignment in view.children::<Assignment>(&category.place())? {
                self.add(&assignment, Some(place))?;
            }
        }
        if self.along.entries && category.body().entrants == EntrantRule::Listed {
            for entrant in view.children::<Entrant>(&category.place())? {
                let listed = self.add(&entrant, Some(place))?;
                let entry = self.place_of.get(&entrant.body().entry_id.uuid()).copied();
                self.refer(listed, "/entryId", entry);
            }
        }
        let tie_breaks = category.body().tie_breaks.len();
        for index in 0..tie_breaks {
            let pointer = format!("/tieBreaks/{index}/criterionId");
            let named = self.text_at(place, &pointer).and_then(|text| text.parse::<Uuid>().ok());
            let criterion = named.and_then(|id| self.place_of.get(&id).copied());
            self.refer(place, &pointer, criterion);
        }
        Ok(())
    }

    fn add<N: Noun>(&mut self, row: &LiveRow<N>, within: Option<usize>) -> Result<usize, ServiceError> {
        let body =
            serde_json::to_value(row.body()).map_err(|error| ServiceError::Internal(error.to_string()))?;
        self.place_of.insert(row.id(), self.parts.len());
        self.parts.push(TemplatePart { kind: N::KIND, within, body });
        Ok(self.parts.len() - 1)
    }

    fn text_at(&self, place: usize, pointer: &str) -> Option<&str> {
        self.parts.get(place)?.body.pointer(pointer)?.as_str()
    }

    /// Replaces an id by the number of the part that it is of.
    fn refer(&mut self, place: usize, pointer: &str, target: Option<usize>) {
        let value = self.parts.get_mut(place).and_then(|part| part.body.pointer_mut(pointer));
        if let (Some(value), Some(target)) = (value, target) {
            *value = json!(format!("#{target}"));
        }
    }
}

/// The changes that make the parts beneath a parent, the first part with these fields changed. Returns them in order,
/// the whole first.
pub(super) fn changes_of(
    permit: &Permit,
    mut parts: Vec<TemplatePart>,
    parent: Option<Uuid>,
    changed: &Value,
) -> Vec<Planned> {
    if let Some(first) = parts.first_mut() {
        crate::domain::merge_patch(&mut first.body, changed);
    }
    let ids: Vec<Uuid> = parts.iter().map(|_| permit.context().clock().new_uuid()).collect();
    let id_of = |text: &str| {
        let index = text.strip_prefix('#')?.parse::<usize>().ok()?;
        ids.get(index).map(Uuid::to_string)
    };
    let mut planned = Vec::with_capacity(parts.len());
    let mut later = Vec::new();
    for (index, (part, id)) in parts.into_iter().zip(ids.iter().copied()).enumerate() {
        let TemplatePart { kind, within, mut body } = part;
        for (_, value) in body.as_object_mut().into_iter().flatten() {
            if let Some(id) = value.as_str().and_then(id_of) {
                *value = json!(id);
            }
        }
        // Criteria that break ties must be there before their category can name them.
        if let Some(mut tie_breaks) = body.as_object_mut().and_then(|fields| fields.remove("tieBreaks")) {
            for rule in tie_breaks.as_array_mut().into_iter().flatten() {
                if let Some(criterion) = rule.get_mut("criterionId")
                    && let Some(id) = criterion.as_str().and_then(id_of)
                {
                    *criterion = json!(id);
                }
            }
            if tie_breaks.as_array().is_some_and(|rules| !rules.is_empty()) {
                let body = json!({"tieBreaks": tie_breaks});
                let operation = BulkOperation::Update { kind, id, version: None, body };
                later.push(Planned { id, operation, place: Some(format!("/parts/{index}")) });
            }
        }
        let parent = match within {
            Some(within) => ids.get(within).copied(),
            None => parent,
        };
        let parent = parent.filter(|_| kind.parent() != Some(Kind::Tenant)).map(|parent| parent.to_string());
        let operation = BulkOperation::Create { kind, parent, body };
        planned.push(Planned { id, operation, place: Some(format!("/parts/{index}")) });
    }
    planned.extend(later);
    planned
}
