//! Rank sum: every judge ranks the entries; the places, or the points they earn, are added.
//! Depends on `input`, `exact`, `ballot` and `drop`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Direction, DropRule, Dropped, Exact, JudgeTotal, MarkOutcome, MarksAre, NoMark, Panel, PanelEntry,
    ScoringError, ScoringMethod, Tally, ballot::Ballot,
};
use crate::domain::{Decimal, EntryId, Fault, JudgeId};

/// Settings of the rank sum. Without points the lowest sum of places wins, with points the highest sum of
/// points.
///
/// A judge ranks the eligible entries; a guest gets the place it would have had and takes none. A judge who
/// did not rank an entry counts for it as the mean of those who did, since a place that is not there would
/// otherwise be better than a first; the entry is flagged. Deductions are taken from every judge's total
/// before ranking; where judges give places there is nothing to take them from, and they are refused.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RankSum {
    /// What a mark says: how good an entry is, or which place the judge gives it. Places are used as given
    /// and may exceed the number of entries shown; they need exactly one criterion.
    #[serde(default)]
    pub marks_are: MarksAre,
    /// Points that places earn, the first place first; no points past the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsTable>,
    /// What entries get that one judge has put level.
    #[serde(default)]
    pub ties: Ties,
    /// How many of an entry's best and worst judges do not count.
    #[serde(default)]
    pub drop: DropRule,
}

/// What entries get that one judge has put level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Ties {
    /// The average of the places (2 and 3 are 2.5 each) or of their points.
    #[default]
    Average,
    /// The best of the places, or its points.
    Better,
}

/// Points for places: at least one, never more for a worse place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
// Texts when stored, too: a tagged enum cannot hold the stored form of a decimal.
#[serde(try_from = "Vec<Decimal>", into = "Vec<String>")]
#[schemars(with = "Vec<Decimal>", inline, extend("minItems" = 1))]
pub struct PointsTable(Vec<Decimal>);

/// Points that make no sense for places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("points must be at least one number, none above the one before it")]
pub struct InvalidPoints;

impl TryFrom<Vec<Decimal>> for PointsTable {
    type Error = InvalidPoints;

    fn try_from(points: Vec<Decimal>) -> Result<Self, InvalidPoints> {
        let falling = points.is_sorted_by(|better, worse| better >= worse);
        if falling && !points.is_empty() { Ok(Self(points)) } else { Err(InvalidPoints) }
    }
}

impl From<PointsTable> for Vec<String> {
    fn from(table: PointsTable) -> Self {
        table.0.iter().map(Decimal::to_string).collect()
    }
}

impl PointsTable {
    /// The mean of the points of `level` places from the one after `better` others; zero past the end.
    fn mean(&self, better: u32, level: u32) -> Option<Exact> {
        let places = self.0.iter().skip(usize::try_from(better).ok()?).take(usize::try_from(level).ok()?);
        let points: Exact = places.map(|points| Exact::from(*points)).sum();
        points.divided_by(&Exact::from(level))
    }
}

impl RankSum {
    fn judge_total(
        &self,
        panel: &Panel,
        entry: &PanelEntry,
        judge: JudgeId,
        sheet: &[MarkOutcome],
    ) -> Result<JudgeTotal, ScoringError> {
        let total = match self.marks_are {
            MarksAre::Scores => {
                panel.whole(sheet).map(|marks| &Exact::weighted_sum(marks) - &entry.deducted())
            }
            MarksAre::Places => match panel.whole(sheet).map(|mut marks| marks.next()) {
                Ok(Some((mark, _))) => Ok(given_place(mark, entry.id, judge)?),
                Ok(None) => Err(None),
                Err(reason) => Err(reason),
            },
        };
        Ok(JudgeTotal::new(judge, total))
    }

    /// Fills in the place and the points that a judge's total earns.
    fn rank(&self, row: &mut JudgeTotal, eligible: bool, ballot: &Ballot) {
        let Some(total) = &row.total else { return };
        let (better, level) = ballot.around(total);
        let sharing = match self.ties {
            Ties::Average => 1 + level - u32::from(eligible),
            Ties::Better => 1,
        };
        let (above, place) = match self.marks_are {
            MarksAre::Scores => {
                let (first, last) = (Exact::from(better + 1), Exact::from(better + sharing));
                (better, Exact::mean([&first, &last]))
            }
            MarksAre::Places => {
                (total.to_u32().map_or(u32::MAX, |place| place.saturating_sub(1)), Some(total.clone()))
            }
        };
        row.place = place;
        row.points = self.points.as_ref().and_then(|table| table.mean(above, sharing));
    }

