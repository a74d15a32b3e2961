//! The path under which everything is served.

use crate::config::setting::TextSetting;

/// Nothing, or segments that each begin with a slash, such as `/events`; never ends in a slash, so that it
/// can be put before any absolute path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BasePath(String);

impl BasePath {
    /// The path, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TextSetting for BasePath {
    const ALLOWED: &'static str = "\"\", or a path such as \"/events\" without a slash at its end";

    fn from_text(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_plain);
        let valid = match text.strip_prefix('/') {
            Some(segments) => segments.split('/').all(is_segment),
            None => text.is_empty(),
        };
        valid.then(|| Self(text.to_owned()))
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::BasePath;
    use crate::config::setting::TextSetting;

    #[test]
    fn a_base_path_can_stand_before_any_absolute_path() {
        for taken in ["", "/events", "/a/b-c_d.e~f"] {
            assert!(BasePath::from_text(taken).is_some(), "{taken}");
        }
        for refused in ["/", "events", "/events/", "//x", "/a//b", "/..", "/a/./b", "/a b", "/a?b", "/ä"] {
            assert!(BasePath::from_text(refused).is_none(), "{refused}");
        }
    }
}
