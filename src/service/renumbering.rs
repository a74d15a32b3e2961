//! Closing up the numbers of a contest's entries, on request: what the box has numbered runs without gaps again, in the
//! order of the numbers there are.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{
    Conflict, Permit, ServiceError, Services, bulk::finish, entry_numbers::numbering_of, guards,
    jobs::new_job, judging::contestant_name, resources::find_live,
};
use crate::{
    domain::{Category, Contest, Entry, EntryId, Job, Numbering, Task, Verb, Visibility},
    store::{Live, LiveRow, OPERATION_ROWS_MAX, Transaction, WithDeleted},
};

/// What closing up would do, or did.
#[derive(Clone, Debug)]
pub struct Renumbering {
    /// The entries whose number changes, in the order of their new numbers.
    pub changes: Vec<NumberChange>,
    /// Whether it was done.
    pub applied: bool,
    /// The job that remembers it, to take it back; none if nothing was done.
    pub job: Option<Job>,
}

/// An entry with another number.
#[derive(Clone, Debug)]
pub struct NumberChange {
    /// The entry.
    pub entry: EntryId,
    /// The contestant's name.
    pub name: String,
    /// The number it has.
    pub before: Option<u32>,
    /// The number it gets.
    pub after: u32,
}

impl Services {
    /// Closes up the numbers of a contest, or says what that would do; `confirmed` if judges have handed in sheets
    /// under the present numbers.
    ///
    /// # Errors
    /// The contest is out of reach or its numbers are not the box's; it, something above or something beneath it is
    /// locked; it has sheets and nobody has confirmed.
    pub async fn renumber(
        &self,
        permit: &Permit,
        contest: Uuid,
        dry_run: bool,
        confirmed: bool,
    ) -> Result<Renumbering, ServiceError> {
        if dry_run {
            let read = |all: &WithDeleted<'_>| {
                let contest = find_live::<Contest>(&all.live(), permit, contest)?;
                let changes = in_names(&all.live(), &plan(all, &contest)?)?;
                Ok(Renumbering { changes, applied: false, job: None })
            };
            return self.store.read_with_deleted(read).await;
        }
        let task = Task::Bulk { name: JOB.to_owned(), confirmed, makes: None };
        let (holder, job) = (permit.clone(), new_job(permit, task));
        self.write(permit, move |transaction| {
            let contest = find_live::<Contest>(&transaction.live(), &holder, contest)?;
            guards::ensure_open(&transaction.live(), contest.lineage())?;
            guards::ensure_nothing_locked_beneath(transaction, contest.lineage())?;
            let plan = plan(&transaction.with_deleted(), &contest)?;
            let changes = in_names(&transaction.live(), &plan)?;
            let mut remembered = None;
            if !changes.is_empty() {
                let (mut job, before) = (job.clone(), transaction.newest_change(holder.tenant())?);
                ensure_few_enough(&plan)?;
                if !confirmed && has_sheets(&transaction.live(), &contest)? {
                    return Err(Conflict::NumbersOnSheets.into());
                }
                let bodies = plan.into_iter().map(|(row, number)| {
                    let body = Entry { number: Some(number), ..row.body().clone() };
                    (row, body)
                });
                transaction.update_together(&contest, Verb::Renumbered, bodies.collect())?;
                job.add_changes(transaction.changes_since(holder.tenant(), before)?);
                finish(&mut job, changes.len(), transaction.stamp().at);
                transaction.add_job(holder.tenant(), &job)?;
                remembered = Some(job);
            }
            Ok(Renumbering { changes, applied: true, job: remembered })
        })
        .await
    }
}

/// What people know the job by that remembers it.
const JOB: &str = "closing up the numbers";

