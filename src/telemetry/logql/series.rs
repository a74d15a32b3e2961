//! Numbers over time from lines: what a metric query comes to at each of some times.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    Entry,
    ast::{Aggregation, Arithmetic, Grouping, LogQuery, Metric, RangeFunction, Unwrap},
    pipeline::number_of,
};

/// Labels of a series.
pub type Labels = BTreeMap<String, String>;

/// Most samples that one query may take from lines.
const SAMPLES_MAX: usize = 2_000_000;
/// Most series that one query may come to on its way.
const SERIES_MAX: usize = 20_000;

/// Values of one set of labels, one for each time; nothing where there is none.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Its labels.
    pub labels: Labels,
    /// In the order of the times.
    pub values: Vec<Option<f64>>,
}

/// Why a query comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum EvalError<E> {
    /// The lines cannot be had.
    #[error(transparent)]
    Lines(#[from] E),
    /// There is too much.
    #[error("the query counts more than {SAMPLES_MAX} lines; take a shorter time or a narrower selector")]
    TooManySamples,
    /// There is too much.
    #[error("the query comes to more than {SERIES_MAX} series; group by fewer labels")]
    TooManySeries,
    /// It makes no sense.
    #[error("two numbers by themselves make no series: use vector(...)")]
    NoSeries,
}

/// Gives the lines of a log query from a time on (not included) up to another (included), in microseconds, to a function
/// that returns false when it wants no more.
pub type Lines<'a, E> = dyn FnMut(&LogQuery, (i64, i64), &mut dyn FnMut(Entry) -> bool) -> Result<(), E> + 'a;

enum Value {
    Scalar(f64),
    Series(Vec<Series>),
}

/// What a metric comes to at these times, in microseconds, in their order.
///
/// # Errors
/// The lines cannot be had, or there is too much of them.
pub fn evaluate<E>(
    metric: &Metric,
    times: &[i64],
    lines: &mut Lines<'_, E>,
) -> Result<Vec<Series>, EvalError<E>> {
    match value_of(metric, times, None, lines)? {
        Value::Series(series) => {
            Ok(series.into_iter().filter(|series| series.values.iter().any(Option::is_some)).collect())
        }
        Value::Scalar(number) => {
            Ok(vec![Series { labels: Labels::new(), values: vec![Some(number); times.len()] }])
        }
    }
}

fn value_of<E>(
    metric: &Metric,
    times: &[i64],
    wanted: Option<&Grouping>,
    lines: &mut Lines<'_, E>,
) -> Result<Value, EvalError<E>> {
    Ok(match metric {
        Metric::Number(number) => Value::Scalar(*number),
        Metric::Vector(number) => {
            Value::Series(vec![Series { labels: Labels::new(), values: vec![Some(*number); times.len()] }])
        }
        Metric::Range { .. } => Value::Series(over_range(metric, times, wanted, lines)?),
        Metric::Aggregate { aggregation, grouping, of } => {
            // A sum of sums is made at once, without the series in between.
            let at_once = (*aggregation == Aggregation::Sum && adds_up(of)).then_some(grouping);
            match value_of(of, times, at_once, lines)? {
                Value::Series(series) => Value::Series(aggregated(*aggregation, grouping, series)),
                Value::Scalar(_) => return Err(EvalError::NoSeries),
            }
        }
        Metric::Binary { op, as_bool, left, right } => {
            let (left, right) = (value_of(left, times, None, lines)?, value_of(right, times, None, lines)?);
            combined(*op, *as_bool, left, right)
        }
    })
}

fn adds_up(metric: &Metric) -> bool {
    use RangeFunction::{BytesOverTime, BytesRate, CountOverTime, Rate, SumOverTime};
    matches!(
        metric,
        Metric::Range {
            function: CountOverTime | Rate | BytesOverTime | BytesRate | SumOverTime,
            grouping: None,
            ..
        }
    )
}

