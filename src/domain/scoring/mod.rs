//! Results: from marks to places, exact and explained. Pure functions from a [`Panel`] to [`Standings`],
//! which [`standings`] computes; every method sits behind [`ScoringMethod`]. Depends on ids and decimals of
//! the domain.
//!
//! Rules that hold for every method:
//! - No rounding but where the rule says so, and places follow the rounded number only there. No binary
//!   floats.
//! - Missing, abstained, recused and absent are not zero. A judge's total counts only if the sheet is whole;
//!   an entry without any total has no place. What is lacking is listed with each entry.
//! - Dropping `k` drops exactly `k`, over those present.
//! - A deduction is taken once, after all trimming, from its own entry only.
//! - Place = 1 + eligible entries strictly better. A guest takes no place and moves nobody.
//! - Neither the order of judges nor that of entries matters.

mod ballot;
mod completeness;
mod drop;
mod exact;
mod input;
mod measure;
mod method;
mod places;
mod rank_sum;
mod ranking;
mod reason;
mod rounding;
mod standings;
mod tie_break;
mod weighted;
mod weighted_average;
mod weighted_sum;

#[cfg(test)]
mod example;
#[cfg(test)]
mod properties;

pub use completeness::{Completeness, Gap};
pub use drop::{DropPer, DropRule, Dropped};
pub use exact::{Exact, InvalidExact};
pub use input::{MarkOutcome, NoMark, Panel, PanelCriterion, PanelDeduction, PanelEntry};
pub use method::{Direction, DroppedMark, JudgeTotal, MarksAre, Method, ScoringError, ScoringMethod, Tally};
pub use places::{DuplicatePlace, check_places};
pub use rank_sum::{InvalidPoints, PointsTable, RankSum, Ties};
pub use reason::{Comparison, Decision, Reason, SharedBecause, SharedPlace};
pub use rounding::{Digits, RoundTo, Rounding, RoundingMode, TooManyDigits};
pub use standings::{Placement, Standings, standings};
pub use tie_break::TieBreak;
pub use weighted_average::WeightedAverage;
pub use weighted_sum::WeightedSum;
