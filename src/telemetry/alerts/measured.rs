//! Rules about figures of the box itself: requests that fail, lines of the log that are lost, a disk that fills up. The rules for
//! Prometheus say the same.

use std::{collections::VecDeque, time::Duration};

use super::Increase;
use crate::{
    domain::AlertRule,
    telemetry::{
        log::QUEUE_LINES,
        metrics::{
            HTTP_REQUEST_DURATION, LOG_DISK_FREE_BYTES, LOG_EVENTS_DROPPED, LOG_QUEUE_DEPTH,
            LOG_WRITE_ERRORS, Reading, TRACEABILITY_CANARY_SUCCESS, TRACEABILITY_RATIO, approximate, whole,
        },
    },
};

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// Over which times failed requests are counted: of late, and for long enough that it is no accident.
const COUNTED: [Duration; 2] = [minutes(5), minutes(60)];
/// The share of failed requests that is too much: 14.4 times what an objective of 99.5 % allows, in percent.
const FAILED_PERCENT: f64 = 7.2;
/// So few failed requests within five minutes say nothing.
const FAILED_MIN: u64 = 10;
/// Over which time lost lines are counted.
const LOST: Duration = minutes(5);
/// The share of waiting lines of those that may wait that is too much, in percent.
const WAITING_PERCENT: u64 = 80;
/// Free space of the log's disk below which it is looked whether it lasts, and below which there is hardly any, in bytes.
const LITTLE_FREE: u64 = 10 << 30;
const HARDLY_FREE: u64 = 512 << 20;
/// By how it shrank within this time it is reckoned how long the free space lasts, and so long it should.
const SHRUNK: Duration = minutes(60);
const LASTS: Duration = minutes(24 * 60);

/// Figures of the box.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// Requests that were answered.
    pub requests: u64,
    /// Those that failed through no fault of whoever asked.
    pub failed: u64,
    /// Lines of the log that were lost.
    pub lines_lost: u64,
    /// Attempts to write to the log that failed.
    pub write_errors: u64,
    /// Lines that wait to be written.
    pub lines_waiting: u64,
    /// Free space of the log's disk in bytes, once it was looked at.
    pub log_disk_free: Option<u64>,
    /// Whether everything that was looked for lately was found in the log.
    pub traceable: bool,
}

impl Default for Measured {
    fn default() -> Self {
        Self {
            requests: 0,
            failed: 0,
            lines_lost: 0,
            write_errors: 0,
            lines_waiting: 0,
            log_disk_free: None,
            traceable: true,
        }
    }
}

impl Measured {
    /// What the rules look at, of all metrics.
    pub fn of(metrics: &Reading) -> Self {
        let requests = format!("{HTTP_REQUEST_DURATION}_count");
        let failed =
            metrics.sum(&requests, |labels| labels.get("code").is_some_and(|code| code.starts_with('5')));
        let all_found = |name| metrics.sum(name, |_| true).is_none_or(|found| found >= 1.0);
        Self {
            requests: metrics.count(&requests),
            failed: whole(failed.unwrap_or_default()),
            lines_lost: metrics.count(LOG_EVENTS_DROPPED),
            write_errors: metrics.count(LOG_WRITE_ERRORS),
            lines_waiting: metrics.count(LOG_QUEUE_DEPTH),
            // Until somebody has looked it is zero.
            log_disk_free: Some(metrics.count(LOG_DISK_FREE_BYTES)).filter(|free| *free > 0),
            traceable: all_found(TRACEABILITY_RATIO) && all_found(TRACEABILITY_CANARY_SUCCESS),
        }
    }
}

/// What they have seen.
#[derive(Debug, Default)]
pub(super) struct MeasuredRules {
    requests: [Increase; 2],
    failed: [Increase; 2],
    lost: Increase,
    write_errors: Increase,
    free: VecDeque<(Duration, u64)>,
}

impl MeasuredRules {
    /// What is wrong by one more reading, each in a sentence.
    pub(super) fn judge(&mut self, uptime: Duration, measured: &Measured) -> Vec<(AlertRule, String)> {
        let mut wrong = Vec::new();
        wrong.extend(self.failing(uptime, measured).map(|what| (AlertRule::HttpErrorBudgetBurnFast, what)));
        let lost = self.lost.within(LOST, uptime, measured.lines_lost);
        if lost > 0 {
            let what = format!("{lost} lines of the log were lost within five minutes.");
            wrong.push((AlertRule::LogEventsDropped, what));
        }
        let errors = self.write_errors.within(LOST, uptime, measured.write_errors);
        if errors > 0 {
            let what = format!("{errors} attempts to write to the log failed within five minutes.");
            wrong.push((AlertRule::LogWriteErrors, what));
        }
        let waiting = measured.lines_waiting;
        if waiting * 100 > QUEUE_LINES as u64 * WAITING_PERCENT {
            let what =
                format!("{waiting} lines of the log wait for the disk; with {QUEUE_LINES} everybody waits.");
            wrong.push((AlertRule::LogQueueSaturated, what));
        }
        wrong.extend(measured.log_disk_free.and_then(|free| self.disk(uptime, free)));
        if !measured.traceable {
            let what = "What was written to the log a moment ago is not found in it.".to_owned();
            wrong.push((AlertRule::TraceabilityBroken, what));
        }
        wrong
    }

