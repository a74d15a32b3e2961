//! Which log events are written.

use crate::config::setting::TextSetting;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Levels, for all or for a module: `info` or `info,event_manager::store=debug`. A valid filter directive of
/// `tracing-subscriber`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogFilter(String);

impl LogFilter {
    /// The directives, separated by commas.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    /// `info`
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl TextSetting for LogFilter {
    const ALLOWED: &'static str =
        "a level (off, error, warn, info, debug, trace), alone or with module=level after commas";

    fn from_text(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let is_module = |module: &str| {
            !module.is_empty()
                && module.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'))
        };
        let is_directive = |directive: &str| match directive.split_once('=') {
            Some((module, level)) => is_module(module) && LEVELS.contains(&level),
            None => LEVELS.contains(&directive),
        };
        text.split(',').all(is_directive).then_some(Self(text))
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::LogFilter;
    use crate::config::setting::TextSetting;

    #[test]
    fn levels_hold_for_all_or_for_a_module() {
        for taken in ["info", "DEBUG", "warn,event_manager::store=trace", "event_manager=debug"] {
            assert!(LogFilter::from_text(taken).is_some(), "{taken}");
        }
        for refused in ["", "loud", "info,", "info;debug", "=debug", "store=loud", "a b=info"] {
            assert!(LogFilter::from_text(refused).is_none(), "{refused}");
        }
    }
}
