//! Numbers over time from lines: what a metric query comes to at each of some times. Of ranges in `range.rs`, of several
//! series together in `aggregate.rs`.

mod aggregate;
mod range;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, collections::BTreeMap};

pub use self::aggregate::greatest;
use self::{aggregate::aggregated, range::over_range};
use super::{
    Entry,
    ast::{Aggregation, Arithmetic, Grouping, LogQuery, Metric, RangeFunction},
};

/// Pairs of numbers, such as times with their values.
type Samples = Vec<(i64, f64)>;

/// Sorts them. All that is sorted here is, because the program would have another copy of this for each type and order.
fn sort(samples: &mut [(i64, f64)], order: fn(&(i64, f64), &(i64, f64)) -> Ordering) {
    samples.sort_by(order);
}

/// Labels of a series.
pub type Labels = BTreeMap<String, String>;

/// Most samples that one query may take from lines.
const SAMPLES_MAX: usize = 2_000_000;
/// Most series that one query may come to on its way.
const SERIES_MAX: usize = 20_000;
/// Most values of series that one query may come to on its way.
const VALUES_MAX: usize = 5_000_000;
/// Most samples that may be looked at one by one for all ranges of a query.
const LOOKS_MAX: usize = 100_000_000;

/// Values of one set of labels, one for each time; nothing where there is none.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Its labels.
    pub labels: Labels,
    /// In the order of the times.
    pub values: Vec<Option<f64>>,
}

/// What a query comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Evaluation {
    /// In the order of their labels; one without labels for a number.
    pub series: Vec<Series>,
    /// Whether it is a number by itself.
    pub is_number: bool,
    /// The values of times before this one are left out, because not all of their lines were seen.
    pub known_from: Option<i64>,
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
    /// There is too much.
    #[error("the query comes to too many values; take a longer step, or group by fewer labels")]
    TooManyValues,
    /// It makes no sense.
    #[error("numbers by themselves are no series: use vector(...)")]
    NoSeries,
}

/// Gives the lines of a log query from a time on (not included) up to another (included), in microseconds, to a function
/// that returns false when it wants no more. Returns from when on it has given all; nothing, if it gave all there are.
pub type Lines<'a, E> =
    dyn FnMut(&LogQuery, (i64, i64), &mut dyn FnMut(Entry) -> bool) -> Result<Option<i64>, E> + 'a;

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
) -> Result<Evaluation, EvalError<E>> {
    let mut evaluator = Evaluator { times, lines, known_from: None };
    let (mut series, is_number) = match evaluator.value_of(metric, None)? {
        Value::Series(series) => (series, false),
        Value::Scalar(number) => (evaluator.constant(number), true),
    };
    series.retain(|series| series.values.iter().any(Option::is_some));
    Ok(Evaluation { series, is_number, known_from: evaluator.known_from })
}

struct Evaluator<'e, 'l, E> {
    times: &'e [i64],
    lines: &'e mut Lines<'l, E>,
    known_from: Option<i64>,
}

impl<E> Evaluator<'_, '_, E> {
    fn constant(&self, number: f64) -> Vec<Series> {
        vec![Series { labels: Labels::new(), values: vec![Some(number); self.times.len()] }]
    }

    fn value_of(&mut self, metric: &Metric, wanted: Option<&Grouping>) -> Result<Value, EvalError<E>> {
        Ok(match metric {
            Metric::Number(number) => Value::Scalar(*number),
            Metric::Vector(number) => Value::Series(self.constant(*number)),
            Metric::Range { .. } => Value::Series(over_range(self, metric, wanted)?),
            Metric::Aggregate { aggregation, grouping, of } => {
                // A sum of sums is made at once, without the series in between.
                let at_once = (*aggregation == Aggregation::Sum && adds_up(of)).then_some(grouping);
                match self.value_of(of, at_once)? {
                    Value::Series(series) => Value::Series(aggregated(*aggregation, grouping, series)),
                    Value::Scalar(_) => return Err(EvalError::NoSeries),
                }
            }
            Metric::Binary { op, as_bool, left, right } => {
                let (left, right) = (self.value_of(left, None)?, self.value_of(right, None)?);
                combined(*op, *as_bool, left, right)
            }
        })
    }
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
