//! Rules about figures of the box itself: requests that fail, lines of the log that are lost, a disk that fills up. The rules for
//! Prometheus say the same.

use std::{collections::VecDeque, time::Duration};

use super::Increase;
use crate::{
    domain::{AlertRule, Timestamp},
    telemetry::{
        log::QUEUE_LINES,
        metrics::{
            HTTP_REQUEST_DURATION, LOG_DISK_FREE_BYTES, LOG_EVENTS_DROPPED, LOG_OLDEST, LOG_QUEUE_DEPTH,
            LOG_RETENTION, LOG_SEGMENTS_REMOVED, LOG_WRITE_ERRORS, OTLP_EXPORT_ITEMS, Reading, SeriesLabels,
            TRACEABILITY_CANARY_SUCCESS, TRACEABILITY_RATIO, approximate, whole,
        },
        otlp::Signal,
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
/// The share of the time for which the log is to be kept that it should go back at least, in percent.
const RETENTION_PERCENT: u64 = 90;
/// Over which time files are counted that went before their time: on a box that logs little one goes a day.
const REMOVED: Duration = minutes(2 * 24 * 60);
/// Over which time exports are counted, and the signals in their order.
const EXPORTED: Duration = minutes(10);
const SIGNALS: [Signal; 2] = [Signal::Traces, Signal::Logs];

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
    /// How long the log is to be kept, in seconds.
    pub log_retention_s: u64,
    /// When its oldest line was written, in seconds since 1970; 0 until it was looked at.
    pub log_oldest_s: u64,
    /// Files of it that went before their time.
    pub log_cut: u64,
    /// Spans, and lines, that were to be exported, each time that it was tried.
    pub exports: [u64; 2],
    /// Those that were not taken.
    pub exports_failed: [u64; 2],
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
            log_retention_s: 0,
            log_oldest_s: 0,
            log_cut: 0,
            exports: [0; 2],
            exports_failed: [0; 2],
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
        let cut = metrics.sum(LOG_SEGMENTS_REMOVED, |labels| labels.get("reason") != Some("age"));
        let exports = |signal: Signal, failed: bool| {
            let is_of = |labels: &SeriesLabels<'_>| {
                labels.get("signal") == Some(signal.word())
                    && !(failed && labels.get("outcome") == Some("exported"))
            };
            whole(metrics.sum(OTLP_EXPORT_ITEMS, is_of).unwrap_or_default())
        };
        let all_found = |name| metrics.sum(name, |_| true).is_none_or(|found| found >= 1.0);
        Self {
            requests: metrics.count(&requests),
            failed: whole(failed.unwrap_or_default()),
            lines_lost: metrics.count(LOG_EVENTS_DROPPED),
            write_errors: metrics.count(LOG_WRITE_ERRORS),
            lines_waiting: metrics.count(LOG_QUEUE_DEPTH),
            // Until somebody has looked it is zero.
            log_disk_free: Some(metrics.count(LOG_DISK_FREE_BYTES)).filter(|free| *free > 0),
            log_retention_s: metrics.count(LOG_RETENTION),
            log_oldest_s: metrics.count(LOG_OLDEST),
            log_cut: whole(cut.unwrap_or_default()),
            exports: SIGNALS.map(|signal| exports(signal, false)),
            exports_failed: SIGNALS.map(|signal| exports(signal, true)),
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
    log_cut: Increase,
    exports: [Increase; 2],
    exports_failed: [Increase; 2],
}

impl MeasuredRules {
    /// What is wrong by one more reading, each in a sentence.
    pub(super) fn judge(
        &mut self,
        (now, uptime): (Timestamp, Duration),
        measured: &Measured,
    ) -> Vec<(AlertRule, String)> {
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
        wrong.extend(self.cut(now, uptime, measured).map(|what| (AlertRule::LogRetentionShort, what)));
        wrong.extend(self.unexported(uptime, measured).map(|what| (AlertRule::OtlpExportFailing, what)));
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

    /// A new box has a short log, too: it is wrong only if files went before their time.
    fn cut(&mut self, now: Timestamp, uptime: Duration, measured: &Measured) -> Option<String> {
        const DAY_S: f64 = 86_400.0;
        let cut = self.log_cut.within(REMOVED, uptime, measured.log_cut);
        let now_s = u64::try_from(now.millis() / 1_000).unwrap_or_default();
        let (kept_s, wanted_s) = (now_s.saturating_sub(measured.log_oldest_s), measured.log_retention_s);
        (cut > 0 && kept_s * 100 < wanted_s * RETENTION_PERCENT).then(|| {
            let days = |seconds| approximate(seconds) / DAY_S;
            format!(
                "The log goes back {:.1} days, and is to be kept for {:.0}: its oldest files went to make room.",
                days(kept_s),
                days(wanted_s)
            )
        })
    }

    fn unexported(&mut self, uptime: Duration, measured: &Measured) -> Option<String> {
        let counts = measured.exports.into_iter().zip(measured.exports_failed);
        let seen = self.exports.iter_mut().zip(&mut self.exports_failed);
        let mut failing = Vec::new();
        for ((signal, (all, failed)), (seen, seen_failed)) in SIGNALS.into_iter().zip(counts).zip(seen) {
            let all = seen.within(EXPORTED, uptime, all);
            if seen_failed.within(EXPORTED, uptime, failed) * 2 > all {
                failing.push(signal.word());
            }
        }
        let what = failing.join(" and ");
        (!what.is_empty()).then(|| format!("More than half of the {what} for the collector are not taken."))
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
    use super::{
        AlertRule, LOG_RETENTION, LOG_SEGMENTS_REMOVED, Measured, MeasuredRules, OTLP_EXPORT_ITEMS,
        Timestamp, minutes,
    };
    use crate::telemetry::metrics::reading_after;

    const GIB: u64 = 1 << 30;
    const NOW_MS: i64 = 1_777_662_000_000;
    const DAY_S: u64 = 86_400;

    /// The rules that find something wrong at each of these minutes.
    fn wrong(readings: &[(u64, Measured)]) -> Vec<Vec<AlertRule>> {
        let mut rules = MeasuredRules::default();
        let judge = |(minute, measured): &(u64, Measured)| {
            let now = Timestamp::from_millis(NOW_MS + i64::try_from(minute * 60_000).unwrap());
            rules.judge((now, minutes(*minute)), measured).into_iter().map(|(rule, _)| rule).collect()
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

    #[test]
    fn a_log_that_is_cut_short_is_told_and_one_that_is_young_is_not() {
        let now_s = u64::try_from(NOW_MS / 1_000).unwrap();
        let log = |days: u64, log_cut| Measured {
            log_retention_s: 400 * DAY_S,
            log_oldest_s: now_s - days * DAY_S,
            log_cut,
            ..Measured::default()
        };
        let told = vec![AlertRule::LogRetentionShort];
        let found = wrong(&[(0, log(30, 7)), (1, log(30, 8)), (2_880, log(30, 8)), (2_882, log(30, 8))]);
        assert_eq!(found, [vec![], told.clone(), told, vec![]], "for two days after the last file went");
        assert_eq!(wrong(&[(0, log(30, 0)), (60, log(30, 0))]), [vec![], vec![]], "it is young");
        assert_eq!(wrong(&[(0, log(361, 0)), (60, log(361, 1))]), [vec![], vec![]], "it is long enough");
    }

    #[test]
    fn exports_that_mostly_fail_are_told_for_each_signal() {
        let exports = |logs: u64, logs_failed: u64| Measured {
            exports: [100, 100 + logs],
            exports_failed: [0, logs_failed],
            ..Measured::default()
        };
        let told = vec![AlertRule::OtlpExportFailing];
        let found = wrong(&[
            (0, exports(0, 0)),
            (1, exports(100, 51)),
            (2, exports(110, 51)),
            (12, exports(120, 51)),
        ]);
        assert_eq!(found, [vec![], told, vec![], vec![]]);
    }

    #[test]
    fn figures_are_read_from_the_metrics_by_their_labels() {
        let reading = reading_after(|| {
            let export = |signal: &'static str, outcome: &'static str, items| {
                metrics::counter!(OTLP_EXPORT_ITEMS, "signal" => signal, "outcome" => outcome)
                    .increment(items);
            };
            export("traces", "exported", 5);
            export("logs", "exported", 7);
            export("logs", "failed", 2);
            export("logs", "rejected", 1);
            for reason in ["age", "size", "disk"] {
                metrics::counter!(LOG_SEGMENTS_REMOVED, "reason" => reason).increment(3);
            }
            metrics::gauge!(LOG_RETENTION).set(86_400.0);
        });
        let measured = Measured::of(&reading);
        assert_eq!((measured.exports, measured.exports_failed), ([5, 10], [0, 3]));
        assert_eq!((measured.log_cut, measured.log_retention_s), (6, 86_400));
    }
}
