//! What queries come to, over an evening of a line a second.

use std::convert::Infallible;

use serde_json::json;

use super::{super::Entry, *};
use crate::telemetry::logql::{Query, parse};

const SECOND: i64 = 1_000_000;

/// A line a second for a minute; every tenth an error that took long.
fn evening() -> Vec<Entry> {
    let line = |second: i64| {
        let level = if second % 10 == 0 { "error" } else { "info" };
        let fields = json!({"level": level, "kind": "http", "route": format!("/{}", second % 2), "durationUs": second * 10});
        Entry::new(second * SECOND, &fields.to_string(), fields.as_object().unwrap().clone())
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
        Ok::<_, Infallible>(None)
    };
    let evaluation = evaluate(&metric, &times, &mut lines).unwrap();
    assert_eq!(evaluation.known_from, None);
    evaluation
        .series
        .into_iter()
        .map(|Series { labels, values }| (labels.into_values().collect::<Vec<_>>().join(","), values))
        .collect()
}

#[test]
fn lines_are_counted_in_each_range_without_its_beginning() {
    let by_level = at(r#"sum by (level) (count_over_time({app="event-manager"}[30s]))"#, &[30, 60, 90, 120]);
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
        [("event-manager".to_owned(), vec![None, Some(1.0)])]
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

#[test]
fn a_range_of_which_not_all_lines_were_seen_has_no_value() {
    let Ok(Query::Metric(metric)) = parse(r#"sum(count_over_time({app="event-manager"}[10s]))"#) else {
        panic!("it is a metric");
    };
    let times: Vec<i64> = [20, 30, 40].map(|second| second * SECOND).to_vec();
    let evaluation = evaluate(&metric, &times, &mut |_, (from, until), take| {
        let within = evening().into_iter().filter(|entry| entry.micros > from && entry.micros <= until);
        assert!(within.filter(|entry| entry.micros >= 20 * SECOND).all(&mut *take));
        Ok::<_, Infallible>(Some(20 * SECOND))
    });
    let evaluation = evaluation.unwrap();
    assert_eq!(evaluation.series[0].values, [None, Some(10.0), Some(10.0)]);
    assert_eq!(evaluation.known_from, Some(30 * SECOND));
}

#[test]
fn numbers_are_no_series_and_too_much_is_refused() {
    let evaluated = |query: &str, times: &[i64]| {
        let Ok(Query::Metric(metric)) = parse(query) else { panic!("{query}") };
        evaluate(&metric, times, &mut |log, _, take| {
            assert!(evening().into_iter().filter_map(|entry| log.apply(entry)).all(take));
            Ok::<_, Infallible>(None)
        })
    };
    assert!(evaluated("1 + 1", &[4]).unwrap().is_number);
    assert!(!evaluated("vector(1)", &[4]).unwrap().is_number);
    assert!(matches!(evaluated("sum(1)", &[4]), Err(EvalError::NoSeries)));
    let apart = r#"count_over_time({app="event-manager"} | json [1m])"#;
    assert_eq!(evaluated(apart, &[60 * SECOND]).unwrap().series.len(), 60);
    assert!(matches!(evaluated(apart, &vec![60 * SECOND; 100_000]), Err(EvalError::TooManyValues)));
}
