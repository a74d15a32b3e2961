//! What one judge's totals say of all entries: who is above whom. Depends on `input`, `exact` and `method`.

use super::{Direction, Exact, JudgeTotal, Panel};

/// One judge's totals of the eligible entries. Guests can be held against it, but nobody against them.
pub(super) struct Ballot {
    best_first: Vec<Exact>,
    wins: Direction,
}

impl Ballot {
    /// One ballot a judge, in the order of the panel; `rows` gives the judges' totals of an entry.
    pub fn all<'a>(
        panel: &Panel,
        wins: Direction,
        rows: impl Fn(usize) -> Option<&'a [JudgeTotal]>,
    ) -> Vec<Self> {
        let eligible = panel.entries().iter().enumerate().filter(|(_, row)| row.eligible);
        let rows: Vec<_> = eligible.filter_map(|(entry, _)| rows(entry)).collect();
        let ballot = |judge: usize| {
            let totals = rows.iter().filter_map(|row| row.get(judge)?.total.as_ref());
            let mut best_first: Vec<_> = totals.cloned().collect();
            best_first.sort_unstable_by(|left, right| wins.best_first(left, right));
            Self { best_first, wins }
        };
        (0..panel.judges().len()).map(ballot).collect()
    }

    /// How many eligible entries this judge put above a total, and how many level with it.
    pub fn around(&self, total: &Exact) -> (u32, u32) {
        let better = self.best_first.partition_point(|other| self.wins.best_first(other, total).is_lt());
        let not_worse = self.best_first.partition_point(|other| self.wins.best_first(other, total).is_le());
        (count(better), count(not_worse - better))
    }
}

/// A number of entries; no panel has more than 32 bits can count.
fn count(entries: usize) -> u32 {
    u32::try_from(entries).unwrap_or(u32::MAX)
}
