//! Functions over ranges of time: what the lines of each come to.

use std::collections::BTreeMap;

use super::{
    EvalError, Evaluator, LOOKS_MAX, Labels, SAMPLES_MAX, SERIES_MAX, Samples, Series, VALUES_MAX,
    aggregate::grouped, sort,
};
use crate::telemetry::logql::{
    Entry,
    ast::{Grouping, LogQuery, MatchOp, Metric, RangeFunction, Unwrap},
    pipeline::number_of,
};

/// Ranges of time that end at some times.
struct Ranges<'t> {
    ends: &'t [i64],
    /// How long each is, in microseconds.
    length: i64,
    /// The first that all lines were seen of.
    known: usize,
}

/// The series of a range function.
pub(super) fn over_range<E>(
    evaluator: &mut Evaluator<'_, '_, E>,
    metric: &Metric,
    wanted: Option<&Grouping>,
) -> Result<Vec<Series>, EvalError<E>> {
    let Metric::Range { function, log, unwrap, range, offset, grouping } = metric else {
        return Ok(Vec::new());
    };
    let micros = |duration: &std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    let (length, offset) = (micros(range), micros(offset));
    let ends: Vec<i64> = evaluator.times.iter().map(|time| time.saturating_sub(offset)).collect();
    let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return Ok(Vec::new()) };
    let span = (first.saturating_sub(length), *last);
    let grouping = grouping.as_ref().or(wanted);
    let mut samples: BTreeMap<Labels, Samples> = BTreeMap::new();
    let mut count = 0;
    let seen_from = (evaluator.lines)(log, span, &mut |entry| {
        let value = sample(*function, unwrap.as_ref(), &entry).filter(|value| value.is_finite());
        let Some(value) = value else { return true };
        let mut labels = entry.labels();
        if let Some(unwrap) = unwrap {
            labels.remove(&unwrap.label);
        }
        samples.entry(grouped(labels, grouping)).or_default().push((entry.micros, value));
        count += 1;
        count <= SAMPLES_MAX && samples.len() <= SERIES_MAX
    })?;
    if samples.len() > SERIES_MAX {
        return Err(EvalError::TooManySeries);
    }
    if count > SAMPLES_MAX {
        return Err(EvalError::TooManySamples);
    }
    if samples.len().saturating_mul(ends.len()) > VALUES_MAX {
        return Err(EvalError::TooManyValues);
    }
    let known = seen_from.map_or(0, |from| ends.partition_point(|end| end.saturating_sub(length) < from));
    if seen_from.is_some() {
        let known_from = evaluator.times.get(known).copied().unwrap_or(i64::MAX);
        evaluator.known_from = evaluator.known_from.max(Some(known_from));
    }
    let ranges = Ranges { ends: &ends, length, known };
    if *function == RangeFunction::AbsentOverTime {
        let all = samples.into_values().flatten().collect();
        return Ok(vec![Series { labels: certain_labels(log), values: ranges.absent(all) }]);
    }
    let mut looks = 0;
    let mut series = Vec::new();
    for (labels, samples) in samples {
        let values = ranges.folded(*function, samples, &mut looks).ok_or(EvalError::TooManyValues)?;
        series.push(Series { labels, values });
    }
    Ok(series)
}

/// The labels that a selector leaves no choice of.
fn certain_labels(log: &LogQuery) -> Labels {
    let certain = log.selector.iter().filter_map(|matcher| match &matcher.op {
        MatchOp::Equal(value) => Some((matcher.label.clone(), value.clone())),
        _ => None,
    });
    certain.collect()
}

#[allow(clippy::cast_precision_loss, reason = "lines are far shorter than that")]
fn sample(function: RangeFunction, unwrap: Option<&Unwrap>, entry: &Entry) -> Option<f64> {
    match (function, unwrap) {
        (_, Some(unwrap)) => number_of(entry.label(&unwrap.label), unwrap.unit),
        (RangeFunction::BytesOverTime | RangeFunction::BytesRate, None) => Some(entry.line.len() as f64),
        _ => Some(1.0),
    }
}

/// Sorts samples by their times.
fn in_order(samples: &mut Samples) {
    sort(samples, |(one, _), (other, _)| one.cmp(other));
}

impl Ranges<'_> {
    /// Which samples are in each; nothing where not all were seen.
    fn of<'s>(
        &'s self,
        samples: &'s [(i64, f64)],
    ) -> impl Iterator<Item = Option<std::ops::Range<usize>>> + 's {
        self.ends.iter().enumerate().map(|(number, end)| {
            let up_to = |time: i64| samples.partition_point(|(at, _)| *at <= time);
            (number >= self.known).then(|| up_to(end.saturating_sub(self.length))..up_to(*end))
        })
    }

    /// 1 where there is none.
    fn absent(&self, mut samples: Samples) -> Vec<Option<f64>> {
        in_order(&mut samples);
        self.of(&samples).map(|range| range.filter(std::ops::Range::is_empty).map(|_| 1.0)).collect()
    }

    /// What the samples of each come to; nothing at all if that is too much work.
    #[allow(clippy::cast_precision_loss, reason = "counts and durations are small")]
    fn folded(
        &self,
        function: RangeFunction,
        mut samples: Samples,
        looks: &mut usize,
    ) -> Option<Vec<Option<f64>>> {
        in_order(&mut samples);
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        sums.extend(samples.iter().map(|(_, value)| {
            sum += value;
            sum
        }));
        let seconds = self.length as f64 / 1e6;
        let mut values = Vec::with_capacity(self.ends.len());
        for range in self.of(&samples) {
            let Some(range) = range.filter(|range| !range.is_empty()) else {
                values.push(None);
                continue;
            };
            let sum = sums.get(range.end)? - sums.get(range.start)?;
            values.push(Some(match function {
                RangeFunction::Rate | RangeFunction::BytesRate => sum / seconds,
                RangeFunction::AvgOverTime => sum / range.len() as f64,
                RangeFunction::MinOverTime
                | RangeFunction::MaxOverTime
                | RangeFunction::QuantileOverTime(_) => {
                    *looks += range.len();
                    if *looks > LOOKS_MAX {
                        return None;
                    }
                    let of_range = samples.get(range)?;
                    let within = of_range.iter().map(|(_, value)| *value);
                    match function {
                        RangeFunction::MinOverTime => within.fold(f64::INFINITY, f64::min),
                        RangeFunction::MaxOverTime => within.fold(f64::NEG_INFINITY, f64::max),
                        RangeFunction::QuantileOverTime(wanted) => quantile(wanted, of_range.to_vec())?,
                        _ => sum,
                    }
                }
                _ => sum,
            }));
        }
        Some(values)
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank lies between the first and the last of some values"
)]
fn quantile(wanted: f64, mut values: Samples) -> Option<f64> {
    sort(&mut values, |(_, one), (_, other)| one.total_cmp(other));
    let rank = wanted.clamp(0.0, 1.0) * values.len().checked_sub(1)? as f64;
    let ((_, low), (_, high)) = (values.get(rank.floor() as usize)?, values.get(rank.ceil() as usize)?);
    Some(low + (high - low) * rank.fract())
}
