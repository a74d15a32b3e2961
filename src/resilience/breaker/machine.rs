//! The state machine of a circuit breaker: every rule, on a time that it is given. It locks nothing, tells nobody and reads
//! no clock. Its rules are those of the customer's document as the worked cases in `tests/cases/breaker` pin them down.

use std::{collections::VecDeque, time::Duration};

use super::{
    chance::Chance,
    moment::Moment,
    settings::BreakerSettings,
    ticket::{Refusal, Ticket, TicketRole, Verdict},
    totals::Totals,
    window::{Percentiles, Window, WindowCounts},
};
use crate::domain::{BreakerMode, CircuitMemory, CircuitReason, CircuitState};

/// A change of a circuit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// What it was.
    pub from: CircuitState,
    /// What it is.
    pub to: CircuitState,
    /// Why.
    pub reason: CircuitReason,
    /// When.
    pub at: Moment,
}

#[derive(Debug)]
enum State {
    Closed,
    Open { since: Moment, chance: f64 },
    HalfOpen { trials: VecDeque<Moment>, successes: u32 },
}

/// The state machine of one circuit breaker.
#[derive(Debug)]
pub struct Machine {
    settings: BreakerSettings,
    state: State,
    /// When something happens by itself, reckoned whenever what it depends on changes.
    due: Option<Moment>,
    since: Moment,
    generation: u64,
    opens: u32,
    consecutive: u32,
    window: Window,
    totals: Totals,
    /// The latest time it was given. A source that goes back is taken to stand still.
    now: Moment,
    chance: Chance,
    changes: Vec<Change>,
}

impl Machine {
    /// A closed circuit.
    pub fn new(settings: BreakerSettings, now: Moment, chance: Chance) -> Self {
        Self {
            settings,
            state: State::Closed,
            due: None,
            since: now,
            generation: 0,
            opens: 0,
            consecutive: 0,
            window: Window::default(),
            totals: Totals::default(),
            now,
            chance,
            changes: Vec::new(),
        }
    }

    /// Takes up where an earlier process left off, `ago` after the circuit came to that state. Permits of trials and what
    /// they have shown died with it.
    pub fn resume(&mut self, remembered: CircuitMemory, ago: Duration) {
        let CircuitMemory { state, opens, chance } = remembered;
        self.opens = opens;
        // The wall clock may have been set meanwhile: it can neither lengthen the open time nor end before it began.
        let longest = self.settings.open_time(opens, chance);
        let since = self.now - ago.min(longest);
        self.since = since;
        self.state = match state {
            CircuitState::Closed => State::Closed,
            CircuitState::Open => State::Open { since, chance },
            CircuitState::HalfOpen => State::HalfOpen { trials: VecDeque::new(), successes: 0 },
        };
        self.reckon();
    }

    /// What to keep for [`Self::resume`].
    pub const fn remembered(&self) -> CircuitMemory {
        let chance = if let State::Open { chance, .. } = &self.state { *chance } else { 0.0 };
        CircuitMemory { state: self.state(), opens: self.opens, chance }
    }

    /// Whether a call may be made.
    ///
    /// # Errors
    /// It must not.
    pub fn admit(&mut self, now: Moment) -> Result<Ticket, Refusal> {
        self.advance(now);
        if let Some(refusal) = self.refusal() {
            self.totals.rejected += 1;
            return Err(refusal);
        }
        let role = match self.settings.mode {
            BreakerMode::Disabled => TicketRole::Unseen,
            _ if matches!(self.state, State::Closed) => TicketRole::Call,
            _ if self.has_room() => TicketRole::Trial,
            _ => TicketRole::Unheeded,
        };
        match (role, &mut self.state) {
            (TicketRole::Unseen, _) => self.totals.passthrough += 1,
            (TicketRole::Unheeded, _) => self.totals.would_reject += 1,
            (TicketRole::Trial, State::HalfOpen { trials, .. }) => {
                trials.push_back(self.now);
                self.reckon();
            }
            _ => {}
        }
        Ok(Ticket { generation: self.generation, started: self.now, role, is_probe: false })
    }

    /// Why a call would not be let pass, as of the latest time it was given; nothing if it would.
    pub fn refusal(&self) -> Option<Refusal> {
        let lets_pass = matches!(self.state, State::Closed) || self.has_room();
        match self.settings.mode {
            BreakerMode::ForcedOpen => Some(Refusal { state: CircuitState::Open, retry_after: None }),
            BreakerMode::Enforce if !lets_pass => {
                Some(Refusal { state: self.state(), retry_after: self.retry_after() })
            }
            BreakerMode::Enforce | BreakerMode::Monitor | BreakerMode::Disabled => None,
        }
    }