    fn failing(&mut self, uptime: Duration, measured: &Measured) -> Option<String> {
        let mut of_late = None;
        let mut burns = true;
        for ((span, requests), failed) in COUNTED.into_iter().zip(&mut self.requests).zip(&mut self.failed) {
            let all = requests.within(span, uptime, measured.requests);
            let failed = failed.within(span, uptime, measured.failed);
            burns &= failed >= FAILED_MIN && approximate(failed) * 100.0 > approximate(all) * FAILED_PERCENT;
            of_late.get_or_insert((failed, all));
        }
        let (failed, all) = of_late.filter(|_| burns)?;
        Some(format!("{failed} of {all} requests failed within five minutes."))
    }

    fn disk(&mut self, uptime: Duration, free: u64) -> Option<(AlertRule, String)> {
        self.free.push_back((uptime, free));
        while self.free.front().is_some_and(|(at, _)| uptime.saturating_sub(*at) > SHRUNK) {
            self.free.pop_front();
        }
        let mib = free >> 20;
        if free < HARDLY_FREE {
            let what = format!("Hardly anything is free on the disk of the log: {mib} MiB.");
            return Some((AlertRule::LogDiskCritical, what));
        }
        let (since, before) = *self.free.front()?;
        let (shrunk, passed) = (before.saturating_sub(free), uptime.saturating_sub(since));
        let lasts_s = approximate(free) / approximate(shrunk) * passed.as_secs_f64();
        if free >= LITTLE_FREE || shrunk == 0 || lasts_s > LASTS.as_secs_f64() {
            return None;
        }
        let what = format!(
            "{mib} MiB are free on the disk of the log, and nothing will be in {:.0} hours.",
            lasts_s / 3_600.0
        );
        Some((AlertRule::LogDiskLow, what))
    }
}

#[cfg(test)]
mod tests {
    use super::{AlertRule, Measured, MeasuredRules, minutes};

    const GIB: u64 = 1 << 30;

    /// The rules that find something wrong at each of these minutes.
    fn wrong(readings: &[(u64, Measured)]) -> Vec<Vec<AlertRule>> {
        let mut rules = MeasuredRules::default();
        let judge = |(minute, measured): &(u64, Measured)| {
            rules.judge(minutes(*minute), measured).into_iter().map(|(rule, _)| rule).collect()
        };
        readings.iter().map(judge).collect()
    }

    fn requests(requests: u64, failed: u64) -> Measured {
        Measured { requests, failed, ..Measured::default() }
    }

    #[test]
    fn requests_that_fail_are_told_if_they_are_many_of_late_and_many_of_the_hour() {
        let burns = vec![AlertRule::HttpErrorBudgetBurnFast];
        let of = |readings: &[(u64, Measured)]| wrong(readings).pop().unwrap();
        assert_eq!(of(&[(0, requests(0, 0)), (1, requests(100, 10))]), burns);
        assert_eq!(of(&[(0, requests(500, 90)), (1, requests(600, 90))]), [], "those before are nothing new");
        assert_eq!(of(&[(0, requests(0, 0)), (1, requests(100, 7))]), [], "seven percent");
        assert_eq!(of(&[(0, requests(0, 0)), (1, requests(9, 9))]), [], "too few to say anything");
        let well_before = [(0, requests(0, 0)), (10, requests(10_000, 0)), (20, requests(10_100, 50))];
        assert_eq!(of(&well_before), [], "little of the hour");
        let over = [(0, requests(0, 0)), (1, requests(100, 50)), (10, requests(200, 50))];
        assert_eq!(of(&over), [], "it is over");
    }

    #[test]
    fn lost_lines_are_told_for_five_minutes_and_those_before_are_nothing_new() {
        let lost = |lines_lost| Measured { lines_lost, write_errors: lines_lost, ..Measured::default() };
        let told = vec![AlertRule::LogEventsDropped, AlertRule::LogWriteErrors];
        let found = wrong(&[(0, lost(7)), (1, lost(8)), (5, lost(8)), (7, lost(8))]);
        assert_eq!(found, [vec![], told.clone(), told, vec![]]);
    }

    #[test]
    fn a_disk_that_fills_up_is_told_before_it_is_full_and_one_that_is_merely_small_is_not() {
        let free = |gib_free: u64| Measured { log_disk_free: Some(gib_free), ..Measured::default() };
        let found =
            wrong(&[(0, free(9 * GIB)), (30, free(9 * GIB)), (45, free(8 * GIB)), (46, free(GIB / 4))]);
        assert_eq!(found, [vec![], vec![], vec![AlertRule::LogDiskLow], vec![AlertRule::LogDiskCritical]]);
        let large = wrong(&[(0, free(40 * GIB)), (30, free(20 * GIB))]);
        assert_eq!(large, [vec![], vec![]], "there is enough");
        let slow = wrong(&[(0, free(9 * GIB)), (60, free(9 * GIB - GIB / 8))]);
        assert_eq!(slow, [vec![], vec![]], "it lasts for three days");
    }

    #[test]
    fn a_queue_that_is_nearly_full_and_a_log_that_lacks_something_are_told() {
        let measured =
            |lines_waiting, traceable| Measured { lines_waiting, traceable, ..Measured::default() };
        let found = wrong(&[(0, measured(13_000, true)), (1, measured(13_200, false))]);
        assert_eq!(found, [vec![], vec![AlertRule::LogQueueSaturated, AlertRule::TraceabilityBroken]]);
    }
}
