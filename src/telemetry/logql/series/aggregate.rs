//! Several series together: sums and their like, and the greatest or least of them.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{Labels, Samples, Series, sort};
use crate::telemetry::logql::ast::{Aggregation, Grouping};

/// The labels that stay.
pub(super) fn grouped(mut labels: Labels, grouping: Option<&Grouping>) -> Labels {
    match grouping {
        None => {}
        Some(Grouping::By(kept)) => {
            // The level goes by two names.
            if kept.iter().any(|name| name == "detected_level")
                && let Some(level) = labels.get("level").cloned()
            {
                labels.insert("detected_level".to_owned(), level);
            }
            labels.retain(|name, _| kept.contains(name));
        }
        Some(Grouping::Without(gone)) => labels.retain(|name, _| !gone.contains(name)),
    }
    labels
}

/// Series that have the same labels left, as one.
pub(super) fn aggregated(aggregation: Aggregation, grouping: &Grouping, series: Vec<Series>) -> Vec<Series> {
    if let Aggregation::TopK(count) | Aggregation::BottomK(count) = aggregation {
        return best(count, matches!(aggregation, Aggregation::TopK(_)), grouping, series);
    }
    let mut groups: BTreeMap<Labels, Vec<Vec<Option<f64>>>> = BTreeMap::new();
    for Series { labels, values } in series {
        groups.entry(grouped(labels, Some(grouping))).or_default().push(values);
    }
    let together = |members: &[Vec<Option<f64>>], at: usize| {
        let values: Vec<f64> = members.iter().filter_map(|values| *values.get(at)?).collect();
        #[allow(clippy::cast_precision_loss, reason = "counts of series are small")]
        let count = values.len() as f64;
        (!values.is_empty()).then(|| match aggregation {
            Aggregation::Avg => values.iter().sum::<f64>() / count,
            Aggregation::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Aggregation::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Aggregation::Count => count,
            _ => values.iter().sum(),
        })
    };
    let groups = groups.into_iter().map(|(labels, members)| {
        let length = members.first().map_or(0, Vec::len);
        Series { labels, values: (0..length).map(|at| together(&members, at)).collect() }
    });
    groups.collect()
}

/// The greatest or the least of each group, at each time.
fn best(count: usize, greatest: bool, grouping: &Grouping, mut series: Vec<Series>) -> Vec<Series> {
    let length = series.first().map_or(0, |series| series.values.len());
    let groups: Vec<Labels> =
        series.iter().map(|series| grouped(series.labels.clone(), Some(grouping))).collect();
    for at in 0..length {
        let values = (0_i64..).zip(&series);
        let mut ranked: Samples =
            values.filter_map(|(index, series)| Some((index, (*series.values.get(at)?)?))).collect();
        sort(&mut ranked, if greatest { descending } else { |one, other| descending(other, one) });
        let mut taken: BTreeMap<&Labels, usize> = BTreeMap::new();
        let mut kept = vec![false; series.len()];
        for (index, _) in ranked {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let Some(group) = groups.get(index) else { continue };
            let taken = taken.entry(group).or_default();
            if *taken < count
                && let Some(kept) = kept.get_mut(index)
            {
                (*taken, *kept) = (*taken + 1, true);
            }
        }
        for (series, _) in series.iter_mut().zip(kept).filter(|(_, kept)| !kept) {
            if let Some(value) = series.values.get_mut(at) {
                *value = None;
            }
        }
    }
    series
}

fn descending((_, one): &(i64, f64), (_, other): &(i64, f64)) -> Ordering {
    other.total_cmp(one)
}

/// So many series with the greatest sums of all their values, the greatest first.
pub fn greatest(series: Vec<Series>, count: usize) -> Vec<Series> {
    let sums = series.iter().map(|series| series.values.iter().flatten().sum());
    let mut ranked: Samples = (0_i64..).zip(sums).collect();
    sort(&mut ranked, descending);
    let mut series: Vec<_> = series.into_iter().map(Some).collect();
    let best = ranked.into_iter().take(count);
    best.filter_map(|(index, _)| series.get_mut(usize::try_from(index).ok()?)?.take()).collect()
}
