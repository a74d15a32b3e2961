//! Which halves the run has, and how the command line changes that.

use std::time::Duration;

/// What is outside during a half.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    Healthy,
    /// Everything hangs.
    Hanging,
    /// Everything hangs, and all circuits are opened at the beginning.
    Open,
    /// Everything hangs, and all circuits are forced open.
    ForcedOpen,
}

impl Outside {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Hanging => "hanging",
            Self::Open => "open",
            Self::ForcedOpen => "forced open",
        }
    }
}

#[derive(Clone, Copy)]
pub struct Half {
    /// The mode of all circuit breakers: `monitor` or `enforce`.
    pub mode: &'static str,
    pub outside: Outside,
}

impl Half {
    /// Whether calls are rejected all the time, or nearly.
    pub fn rejects(self) -> bool {
        self.outside == Outside::ForcedOpen || (self.outside == Outside::Open && self.mode == "enforce")
    }
}

pub struct Plan {
    pub halves: Vec<Half>,
    pub span: Duration,
    /// Sheets a second.
    pub pace: usize,
    /// Whether a ratio that is missed fails the run.
    pub is_strict: bool,
}

impl Plan {
    pub fn of_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let has = |name: &str| arguments.iter().any(|argument| argument == name);
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1)?.parse::<usize>().ok()
        };
        let is_quick = has("--quick");
        let modes = if is_quick { vec!["enforce"] } else { vec!["monitor", "enforce"] };
        let seconds = value("--seconds").unwrap_or(if is_quick { 2 } else { 10 });
        Self {
            halves: modes.into_iter().flat_map(halves_of).collect(),
            span: Duration::from_secs(seconds as u64),
            pace: value("--pace").unwrap_or(400),
            is_strict: has("--strict"),
        }
    }

    /// Sheets of a half.
    pub fn sheets(&self) -> usize {
        self.pace * self.span.as_secs() as usize
    }
}

/// Each half with trouble stands behind one without.
fn halves_of(mode: &'static str) -> Vec<Half> {
    let troubles = [Outside::Hanging, Outside::Open, Outside::ForcedOpen];
    troubles
        .into_iter()
        .flat_map(|trouble| [Outside::Healthy, trouble])
        .map(|outside| Half { mode, outside })
        .collect()
}