    fn total(&self, judges: &mut [JudgeTotal]) -> Option<Exact> {
        let figure = |row: &JudgeTotal| {
            if self.points.is_some() { row.points.clone() } else { row.place.clone() }
        };
        let present: Vec<_> = judges.iter().filter_map(|row| Some((row.judge, figure(row)?))).collect();
        let dropped = self.drop.apply(&present, self.total_wins())?;
        let kept = present.iter().zip(&dropped).filter(|(_, dropped)| **dropped == Dropped::No);
        let mean = Exact::mean(kept.map(|((_, figure), _)| figure))?;
        let counted = u32::try_from(judges.len() - self.drop.count()).ok()?;
        for (row, dropped) in judges.iter_mut().filter(|row| row.place.is_some()).zip(dropped) {
            row.dropped = dropped;
        }
        Some(&mean * &Exact::from(counted))
    }
}

/// A mark as a place.
fn given_place(mark: Decimal, entry: EntryId, judge: JudgeId) -> Result<Exact, ScoringError> {
    let place = mark.integer().and_then(|place| u32::try_from(place).ok()).filter(|place| *place > 0);
    place.map(Exact::from).ok_or(ScoringError::NotAPlace { judge, entry, mark })
}

impl ScoringMethod for RankSum {
    fn tally(&self, panel: &Panel) -> Result<Vec<Tally>, ScoringError> {
        if self.marks_are == MarksAre::Places {
            if panel.criteria().len() > 1 {
                return Err(ScoringError::PlacesNeedOneCriterion { count: panel.criteria().len() });
            }
            if let Some(entry) = panel.entries().iter().find(|entry| !entry.deductions.is_empty()) {
                return Err(ScoringError::DeductionFromPlaces { entry: entry.id });
            }
        }
        let mut rows = Vec::with_capacity(panel.entries().len());
        for (index, entry) in panel.entries().iter().enumerate() {
            let judges =
                panel.sheets(index).map(|(judge, sheet)| self.judge_total(panel, entry, judge, sheet));
            rows.push(judges.collect::<Result<Vec<_>, _>>()?);
        }
        let ballots = Ballot::all(panel, self.marks_are.wins(), |entry| rows.get(entry).map(Vec::as_slice));
        let ranked = rows.into_iter().zip(panel.entries()).map(|(mut judges, entry)| {
            for (row, ballot) in judges.iter_mut().zip(&ballots) {
                self.rank(row, entry.eligible, ballot);
            }
            Tally { total: self.total(&mut judges), judges }
        });
        Ok(ranked.collect())
    }

    fn total_wins(&self) -> Direction {
        if self.points.is_some() { Direction::HigherWins } else { Direction::LowerWins }
    }

    fn marks_are(&self) -> MarksAre {
        self.marks_are
    }

    fn tolerates(&self, _: NoMark) -> bool {
        false
    }

    fn drops(&self) -> DropRule {
        self.drop
    }

    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RankSum;
    use crate::domain::scoring::{
        Completeness, Method, ScoringError,
        example::{compute, deduct, entry, guests, judge, method, panel, places, totals},
        standings,
    };

    fn rank_sum(settings: serde_json::Value) -> Method {
        let mut json = json!({"type": "rankSum"});
        json.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        method(json)
    }

    fn judge_figures(row: u128, panel: &super::Panel, rules: &Method) -> Vec<(String, Option<String>)> {
        let standings = compute(panel, rules, &[]);
        let placement =
            standings.placements.into_iter().find(|placement| placement.entry == entry(row)).unwrap();
        let text = |row: &super::JudgeTotal| {
            (row.place.as_ref().unwrap().to_string(), row.points.as_ref().map(ToString::to_string))
        };
        placement.judge_totals.iter().map(text).collect()
    }

    #[test]
    fn each_judge_ranks_by_totals_and_the_lowest_sum_of_places_wins() {
        let panel = panel(&["1", "2"], &[&["9 1", "1 1"], &["5 5", "9 9"], &["1 1", "5 5"]]);
        let standings = compute(&panel, &rank_sum(json!({})), &[]);
        assert_eq!(totals(&panel, &standings), ["5", "2", "5"]);
        assert_eq!(places(&panel, &standings), [2, 1, 2]);
    }

