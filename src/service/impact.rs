//! What a change would do to places: asked before marks go out of sight, or sheets lack marks because of it.
//!
//! Nothing is predicted: the change is made, places are compared, and a refusal takes the change back.

use std::any::Any;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Conflict, ServiceError, bench::Bench, conflicts::meetings, judging::contestant_name};
use crate::{
    domain::{
        Assignment, Category, CategoryId, ConflictOfInterest, Contest, Contestant, Criterion, CriterionId,
        Entrant, EntrantRule, Entry, EntryId, Judge, JudgeId, Kind, Noun, TenantId, scoring::standings,
    },
    store::{Lineage, Live, LiveRow, LocatedSheet},
};

/// What a change would do to one category in which marks are at stake.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryImpact {
    /// The category.
    pub category_id: CategoryId,
    /// Its name.
    pub category_name: String,
    /// Entries whose place would change.
    pub entries: Vec<EntryImpact>,
}

/// An entry whose place would change.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryImpact {
    /// The entry.
    pub entry_id: EntryId,
    /// Its number.
    pub number: Option<u32>,
    /// The contestant's name.
    pub name: String,
    /// The place it has.
    pub before: Option<u32>,
    /// The place it would have.
    pub after: Option<u32>,
}

/// The categories in which a change that is about to be made puts marks at stake, with their places before it.
pub(super) struct Stakes {
    tenant: TenantId,
    categories: Vec<Before>,
}

/// A category before a change.
struct Before {
    category: CategoryId,
    places: Vec<EntryImpact>,
    /// Sheets that lack a mark. Where a criterion joins, marks are at stake only if there will be more of them.
    incomplete: Option<usize>,
}

impl Stakes {
    fn none(tenant: TenantId) -> Self {
        Self { tenant, categories: Vec::new() }
    }

    /// Of a deletion: the marks that go out of sight with it.
    pub(super) fn of_deletion<N: Noun>(view: &Live<'_>, row: &LiveRow<N>) -> Result<Self, ServiceError> {
        let mut stakes = Self::none(row.lineage().tenant());
        let (parent, any) = (row.lineage().parent(), row as &dyn Any);
        if let Some(criterion) = any.downcast_ref::<LiveRow<Criterion>>() {
            let id = CriterionId::new(criterion.id());
            stakes.add(view, parent, |located| !located.sheet.lacks(id))?;
        } else if let Some(assignment) = any.downcast_ref::<LiveRow<Assignment>>() {
            stakes.add_assignment(view, assignment)?;
        } else if any.is::<LiveRow<Judge>>() {
            for assignment in view.referrers::<Assignment>(stakes.tenant, row.id())? {
                stakes.add_assignment(view, &assignment)?;
            }
        } else if let Some(entrant) = any.downcast_ref::<LiveRow<Entrant>>() {
            stakes.add(view, parent, |located| located.entry == entrant.body().entry_id)?;
        } else if let Some(entry) = any.downcast_ref::<LiveRow<Entry>>() {
            stakes.add_entry(view, entry)?;
        } else if let Some(conflict) = any.downcast_ref::<LiveRow<ConflictOfInterest>>() {
            stakes.add_conflict(view, conflict.body())?;
        } else if any.is::<LiveRow<Contestant>>() {
            for entry in view.referrers::<Entry>(stakes.tenant, row.id())? {
                stakes.add_entry(view, &entry)?;
            }
        }
        Ok(stakes)
    }

    /// Of something that comes, new or restored: a criterion for which sheets have no mark, or a conflict of interest
    /// by which marks count no more.
    pub(super) fn of_coming<N: Noun>(
        view: &Live<'_>,
        lineage: &Lineage,
        body: &N,
    ) -> Result<Self, ServiceError> {
        let mut stakes = Self::none(lineage.tenant());
        if let Some(conflict) = (body as &dyn Any).downcast_ref::<ConflictOfInterest>() {
            stakes.add_conflict(view, conflict)?;
        }
        if let (Kind::Criterion, Some(category)) = (N::KIND, lineage.id_of(Kind::Category)) {
            stakes.add(view, category, |_| true)?;
            for before in &mut stakes.categories {
                let row = view.find::<Category>(stakes.tenant, before.category.uuid())?;
                before.incomplete =
                    row.map(|row| Bench::of(view, &row)).transpose()?.map(|bench| bench.incomplete());
            }
        }
        Ok(stakes)
    }

