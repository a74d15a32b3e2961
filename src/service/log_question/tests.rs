//! A query against a log of some blocks.

use std::fs;

use super::*;
use crate::telemetry::logql::{Query, parse};

/// Lines in the log.
const LINES: i64 = 600;
const SECOND: i64 = 1_000_000;

fn log(query: &str) -> LogQuery {
    let Ok(Query::Log(log)) = parse(query) else { panic!("{query}") };
    log
}

/// A log of a line a second, a kilobyte each; every hundredth is another request's, and an error.
fn evening() -> (tempfile::TempDir, LogStore) {
    let directory = tempfile::tempdir().unwrap();
    let padding = "x".repeat(1_000);
    let line = |second: i64| {
        let time = jiff::Timestamp::from_microsecond(second * SECOND).unwrap();
        let (level, request, tenant) =
            if second % 100 == 0 { ("error", "r-rare", "t-2") } else { ("info", "r-1", "t-1") };
        format!(
            "{{\"timestamp\":\"{time:.6}\",\"level\":\"{level}\",\"message\":\"{padding}\",\"module\":\"m\",\"requestId\":\"{request}\",\
            \"tenantId\":\"{tenant}\"}}\n"
        )
    };
    let text: String = (1..=LINES).map(line).collect();
    fs::write(directory.path().join("active.jsonl"), text).unwrap();
    let store = LogStore::new(directory.path());
    (directory, store)
}

/// The seconds of the lines that a query finds, with what it read.
fn found(query: &str, tenant: Option<&str>, patience: Duration, order: Order) -> (Vec<i64>, LogRead) {
    let (_directory, logs) = evening();
    let log = log(query);
    let question = Question::new(&log, tenant);
    let (mut seconds, mut budget) = (Vec::new(), Budget::new(patience));
    let ended_at = question.walk(&logs, &question.plan(order), &mut budget, &mut |_, entry| {
        seconds.extend(entry.map(|entry| entry.micros / SECOND));
        ControlFlow::Continue(())
    });
    let read = budget.read(ended_at.unwrap());
    (seconds, read)
}

const PATIENT: Duration = Duration::from_secs(60);

#[test]
fn all_that_is_meant_is_found_and_only_of_ones_own_tenant() {
    let rare: Vec<i64> = (1..=6).map(|hundred| hundred * 100).collect();
    for query in [
        r#"{app="event-manager"} |= "requestId:r-rare""#,
        r#"{level="ERROR"}"#,
        r#"{app="event-manager"} | json | requestId="r-rare" and level="error""#,
        r#"{app="event-manager"} |= "r-rare""#,
    ] {
        let found_by = |tenant| found(query, tenant, PATIENT, Order::OldestFirst).0;
        assert_eq!((found_by(None), found_by(Some("t-2"))), (rare.clone(), rare.clone()), "{query}");
        assert!(found_by(Some("t-1")).is_empty(), "{query}");
    }
    let never = r#"{level="error", detected_level="info"}"#;
    assert_eq!(found(never, None, PATIENT, Order::OldestFirst).1.bytes, 0, "no line has two levels");
}

#[test]
fn a_query_without_time_reads_one_block_and_tells_how_far_it_came() {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let (seconds, read) = found(r#"{app="event-manager"}"#, None, Duration::ZERO, order);
        assert!(!seconds.is_empty() && seconds.len() < 400, "{}", seconds.len());
        assert_eq!(read.lines, seconds.len() as u64);
        let reached = *seconds.last().unwrap() * SECOND;
        let certain = if order == Order::NewestFirst { reached + DISORDER } else { reached - DISORDER };
        assert_eq!(read.ended_at, Some(certain));
    }
    assert_eq!(found(r#"{app="event-manager"}"#, None, PATIENT, Order::NewestFirst).1.ended_at, None);
}

/// The times of the nearest lines, of lines that come in this order, and how many were looked at.
fn nearest(order: Order, limit: usize, times: &[i64]) -> (Vec<i64>, usize) {
    let mut nearest = Nearest::new(order, limit);
    let entry = |micros| Entry::new(micros, "{}", Map::new());
    let looked =
        times.iter().take_while(|at| nearest.add(Some(**at), Some(entry(**at))).is_continue()).count();
    (nearest.entries().into_iter().map(|entry| entry.micros).collect(), looked)
}

#[test]
fn lines_that_stand_a_little_out_of_order_are_put_right_before_they_are_cut() {
    let late = 100 * DISORDER;
    let times = [late, late - 3, late - 1, late - 2, late - DISORDER, late - 2 * DISORDER, late - 1];
    assert_eq!(nearest(Order::NewestFirst, 3, &times), (vec![late, late - 1, late - 2], 5));
    let times = [0, 3, 1, 2, DISORDER, 2 * DISORDER, 1];
    assert_eq!(nearest(Order::OldestFirst, 3, &times), (vec![0, 1, 2], 5));
    assert_eq!(nearest(Order::OldestFirst, 9, &times).0.len(), 7, "all there are");
    assert_eq!(nearest(Order::NewestFirst, 2, &[7, 7, 7]).0, [7, 7], "of one time those that come first");
}
