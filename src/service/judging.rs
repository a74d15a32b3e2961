//! What a judge's page needs: the categories the judge sits on, and one category with criteria, entrants and the
//! judge's own sheets.

use super::{
    Permit, ServiceError, Services,
    conflicts::entries_barred,
    guards::ensure_open,
    sheets::{entries_of, ids, judged_category, own_judge},
};
use crate::{
    domain::{
        Assignment, AssignmentStatus, Category, CategoryId, ConflictRule, Contest, Contestant, Criterion,
        CriterionId, EntryId, Event, Kind, Row, Sheet,
    },
    store::{Lineage, Live, LiveRow, LocatedSheet},
};

/// A category a judge sits on.
#[derive(Clone, Debug)]
pub struct JudgingCategory {
    /// The assignment.
    pub assignment: Row<Assignment>,
    /// Event, contest and category.
    pub frame: Frame,
    /// How many entrants the judge is to score.
    pub entrants: usize,
    /// For how many the judge has handed a sheet in.
    pub submitted: usize,
    /// How many of these sheets lack a mark, because a criterion came later or a mark was deleted.
    pub incomplete: usize,
}

/// Event, contest and category of something.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The event.
    pub event: Row<Event>,
    /// The contest.
    pub contest: Row<Contest>,
    /// The category.
    pub category: Row<Category>,
    /// Whether sheets are refused, because something is locked or archived.
    pub closed: bool,
}

/// An entrant before a judge.
#[derive(Clone, Debug)]
pub struct JudgingEntrant {
    /// The entry.
    pub entry: EntryId,
    /// Its number.
    pub number: Option<u32>,
    /// The contestant's name.
    pub name: String,
    /// The judge's sheet.
    pub sheet: Option<Sheet>,
    /// What a conflict of interest between the two means, if there is one.
    pub conflict: Option<ConflictRule>,
}

/// Everything for judging one category.
#[derive(Clone, Debug)]
pub struct Judging {
    /// The judge's name.
    pub judge_name: String,
    /// The judge.
    pub judge: crate::domain::JudgeId,
    /// Event, contest and category.
    pub frame: Frame,
    /// The criteria in order, with where they hang.
    pub criteria: Vec<(Row<Criterion>, Lineage)>,
    /// The entrants in running order.
    pub entrants: Vec<JudgingEntrant>,
}

impl Services {
    /// The categories the signed-in judge sits on.
    ///
    /// # Errors
    /// Nobody is signed in as a judge.
    pub async fn judging_categories(&self, permit: &Permit) -> Result<Vec<JudgingCategory>, ServiceError> {
        self.store
            .read(|view| {
                let (judge, _) = own_judge(view, permit)?;
                let mut found = Vec::new();
                for assignment in view.referrers::<Assignment>(permit.tenant(), judge.uuid())? {
                    let category = view.find::<Category>(permit.tenant(), assignment.lineage().parent())?;
                    let Some(category) = category.filter(|category| permit.covers(category.lineage())) else {
                        continue;
                    };
                    let entries = entries_of(view, &category)?;
                    let barred = entries_barred(view, permit.tenant(), judge, &entries)?;
                    let mut entries = ids(&entries);
                    entries.retain(|entry| !barred.contains(entry));
                    let sheets = view.sheets(&category, std::slice::from_ref(&assignment), &entries)?;
                    let criteria = view.children::<Criterion>(&category.place())?;
                    let lacks = |located: &&LocatedSheet| {
                        criteria.iter().any(|row| located.sheet.lacks(CriterionId::new(row.id())))
                    };
                    found.push(JudgingCategory {
                        assignment: assignment.into_parts().0,
                        frame: frame(view, &category)?,
                        entrants: entries.len(),
                        submitted: sheets.len(),
                        incomplete: sheets.iter().filter(lacks).count(),
                    });
                }
                Ok(found)
            })
            .await
    }

    /// Everything the signed-in judge needs to judge a category.
    ///
    /// # Errors
    /// The category is deleted or out of reach, or the judge does not sit on it.
    pub async fn judging(&self, permit: &Permit, category: CategoryId) -> Result<Judging, ServiceError> {
        self.store
            .read(|view| {
                let category = judged_category(view, permit, category)?;
                let (judge, judge_name) = own_judge(view, permit)?;
                let assignment = view.assignment(&category, judge)?;
                let assignment = assignment.ok_or(ServiceError::NotFound(Kind::Category))?;
                let entries = entries_of(view, &category)?;
                let sheets = view.sheets(&category, std::slice::from_ref(&assignment), &ids(&entries))?;
                let barred = entries_barred(view, permit.tenant(), judge, &entries)?;
                let rule = category.body().conflict_rule;
                let entrant = |entry: LiveRow<crate::domain::Entry>| {
                    let id = EntryId::new(entry.id());
                    let sheet =
                        sheets.iter().find(|found| found.entry == id).map(|found| found.sheet.clone());
                    let name = contestant_name(view, &entry)?;
                    let conflict = barred.contains(&id).then_some(rule);
                    Ok(JudgingEntrant { entry: id, number: entry.body().number, name, sheet, conflict })
                };
                let criteria = view.children::<Criterion>(&category.place())?;
                let mut frame = frame(view, &category)?;
                frame.closed |= assignment.body().status != AssignmentStatus::Active;
                Ok(Judging {
                    judge,
                    judge_name,
                    frame,
                    criteria: criteria.into_iter().map(LiveRow::into_parts).collect(),
                    entrants: entries.into_iter().map(entrant).collect::<Result<_, ServiceError>>()?,
                })
            })
            .await
    }
}

/// Event, contest and category of a live category.
pub(super) fn frame(view: &Live<'_>, category: &LiveRow<Category>) -> Result<Frame, ServiceError> {
    let lineage = category.lineage();
    let id = |kind| lineage.id_of(kind).ok_or(ServiceError::NotFound(kind));
    let event = view.find::<Event>(lineage.tenant(), id(Kind::Event)?)?;
    let contest = view.find::<Contest>(lineage.tenant(), id(Kind::Contest)?)?;
    Ok(Frame {
        event: event.ok_or(ServiceError::NotFound(Kind::Event))?.into_parts().0,
        contest: contest.ok_or(ServiceError::NotFound(Kind::Contest))?.into_parts().0,
        category: category.row().clone(),
        closed: ensure_open(view, lineage).is_err(),
    })
}

/// The name of an entry's contestant.
pub(super) fn contestant_name(
    view: &Live<'_>,
    entry: &LiveRow<crate::domain::Entry>,
) -> Result<String, ServiceError> {
    let contestant = view.find::<Contestant>(entry.lineage().tenant(), entry.body().contestant_id.uuid())?;
    Ok(contestant.map(|contestant| contestant.body().name.clone()).unwrap_or_default())
}