    #[test]
    fn level_entries_share_the_average_or_get_the_better_place() {
        let panel = panel(&["1"], &[&["10"], &["4"], &["4"], &["3"]]);
        assert_eq!(totals(&panel, &compute(&panel, &rank_sum(json!({})), &[])), ["1", "2.5", "2.5", "4"]);
        let better = rank_sum(json!({"ties": "better"}));
        assert_eq!(totals(&panel, &compute(&panel, &better, &[])), ["1", "2", "2", "4"]);
        let points = rank_sum(json!({"points": [10, 7, 5, 3, 2, 1]}));
        assert_eq!(judge_figures(1, &panel, &points), [("2.5".to_owned(), Some("6".to_owned()))]);
        let points = rank_sum(json!({"points": [10, 7, 5, 3, 2, 1], "ties": "better"}));
        assert_eq!(judge_figures(1, &panel, &points), [("2".to_owned(), Some("7".to_owned()))]);
    }

    #[test]
    fn places_past_the_end_of_the_table_earn_nothing() {
        let panel = panel(&["1"], &[&["1"], &["2"], &["2"], &["4"]]);
        let rules = rank_sum(json!({"marksAre": "places", "points": [5, 3]}));
        assert_eq!(totals(&panel, &compute(&panel, &rules, &[])), ["5", "1.5", "1.5", "0"]);
    }

    #[test]
    fn places_are_used_as_given_even_from_a_larger_field() {
        let panel = panel(&["3"], &[&["17", "2"], &["4", "40"]]);
        let rules = rank_sum(json!({"marksAre": "places"}));
        assert_eq!(totals(&panel, &compute(&panel, &rules, &[])), ["19", "44"]);
    }

    #[test]
    fn the_best_and_the_worst_judge_of_an_entry_are_dropped() {
        let panel = panel(&["1"], &[&["1", "2", "1", "3", "2"], &["2", "2", "2", "2", "2"]]);
        let rules = rank_sum(json!({"marksAre": "places", "drop": {"best": 1, "worst": 1}}));
        assert_eq!(totals(&panel, &compute(&panel, &rules, &[])), ["5", "6"]);
    }

    #[test]
    fn a_judge_who_did_not_rank_an_entry_counts_as_the_mean_of_the_others() {
        let panel = panel(&["1"], &[&["1", "1", "2"], &["2", "2", "r"]]);
        let rules = rank_sum(json!({"marksAre": "places"}));
        let standings = compute(&panel, &rules, &[]);
        assert_eq!(totals(&panel, &standings), ["4", "6"]);
        assert!(matches!(standings.placements[1].completeness, Completeness::ReducedPanel { .. }));
    }

    #[test]
    fn a_guest_gets_the_places_it_would_have_had_and_takes_none() {
        let with_guest = guests(&panel(&["1"], &[&["9"], &["8"], &["8"], &["7"]]), &[1]);
        let standings = compute(&with_guest, &rank_sum(json!({})), &[]);
        assert_eq!(totals(&with_guest, &standings), ["1", "2.5", "2", "3"]);
        assert_eq!(places(&with_guest, &standings), [1, 3, 2, 3]);
    }

    #[test]
    fn a_deduction_is_taken_before_ranking_and_refused_from_places() {
        let deducted = deduct(&panel(&["1"], &[&["9", "9"], &["8", "7"]]), 0, "1.5");
        assert_eq!(totals(&deducted, &compute(&deducted, &rank_sum(json!({})), &[])), ["3", "3"]);
        assert_eq!(
            standings(&deducted, &rank_sum(json!({"marksAre": "places"})), &[]),
            Err(ScoringError::DeductionFromPlaces { entry: entry(0) })
        );
    }

    #[test]
    fn what_is_not_a_place_is_refused_by_judge_and_entry() {
        for mark in ["0", "-1", "1.5", "9000000000"] {
            let wrong = panel(&["1"], &[&["1", mark]]);
            assert_eq!(
                standings(&wrong, &rank_sum(json!({"marksAre": "places"})), &[]),
                Err(ScoringError::NotAPlace {
                    judge: judge(1),
                    entry: entry(0),
                    mark: mark.parse().unwrap()
                })
            );
        }
        let two = panel(&["1", "1"], &[&["1 1"]]);
        let error = standings(&two, &rank_sum(json!({"marksAre": "places"})), &[]);
        assert_eq!(error, Err(ScoringError::PlacesNeedOneCriterion { count: 2 }));
    }

    #[test]
    fn points_must_not_rise_and_read_back_from_their_stored_form() {
        for wrong in [json!([]), json!([1, 2])] {
            assert!(serde_json::from_value::<RankSum>(json!({"points": wrong})).is_err());
        }
        let rules = rank_sum(json!({"points": ["12.5", 10, 8]}));
        let stored = rmp_serde::to_vec_named(&rules).unwrap();
        assert_eq!(rmp_serde::from_slice::<Method>(&stored).unwrap(), rules);
    }
}
