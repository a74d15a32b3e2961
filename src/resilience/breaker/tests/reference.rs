//! The rules of the breaker as slowly and as plainly as they can be written: it lives through every millisecond, keeps all
//! outcomes and counts them anew each time.

use std::time::Duration;

use super::super::{BreakerSettings, Verdict, WindowSpan};
use crate::domain::{BreakerMode, CircuitReason, CircuitState};

/// What a call that was admitted brings back.
#[derive(Clone, Copy, Debug)]
pub struct Admitted {
    generation: u64,
    start: u64,
    role: Role,
    id: u64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Role {
    Call,
    Trial,
    Unheeded,
    Unseen,
}

#[derive(Clone, Copy, Debug)]
struct Outcome {
    end: u64,
    failed: bool,
    slow: bool,
}

/// The sums that both keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    pub ok: u64,
    pub fail: u64,
    pub ignored: u64,
    pub cancelled: u64,
    pub rejected: u64,
    pub would_reject: u64,
    pub late: u64,
    pub slow: u64,
    pub passthrough: u64,
}

pub struct Reference {
    pub settings: BreakerSettings,
    pub now: u64,
    pub state: CircuitState,
    generation: u64,
    opens: u32,
    opened_at: u64,
    outcomes: Vec<Outcome>,
    in_a_row: u32,
    trials: Vec<(u64, u64)>,
    successes: u32,
    next_id: u64,
    pub sums: Sums,
    pub events: Vec<(CircuitState, CircuitState, CircuitReason, u64)>,
}

