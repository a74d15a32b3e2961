//! Answers as Loki gives them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::CATEGORIZE;
use crate::{
    domain::Timestamp,
    service::LogRead,
    telemetry::logql::{Entry, Labels, Series},
};

/// Lines by their streams. With labels apart, a stream has its own alone, and each line what belongs to it.
pub fn streams(entries: Vec<Entry>, categorized: bool) -> Vec<Value> {
    let mut streams: BTreeMap<Labels, Vec<Value>> = BTreeMap::new();
    for entry in entries {
        let labels = if categorized { entry.stream.clone() } else { entry.labels() };
        let Entry { micros, line, metadata, parsed, .. } = entry;
        let time = format!("{micros}000");
        streams.entry(labels).or_default().push(if categorized {
            let parts = [("structuredMetadata", metadata), ("parsed", parsed)];
            let apart: Map<String, Value> = parts
                .into_iter()
                .filter(|(_, labels)| !labels.is_empty())
                .map(|(name, labels)| (name.to_owned(), json!(labels)))
                .collect();
            json!([time, line, apart])
        } else {
            json!([time, line])
        });
    }
    streams.into_iter().map(|(stream, values)| json!({"stream": stream, "values": values})).collect()
}

/// Series with their values at all times that have one.
pub fn matrix(series: Vec<Series>, times: &[i64]) -> Vec<Value> {
    let one = |Series { labels, values }: Series| {
        let values = times.iter().zip(values).filter_map(|(time, value)| Some(sample(*time, value?)));
        json!({"metric": labels, "values": values.collect::<Vec<_>>()})
    };
    series.into_iter().map(one).collect()
}

/// Series with their value at one time.
pub fn vector(series: Vec<Series>, time: i64) -> Vec<Value> {
    let one = |Series { labels, values }: Series| {
        let value = values.into_iter().flatten().next()?;
        Some(json!({"metric": labels, "value": sample(time, value)}))
    };
    series.into_iter().filter_map(one).collect()
}

/// A time in seconds, and a value as text.
pub fn sample(micros: i64, value: f64) -> Value {
    #[allow(clippy::cast_precision_loss, reason = "microseconds stay exact until the year 2255")]
    let seconds = match micros % 1_000_000 {
        0 => json!(micros / 1_000_000),
        _ => json!(micros as f64 / 1e6),
    };
    let value = match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    };
    json!([seconds, value])
}

/// The answer to a query.
pub fn result(kind: &str, result: Value, read: &LogRead, categorized: bool) -> Value {
    let seconds = read.took.as_secs_f64();
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rough figure"
    )]
    let a_second = |count: u64| (count as f64 / seconds.max(1e-6)) as u64;
    let mut data = json!({"resultType": kind, "result": result, "stats": {"summary": {
        "bytesProcessedPerSecond": a_second(read.bytes),
        "linesProcessedPerSecond": a_second(read.lines),
        "totalBytesProcessed": read.bytes,
        "totalLinesProcessed": read.lines,
        "execTime": seconds,
    }}});
    if let Some(data) = data.as_object_mut().filter(|_| categorized) {
        data.insert("encodingFlags".to_owned(), json!([CATEGORIZE]));
    }
    json!({"status": "success", "data": data})
}

/// The same, with a word on what is missing.
pub fn with_warning(mut answer: Value, missing: Option<(&str, i64)>) -> Value {
    if let Some(answer) = answer.as_object_mut()
        && let Some((what, micros)) = missing
    {
        let time = Timestamp::from_micros(micros);
        answer.insert(
            "warnings".to_owned(),
            json!([format!("it took too long to read everything: {what} {time} is left out")]),
        );
    }
    answer
}
