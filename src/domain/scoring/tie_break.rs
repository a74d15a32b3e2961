//! The ordered chain of rules that parts entries with equal totals, each applied only to those still tied.
//! Depends on `input`, `method`, `ballot` and `exact`. A new rule is a variant here and a measure below.

use std::cell::OnceCell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Direction, Exact, JudgeTotal, MarksAre, Panel, ScoringMethod, Tally, ballot::Ballot, measure::Measure,
};
use crate::domain::CriterionId;

/// One rule of the chain. Without rules, equal totals share a place.
///
/// Rules look at all marks given, dropped ones included. Where marks are places, the lower mark wins.
// Empty braces, because serde ignores unknown fields beside a bare variant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum TieBreak {
    /// The better mean of the marks given for one criterion.
    Criterion {
        /// The criterion.
        criterion_id: CriterionId,
    },
    /// The best single mark of any judge on any criterion, without weights.
    HighestSingleMark {},
    /// More judges who put the entry first.
    MostFirstPlaces {},
    /// Between two: more judges who put the entry above the other. Among more: more of the others beaten so.
    JudgeMajority {},
    /// More first places by judges, then more second places, and so on.
    Countback {},
    /// The better total before deductions.
    WithoutDeductions {},
    /// Nothing more is looked at: the place is shared.
    Shared {},
}

/// Measures entries by the rules; what only some rules need is computed once, when first needed.
pub(super) struct TieBreaker<'a> {
    panel: &'a Panel,
    method: &'a dyn ScoringMethod,
    tallies: &'a [Tally],
    /// Totals as if nothing had been deducted.
    undeducted: OnceCell<Vec<Tally>>,
    /// The places judges gave each entry, best first.
    places: OnceCell<Vec<Vec<u32>>>,
}

impl<'a> TieBreaker<'a> {
    pub fn new(panel: &'a Panel, method: &'a dyn ScoringMethod, tallies: &'a [Tally]) -> Self {
        Self { panel, method, tallies, undeducted: OnceCell::new(), places: OnceCell::new() }
    }

    /// The entry's total, by which all begin.
    pub fn total(&self, entry: usize) -> Measure {
        let value = self.tallies.get(entry).and_then(|tally| tally.total.clone());
        Measure::Figure { value, wins: self.method.total_wins() }
    }

    /// What a rule sees in an entry among those it is tied with (itself included). Nothing, if the rule ends
    /// the chain.
    pub fn measure(&self, rule: TieBreak, entry: usize, tied: &[usize]) -> Option<Measure> {
        let marks_win = self.method.marks_are().wins();
        let (value, wins) = match rule {
            TieBreak::Shared {} => return None,
            TieBreak::Countback {} => return Some(Measure::Places(self.places(entry).to_vec())),
            TieBreak::Criterion { criterion_id } => (self.criterion_mean(entry, criterion_id), marks_win),
            TieBreak::HighestSingleMark {} => (self.best_mark(entry, marks_win), marks_win),
            TieBreak::MostFirstPlaces {} => {
                (count(self.places(entry).iter().filter(|place| **place == 1)), Direction::HigherWins)
            }
            TieBreak::JudgeMajority {} => (self.majorities(entry, tied), Direction::HigherWins),
            TieBreak::WithoutDeductions {} => (self.undeducted_total(entry), self.method.total_wins()),
        };
        Some(Measure::Figure { value, wins })
    }

    fn criterion_mean(&self, entry: usize, criterion: CriterionId) -> Option<Exact> {
        let index = self.panel.criteria().iter().position(|row| row.id == criterion)?;
        let marks: Vec<Exact> = self.panel.values(entry, index).map(|(_, mark)| mark.into()).collect();
        Exact::mean(&marks)
    }

    fn best_mark(&self, entry: usize, wins: Direction) -> Option<Exact> {
        let marks =
            self.panel.sheets(entry).flat_map(|(_, sheet)| sheet).filter_map(|mark| mark.value().ok());
        marks.min_by(|left, right| wins.best_first(left, right)).map(Exact::from)
    }

