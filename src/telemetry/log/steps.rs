//! The steps of a request: the spans beneath its own, told in its one record instead of lines of their own.

use std::{fmt::Write, time::Duration};

use super::fields::push_quoted;

/// Most steps that a request's record tells of.
pub(super) const STEPS_MAX: usize = 64;

/// One span that has ended.
pub(super) struct Step {
    pub name: &'static str,
    /// From the beginning of the request to its own.
    pub start: Duration,
    pub duration: Duration,
}

/// The spans that have ended, in the order they did.
#[derive(Default)]
pub(super) struct Steps {
    done: Vec<Step>,
    omitted: usize,
}

impl Steps {
    /// Notes one more, or only that there was one, if there were too many.
    pub(super) fn add(&mut self, step: Step) {
        if self.done.len() < STEPS_MAX {
            self.done.push(step);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds them to a line as `"spans":[[name, start, duration], ...]`, in microseconds.
    pub(super) fn append_to(&self, line: &mut String) {
        if self.done.is_empty() {
            return;
        }
        line.push_str(",\"spans\":[");
        for (index, step) in self.done.iter().enumerate() {
            line.push_str(if index == 0 { "[" } else { ",[" });
            push_quoted(step.name, line);
            // Writing to a string cannot fail.
            let _ = write!(line, ",{},{}]", step.start.as_micros(), step.duration.as_micros());
        }
        line.push(']');
        if self.omitted > 0 {
            // Writing to a string cannot fail.
            let _ = write!(line, ",\"spansOmitted\":{}", self.omitted);
        }
    }
}
