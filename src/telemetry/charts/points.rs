//! The numbers of a stretch of time, as a chart shows them: few enough to be seen, from the finest that is kept.

use std::io;

use super::{
    catalogue::{Shape, Unit, shown},
    record::Record,
    rings::{RINGS, Ring, Rings},
};
use crate::domain::Timestamp;

/// Most points of a series.
const POINTS_MAX: u64 = 360;

/// How long a stretch of time is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChartRange {
    /// An hour.
    Hour,
    /// Six hours.
    SixHours,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
}

impl ChartRange {
    const fn seconds(self) -> u64 {
        match self {
            Self::Hour => 3_600,
            Self::SixHours => 6 * 3_600,
            Self::Day => 24 * 3_600,
            Self::Week => 7 * 24 * 3_600,
            Self::Month => 30 * 24 * 3_600,
        }
    }
}

/// A stretch of time in equal steps.
#[derive(Debug)]
pub struct Points {
    /// When the first step begins.
    pub from: Timestamp,
    /// When the last step ends.
    pub until: Timestamp,
    /// How long a step is, in seconds.
    pub step_s: u64,
    /// What is shown, each with a number a step.
    pub series: Vec<ChartSeries>,
}

/// One line of a chart.
#[derive(Debug)]
pub struct ChartSeries {
    /// Its name; what is before the dot is the chart.
    pub name: &'static str,
    /// What its numbers are.
    pub unit: Unit,
    /// A number for each step; none where nothing is known.
    pub values: Vec<Option<f64>>,
}

/// Reads a stretch of time.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn read(rings: Option<&Rings>, range: ChartRange, until_s: i64, now_s: i64) -> io::Result<Points> {
    let [until, now] = [until_s, now_s].map(|time| u64::try_from(time).unwrap_or_default());
    let (ring, step_s) = resolution(range.seconds(), now.saturating_sub(until));
    // The step that has just begun is the last one, so that points stay where they are as time goes on.
    let count = range.seconds() / step_s;
    let end = (until / step_s + 1).max(count);
    let mut series: Vec<ChartSeries> = shown().flat_map(|(_, _, shape)| named(shape)).collect();
    for point in end - count..end {
        let record = rings.map_or(Ok(None), |rings| sum(rings, &ring, point * step_s, step_s))?;
        let values = shown().flat_map(|(first, _, shape)| {
            let unknown = vec![None; shape.names().len()];
            record.as_ref().map_or(unknown, |record| values(record, first, shape))
        });
        series.iter_mut().zip(values).for_each(|(series, value)| series.values.push(value));
    }
    let at = |point: u64| Timestamp::from_millis(i64::try_from(point * step_s * 1_000).unwrap_or(i64::MAX));
    Ok(Points { from: at(end - count), until: at(end), step_s, series })
}

/// The finest ring that reaches back so far, and how long a step of a stretch that ended so many seconds ago is.
fn resolution(length_s: u64, ago_s: u64) -> (Ring, u64) {
    let [.., coarsest] = RINGS;
    let reaches = |ring: &&Ring| length_s.saturating_add(ago_s) <= ring.step_s * (ring.slots - 1);
    let ring = RINGS.iter().find(reaches).copied().unwrap_or(coarsest);
    (ring, length_s.div_ceil(POINTS_MAX).div_ceil(ring.step_s) * ring.step_s)
}

/// All records of a step together.
fn sum(rings: &Rings, ring: &Ring, from_s: u64, step_s: u64) -> io::Result<Option<Record>> {
    let mut sum: Option<Record> = None;
    let first = from_s / ring.step_s;
    for slot in first..first + step_s / ring.step_s {
        if let Some(record) = rings.read(ring, slot)? {
            sum.get_or_insert_with(Record::empty).add(&record);
        }
    }
    Ok(sum)
}

fn named(shape: &Shape) -> Vec<ChartSeries> {
    let of = |name, unit| ChartSeries { name, unit, values: Vec::new() };
    match shape {
        Shape::Rise(name, unit, _) | Shape::Level(name, unit, ..) => vec![of(name, *unit)],
        Shape::Times(_, rate, quantiles) => {
            let rate = rate.iter().map(|name| of(name, Unit::PerSecond));
            rate.chain(quantiles.iter().map(|(name, _)| of(name, Unit::Seconds))).collect()
        }
    }
}