fn over_range<E>(
    metric: &Metric,
    times: &[i64],
    wanted: Option<&Grouping>,
    lines: &mut Lines<'_, E>,
) -> Result<Vec<Series>, EvalError<E>> {
    let Metric::Range { function, log, unwrap, range, offset, grouping } = metric else {
        return Ok(Vec::new());
    };
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Ok(Vec::new()) };
    let micros = |duration: &std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    let (range, offset) = (micros(range), micros(offset));
    let span = (first.saturating_sub(range).saturating_sub(offset), last.saturating_sub(offset));
    let grouping = grouping.as_ref().or(wanted);
    let mut samples: BTreeMap<Labels, Vec<(i64, f64)>> = BTreeMap::new();
    let (mut count, mut too_many_series) = (0, false);
    lines(log, span, &mut |entry| {
        let Some(value) = sample(*function, unwrap.as_ref(), &entry) else { return true };
        let mut labels = entry.labels();
        if let Some(unwrap) = unwrap {
            labels.remove(&unwrap.label);
        }
        samples.entry(grouped(labels, grouping)).or_default().push((entry.micros, value));
        count += 1;
        too_many_series = samples.len() > SERIES_MAX;
        count <= SAMPLES_MAX && !too_many_series
    })?;
    if too_many_series {
        return Err(EvalError::TooManySeries);
    }
    if count > SAMPLES_MAX {
        return Err(EvalError::TooManySamples);
    }
    if *function == RangeFunction::AbsentOverTime {
        let all: Vec<_> = samples.into_values().flatten().collect();
        let is_absent = |time: &i64| {
            let until = time - offset;
            all.iter().all(|(at, _)| *at <= until - range || *at > until).then_some(1.0)
        };
        return Ok(vec![Series { labels: Labels::new(), values: times.iter().map(is_absent).collect() }]);
    }
    let series = samples.into_iter().map(|(labels, mut samples)| {
        samples.sort_by_key(|(at, _)| *at);
        let at = |time: &i64| {
            let until = time - offset;
            let start = samples.partition_point(|(at, _)| *at <= until - range);
            let end = samples.partition_point(|(at, _)| *at <= until);
            let within: Vec<f64> =
                samples.get(start..end).unwrap_or_default().iter().map(|(_, value)| *value).collect();
            folded(*function, within, range)
        };
        Series { values: times.iter().map(at).collect(), labels }
    });
    Ok(series.collect())
}

#[allow(clippy::cast_precision_loss, reason = "lines are far shorter than that")]
fn sample(function: RangeFunction, unwrap: Option<&Unwrap>, entry: &Entry) -> Option<f64> {
    match (function, unwrap) {
        (_, Some(unwrap)) => number_of(entry.label(&unwrap.label), unwrap.unit),
        (RangeFunction::BytesOverTime | RangeFunction::BytesRate, None) => Some(entry.line.len() as f64),
        _ => Some(1.0),
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of samples are small, and a rank lies between them"
)]
fn folded(function: RangeFunction, mut values: Vec<f64>, range_micros: i64) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let (sum, seconds) = (values.iter().sum::<f64>(), range_micros as f64 / 1e6);
    Some(match function {
        RangeFunction::Rate | RangeFunction::BytesRate => sum / seconds,
        RangeFunction::AvgOverTime => sum / values.len() as f64,
        RangeFunction::MinOverTime => values.iter().copied().fold(f64::INFINITY, f64::min),
        RangeFunction::MaxOverTime => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        RangeFunction::QuantileOverTime(quantile) => {
            values.sort_by(f64::total_cmp);
            let rank = quantile.clamp(0.0, 1.0) * (values.len() - 1) as f64;
            let (low, high) = (values.get(rank.floor() as usize)?, values.get(rank.ceil() as usize)?);
            low + (high - low) * rank.fract()
        }
        _ => sum,
    })
}

