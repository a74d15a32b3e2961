//! The results of a category: one placement an entry, each with everything it came from.
//! Joins a method's totals, the ranking and the reasons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Completeness, DropRule, Exact, JudgeTotal, Method, Panel, PanelDeduction, PanelEntry, Reason,
    ScoringError, Tally, TieBreak,
    ranking::{Tier, rank},
    rounding::RoundTo,
    tie_break::TieBreaker,
};
use crate::domain::EntryId;

/// The results of one category.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standings {
    /// All entries: by place, eligible ones before guests of the same place, entries without a place last;
    /// otherwise in the order of the panel.
    pub placements: Vec<Placement>,
}

/// One entry's place and what it came from. `E` is how the entry is shown: by its id, or with its number and name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Placement<E = EntryId> {
    /// The entry.
    pub entry: E,
    /// One more than the eligible entries that are strictly better. Null without a total.
    pub place: Option<u32>,
    /// Whether an eligible entry beside it has the same place.
    pub shared: bool,
    /// Whether it takes a place. A guest is shown with the place it would have had and takes none.
    pub eligible: bool,
    /// The number that the place follows: a decimal if it is finite, otherwise a fraction such as `25/3`.
    pub total: Option<Exact>,
    /// The total to six digits, for people; no place follows from it.
    pub rounded_total: Option<Exact>,
    /// What each judge contributed.
    pub judge_totals: Vec<JudgeTotal>,
    /// What was deducted.
    pub deductions: Vec<PanelDeduction>,
    /// What is lacking.
    pub completeness: Completeness,
    /// Why it has this place.
    pub reason: Reason,
}

impl<E> Placement<E> {
    /// The same placement with the entry shown in another way.
    pub fn showing<F>(self, show: impl FnOnce(E) -> F) -> Placement<F> {
        let Self { entry, place, shared, eligible, total, rounded_total, judge_totals, .. } = self;
        let (deductions, completeness, reason) = (self.deductions, self.completeness, self.reason);
        Placement {
            entry: show(entry),
            place,
            shared,
            eligible,
            total,
            rounded_total,
            judge_totals,
            deductions,
            completeness,
            reason,
        }
    }
}

impl Standings {
    /// Whether marks can still come for any entry.
    pub fn is_provisional(&self) -> bool {
        let provisional = |row: &Placement| matches!(row.completeness, Completeness::Provisional { .. });
        self.placements.iter().any(provisional)
    }
}

/// Computes the results of a panel by a method and a chain of tie-breaks. The same input always gives the
/// same value.
///
/// # Errors
/// If marks or deductions mean nothing under the method; never for anything that is empty or missing.
pub fn standings(panel: &Panel, method: &Method, chain: &[TieBreak]) -> Result<Standings, ScoringError> {
    let rules = method.rules();
    let tallies = rules.tally(panel)?;
    let measures = TieBreaker::new(panel, rules, &tallies);
    let entries = || panel.entries().iter().zip(&tallies).enumerate();
    let eligible: Vec<usize> = entries()
        .filter(|(_, (row, tally))| row.eligible && tally.total.is_some())
        .map(|(entry, _)| entry)
        .collect();
    let ranking = rank(&eligible, chain, &measures);
    let mut placements: Vec<Placement> = entries()
        .map(|(entry, (row, tally))| {
            let (place, reason) = if tally.total.is_none() {
                (None, why_no_total(tally, rules.drops()))
            } else if row.eligible {
                locate(entry, &ranking, panel)
            } else {
                let with_guest: Vec<usize> = eligible.iter().copied().chain([entry]).collect();
                locate(entry, &rank(&with_guest, chain, &measures), panel)
            };
            let completeness = Completeness::of(panel, entry, rules);
            placement(row, judge_totals(tally, panel), tally, place, reason, completeness)
        })
        .collect();
    placements.sort_by_key(|row| (row.place.is_none(), row.place, !row.eligible));
    Ok(Standings { placements })
}

/// Why an entry has no total. What is dropped, is dropped of the judges who gave enough.
fn why_no_total(tally: &Tally, drops: DropRule) -> Reason {
    let judges = tally.judges.iter().filter(|row| row.total.is_some()).count();
    if judges > 0 && judges <= drops.count() {
        Reason::TooFewJudges { judges, needed: drops.count() + 1 }
    } else {
        Reason::NoTotal
    }
}

/// What each judge contributed; who has left owes nothing.
fn judge_totals(tally: &Tally, panel: &Panel) -> Vec<JudgeTotal> {
    let told = |row: &JudgeTotal| {
        let no_total = row.no_total.map(|reason| panel.reason(row.judge, reason));
        JudgeTotal { no_total, ..row.clone() }
    };
    tally.judges.iter().map(told).collect()
}

/// An entry's place in a ranking, and why.
fn locate(entry: usize, tiers: &[Tier], panel: &Panel) -> (Option<u32>, Reason) {
    let id = |index: usize| panel.entries().get(index).map(|row| row.id);
    let Some(at) = tiers.iter().position(|tier| tier.members.contains(&entry)) else {
        return (None, Reason::NoTotal);
    };
    let neighbour = |index: Option<usize>| index.and_then(|index| tiers.get(index));
    let Some(tier) = tiers.get(at) else {
        return (None, Reason::NoTotal);
    };
    let reason = Reason::of(entry, tier, neighbour(at.checked_sub(1)), neighbour(at.checked_add(1)), id);
    (Some(tier.place), reason)
}