/// What is shown of a shape, in the order of its names.
fn values(record: &Record, first: usize, shape: &Shape) -> Vec<Option<f64>> {
    let in_a_second = |column: usize| Some(record.column(column) / record.covered());
    let values = match shape {
        Shape::Level(..) => vec![Some(record.column(first))],
        Shape::Rise(_, Unit::PerMinute, _) => vec![in_a_second(first).map(|rate| rate * 60.0)],
        Shape::Rise(..) => vec![in_a_second(first)],
        Shape::Times(bounds, rate, quantiles) => {
            let buckets: Vec<f64> =
                (first..=first + bounds.len()).map(|index| record.column(index)).collect();
            let rate = rate.map(|_| in_a_second(first + bounds.len()));
            rate.into_iter()
                .chain(quantiles.iter().map(|(_, part)| quantile(bounds, &buckets, *part)))
                .collect()
        }
    };
    values.into_iter().map(|value| value.filter(|value| value.is_finite()).map(rounded)).collect()
}

/// The time that a part of all did not exceed, by buckets each of which has those before it in it, too. Within a bucket they are
/// taken to lie evenly; those beyond the last bound count as at it.
fn quantile(bounds: &[f64], buckets: &[f64], part: f64) -> Option<f64> {
    let total = *buckets.last().filter(|total| **total > 0.0)?;
    let rank = part * total;
    let (mut below, mut before) = (0.0, 0.0);
    for (bound, count) in bounds.iter().zip(buckets) {
        if *count >= rank {
            return Some(below + (bound - below) * (rank - before) / (count - before));
        }
        (below, before) = (*bound, *count);
    }
    Some(below)
}