    /// Of a change to a body: entries that are not on a category's list leave it when only those listed take part, and
    /// another rule for conflicts of interest is another outcome where there are some.
    pub(super) fn of_update<N: Noun>(
        view: &Live<'_>,
        row: &LiveRow<N>,
        body: &N,
    ) -> Result<Self, ServiceError> {
        let mut stakes = Self::none(row.lineage().tenant());
        let category = (row as &dyn Any).downcast_ref::<LiveRow<Category>>();
        if let (Some(category), Some(body)) = (category, (body as &dyn Any).downcast_ref::<Category>())
            && category.body().entrants == EntrantRule::All
            && body.entrants == EntrantRule::Listed
        {
            let listed = view.children::<Entrant>(&category.place())?;
            let is_listed = |entry| listed.iter().any(|entrant| entrant.body().entry_id == entry);
            stakes.add(view, category.id(), |located| !is_listed(located.entry))?;
        } else if let (Some(category), Some(body)) = (category, (body as &dyn Any).downcast_ref::<Category>())
            && category.body().conflict_rule != body.conflict_rule
        {
            let bench = Bench::of(view, category)?;
            stakes.add(view, category.id(), |located| bench.is_barred(located.judge, located.entry))?;
        }
        Ok(stakes)
    }

    /// Once the change is made: refuses it unless no marks were at stake.
    ///
    /// # Errors
    /// [`Conflict::ConfirmationRequired`] with the places that the change has moved.
    pub(super) fn ensure_none(self, view: &Live<'_>) -> Result<(), ServiceError> {
        let mut changes = Vec::new();
        for Before { category: id, places, incomplete } in self.categories {
            let Some(category) = view.find::<Category>(self.tenant, id.uuid())? else { continue };
            let bench = Bench::of(view, &category)?;
            if incomplete.is_some_and(|before| bench.incomplete() <= before) {
                continue;
            }
            let after = self::places(view, &category, &bench)?;
            let moved = |before: EntryImpact| {
                let after =
                    after.iter().find(|row| row.entry_id == before.entry_id).and_then(|row| row.before);
                (after != before.before).then_some(EntryImpact { after, ..before })
            };
            changes.push(CategoryImpact {
                category_id: id,
                category_name: category.body().name.clone(),
                entries: places.into_iter().filter_map(moved).collect(),
            });
        }
        if changes.is_empty() { Ok(()) } else { Err(Conflict::ConfirmationRequired(changes).into()) }
    }

    fn add_assignment(
        &mut self,
        view: &Live<'_>,
        assignment: &LiveRow<Assignment>,
    ) -> Result<(), ServiceError> {
        let judge: JudgeId = assignment.body().judge_id;
        self.add(view, assignment.lineage().parent(), |located| located.judge == judge)
    }

    fn add_conflict(&mut self, view: &Live<'_>, conflict: &ConflictOfInterest) -> Result<(), ServiceError> {
        for (category, entry) in meetings(view, self.tenant, conflict)? {
            self.add(view, category.id(), |located| {
                (located.judge, located.entry) == (conflict.judge_id, entry)
            })?;
        }
        Ok(())
    }

    fn add_entry(&mut self, view: &Live<'_>, entry: &LiveRow<Entry>) -> Result<(), ServiceError> {
        let id = EntryId::new(entry.id());
        let Some(contest) = view.find::<Contest>(self.tenant, entry.lineage().parent())? else {
            return Ok(());
        };
        for category in view.children::<Category>(&contest.place())? {
            self.add(view, category.id(), |located| located.entry == id)?;
        }
        Ok(())
    }

    /// A category, if the change touches any of its sheets.
    fn add(
        &mut self,
        view: &Live<'_>,
        category: uuid::Uuid,
        touches: impl Fn(&LocatedSheet) -> bool,
    ) -> Result<(), ServiceError> {
        let Some(row) = view.find::<Category>(self.tenant, category)? else { return Ok(()) };
        let bench = Bench::of(view, &row)?;
        if bench.sheets.iter().any(touches) {
            let places = places(view, &row, &bench)?;
            self.categories.push(Before { category: CategoryId::new(category), places, incomplete: None });
        }
        Ok(())
    }
}

/// The places of a category's entries as they are. Where nothing can be computed nobody has a place.
fn places(
    view: &Live<'_>,
    category: &LiveRow<Category>,
    bench: &Bench,
) -> Result<Vec<EntryImpact>, ServiceError> {
    let standings = standings(&bench.panel(), &category.body().method, &category.body().tie_breaks).ok();
    let place =
        |entry| standings.as_ref()?.placements.iter().find(|placement| placement.entry == entry)?.place;
    let named = |entry: &LiveRow<Entry>| {
        let entry_id = EntryId::new(entry.id());
        let (number, name) = (entry.body().number, contestant_name(view, entry)?);
        Ok(EntryImpact { entry_id, number, name, before: place(entry_id), after: None })
    };
    bench.entries.iter().map(named).collect()
}