    fn undeducted_total(&self, entry: usize) -> Option<Exact> {
        // What could be tallied with deductions can be tallied without them.
        let tallies = self
            .undeducted
            .get_or_init(|| self.method.tally(&self.panel.without_deductions()).unwrap_or_default());
        tallies.get(entry)?.total.clone()
    }

    fn places(&self, entry: usize) -> &[u32] {
        let all = self.places.get_or_init(|| {
            let rows = |entry: usize| self.tallies.get(entry).map(|tally| tally.judges.as_slice());
            let ballots = Ballot::all(self.panel, self.method.marks_are().wins(), rows);
            self.tallies.iter().map(|tally| self.judges_places(tally, &ballots)).collect()
        });
        all.get(entry).map_or(&[], Vec::as_slice)
    }

    /// The places judges gave an entry, best first: as given, or one more than the eligible entries put above
    /// it.
    fn judges_places(&self, tally: &Tally, ballots: &[Ballot]) -> Vec<u32> {
        let place = |(row, ballot): (&JudgeTotal, &Ballot)| {
            let total = row.total.as_ref()?;
            match self.method.marks_are() {
                MarksAre::Places => total.to_u32(),
                MarksAre::Scores => Some(ballot.around(total).0 + 1),
            }
        };
        let mut places: Vec<u32> = tally.judges.iter().zip(ballots).filter_map(place).collect();
        places.sort_unstable();
        places
    }

    fn judge_total(&self, entry: usize, judge: usize) -> Option<&Exact> {
        self.tallies.get(entry)?.judges.get(judge)?.total.as_ref()
    }

    fn majorities(&self, entry: usize, tied: &[usize]) -> Option<Exact> {
        let mut others = tied.iter().copied().filter(|other| *other != entry);
        if tied.len() == 2 {
            let other = others.next()?;
            u32::try_from(self.judges_for(entry, other)).ok().map(Exact::from)
        } else {
            count(others.filter(|other| self.judges_for(entry, *other) > self.judges_for(*other, entry)))
        }
    }

    /// How many judges put an entry above another, of those who have a total for both.
    fn judges_for(&self, entry: usize, other: usize) -> usize {
        let wins = self.method.marks_are().wins();
        let prefers = |judge: &usize| {
            let totals = self.judge_total(entry, *judge).zip(self.judge_total(other, *judge));
            totals.is_some_and(|(own, others)| wins.best_first(own, others).is_lt())
        };
        (0..self.panel.judges().len()).filter(prefers).count()
    }
}

