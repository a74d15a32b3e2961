//! Sheets of places as ballots: a judge gives each place once. Depends on `input` only.

use super::Panel;
use crate::domain::{CriterionId, Decimal, EntryId, JudgeId};

/// A place that a judge gave more than once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DuplicatePlace {
    /// Who gave it.
    pub judge: JudgeId,
    /// On which criterion.
    pub criterion: CriterionId,
    /// The place.
    pub place: Decimal,
    /// To whom, in the order of the panel.
    pub entries: Vec<EntryId>,
}

/// The places that judges gave more than once, by judge, criterion and place. A place left out is none of
/// them: a larger field may be judged than is shown.
pub fn check_places(panel: &Panel) -> Vec<DuplicatePlace> {
    let mut duplicates = Vec::new();
    for (column, judge) in panel.judges().iter().enumerate() {
        for (position, criterion) in panel.criteria().iter().enumerate() {
            let mark = |row: usize| panel.sheet(row, column).get(position)?.value().ok();
            let entries = panel.entries().iter().enumerate();
            let mut given: Vec<_> = entries.filter_map(|(row, entry)| Some((mark(row)?, entry.id))).collect();
            given.sort_by_key(|(place, _)| *place);
            let levels =
                given.chunk_by(|(left, _), (right, _)| left == right).filter(|level| level.len() > 1);
            duplicates.extend(levels.filter_map(|level| {
                let entries = level.iter().map(|(_, entry)| *entry).collect();
                Some(DuplicatePlace {
                    judge: *judge,
                    criterion: criterion.id,
                    place: level.first()?.0,
                    entries,
                })
            }));
        }
    }
    duplicates
}

#[cfg(test)]
mod tests {
    use super::{DuplicatePlace, check_places};
    use crate::domain::scoring::example::{criterion, entry, judge, panel};

    #[test]
    fn a_place_given_twice_is_named_with_judge_and_entries() {
        let panel = panel(&["1"], &[&["1", "6"], &["2", "1"], &["3", "6"], &["7", "-"]]);
        let duplicate = DuplicatePlace {
            judge: judge(1),
            criterion: criterion(0),
            place: "6".parse().unwrap(),
            entries: vec![entry(0), entry(2)],
        };
        assert_eq!(check_places(&panel), [duplicate]);
    }
}