impl Reference {
    pub fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            now: 0,
            state: CircuitState::Closed,
            generation: 0,
            opens: 0,
            opened_at: 0,
            outcomes: Vec::new(),
            in_a_row: 0,
            trials: Vec::new(),
            successes: 0,
            next_id: 0,
            sums: Sums::default(),
            events: Vec::new(),
        }
    }

    /// Lives through every millisecond up to one; an earlier one is taken for now.
    pub fn live_until(&mut self, time: u64) {
        while self.now < time {
            self.now += 1;
            self.let_happen();
        }
    }

    fn let_happen(&mut self) {
        if self.state == CircuitState::Open && self.now >= self.opened_at + self.open_millis() {
            self.turn(CircuitState::HalfOpen, CircuitReason::OpenElapsed);
            self.trials.clear();
            self.successes = 0;
        }
        let timeout = self.settings.trial_timeout.map(millis);
        let is_over = |start: u64| timeout.is_some_and(|timeout| self.now >= start + timeout);
        if self.state == CircuitState::HalfOpen && self.trials.iter().any(|(_, start)| is_over(*start)) {
            self.open(CircuitReason::TrialTimeout);
        }
    }

    fn open_millis(&self) -> u64 {
        // The only growth there is here.
        let doubles = self.settings.open_backoff > 1.5;
        let mut open = millis(self.settings.open);
        for _ in 1..self.opens {
            open = if doubles { open * 2 } else { open };
            if let Some(max) = self.settings.open_max {
                open = open.min(millis(max));
            }
            open = open.min(31_536_000_000);
        }
        open
    }

    pub fn retry_after(&self) -> Option<u64> {
        (self.state == CircuitState::Open).then(|| self.opened_at + self.open_millis() - self.now)
    }

    pub fn trials(&self) -> usize {
        if self.state == CircuitState::HalfOpen { self.trials.len() } else { 0 }
    }

    fn counting(&self) -> Vec<Outcome> {
        match self.settings.window {
            WindowSpan::Time(span) => {
                let young = |outcome: &&Outcome| self.now - outcome.end < millis(span);
                self.outcomes.iter().filter(young).copied().collect()
            }
            WindowSpan::Calls(calls) => self.outcomes.iter().rev().take(calls).rev().copied().collect(),
        }
    }

    pub fn window(&self) -> (usize, usize) {
        let counting = self.counting();
        (counting.len(), counting.iter().filter(|outcome| outcome.failed).count())
    }

    fn turn(&mut self, to: CircuitState, reason: CircuitReason) {
        self.events.push((self.state, to, reason, self.now));
        self.state = to;
        self.generation += 1;
    }

    fn open(&mut self, reason: CircuitReason) {
        self.opens += 1;
        self.opened_at = self.now;
        self.turn(CircuitState::Open, reason);
    }

    fn start_clean(&mut self) {
        self.generation += 1;
        self.outcomes.clear();
        self.opens = 0;
        self.in_a_row = 0;
    }

    pub fn admit(&mut self) -> Option<Admitted> {
        self.next_id += 1;
        let admitted =
            |role| Some(Admitted { generation: self.generation, start: self.now, role, id: self.next_id });
        match self.settings.mode {
            BreakerMode::Disabled => {
                self.sums.passthrough += 1;
                return admitted(Role::Unseen);
            }
            BreakerMode::ForcedOpen => {
                self.sums.rejected += 1;
                return None;
            }
            BreakerMode::Enforce | BreakerMode::Monitor => {}
        }
        if self.state == CircuitState::Closed {
            return admitted(Role::Call);
        }
        if self.state == CircuitState::HalfOpen && self.trials.len() < self.settings.half_open_max as usize {
            self.trials.push((self.next_id, self.now));
            return admitted(Role::Trial);
        }
        if self.settings.mode == BreakerMode::Monitor {
            self.sums.would_reject += 1;
            return admitted(Role::Unheeded);
        }
        self.sums.rejected += 1;
        None
    }

    pub fn settle(&mut self, call: Admitted, verdict: Verdict) {
        if call.role == Role::Unseen {
            return;
        }
        let slow = self.settings.slow_after.is_some_and(|limit| self.now - call.start > millis(limit));
        let sum = match verdict {
            Verdict::Ok => &mut self.sums.ok,
            Verdict::Fail => &mut self.sums.fail,
            Verdict::Ignored => &mut self.sums.ignored,
            Verdict::Cancelled => &mut self.sums.cancelled,
        };
        *sum += 1;
        let tells = matches!(verdict, Verdict::Ok | Verdict::Fail);
        self.sums.slow += u64::from(slow && tells);
        if call.role == Role::Unheeded {
            return;
        }
        if call.generation != self.generation {
            self.sums.late += 1;
            return;
        }
        if call.role == Role::Trial {
            self.trials.retain(|(id, _)| *id != call.id);
        }
        if !tells {
            return;
        }
        let failed = verdict == Verdict::Fail;
        if call.role == Role::Trial {
            if failed {
                self.open(CircuitReason::TrialFailed);
            } else if slow && self.settings.slow_rate.is_some() {
                self.open(CircuitReason::TrialSlow);
            } else {
                self.successes += 1;
                if self.successes >= self.settings.success_threshold {
                    self.turn(CircuitState::Closed, CircuitReason::TrialsSucceeded);
                    self.start_clean();
                }
            }
            return;
        }
        self.outcomes.push(Outcome { end: self.now, failed, slow });
        self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
        if failed || slow {
            self.judge();
        }
    }

    fn judge(&mut self) {
        let counting = self.counting();
        let calls = counting.len();
        let failures = counting.iter().filter(|outcome| outcome.failed).count();
        let slow = counting.iter().filter(|outcome| outcome.slow).count();
        let enough = calls >= self.settings.volume_threshold as usize;
        let percent = |part: usize| part as f64 / calls as f64 * 100.0;
        let rules = [
            (
                enough && self.settings.failure_threshold.is_some_and(|n| failures >= n as usize),
                CircuitReason::FailureCount,
            ),
            (
                enough && self.settings.failure_rate.is_some_and(|rate| percent(failures) >= rate),
                CircuitReason::FailureRate,
            ),
            (
                enough && self.settings.slow_rate.is_some_and(|rate| percent(slow) >= rate),
                CircuitReason::SlowRate,
            ),
            (
                self.settings.consecutive_failures.is_some_and(|n| self.in_a_row >= n),
                CircuitReason::ConsecutiveFailures,
            ),
        ];
        if let Some((_, reason)) = rules.into_iter().find(|(holds, _)| *holds) {
            self.open(reason);
        }
    }

    pub fn reset(&mut self) {
        self.turn(CircuitState::Closed, CircuitReason::ManualReset);
        self.start_clean();
    }

    pub fn trip(&mut self) {
        if self.state != CircuitState::Open {
            self.open(CircuitReason::ManualTrip);
        }
    }

    pub fn configure(&mut self, settings: BreakerSettings) {
        // What the old window has let go does not come back with a wider one.
        self.outcomes = self.counting();
        let (was, is) = (self.settings.mode, settings.mode);
        self.settings = settings;
        self.outcomes = self.counting();
        if was != is && [was, is].contains(&BreakerMode::Disabled) {
            if self.state != CircuitState::Closed {
                self.turn(CircuitState::Closed, CircuitReason::Disabled);
            }
            self.start_clean();
        }
        self.let_happen();
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap()
}