fn count<T>(found: impl Iterator<Item = T>) -> Option<Exact> {
    u32::try_from(found.count()).ok().map(Exact::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::TieBreak;
    use crate::domain::scoring::{
        Decision, Method, Panel, Reason,
        example::{compute, criterion, deduct, entry, method, panel, places, totals},
    };

    fn chain(json: serde_json::Value) -> Vec<TieBreak> {
        serde_json::from_value(json).unwrap()
    }

    fn broken(panel: &Panel, rule: TieBreak) -> Vec<u32> {
        places(panel, &compute(panel, &Method::default(), &[rule]))
    }

    #[test]
    fn without_rules_equal_totals_share_the_place() {
        let level = panel(&["1"], &[&["5", "6"], &["6", "5"], &["1", "1"]]);
        assert_eq!(places(&level, &compute(&level, &Method::default(), &[])), [1, 1, 3]);
    }

    #[test]
    fn a_criterion_parts_by_the_mean_of_its_marks() {
        let level = panel(&["1", "1"], &[&["5 6", "5 6"], &["6 5", "6 5"]]);
        assert_eq!(broken(&level, TieBreak::Criterion { criterion_id: criterion(1) }), [1, 2]);
        assert_eq!(broken(&level, TieBreak::Criterion { criterion_id: criterion(0) }), [2, 1]);
        assert_eq!(broken(&level, TieBreak::Criterion { criterion_id: criterion(9) }), [1, 1]);
    }

    #[test]
    fn the_highest_single_mark_and_the_most_firsts_part() {
        let level = panel(&["1"], &[&["9", "3", "3"], &["1", "7", "7"]]);
        assert_eq!(broken(&level, TieBreak::HighestSingleMark {}), [1, 2]);
        assert_eq!(broken(&level, TieBreak::MostFirstPlaces {}), [2, 1]);
        assert_eq!(broken(&level, TieBreak::JudgeMajority {}), [2, 1]);
    }

    #[test]
    fn among_more_than_two_the_majority_counts_pairs_won() {
        let level = panel(&["1"], &[&["9", "1", "2"], &["4", "4", "4"], &["1", "5", "6"]]);
        assert_eq!(broken(&level, TieBreak::JudgeMajority {}), [3, 2, 1]);
        let cycle = panel(&["1"], &[&["3", "1", "2"], &["2", "3", "1"], &["1", "2", "3"]]);
        assert_eq!(broken(&cycle, TieBreak::JudgeMajority {}), [1, 1, 1]);
    }

    #[test]
    fn the_total_without_deductions_parts() {
        let level = deduct(&panel(&["1"], &[&["5"], &["6"]]), 1, "1");
        assert_eq!(broken(&level, TieBreak::WithoutDeductions {}), [2, 1]);
    }

    #[test]
    fn count_back_is_decided_at_the_first_place_that_differs() {
        // As in the song contest of 1991: equal totals, equal firsts, more seconds for the one.
        let level = panel(&["1"], &[&["1", "2", "2", "5", "5"], &["2", "1", "5", "3", "3"]]);
        let rules = method(json!({"type": "rankSum", "marksAre": "places", "points": [12, 10, 8, 7, 6, 0]}));
        let standings = compute(&level, &rules, &[TieBreak::MostFirstPlaces {}, TieBreak::Countback {}]);
        assert_eq!(totals(&level, &standings), ["44", "44"]);
        let Reason::Placed { ahead_of: Some(ahead), .. } = &standings.placements[0].reason else {
            panic!("{:?}", standings.placements[0].reason)
        };
        assert_eq!(ahead.others.len(), 1);
        let Decision::TieBreak { step, own, other, place, .. } = &ahead.decided_by else {
            panic!("{ahead:?}")
        };
        assert_eq!((*step, *place), (2, Some(2)));
        assert_eq!(
            (own.as_ref().unwrap().to_string(), other.as_ref().unwrap().to_string()),
            ("2".into(), "1".into())
        );
    }

    #[test]
    fn each_rule_looks_only_at_those_the_rules_before_it_left_tied() {
        let rows: &[&[&str]] = &[&["9 1", "1 9"], &["5 5", "5 5"], &["5 5", "6 4"], &["8 8", "8 8"]];
        let level = panel(&["1", "1"], rows);
        let rules = [TieBreak::HighestSingleMark {}, TieBreak::Criterion { criterion_id: criterion(0) }];
        let standings = compute(&level, &Method::default(), &rules);
        assert_eq!(places(&level, &standings), [2, 4, 3, 1]);
        assert_eq!(standings.placements[0].entry, entry(3));
    }

    #[test]
    fn shared_ends_the_chain() {
        let level = panel(&["1"], &[&["9", "1"], &["5", "5"]]);
        let rules = [TieBreak::Shared {}, TieBreak::HighestSingleMark {}];
        assert_eq!(places(&level, &compute(&level, &Method::default(), &rules)), [1, 1]);
    }

    #[test]
    fn rules_read_back_from_their_stored_form_and_unknown_fields_are_refused() {
        let rules = chain(json!([
            {"type": "criterion", "criterionId": criterion(1)}, {"type": "highestSingleMark"},
            {"type": "mostFirstPlaces"}, {"type": "judgeMajority"}, {"type": "countback"},
            {"type": "withoutDeductions"}, {"type": "shared"},
        ]));
        let stored = rmp_serde::to_vec_named(&rules).unwrap();
        assert_eq!(rmp_serde::from_slice::<Vec<TieBreak>>(&stored).unwrap(), rules);
        for wrong in
            [json!({"type": "shared", "x": 1}), json!({"type": "criterion"}), json!({"type": "coin"})]
        {
            assert!(serde_json::from_value::<TieBreak>(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
