//! Exports of what judges gave and what came of it: a row an entry, a row a sheet.

use std::collections::{BTreeSet, HashMap};

use super::{
    CategoryResults, Export, Permit, ServiceError,
    export::ensure_bounded,
    judging::contestant_name,
    resources::find_live,
    sheets::{entries_of, live_sheets},
};
use crate::{
    domain::{
        Category, CategoryId, Cell, Criterion, CriterionId, EntryId, Judge, ScoreState, SheetState, Table,
        scoring::Exact,
    },
    store::Live,
};

/// The places of a category, with what each judge contributed.
pub(super) fn results(results: &CategoryResults) -> Export {
    let columns = ["place", "number", "name", "total", "deductions", "eligible", "shared"];
    let judges = results.judges.iter().map(|(_, name)| name.clone());
    let mut table = Table::new(columns.map(str::to_owned).into_iter().chain(judges));
    let entries: HashMap<EntryId, (Option<u32>, &str)> =
        results.entries.iter().map(|(id, number, name)| (*id, (*number, name.as_str()))).collect();
    for placement in &results.standings.placements {
        let (number, name) = entries.get(&placement.entry).copied().unwrap_or_default();
        let deducted: Exact =
            placement.deductions.iter().map(|deduction| Exact::from(deduction.amount)).sum();
        let cells = [
            Cell::whole(placement.place),
            Cell::whole(number),
            Cell::Text(name.to_owned()),
            Cell::exact(placement.total.as_ref()),
            Cell::exact((!placement.deductions.is_empty()).then_some(deducted)),
            Cell::Flag(placement.eligible),
            Cell::Flag(placement.shared),
        ];
        let totals = results.judges.iter().map(|(judge, _)| {
            let of_judge = placement.judge_totals.iter().find(|total| total.judge == *judge);
            Cell::exact(of_judge.and_then(|total| total.total.as_ref()))
        });
        table.push(cells.into_iter().chain(totals));
    }
    let state = if results.is_provisional() { "provisional results" } else { "results" };
    let frame = &results.frame;
    Export { title: format!("{} {} {state}", frame.contest.body.name, frame.category.body.name), table }
}

/// The sheets of a category, with a column for each criterion.
pub(super) fn sheets(view: &Live<'_>, permit: &Permit, category: CategoryId) -> Result<Export, ServiceError> {
    let category = find_live::<Category>(view, permit, category.uuid())?;
    let located = live_sheets(view, &category, None)?;
    ensure_bounded(located.len())?;
    let criteria = view.children::<Criterion>(&category.place())?;
    let mut entries = HashMap::new();
    for entry in entries_of(view, &category)? {
        entries.insert(EntryId::new(entry.id()), (entry.body().number, contestant_name(view, &entry)?));
    }
    let mut judges = HashMap::new();
    for id in located.iter().map(|sheet| sheet.judge).collect::<BTreeSet<_>>() {
        let judge = view.find::<Judge>(permit.tenant(), id.uuid())?;
        judges.insert(id, judge.map(|judge| judge.body().name.clone()));
    }
    let columns = ["number", "name", "judge", "state", "submittedAt", "comment"].map(str::to_owned);
    let named = criteria.iter().map(|criterion| criterion.body().name.clone());
    let mut table = Table::new(columns.into_iter().chain(named));
    for located in located {
        let (number, name) = entries.get(&located.entry).cloned().unwrap_or_default();
        let sheet = located.sheet;
        let marks = criteria.iter().map(|criterion| {
            let of = CriterionId::new(criterion.id());
            let score = sheet.marks.iter().find(|mark| mark.criterion == of).map(|mark| mark.score());
            match score.map(|score| (score.value, score.state)) {
                Some((Some(value), _)) => Cell::exact(Some(value)),
                Some((None, state)) => Cell::text(state.map(word)),
                None => Cell::Empty(()),
            }
        });
        let cells = [
            Cell::whole(number),
            Cell::Text(name),
            Cell::text(judges.get(&located.judge).cloned().flatten()),
            Cell::text(Some(match sheet.state {
                SheetState::Submitted => "submitted",
                SheetState::Reopened => "reopened",
            })),
            Cell::Text(sheet.submitted_at.to_string()),
            Cell::text(sheet.comment.as_ref().map(|comment| comment.text.clone())),
        ];
        table.push(cells.into_iter().chain(marks));
    }
    Ok(Export { title: format!("{} sheets", category.body().name), table })
}

const fn word(state: ScoreState) -> &'static str {
    match state {
        ScoreState::Missing => "missing",
        ScoreState::Abstained => "abstained",
        ScoreState::Recused => "recused",
        ScoreState::Absent => "absent",
    }
}
