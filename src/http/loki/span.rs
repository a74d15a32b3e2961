//! From when to when something is asked, at which times between, and how much.

use super::{Asked, wrong};
use crate::http::problem::Failure;

/// How long before its end a time begins that is not said to begin, in microseconds.
const HOUR: i64 = 3_600_000_000;
/// Most lines of an answer, and how many there are if nothing is said.
const LINES_MAX: usize = 5_000;
const LINES: usize = 100;
/// Most times of an answer.
const TIMES_MAX: i64 = 11_000;

impl Asked {
    /// From a time on and before another, in microseconds.
    pub(super) fn span(&self) -> Result<(i64, i64), Failure> {
        let until = self.parameters.time("end")?.unwrap_or(self.now.micros());
        let back = self.parameters.duration("since")?.unwrap_or(HOUR);
        let from = self.parameters.time("start")?.unwrap_or(until.saturating_sub(back));
        if from > until {
            return Err(wrong("the parameter end must not be before start".to_owned()));
        }
        Ok((from, until))
    }

    /// The times between, in microseconds, both ends included.
    pub(super) fn times(&self) -> Result<Vec<i64>, Failure> {
        let (from, until) = self.span()?;
        let usual = ((until - from) / 250).max(1_000_000);
        let step = self.parameters.duration("step")?.unwrap_or(usual);
        if step <= 0 {
            return Err(wrong("the parameter step must be more than nothing".to_owned()));
        }
        let times = (until - from) / step + 1;
        if times > TIMES_MAX {
            let said = format!(
                "{times} values of a series are more than {TIMES_MAX}; take a longer step or a shorter time"
            );
            return Err(wrong(said));
        }
        Ok((0..times).map(|number| from + number * step).collect())
    }

    /// The step between those times, in microseconds.
    pub(super) fn step(times: &[i64]) -> i64 {
        match times {
            [first, second, ..] => second - first,
            _ => HOUR,
        }
    }

    /// Most of what is asked for, by a parameter.
    pub(super) fn limit(&self, name: &str, usual: Option<usize>) -> Result<usize, Failure> {
        let limit = self.parameters.number(name)?.unwrap_or(usual.unwrap_or(LINES));
        if limit == 0 || limit > LINES_MAX {
            return Err(wrong(format!("the parameter {name} must be from 1 to {LINES_MAX}, not {limit}")));
        }
        Ok(limit)
    }
}