    /// Whether another trial may begin.
    fn has_room(&self) -> bool {
        matches!(self.state, State::HalfOpen { .. })
            && self.trials_in_flight() < usize::try_from(self.settings.half_open_max).unwrap_or(usize::MAX)
    }

    /// The generation in which every call passes and nothing is noted of its beginning; nothing as long as [`Self::admit`]
    /// has to be asked.
    pub const fn passing(&self) -> Option<u64> {
        match (self.settings.mode, &self.state) {
            (BreakerMode::Enforce | BreakerMode::Monitor, State::Closed) => Some(self.generation),
            _ => None,
        }
    }

    /// Takes the outcome of a call. What was begun in an earlier generation decides nothing any more.
    pub fn settle(&mut self, now: Moment, ticket: Ticket, verdict: Verdict) {
        self.advance(now);
        if ticket.role == TicketRole::Unseen {
            return;
        }
        let slow = self.settings.slow_after.is_some_and(|limit| self.now.since(ticket.started) > limit);
        self.totals.count(self.now, ticket, verdict, slow);
        if ticket.role == TicketRole::Unheeded {
            self.totals.count_unheeded(verdict);
            return;
        }
        if ticket.generation != self.generation {
            self.totals.late += 1;
            return;
        }
        let failed = match verdict {
            Verdict::Ok => false,
            Verdict::Fail => true,
            Verdict::Ignored | Verdict::Cancelled => return self.end_trial(ticket),
        };
        match ticket.role {
            TicketRole::Trial => self.judge_trial(ticket, failed, slow),
            _ => self.record(self.now.micros_since(ticket.started), failed, slow),
        }
    }

    fn end_trial(&mut self, ticket: Ticket) {
        if let (TicketRole::Trial, State::HalfOpen { trials, .. }) = (ticket.role, &mut self.state)
            && let Some(index) = trials.iter().position(|started| *started == ticket.started)
        {
            trials.remove(index);
            self.reckon();
        }
    }

    fn judge_trial(&mut self, ticket: Ticket, failed: bool, slow: bool) {
        self.end_trial(ticket);
        if failed {
            return self.open(self.now, CircuitReason::TrialFailed);
        }
        if slow && self.settings.slow_rate.is_some() {
            return self.open(self.now, CircuitReason::TrialSlow);
        }
        if let State::HalfOpen { successes, .. } = &mut self.state {
            *successes += 1;
            if *successes >= self.settings.success_threshold {
                self.close(CircuitReason::TrialsSucceeded);
            }
        }
    }

    fn record(&mut self, took: u32, failed: bool, slow: bool) {
        self.consecutive = if failed { self.consecutive.saturating_add(1) } else { 0 };
        self.window.add(self.settings.window, self.now, took, (failed, slow));
        // A quick success never opens a circuit, whatever the window holds.
        if (failed || slow)
            && let Some(reason) = self.reason_to_open()
        {
            self.open(self.now, reason);
        }
    }

    fn reason_to_open(&self) -> Option<CircuitReason> {
        let settings = &self.settings;
        let WindowCounts { calls, failures, slow, .. } = self.window.counts();
        let reaches = |part: u32, rate: Option<f64>| {
            rate.is_some_and(|rate| f64::from(part) * 100.0 >= rate * f64::from(calls))
        };
        if calls >= settings.volume_threshold {
            if settings.failure_threshold.is_some_and(|threshold| failures >= threshold) {
                return Some(CircuitReason::FailureCount);
            }
            if reaches(failures, settings.failure_rate) {
                return Some(CircuitReason::FailureRate);
            }
            if reaches(slow, settings.slow_rate) {
                return Some(CircuitReason::SlowRate);
            }
        }
        let in_a_row = settings.consecutive_failures.is_some_and(|limit| self.consecutive >= limit);
        in_a_row.then_some(CircuitReason::ConsecutiveFailures)
    }

