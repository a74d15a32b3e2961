//! How much there is to read, and how many bytes the lines of streams have.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{Asked, Question, render};
use crate::{
    http::problem::Failure,
    service::Numbers,
    telemetry::logql::{
        APP_LABELS, Aggregation, Grouping, Labels, LogQuery, Metric, RangeFunction, STREAM_LABELS, Series,
        greatest,
    },
};

impl Asked {
    /// How much a query would read.
    pub(super) async fn stats(&self) -> Result<Value, Failure> {
        let extent = self.services.log_extent(&self.reader, self.log_query()?, self.span()?).await?;
        let streams = u8::from(extent.lines > 0);
        Ok(json!({
            "streams": streams, "chunks": extent.blocks, "bytes": extent.bytes, "entries": extent.lines,
        }))
    }

    /// The bytes of streams by some of their labels: of all the time, or at several times.
    pub(super) async fn volume(&self, question: Question) -> Result<Value, Failure> {
        let (from, until) = self.span()?;
        let (times, range) = match question {
            Question::VolumeRange => {
                let times = self.times()?;
                let step = Self::step(&times);
                (times, step)
            }
            _ => (vec![until], (until - from).max(1)),
        };
        let log = self.log_query()?;
        let labels = self.volume_labels(&log);
        let metric = bytes_by(log, labels.clone(), range);
        let Numbers { evaluation, read } =
            self.services.evaluate_logs(&self.reader, metric, times.clone()).await?;
        let mut series = evaluation.series;
        if self.parameters.get("aggregateBy") == Some("labels") {
            series = by_label(series);
        }
        let series = greatest(series, self.limit("limit", None)?);
        let (kind, result) = match question {
            Question::VolumeRange => ("matrix", render::matrix(series, &times)),
            _ => ("vector", render::vector(series, until)),
        };
        Ok(render::result(kind, json!(result), &read, false))
    }

    /// The labels that are asked for; else those that the selector names.
    fn volume_labels(&self, log: &LogQuery) -> Vec<String> {
        let targets = self.parameters.get("targetLabels").map(|names| names.split(','));
        let targets: Vec<String> = targets.into_iter().flatten().map(|name| name.trim().to_owned()).collect();
        if !targets.is_empty() {
            return targets;
        }
        if self.parameters.get("aggregateBy") == Some("labels") {
            return APP_LABELS.into_iter().chain(STREAM_LABELS).map(ToOwned::to_owned).collect();
        }
        log.selector.iter().map(|matcher| matcher.label.clone()).collect()
    }
}

/// The bytes of lines, by labels.
fn bytes_by(log: LogQuery, labels: Vec<String>, range_micros: i64) -> Metric {
    let range = Metric::Range {
        function: RangeFunction::BytesOverTime,
        log,
        unwrap: None,
        range: Duration::from_micros(range_micros.unsigned_abs()),
        offset: Duration::ZERO,
        grouping: None,
    };
    Metric::Aggregate { aggregation: Aggregation::Sum, grouping: Grouping::By(labels), of: Box::new(range) }
}

/// The same bytes by the name of each label, whatever its value.
fn by_label(series: Vec<Series>) -> Vec<Series> {
    let mut named: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for Series { labels, values } in series {
        for name in labels.into_keys() {
            let sums = named.entry(name).or_insert_with(|| vec![None; values.len()]);
            for (sum, value) in sums.iter_mut().zip(&values) {
                *sum = match (*sum, *value) {
                    (Some(sum), Some(value)) => Some(sum + value),
                    (sum, value) => sum.or(value),
                };
            }
        }
    }
    let of_label = |(name, values)| Series { labels: Labels::from([(name, String::new())]), values };
    named.into_iter().map(of_label).collect()
}
