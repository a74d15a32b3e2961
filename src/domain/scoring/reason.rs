//! Why an entry has its place, as data: every front end can say it in its own words. Depends on `ranking`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Exact, TieBreak,
    ranking::{Parting, Tier},
};
use crate::domain::EntryId;

/// Why an entry has its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reason {
    /// There is nobody to compare it with.
    OnlyEntry,
    /// It has no total, so it has no place: no judge has given enough.
    NoTotal,
    /// It has no total, so it has no place: the method drops more than there is.
    TooFewJudges {
        /// Judges whose sheets for it are whole.
        judges: usize,
        /// How many it takes, so that one is left when the best and the worst are dropped.
        needed: usize,
    },
    /// It was compared with its neighbours.
    Placed {
        /// Against those with the next better place; null for the first.
        behind: Option<Box<Comparison>>,
        /// Against those with the next worse place; null for the last.
        ahead_of: Option<Box<Comparison>>,
        /// With whom the place is shared, and why; null if it is not.
        shared: Option<SharedPlace>,
    },
}

/// The comparison that parted an entry from its neighbours in the ranking.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The neighbours; several if they share their place.
    pub others: Vec<EntryId>,
    /// What made the difference.
    pub decided_by: Decision,
}

/// What made the difference between two entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Decision {
    /// Their totals.
    Total {
        /// The entry's total.
        own: Option<Exact>,
        /// The neighbours' total.
        other: Option<Exact>,
    },
    /// Their totals are equal and a rule of the chain parted them.
    TieBreak {
        /// Which rule of the chain, counted from 1.
        step: usize,
        /// The rule.
        rule: TieBreak,
        /// What it found for the entry; null if it had nothing to look at.
        own: Option<Exact>,
        /// What it found for the neighbours.
        other: Option<Exact>,
        /// Under count-back, which place the two numbers count.
        place: Option<u32>,
    },
}

/// A place that several entries share.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedPlace {
    /// The others.
    pub with: Vec<EntryId>,
    /// Why nothing parted them.
    pub because: SharedBecause,
}

/// Why nothing parted entries that share a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SharedBecause {
    /// No rule of the chain made a difference: somebody may have to decide.
    ChainExhausted,
    /// The chain says that they share it.
    Rule,
}

/// Which side of a parting an entry stands on.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Better,
    Worse,
}

impl Reason {
    /// The reason of an entry for its place in a ranking, by the tier it is in and those next to it.
    pub(super) fn of(
        entry: usize,
        tier: &Tier,
        above: Option<&Tier>,
        below: Option<&Tier>,
        id: impl Fn(usize) -> Option<EntryId>,
    ) -> Self {
        let ids = |members: &[usize]| members.iter().filter_map(|member| id(*member)).collect::<Vec<_>>();
        let comparison = |tier: Option<&Tier>, parting: Option<&Parting>, side| {
            let decided_by = Decision::of(parting?, side);
            Some(Box::new(Comparison { others: ids(&tier?.members), decided_by }))
        };
        let behind = comparison(above, tier.parted.as_ref(), Side::Worse);
        let ahead_of = comparison(below, below.and_then(|tier| tier.parted.as_ref()), Side::Better);
        let others: Vec<usize> = tier.members.iter().copied().filter(|member| *member != entry).collect();
        let because = if tier.shared_by_rule { SharedBecause::Rule } else { SharedBecause::ChainExhausted };
        let shared = (!others.is_empty()).then(|| SharedPlace { with: ids(&others), because });
        if behind.is_none() && ahead_of.is_none() && shared.is_none() {
            Self::OnlyEntry
        } else {
            Self::Placed { behind, ahead_of, shared }
        }
    }
}

impl Decision {
    fn of(parting: &Parting, side: Side) -> Self {
        let (own, other) = match side {
            Side::Better => (&parting.better, &parting.worse),
            Side::Worse => (&parting.worse, &parting.better),
        };
        let ((own, place), (other, _)) = (own.figure_against(other), other.figure_against(own));
        match parting.rule {
            None => Self::Total { own, other },
            Some((step, rule)) => Self::TieBreak { step, rule, own, other, place },
        }
    }
}