fn placement(
    row: &PanelEntry,
    judge_totals: Vec<JudgeTotal>,
    tally: &Tally,
    place: Option<u32>,
    reason: Reason,
    completeness: Completeness,
) -> Placement {
    Placement {
        entry: row.id,
        place,
        shared: matches!(reason, Reason::Placed { shared: Some(_), .. }),
        eligible: row.eligible,
        total: tally.total.clone(),
        rounded_total: tally.total.as_ref().map(|total| RoundTo::DISPLAY.apply(total)),
        judge_totals,
        deductions: row.deductions.clone(),
        completeness,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::scoring::{
        Method, NoMark, Reason, SharedBecause, TieBreak,
        example::{compute, criterion, entry, guests, judge, method, panel, places},
    };

    #[test]
    fn a_guest_is_shown_with_the_place_it_would_have_had_and_takes_none() {
        let rows: &[&[&str]] = &[&["9"], &["8"], &["7"], &["7"], &["6"]];
        let with_guests = guests(&panel(&["1"], rows), &[0, 2]);
        let standings = compute(&with_guests, &Method::default(), &[]);
        assert_eq!(places(&with_guests, &standings), [1, 1, 2, 2, 3]);
        let order: Vec<_> = standings.placements.iter().map(|row| row.entry).collect();
        assert_eq!(order, [1, 0, 3, 2, 4].map(entry));
        let shared: Vec<_> = standings.placements.iter().map(|row| row.shared).collect();
        assert_eq!(shared, [false, false, false, true, false]);
    }

    #[test]
    fn a_reason_names_the_neighbours_and_the_numbers_that_decided() {
        let panel = panel(&["1", "1"], &[&["9 9"], &["6 5"], &["5 6"], &["6 5"]]);
        let rules = [TieBreak::HighestSingleMark {}, TieBreak::Criterion { criterion_id: criterion(1) }];
        let standings = compute(&panel, &Method::default(), &rules);
        assert_eq!(
            serde_json::to_value(&standings.placements[1].reason).unwrap(),
            json!({
                "type": "placed",
                "behind": {"others": [entry(0)], "decidedBy": {"type": "total", "own": "11", "other": "18"}},
                "aheadOf": {
                    "others": [entry(1), entry(3)],
                    "decidedBy": {
                        "type": "tieBreak", "step": 2, "own": "6", "other": "5", "place": null,
                        "rule": {"type": "criterion", "criterionId": criterion(1)},
                    },
                },
                "shared": null,
            })
        );
        let Reason::Placed { shared: Some(shared), ahead_of: None, .. } = &standings.placements[3].reason
        else {
            panic!("{:?}", standings.placements[3].reason)
        };
        assert_eq!(
            (shared.with.as_slice(), shared.because),
            (&[entry(1)][..], SharedBecause::ChainExhausted)
        );
    }

    #[test]
    fn who_stands_alone_or_has_no_total_says_so() {
        let panel = panel(&["1"], &[&["9"], &["-"]]);
        let standings = compute(&panel, &Method::default(), &[]);
        let reasons: Vec<_> = standings.placements.iter().map(|row| row.reason.clone()).collect();
        assert_eq!(reasons, [Reason::OnlyEntry, Reason::NoTotal]);
    }

    #[test]
    fn an_entry_of_whose_marks_all_would_be_dropped_says_how_many_judges_it_takes() {
        let panel = panel(&["1"], &[&["9", "8"]]);
        for drop_per in ["judgeTotal", "criterion"] {
            let drop = json!({"best": 1, "worst": 1});
            let rules = method(json!({"type": "weightedSum", "drop": drop, "dropPer": drop_per}));
            let placement = compute(&panel, &rules, &[]).placements[0].clone();
            assert_eq!(placement.place, None);
            assert_eq!(placement.reason, Reason::TooFewJudges { judges: 2, needed: 3 });
        }
    }

    #[test]
    fn a_judge_who_has_left_owes_no_mark() {
        let panel = panel(&["1"], &[&["9", "-"]]).with_left(vec![judge(1)]);
        let standings = compute(&panel, &Method::default(), &[]);
        assert_eq!(standings.placements[0].judge_totals[1].no_total, Some(NoMark::Left));
        assert!(!standings.is_provisional());
    }

    #[test]
    fn the_answer_has_numbers_as_texts_and_names_in_camel_case() {
        let panel = panel(&["1"], &[&["8", "8", "9"]]);
        let average = method(json!({"type": "weightedAverage"}));
        let placement = serde_json::to_value(&compute(&panel, &average, &[]).placements[0]).unwrap();
        assert_eq!((&placement["total"], &placement["roundedTotal"]), (&json!("25/3"), &json!("8.333333")));
        assert_eq!(placement["completeness"], json!({"state": "complete"}));
        assert_eq!(
            placement["judgeTotals"][2],
            json!({
                "judge": judge(2), "total": "9", "noTotal": null, "place": null, "points": null,
                "dropped": "no", "droppedMarks": [],
            })
        );
    }
}
