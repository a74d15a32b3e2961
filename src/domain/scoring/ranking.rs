//! From totals to places: standard competition ranking, ties parted by the chain. Depends on `tie_break`.

use super::{TieBreak, measure::Measure, tie_break::TieBreaker};

/// Entries that share a place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tier {
    /// Indexes of the entries, in the order they were given.
    pub members: Vec<usize>,
    /// Index of the first, counted from 1: one more than entries strictly better.
    pub place: u32,
    /// What parted it from the tier above; nothing for the first.
    pub parted: Option<Parting>,
    /// Whether a rule says that the place is shared, rather than no rule being left.
    pub shared_by_rule: bool,
}

/// The comparison that put one tier above the next.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Parting {
    /// The rule of the chain, counted from 1, or nothing for the total.
    pub rule: Option<(usize, TieBreak)>,
    pub better: Measure,
    pub worse: Measure,
}

/// Ranks entries, best tier first.
pub(super) fn rank(entries: &[usize], chain: &[TieBreak], measures: &TieBreaker<'_>) -> Vec<Tier> {
    let mut tiers = Vec::new();
    let totals = entries.iter().map(|entry| (*entry, measures.total(*entry))).collect();
    part(totals, None, None, chain, measures, &mut tiers);
    tiers
}

/// Parts measured entries into runs of equal measure, and each run by the rest of the chain.
fn part(
    mut group: Vec<(usize, Measure)>,
    rule: Option<(usize, TieBreak)>,
    mut parted: Option<Parting>,
    chain: &[TieBreak],
    measures: &TieBreaker<'_>,
    tiers: &mut Vec<Tier>,
) {
    // Stable, so that those who share a place stay in the order they were given.
    group.sort_by(|(_, left), (_, right)| left.best_first(right));
    let mut runs = group.chunk_by(|(_, left), (_, right)| left.best_first(right).is_eq()).peekable();
    while let Some(run) = runs.next() {
        let members: Vec<usize> = run.iter().map(|(entry, _)| *entry).collect();
        settle(members, rule.map_or(0, |(step, _)| step), parted.take(), chain, measures, tiers);
        let next = runs.peek().and_then(|next| next.first());
        parted = run.first().zip(next).map(|((_, better), (_, worse))| Parting {
            rule,
            better: better.clone(),
            worse: worse.clone(),
        });
    }
}

/// Makes a tier of entries that are level after `step` rules, unless the next rule parts them.
fn settle(
    members: Vec<usize>,
    step: usize,
    parted: Option<Parting>,
    chain: &[TieBreak],
    measures: &TieBreaker<'_>,
    tiers: &mut Vec<Tier>,
) {
    let mut shared_by_rule = false;
    if members.len() > 1
        && let Some(rule) = chain.get(step)
    {
        let measured = members.iter().map(|entry| Some((*entry, measures.measure(*rule, *entry, &members)?)));
        match measured.collect() {
            Some(group) => return part(group, Some((step + 1, *rule)), parted, chain, measures, tiers),
            None => shared_by_rule = true,
        }
    }
    let better: usize = tiers.iter().map(|tier| tier.members.len()).sum();
    let place = u32::try_from(better + 1).unwrap_or(u32::MAX);
    tiers.push(Tier { members, place, parted, shared_by_rule });
}
