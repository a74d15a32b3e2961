//! What a deletion would do to places: asked before marks of a judge, an assignment or a criterion go out of sight.

use std::any::Any;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ServiceError, judging::contestant_name, results::Bench};
use crate::{
    domain::{
        Assignment, Category, CategoryId, Criterion, CriterionId, EntryId, Judge, JudgeId, Noun,
        scoring::{Panel, Standings, standings},
    },
    store::{Live, LiveRow},
};

/// What a deletion would do to one category in which marks go out of sight.
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

/// The categories in which the deletion of a row would take marks out of sight, and what that does to places.
pub(super) fn of_deletion<N: Noun>(
    view: &Live<'_>,
    row: &LiveRow<N>,
) -> Result<Vec<CategoryImpact>, ServiceError> {
    let row = row as &dyn Any;
    let tenant_and_parent = |lineage: &crate::store::Lineage| (lineage.tenant(), lineage.parent());
    if let Some(criterion) = row.downcast_ref::<LiveRow<Criterion>>() {
        let id = CriterionId::new(criterion.id());
        let (tenant, parent) = tenant_and_parent(criterion.lineage());
        let category = view.find::<Category>(tenant, parent)?;
        let has_marks =
            |category: &LiveRow<Category>| view.has_marks(category, |_, mark| mark.criterion == id);
        return impacts(view, category, has_marks, |panel| panel.without_criterion(id));
    }
    if let Some(assignment) = row.downcast_ref::<LiveRow<Assignment>>() {
        return of_assignment(view, assignment);
    }
    if let Some(judge) = row.downcast_ref::<LiveRow<Judge>>() {
        let assignments = view.referrers::<Assignment>(judge.lineage().tenant(), judge.id())?;
        let impacts = assignments.iter().map(|assignment| of_assignment(view, assignment));
        return Ok(impacts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
    }
    Ok(Vec::new())
}

fn of_assignment(
    view: &Live<'_>,
    assignment: &LiveRow<Assignment>,
) -> Result<Vec<CategoryImpact>, ServiceError> {
    let judge: JudgeId = assignment.body().judge_id;
    let category = view.find::<Category>(assignment.lineage().tenant(), assignment.lineage().parent())?;
    let has_marks = |category: &LiveRow<Category>| view.has_marks(category, |of, _| of == judge);
    impacts(view, category, has_marks, |panel| panel.without_judge(judge))
}

fn impacts(
    view: &Live<'_>,
    category: Option<LiveRow<Category>>,
    has_marks: impl Fn(&LiveRow<Category>) -> Result<bool, crate::store::StoreError>,
    without: impl Fn(&Panel) -> Panel,
) -> Result<Vec<CategoryImpact>, ServiceError> {
    let Some(category) = category else { return Ok(Vec::new()) };
    if !has_marks(&category)? {
        return Ok(Vec::new());
    }
    let bench = Bench::of(view, &category)?;
    let (method, chain) = (&category.body().method, &category.body().tie_breaks);
    let before = bench.panel();
    // Where nothing can be computed nobody has a place; the marks go out of sight all the same.
    let after = standings(&without(&before), method, chain).ok();
    let before = standings(&before, method, chain).ok();
    let place = |of: &Option<Standings>, entry| {
        of.as_ref()?.placements.iter().find(|placement| placement.entry == entry)?.place
    };
    let mut entries = Vec::new();
    for entry in &bench.entries {
        let id = EntryId::new(entry.id());
        let (before, after) = (place(&before, id), place(&after, id));
        if before != after {
            let name = contestant_name(view, entry)?;
            entries.push(EntryImpact { entry_id: id, number: entry.body().number, name, before, after });
        }
    }
    Ok(vec![CategoryImpact {
        category_id: CategoryId::new(category.id()),
        category_name: category.body().name.clone(),
        entries,
    }])
}
