//! A whole event as it is live in one state: contests, categories, criteria, entries, lists of entrants, assignments,
//! deductions and sheets.

use uuid::Uuid;

use super::{
    Found, Permit, ServiceError, Services, SheetAddress, SheetView,
    export::ensure_bounded,
    resources::{find_live, live},
    sheets::{live_sheets, view_of},
};
use crate::{
    domain::{
        Action, Assignment, Category, CategoryId, Contest, Criterion, Deduction, Entrant, Entry, Event, Noun,
    },
    store::{Live, LiveRow, Place},
};

/// An event with all it holds.
#[derive(Debug)]
pub struct WholeEvent {
    /// The event.
    pub event: Found<Event>,
    /// Its contests, in running order.
    pub contests: Vec<WholeContest>,
}

/// A contest with all it holds.
#[derive(Debug)]
pub struct WholeContest {
    /// The contest.
    pub contest: Found<Contest>,
    /// Its entries.
    pub entries: Vec<Found<Entry>>,
    /// Its categories, in running order.
    pub categories: Vec<WholeCategory>,
}

/// A category with all it holds.
#[derive(Debug)]
pub struct WholeCategory {
    /// The category.
    pub category: Found<Category>,
    /// What judges look at.
    pub criteria: Vec<Found<Criterion>>,
    /// Listed entries.
    pub entrants: Vec<Found<Entrant>>,
    /// Who judges.
    pub assignments: Vec<Found<Assignment>>,
    /// What was deducted.
    pub deductions: Vec<Found<Deduction>>,
    /// The sheets, by judge and entry.
    pub sheets: Vec<SheetView>,
}

impl Services {
    /// An event with all it holds.
    ///
    /// # Errors
    /// The event is out of reach, the holder may not read something in it, or it holds too much for one answer.
    pub async fn export_event(&self, permit: &Permit, event: Uuid) -> Result<WholeEvent, ServiceError> {
        let mut readers = Vec::new();
        for action in
            [Action::ReadEvents, Action::ReadAssignments, Action::ReadDeductions, Action::ReadSheets]
        {
            readers.push(permit.for_action(action)?);
        }
        self.store
            .read(|view| {
                for reader in &readers {
                    find_live::<Event>(view, reader, event)?;
                }
                let event = view.find::<Event>(permit.tenant(), event)?;
                let event = event.ok_or(ServiceError::NotFound(Event::KIND))?;
                let mut reading = Reading { view, permit, rows: 0 };
                let contests = reading.children::<Contest>(&event.place())?;
                let contests = contests.into_iter().map(|contest| reading.contest(contest));
                let contests = contests.collect::<Result<_, ServiceError>>()?;
                Ok(WholeEvent { event: live(event), contests })
            })
            .await
    }
}

struct Reading<'a> {
    view: &'a Live<'a>,
    permit: &'a Permit,
    rows: usize,
}

impl Reading<'_> {
    fn contest(&mut self, contest: LiveRow<Contest>) -> Result<WholeContest, ServiceError> {
        let place = contest.place();
        let entries = self.found(&place)?;
        let mut categories = Vec::new();
        for category in self.children::<Category>(&place)? {
            categories.push(self.category(category)?);
        }
        Ok(WholeContest { contest: live(contest), entries, categories })
    }

    fn category(&mut self, category: LiveRow<Category>) -> Result<WholeCategory, ServiceError> {
        let place = category.place();
        let located = live_sheets(self.view, &category, None)?;
        self.count(located.len())?;
        let of = CategoryId::new(category.id());
        let mut sheets = Vec::with_capacity(located.len());
        for sheet in located {
            let address = SheetAddress { category: of, entry: sheet.entry, judge: sheet.judge };
            sheets.push(view_of(self.view, self.permit.tenant(), address, sheet.sheet)?);
        }
        Ok(WholeCategory {
            criteria: self.found(&place)?,
            entrants: self.found(&place)?,
            assignments: self.found(&place)?,
            deductions: self.found(&place)?,
            category: live(category),
            sheets,
        })
    }

    fn found<N: Noun>(&mut self, place: &Place) -> Result<Vec<Found<N>>, ServiceError> {
        Ok(self.children(place)?.into_iter().map(live).collect())
    }

    fn children<N: Noun>(&mut self, place: &Place) -> Result<Vec<LiveRow<N>>, ServiceError> {
        let rows = self.view.children::<N>(place)?;
        self.count(rows.len())?;
        Ok(rows)
    }

    fn count(&mut self, rows: usize) -> Result<(), ServiceError> {
        self.rows += rows;
        ensure_bounded(self.rows)
    }
}
