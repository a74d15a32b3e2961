//! The form of the case files.

use std::time::Duration;

use event_manager::{
    domain::BreakerMode,
    resilience::{BreakerSettings, WindowSpan},
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub format: String,
    #[serde(rename = "theme")]
    _theme: String,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    pub why: String,
    #[serde(rename = "covers")]
    _covers: Vec<String>,
    pub config: Map<String, Value>,
    pub max_keys: Option<usize>,
    pub steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: u64,
    pub op: Op,
    pub outcome: Option<Outcome>,
    #[serde(default)]
    pub took_ms: u64,
    pub id: Option<String>,
    #[serde(default)]
    pub set: Map<String, Value>,
    #[serde(default)]
    pub jump_ms: i64,
    pub key: Option<String>,
    pub repeat: Option<u32>,
    #[serde(default)]
    pub every_ms: u64,
    #[serde(default)]
    pub expect: Map<String, Value>,
    #[serde(default)]
    pub expect_each: Map<String, Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Call,
    Start,
    End,
    Tick,
    Reset,
    Trip,
    Config,
    Wall,
    Restart,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    Fail,
    Ignored,
    Cancelled,
    Panic,
}

/// Puts settings over others.
pub fn configure(settings: &mut BreakerSettings, set: &Map<String, Value>) {
    let (mut window, mut window_ms, mut window_calls) = match settings.window {
        WindowSpan::Time(span) => ("time".to_owned(), millis_of(span), 100),
        WindowSpan::Calls(calls) => ("count".to_owned(), 60_000, calls as u64),
    };
    for (name, value) in set {
        let count = || value.as_u64().map(|count| u32::try_from(count).unwrap());
        let span = || value.as_u64().map(Duration::from_millis);
        match name.as_str() {
            "mode" => settings.mode = mode(value.as_str().unwrap()),
            "window" => window = value.as_str().unwrap().to_owned(),
            "window_ms" => window_ms = value.as_u64().unwrap(),
            "window_calls" => window_calls = value.as_u64().unwrap(),
            "failure_threshold" => settings.failure_threshold = count(),
            "failure_rate" => settings.failure_rate = value.as_f64(),
            "slow_ms" => settings.slow_after = span(),
            "slow_rate" => settings.slow_rate = value.as_f64(),
            "consecutive_failures" => settings.consecutive_failures = count(),
            "volume_threshold" => settings.volume_threshold = count().unwrap(),
            "success_threshold" => settings.success_threshold = count().unwrap(),
            "open_ms" => settings.open = span().unwrap(),
            "open_backoff" => settings.open_backoff = value.as_f64().unwrap(),
            "open_max_ms" => settings.open_max = span(),
            "half_open_max" => settings.half_open_max = count().unwrap(),
            "trial_timeout_ms" => settings.trial_timeout = span(),
            other => panic!("there is no setting {other}"),
        }
    }
    settings.window = match window.as_str() {
        "time" => WindowSpan::Time(Duration::from_millis(window_ms)),
        "count" => WindowSpan::Calls(usize::try_from(window_calls).unwrap()),
        other => panic!("there is no window of {other}"),
    };
    assert_eq!(settings.faults(), [], "a case goes by settings that the product refuses");
}

fn mode(word: &str) -> BreakerMode {
    match word {
        "enforce" => BreakerMode::Enforce,
        "monitor" => BreakerMode::Monitor,
        "disabled" => BreakerMode::Disabled,
        "forced_open" => BreakerMode::ForcedOpen,
        other => panic!("there is no mode {other}"),
    }
}

fn millis_of(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap()
}
