//! From what the metrics say at one time to what has happened since the last one.

use std::time::Duration;

use super::{
    catalogue::{COLUMNS, Shape, Worst, shown},
    record::Record,
};
use crate::telemetry::metrics::{Reading, SeriesLabels};

/// What the metrics said the last time.
#[derive(Debug)]
pub(super) struct Sampler {
    seen: [f64; COLUMNS],
    at: Duration,
}

impl Default for Sampler {
    /// With the process everything that is counted begins at zero.
    fn default() -> Self {
        Self { seen: [0.0; COLUMNS], at: Duration::ZERO }
    }
}

impl Sampler {
    /// What has happened since the last time, or since the start.
    pub(super) fn sample(&mut self, reading: &Reading, uptime: Duration) -> Record {
        let now = columns(reading);
        let mut record = Record::empty();
        for ((kept, now), before) in record.0.iter_mut().zip(now).zip(self.seen) {
            // What is counted anew has begun at zero.
            *kept = narrowed(if now < before { now } else { now - before });
        }
        for (first, _, shape) in shown().filter(|(_, _, shape)| matches!(shape, Shape::Level(..))) {
            if let (Some(kept), Some(now)) = (record.0.get_mut(first), now.get(first)) {
                let unknown = matches!(shape, Shape::Level(_, _, Worst::Lowest, _)) && *now == 0.0;
                *kept = if unknown { f32::NAN } else { narrowed(*now) };
            }
        }
        if let Some(covered) = record.0.first_mut() {
            *covered = uptime.saturating_sub(self.at).as_secs_f32();
        }
        (self.seen, self.at) = (now, uptime);
        record
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a chart shows no more digits than that")]
const fn narrowed(number: f64) -> f32 {
    number as f32
}

/// The columns as the metrics have them. What none has is zero if it is counted, and otherwise no number.
fn columns(reading: &Reading) -> [f64; COLUMNS] {
    let mut columns = Record::empty().0.map(f64::from);
    for (name, labels, value) in reading.series() {
        for (first, metric, shape) in shown() {
            let Some(part) = name.strip_prefix(metric) else { continue };
            let Some(column) =
                column_of(shape, part, &labels).and_then(|index| columns.get_mut(first + index))
            else {
                continue;
            };
            *column = match shape {
                Shape::Level(_, _, Worst::HighestOfAny, _) => column.max(value),
                _ if column.is_nan() => value,
                _ => *column + value,
            };
        }
    }
    columns
}

/// Which of a shape's columns a series is for, by its labels and by what stands behind the metric's name.
fn column_of(shape: &Shape, part: &str, labels: &SeriesLabels<'_>) -> Option<usize> {
    match (shape, part) {
        (Shape::Rise(_, _, holds), "" | "_count") | (Shape::Level(_, _, _, holds), "") => {
            holds(labels).then_some(0)
        }
        (Shape::Times(bounds, ..), "_bucket") => {
            // The last one has no bound.
            let bound: f64 = labels.get("le")?.parse().ok()?;
            Some(bounds.iter().position(|other| bound <= *other).unwrap_or(bounds.len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{COLUMNS, Record, Sampler, columns, shown};
    use crate::domain::OutboundService;
    use crate::telemetry::metrics::{
        HTTP_REQUEST_DURATION, JOB_OLDEST_AGE, JOB_QUEUE_DEPTH, LOG_EVENTS, STORE_FREE_BYTES, reading_after,
    };

    /// A column by the name of what is shown of it.
    fn column(record: &Record, name: &str) -> f64 {
        let (first, ..) = shown().find(|(_, _, shape)| shape.names().contains(&name)).unwrap();
        record.column(first)
    }

    fn request(code: &'static str, seconds: f64) {
        let labels = [("method", "GET"), ("route", "/"), ("code", code)];
        metrics::histogram!(HTTP_REQUEST_DURATION, &labels).record(seconds);
    }

    #[test]
    fn what_is_counted_is_kept_by_how_much_it_rose_since_the_last_look() {
        let first = reading_after(|| {
            request("200", 0.003);
            request("304", 0.003);
            request("404", 0.03);
            metrics::counter!(LOG_EVENTS, "level" => "debug").increment(7);
        });
        let second = reading_after(|| {
            ["200", "304", "404", "404", "503"].iter().for_each(|code| request(code, 0.03));
            metrics::counter!(LOG_EVENTS, "level" => "debug").increment(9);
        });
        let mut sampler = Sampler::default();
        let record = sampler.sample(&first, Duration::from_secs(4));
        assert_eq!(record.covered(), 4.0, "since the start");
        let classes = |record| {
            ["answered", "refused", "failed"].map(|class| column(record, &format!("requests.{class}")))
        };
        assert_eq!(classes(&record), [2.0, 1.0, 0.0]);
        assert_eq!(column(&record, "log.info"), 7.0);
        let record = sampler.sample(&second, Duration::from_secs(19));
        assert_eq!(record.covered(), 15.0);
        assert_eq!(classes(&record), [0.0, 1.0, 1.0]);
        assert_eq!(column(&record, "log.info"), 2.0);
        let again = sampler.sample(&first, Duration::from_secs(34));
        assert_eq!(column(&again, "log.info"), 7.0, "it was counted anew");
    }

    #[test]
    fn durations_are_kept_by_bucket() {
        let reading =
            reading_after(|| [0.003, 0.004, 0.3, 99.0].iter().for_each(|time| request("200", *time)));
        let record = Sampler::default().sample(&reading, Duration::from_secs(15));
        let (first, _, shape) =
            shown().find(|(_, _, shape)| shape.names().contains(&"duration.p50")).unwrap();
        let buckets: Vec<_> = (first..first + shape.columns()).map(|index| record.column(index)).collect();
        assert_eq!(buckets, [2., 2., 2., 2., 2., 2., 2., 3., 3., 3., 3., 3., 3., 3., 4.]);
    }

    #[test]
    fn levels_are_added_up_or_the_worst_of_them_and_free_space_is_unknown_until_somebody_looked() {
        let reading = reading_after(|| {
            for (queue, depth, age) in [("email", 3.0, 60.0), ("sms", 4.0, 20.0)] {
                metrics::gauge!(JOB_QUEUE_DEPTH, "queue" => queue).set(depth);
                metrics::gauge!(JOB_OLDEST_AGE, "queue" => queue).set(age);
            }
        });
        let record = Sampler::default().sample(&reading, Duration::from_secs(15));
        assert_eq!((column(&record, "queues.waiting"), column(&record, "oldest.age")), (7.0, 60.0));
        assert!(column(&record, "free.data").is_nan());
        let reading = reading_after(|| metrics::gauge!(STORE_FREE_BYTES).set(4096.0));
        let record = Sampler::default().sample(&reading, Duration::from_secs(15));
        assert_eq!(column(&record, "free.data"), 4096.0);
    }

    #[test]
    fn every_service_outside_has_a_row() {
        for service in OutboundService::ALL {
            let name = format!("circuits.{service}");
            assert!(shown().any(|(_, _, shape)| shape.names().contains(&name.as_str())), "{name}");
        }
    }

    #[test]
    fn every_metric_of_the_charts_is_there() {
        let reading = reading_after(|| request("200", 0.01));
        for (first, metric, shape) in shown() {
            let found = reading.series().any(|(name, ..)| {
                name.strip_prefix(metric).is_some_and(|part| matches!(part, "" | "_count" | "_bucket"))
            });
            assert!(found, "{metric}");
            let known = columns(&reading).get(first..first + shape.columns()).map(<[f64]>::len);
            assert!(known.is_some() && first + shape.columns() <= COLUMNS, "{metric}");
        }
    }
}
