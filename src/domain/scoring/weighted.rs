//! What weighted sum and weighted average have in common: marks times weights, drops, rounding, deductions.
//! Depends on `input`, `exact`, `drop` and `rounding`.

use super::{
    Direction, DropPer, DropRule, Dropped, DroppedMark, Exact, JudgeTotal, MarkOutcome, NoMark, Panel,
    PanelEntry, Rounding, Tally, rounding::rounded,
};
use crate::domain::{Fault, JudgeId};

/// How the figures that count become one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Combine {
    Sum,
    Mean,
}

/// The chain from marks to a total.
///
/// Per judge's total (default): mark x weight, rounded; their sum, rounded; best and worst judges dropped;
/// the others combined. Per criterion: best and worst marks dropped; the others combined, rounded; x weight,
/// rounded; their sum. Both go on: less deductions, not below zero if so set, rounded.
pub(super) struct Weighted {
    pub combine: Combine,
    pub drop: DropRule,
    pub drop_per: DropPer,
    pub rounding: Rounding,
    /// Whether weights count as shares of their sum.
    pub normalise_weights: bool,
    pub floor_at_zero: bool,
}

impl Weighted {
    pub fn tally(&self, panel: &Panel) -> Vec<Tally> {
        let divisor = self.divisor(panel);
        let tally = |(index, entry): (usize, &PanelEntry)| {
            let mut judges: Vec<_> = panel
                .sheets(index)
                .map(|(judge, sheet)| JudgeTotal::new(judge, self.judge_total(panel, sheet, &divisor)))
                .collect();
            let total = match self.drop_per {
                DropPer::JudgeTotal => self.over_judges(&mut judges),
                DropPer::Criterion => self.over_criteria(panel, index, &divisor, &mut judges),
            };
            Tally { total: total.map(|total| self.after_deductions(&total, entry)), judges }
        };
        panel.entries().iter().enumerate().map(tally).collect()
    }

    /// What weights are divided by. Zero, when they should be shares of nothing: then there are no totals.
    fn divisor(&self, panel: &Panel) -> Exact {
        if self.normalise_weights {
            panel.criteria().iter().map(|criterion| Exact::from(criterion.weight)).sum()
        } else {
            Exact::from(1)
        }
    }

    fn judge_total(
        &self,
        panel: &Panel,
        sheet: &[MarkOutcome],
        divisor: &Exact,
    ) -> Result<Exact, Option<NoMark>> {
        let marks = panel.whole(sheet)?;
        let total = if self.rounding.criterion_weighted.is_some() {
            let weighted =
                marks.map(|mark_and_weight| self.weighted(Exact::weighted_sum([mark_and_weight]), divisor));
            weighted.sum::<Option<Exact>>()
        } else if self.normalise_weights {
            Exact::weighted_sum(marks).divided_by(divisor)
        } else {
            Some(Exact::weighted_sum(marks))
        };
        let rule = self.rounding.judge_total.filter(|_| self.drop_per == DropPer::JudgeTotal);
        total.map(|total| rounded(total, rule)).ok_or(None)
    }

    /// What a mark times its weight, or a panel's figure times its weight, contributes.
    fn weighted(&self, product: Exact, divisor: &Exact) -> Option<Exact> {
        let share = if self.normalise_weights { product.divided_by(divisor)? } else { product };
        Some(rounded(share, self.rounding.criterion_weighted))
    }

    fn over_judges(&self, judges: &mut [JudgeTotal]) -> Option<Exact> {
        let present: Vec<_> = judges.iter().filter_map(|row| Some((row.judge, row.total.clone()?))).collect();
        let dropped = self.drop.apply(&present, Direction::HigherWins)?;
        let total = self.combined(&present, &dropped);
        for (row, dropped) in judges.iter_mut().filter(|row| row.total.is_some()).zip(dropped) {
            row.dropped = dropped;
        }
        total
    }

    fn over_criteria(
        &self,
        panel: &Panel,
        entry: usize,
        divisor: &Exact,
        judges: &mut [JudgeTotal],
    ) -> Option<Exact> {
        let total = panel.criteria().iter().enumerate().map(|(index, criterion)| {
            let present: Vec<_> =
                panel.values(entry, index).map(|(judge, mark)| (judge, mark.into())).collect();
            let dropped = self.drop.apply(&present, Direction::HigherWins)?;
            for ((judge, _), dropped) in
                present.iter().zip(&dropped).filter(|(_, dropped)| **dropped != Dropped::No)
            {
                if let Some(row) = judges.iter_mut().find(|row| row.judge == *judge) {
                    row.dropped_marks.push(DroppedMark { criterion: criterion.id, dropped: *dropped });
                }
            }
            let figure = rounded(self.combined(&present, &dropped)?, self.rounding.criterion_panel);
            self.weighted(&figure * &Exact::from(criterion.weight), divisor)
        });
        total.sum::<Option<Exact>>().filter(|_| !panel.criteria().is_empty())
    }

    fn combined(&self, present: &[(JudgeId, Exact)], dropped: &[Dropped]) -> Option<Exact> {
        let kept = present.iter().zip(dropped).filter(|(_, dropped)| **dropped == Dropped::No);
        let kept = kept.map(|((_, figure), _)| figure);
        match self.combine {
            Combine::Sum => Some(kept.sum()),
            Combine::Mean => Exact::mean(kept),
        }
    }

    /// Once per entry and after all trimming, so that a deduction never moves another entry or a drop.
    fn after_deductions(&self, total: &Exact, entry: &PanelEntry) -> Exact {
        let left = total - &entry.deducted();
        let floored = if self.floor_at_zero && left.is_negative() { Exact::ZERO } else { left };
        rounded(floored, self.rounding.final_total)
    }

    /// Rounding at a point that the chain does not pass.
    pub fn faults(&self) -> Vec<Fault> {
        let fault = match self.drop_per {
            DropPer::JudgeTotal => self.rounding.criterion_panel.map(|_| {
                Fault::new("/rounding/criterionPanel", "has a meaning only when dropPer is criterion")
            }),
            DropPer::Criterion => self
                .rounding
                .judge_total
                .map(|_| Fault::new("/rounding/judgeTotal", "has a meaning only when dropPer is judgeTotal")),
        };
        fault.into_iter().collect()
    }
}