    /// Lets time pass: what is due until then happens, each at its own time.
    pub fn advance(&mut self, now: Moment) {
        let before = self.now;
        self.now = self.now.max(now);
        while let Some(due) = self.due.filter(|due| *due <= self.now) {
            // Settings that were changed can make something due that was not due when it should have been.
            let at = due.max(before);
            match self.state {
                State::Closed => return,
                State::Open { .. } => {
                    let half_open = State::HalfOpen { trials: VecDeque::new(), successes: 0 };
                    self.turn(at, half_open, CircuitReason::OpenElapsed);
                }
                State::HalfOpen { .. } => self.open(at, CircuitReason::TrialTimeout),
            }
        }
    }

    /// When something happens by itself; nothing if it waits for a call.
    pub const fn due(&self) -> Option<Moment> {
        self.due
    }

    fn reckon(&mut self) {
        self.due = self.reckoned();
    }

    fn reckoned(&self) -> Option<Moment> {
        match &self.state {
            State::Closed => None,
            State::Open { since, chance } => Some(*since + self.settings.open_time(self.opens, *chance)),
            State::HalfOpen { trials, .. } => {
                let timeout = self.settings.trial_timeout?;
                trials.front().map(|started| *started + timeout)
            }
        }
    }

    /// Closes the circuit with all that it knew forgotten. This is told even if it was closed.
    pub fn reset(&mut self, now: Moment) {
        self.advance(now);
        self.close(CircuitReason::ManualReset);
    }

    /// Opens the circuit, unless it is open.
    pub fn trip(&mut self, now: Moment) {
        self.advance(now);
        if !matches!(self.state, State::Open { .. }) {
            self.open(self.now, CircuitReason::ManualTrip);
        }
    }

    /// Goes by other settings from now on; what was recorded stays.
    pub fn configure(&mut self, now: Moment, settings: BreakerSettings) {
        self.advance(now);
        let (was, is) = (self.settings.mode, settings.mode);
        self.settings = settings;
        self.reckon();
        self.window.evict(self.settings.window, self.now);
        if was != is && (was == BreakerMode::Disabled || is == BreakerMode::Disabled) {
            if matches!(self.state, State::Closed) {
                self.forget();
            } else {
                self.close(CircuitReason::Disabled);
            }
        }
        self.advance(now);
    }

    fn open(&mut self, at: Moment, reason: CircuitReason) {
        self.opens = self.opens.saturating_add(1);
        let chance = self.chance.draw();
        self.turn(at, State::Open { since: at, chance }, reason);
    }

    fn close(&mut self, reason: CircuitReason) {
        self.turn(self.now, State::Closed, reason);
        self.forget();
    }

    fn forget(&mut self) {
        self.generation += 1;
        self.window.clear();
        (self.opens, self.consecutive) = (0, 0);
    }

    fn turn(&mut self, at: Moment, state: State, reason: CircuitReason) {
        let from = self.state();
        self.state = state;
        self.since = at;
        self.generation += 1;
        self.reckon();
        let to = self.state();
        if to == CircuitState::Open {
            self.totals.opened += 1;
        }
        self.changes.push(Change { from, to, reason, at });
    }

    /// Whether something has changed since [`Self::take_changes`].
    pub const fn has_changed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// What has changed since this was last asked, in order.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Where the circuit stands, as of the latest time it was given.
    pub const fn state(&self) -> CircuitState {
        match self.state {
            State::Closed => CircuitState::Closed,
            State::Open { .. } => CircuitState::Open,
            State::HalfOpen { .. } => CircuitState::HalfOpen,
        }
    }

    /// Since when it stands there.
    pub const fn since(&self) -> Moment {
        self.since
    }

    /// What it goes by.
    pub const fn settings(&self) -> &BreakerSettings {
        &self.settings
    }

    /// How long it stays open from now; nothing if it is not open.
    pub fn retry_after(&self) -> Option<Duration> {
        let is_open = matches!(self.state, State::Open { .. });
        self.due.filter(|_| is_open).map(|due| due.since(self.now))
    }

    /// Trials that have not ended.
    pub fn trials_in_flight(&self) -> usize {
        if let State::HalfOpen { trials, .. } = &self.state { trials.len() } else { 0 }
    }

    /// Successful trials since it became half open.
    pub const fn trial_successes(&self) -> u32 {
        if let State::HalfOpen { successes, .. } = self.state { successes } else { 0 }
    }

    /// What its window holds.
    pub fn window(&mut self) -> WindowCounts {
        self.window.evict(self.settings.window, self.now);
        self.window.counts()
    }

    /// How long the calls in its window took.
    pub fn percentiles(&self) -> Option<Percentiles> {
        self.window.percentiles()
    }

    /// What it has counted since it was made.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }
}