/// Gives entries the numbers back that they had before a change of this number: `before` are their bodies of then. They get
/// them together or not at all.
pub(super) fn turn_back(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    contest: Uuid,
    sequence: u64,
    before: &str,
) -> Result<(), ServiceError> {
    let contest = find_live::<Contest>(&transaction.live(), permit, contest)?;
    guards::ensure_open(&transaction.live(), contest.lineage())?;
    guards::ensure_nothing_locked_beneath(transaction, contest.lineage())?;
    let before: Vec<Entry> =
        serde_json::from_str(before).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let mut untouched: HashMap<_, _> = transaction
        .live()
        .children::<Entry>(&contest.place())?
        .into_iter()
        .filter(|row| row.row().version == sequence)
        .map(|row| (row.body().contestant_id, row))
        .collect();
    let rows = before.into_iter().map(|old| {
        let row = untouched.remove(&old.contestant_id)?;
        let body = Entry { number: old.number, ..row.body().clone() };
        Some((row, body))
    });
    let message = "an entry was changed or deleted since, so the numbers stay as they are";
    let rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| ServiceError::fault("invalid", "", message))?;
    Ok(transaction.update_together(&contest, Verb::Renumbered, rows)?)
}

/// The entries whose number changes, with the number they get. Entries that are out of sight keep theirs.
fn plan(
    all: &WithDeleted<'_>,
    contest: &LiveRow<Contest>,
) -> Result<Vec<(LiveRow<Entry>, u32)>, ServiceError> {
    let Numbering::Automatic { start, .. } = numbering_of(&all.live(), contest.lineage())? else {
        return Err(Conflict::NumbersByHand.into());
    };
    let hidden = all.children::<Entry>(contest.lineage())?;
    let hidden = hidden.into_iter().filter(|found| matches!(found.visibility, Visibility::Hidden(_)));
    let held: HashSet<u32> = hidden.filter_map(|found| found.row.body.number).collect();
    let mut entries = all.live().children::<Entry>(&contest.place())?;
    entries.sort_unstable_by_key(|row| (row.body().number.unwrap_or(u32::MAX), row.id()));
    let free = (start..=Entry::NUMBER_MAX).filter(|number| !held.contains(number));
    let numbered = entries.into_iter().zip(free);
    Ok(numbered.filter(|(row, number)| row.body().number != Some(*number)).collect())
}

/// Whether the numbers that the box has given have gaps.
pub(super) fn has_gaps(all: &WithDeleted<'_>, contest: &LiveRow<Contest>) -> Result<bool, ServiceError> {
    Ok(!plan(all, contest)?.is_empty())
}

fn in_names(live: &Live<'_>, plan: &[(LiveRow<Entry>, u32)]) -> Result<Vec<NumberChange>, ServiceError> {
    let named = |(row, number): &(LiveRow<Entry>, u32)| {
        Ok(NumberChange {
            entry: EntryId::new(row.id()),
            name: contestant_name(live, row)?,
            before: row.body().number,
            after: *number,
        })
    };
    plan.iter().map(named).collect()
}

fn ensure_few_enough(plan: &[(LiveRow<Entry>, u32)]) -> Result<(), ServiceError> {
    let numbers = plan.iter().map(|(row, number)| (row.body().number, *number));
    if rows_written(numbers) > OPERATION_ROWS_MAX {
        return Err(Conflict::TooManyNumbers(plan.len()).into());
    }
    Ok(())
}

/// How many rows a change of numbers writes: one an entry, a slot for each number that is given up or taken, the record
/// and its detail.
fn rows_written(numbers: impl Iterator<Item = (Option<u32>, u32)>) -> usize {
    let (mut entries, mut slots) = (0, BTreeSet::new());
    for (before, after) in numbers {
        entries += 1;
        slots.extend(before);
        slots.insert(after);
    }
    entries + slots.len() + 2
}

fn has_sheets(live: &Live<'_>, contest: &LiveRow<Contest>) -> Result<bool, ServiceError> {
    for category in live.children::<Category>(&contest.place())? {
        if live.has_marks(&category, |_, _| true)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::rows_written;

    #[test]
    fn numbers_that_are_given_up_and_taken_are_counted_once() {
        assert_eq!(rows_written([(Some(2), 1), (Some(3), 2)].into_iter()), 2 + 3 + 2);
        assert_eq!(rows_written([(Some(10), 1), (None, 2)].into_iter()), 2 + 3 + 2);
    }
}