/// Four digits are more than a chart shows.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::catalogue::COLUMNS, ChartRange, POINTS_MAX, Points, RINGS, Record, Rings, quantile, read,
        resolution, rounded, shown,
    };

    const RANGES: [ChartRange; 5] =
        [ChartRange::Hour, ChartRange::SixHours, ChartRange::Day, ChartRange::Week, ChartRange::Month];
    const NOW: i64 = 1_800_000_007;

    /// A record of some seconds with these columns, by the names of what is shown of them.
    fn record(seconds: f32, columns: &[(&str, usize, f32)]) -> Record {
        let mut record = Record::empty();
        record.0[0] = seconds;
        for (name, index, number) in columns {
            let (first, ..) = shown().find(|(_, _, shape)| shape.names().contains(name)).unwrap();
            record.0[first + index] = *number;
        }
        record
    }

    fn rings() -> (tempfile::TempDir, Rings) {
        let dir = tempfile::tempdir().unwrap();
        let rings = Rings::open(&dir.path().join("charts.rings")).unwrap();
        (dir, rings)
    }

    fn series<'a>(points: &'a Points, name: &str) -> &'a [Option<f64>] {
        &points.series.iter().find(|series| series.name == name).unwrap().values
    }

    fn known(points: &Points, name: &str) -> Vec<f64> {
        series(points, name).iter().flatten().copied().collect()
    }

    #[test]
    fn each_range_is_shown_in_steps_that_are_fine_and_few() {
        let steps = RANGES.map(|range| resolution(range.seconds(), 0).1);
        assert_eq!(steps, [15, 60, 240, 1_800, 7_200]);
        let long_ago = RANGES.map(|range| resolution(range.seconds(), 24 * 3_600).1);
        assert_eq!(long_ago, [120, 120, 240, 1_800, 7_200], "what is not kept finer");
        for range in RANGES {
            let points = read(None, range, NOW, NOW).unwrap();
            let count = range.seconds() / points.step_s;
            assert!(
                count <= POINTS_MAX && points.series.iter().all(|series| series.values.len() as u64 == count)
            );
            assert!(points.until.millis() > NOW * 1_000, "the step that has just begun is shown");
            assert!(points.series.iter().all(|series| series.values.iter().all(Option::is_none)));
        }
        assert!(RINGS.iter().all(|ring| ring.step_s % RINGS[0].step_s == 0));
    }

    #[test]
    fn rates_are_of_the_time_that_was_looked_at_and_what_was_not_is_a_gap() {
        let (_dir, rings) = rings();
        for minute in 0..10 {
            let at = NOW - 20 * 60 + minute * 60;
            rings
                .add(at, &record(15.0, &[("requests.answered", 0, 30.0), ("deliveries.arrived", 0, 1.0)]))
                .unwrap();
        }
        for range in RANGES {
            let points = read(Some(&rings), range, NOW, NOW).unwrap();
            assert!(known(&points, "requests.answered").iter().all(|rate| *rate == 2.0), "{range:?}");
            assert!(known(&points, "deliveries.arrived").iter().all(|rate| *rate == 4.0), "{range:?}");
            assert_eq!(known(&points, "requests.failed").first(), Some(&0.0), "it was looked at");
            assert!(known(&points, "memory.resident").is_empty(), "nobody could read it");
        }
        let points = read(Some(&rings), ChartRange::Hour, NOW, NOW).unwrap();
        assert_eq!(known(&points, "requests.answered").len(), 10);
        let gaps = series(&points, "requests.answered")
            .windows(2)
            .filter(|two| two[0].is_none() && two[1].is_some());
        assert_eq!(gaps.count(), 10);
    }

    #[test]
    fn quantiles_of_long_steps_are_of_all_that_was_and_no_mean_of_quantiles() {
        let (_dir, rings) = rings();
        let slow: Vec<_> = (7..15).map(|bucket| ("duration.p50", bucket, 1.0)).collect();
        let fast: Vec<_> = (0..15).map(|bucket| ("duration.p50", bucket, 999.0)).collect();
        rings.add(NOW - 30, &record(15.0, &slow)).unwrap();
        rings.add(NOW - 15, &record(15.0, &fast)).unwrap();
        let fine = read(Some(&rings), ChartRange::Hour, NOW, NOW).unwrap();
        assert_eq!(known(&fine, "duration.p99"), [0.4975, 0.00495], "of a quarter of a minute each");
        let coarse = read(Some(&rings), ChartRange::Month, NOW, NOW).unwrap();
        let [p99] = known(&coarse, "duration.p99")[..] else { panic!("{coarse:?}") };
        assert!(p99 < 0.005, "one of a thousand was slow: {p99}");
    }

    #[test]
    fn quantiles_lie_between_the_bounds() {
        let bounds = [0.1, 1.0, 10.0];
        assert_eq!(quantile(&bounds, &[0.0, 0.0, 0.0, 0.0], 0.5), None, "there was nothing");
        assert_eq!(quantile(&bounds, &[10.0, 10.0, 10.0, 10.0], 0.5), Some(0.05));
        assert_eq!(quantile(&bounds, &[0.0, 4.0, 4.0, 4.0], 0.5), Some(0.55));
        assert_eq!(quantile(&bounds, &[0.0, 0.0, 0.0, 4.0], 0.5), Some(10.0), "longer than the last bound");
    }

    #[test]
    fn an_earlier_stretch_is_read_from_what_is_kept_of_it() {
        let (_dir, rings) = rings();
        let yesterday = NOW - 24 * 3_600;
        rings.add(yesterday, &record(15.0, &[("requests.failed", 0, 15.0)])).unwrap();
        assert!(
            known(&read(Some(&rings), ChartRange::Hour, NOW, NOW).unwrap(), "requests.failed").is_empty()
        );
        let then = read(Some(&rings), ChartRange::Hour, yesterday, NOW).unwrap();
        assert_eq!((known(&then, "requests.failed"), then.step_s), (vec![1.0], 120));
        for far in [i64::MIN, -1, 0, i64::MAX / 1_000] {
            let points = read(Some(&rings), ChartRange::Month, far, NOW).unwrap();
            assert!(known(&points, "requests.failed").is_empty(), "{far}");
        }
    }

    #[test]
    fn numbers_have_four_digits() {
        assert_eq!([0.123_456, 1_234_567.0, 0.0, 2.0].map(rounded), [0.123_5, 1_235_000.0, 0.0, 2.0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn however_the_clock_jumps_no_rate_is_higher_than_it_ever_was(
            jumps in prop::collection::vec((-100_000_i64..100_000, 1_u8..60), 1..40)
        ) {
            let (_dir, rings) = rings();
            let mut at = NOW;
            for (jump, seconds) in jumps {
                at += jump;
                let mut numbers = [f32::from(seconds) * 3.0; COLUMNS];
                numbers[0] = f32::from(seconds);
                rings.add(at, &Record(numbers)).unwrap();
            }
            for range in RANGES {
                let points = read(Some(&rings), range, at, at).unwrap();
                let rates = known(&points, "requests.answered");
                prop_assert!(!rates.is_empty() && rates.iter().all(|rate| (rate - 3.0).abs() < 0.01), "{:?}", rates);
            }
        }
    }
}