fn grouped(mut labels: Labels, grouping: Option<&Grouping>) -> Labels {
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

fn aggregated(aggregation: Aggregation, grouping: &Grouping, series: Vec<Series>) -> Vec<Series> {
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
        let mut ranked: Vec<(usize, f64)> = series
            .iter()
            .enumerate()
            .filter_map(|(index, series)| Some((index, (*series.values.get(at)?)?)))
            .collect();
        ranked.sort_by(|(_, one), (_, other)| match greatest {
            true => other.total_cmp(one),
            false => one.total_cmp(other),
        });
        let mut taken: BTreeMap<&Labels, usize> = BTreeMap::new();
        let mut kept = vec![false; series.len()];
        for (index, _) in ranked {
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

fn combined(op: Arithmetic, as_bool: bool, left: Value, right: Value) -> Value {
    let each = |series: Vec<Series>, with: &dyn Fn(f64) -> Option<f64>| {
        let changed = series.into_iter().map(|series| Series {
            values: series.values.into_iter().map(|value| value.and_then(with)).collect(),
            ..series
        });
        Value::Series(changed.collect())
    };
    match (left, right) {
        (Value::Scalar(one), Value::Scalar(other)) => {
            Value::Scalar(number(op, true, one, other).unwrap_or(f64::NAN))
        }
        (Value::Series(series), Value::Scalar(other)) => {
            each(series, &|value| number(op, as_bool, value, other))
        }
        (Value::Scalar(one), Value::Series(series)) => each(series, &|value| {
            // What is left of a comparison is the series' own value.
            let result = number(op, as_bool, one, value)?;
            Some(if matches!(op, Arithmetic::Compare(_)) && !as_bool { value } else { result })
        }),
        (Value::Series(ones), Value::Series(others)) => {
            let others: BTreeMap<&Labels, &Series> =
                others.iter().map(|series| (&series.labels, series)).collect();
            let matched = ones.iter().filter_map(|one| {
                let other = others.get(&one.labels)?;
                let pairs = one.values.iter().zip(&other.values);
                let values = pairs.map(|(one, other)| number(op, as_bool, (*one)?, (*other)?)).collect();
                Some(Series { labels: one.labels.clone(), values })
            });
            Value::Series(matched.collect())
        }
    }
}

fn number(op: Arithmetic, as_bool: bool, one: f64, other: f64) -> Option<f64> {
    Some(match op {
        Arithmetic::Add => one + other,
        Arithmetic::Subtract => one - other,
        Arithmetic::Multiply => one * other,
        Arithmetic::Divide => one / other,
        Arithmetic::Modulo => one % other,
        Arithmetic::Power => one.powf(other),
        Arithmetic::Compare(comparison) => match (comparison.holds(one, other), as_bool) {
            (holds, true) => f64::from(u8::from(holds)),
            (true, false) => one,
            (false, false) => return None,
        },
    })
}

/// Orders series by their labels, so that an answer is the same each time.
pub fn by_labels(one: &Series, other: &Series) -> Ordering {
    one.labels.cmp(&other.labels)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;
    use crate::telemetry::logql::{Query, parse};

    const SECOND: i64 = 1_000_000;

    /// A line a second for a minute; every tenth an error that took long.
    fn evening() -> Vec<Entry> {
        let line = |second: i64| {
            let level = if second % 10 == 0 { "error" } else { "info" };
            let fields = json!({"level": level, "kind": "http", "route": format!("/{}", second % 2), "durationUs": second * 10});
            Entry::new(second * SECOND, &fields.to_string(), fields.as_object().unwrap())
        };
        (1..=60).map(line).collect()
    }

    fn at(query: &str, seconds: &[i64]) -> Vec<(String, Vec<Option<f64>>)> {
        let Ok(Query::Metric(metric)) = parse(query) else { panic!("{query}: {:?}", parse(query)) };
        let times: Vec<i64> = seconds.iter().map(|second| second * SECOND).collect();
        let mut lines = |log: &LogQuery, (from, until): (i64, i64), take: &mut dyn FnMut(Entry) -> bool| {
            let within = evening().into_iter().filter(|entry| entry.micros > from && entry.micros <= until);
            for entry in within.filter_map(|entry| log.apply(entry)) {
                take(entry);
            }
            Ok::<(), Infallible>(())
        };
        let mut series = evaluate(&metric, &times, &mut lines).unwrap();
        series.sort_by(by_labels);
        series
            .into_iter()
            .map(|Series { labels, values }| (labels.into_values().collect::<Vec<_>>().join(","), values))
            .collect()
    }

    #[test]
    fn lines_are_counted_in_each_range_without_its_beginning() {
        let by_level =
            at(r#"sum by (level) (count_over_time({app="event-manager"}[30s]))"#, &[30, 60, 90, 120]);
        assert_eq!(
            by_level,
            [
                ("error".to_owned(), vec![Some(3.0), Some(3.0), None, None]),
                ("info".to_owned(), vec![Some(27.0), Some(27.0), None, None]),
            ]
        );
        assert_eq!(at(r#"sum(rate({app="event-manager"}[10s]))"#, &[10]), [(String::new(), vec![Some(1.0)])]);
        assert_eq!(
            at(r#"sum(count_over_time({app="event-manager"}[10s] offset 1m))"#, &[70]),
            [(String::new(), vec![Some(10.0)])]
        );
        assert_eq!(
            at(r#"absent_over_time({app="event-manager"}[10s])"#, &[60, 90]),
            [(String::new(), vec![None, Some(1.0)])]
        );
    }

    #[test]
    fn values_are_taken_from_lines() {
        let of = |function: &str| {
            let query =
                format!(r#"{function}, {{app="event-manager"}} | json | unwrap durationUs [1m]) by (level)"#);
            at(&query.replace("(, ", "("), &[60])
        };
        assert_eq!(of("max_over_time(")[0], ("error".to_owned(), vec![Some(600.0)]));
        assert_eq!(of("min_over_time(")[1], ("info".to_owned(), vec![Some(10.0)]));
        assert_eq!(of("avg_over_time(")[0], ("error".to_owned(), vec![Some(350.0)]));
        assert_eq!(of("quantile_over_time(0.5")[0], ("error".to_owned(), vec![Some(350.0)]));
    }

    #[test]
    fn series_are_put_together() {
        assert_eq!(at("vector(1)+vector(1)", &[4]), [(String::new(), vec![Some(2.0)])]);
        assert_eq!(at("2 * 3 + vector(1)", &[4]), [(String::new(), vec![Some(7.0)])]);
        let top = at(r#"topk(1, sum by (level) (count_over_time({app="event-manager"}[1m])))"#, &[60]);
        assert_eq!(top, [("info".to_owned(), vec![Some(54.0)])]);
        let rate = r#"sum(count_over_time({level="error"}[1m])) / sum(count_over_time({app="event-manager"}[1m])) * 100"#;
        assert_eq!(at(rate, &[60]), [(String::new(), vec![Some(10.0)])]);
        let many = r#"sum by (level) (count_over_time({app="event-manager"}[1m])) > 10"#;
        assert_eq!(at(many, &[60]), [("info".to_owned(), vec![Some(54.0)])]);
        let truth = r#"sum by (level) (count_over_time({app="event-manager"}[1m])) > bool 10"#;
        assert_eq!(at(truth, &[60])[0], ("error".to_owned(), vec![Some(0.0)]));
    }
}
