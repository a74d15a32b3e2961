//! One line of text, such as a name.

use std::borrow::Cow;

use crate::config::setting::TextSetting;

const LONGEST: usize = 200;

/// 1 to 200 characters without control characters and without blanks around them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line(Cow<'static, str>);

impl Line {
    /// A default.
    pub const fn constant(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TextSetting for Line {
    const ALLOWED: &'static str = "one line of text, at most 200 characters";

    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= LONGEST && !text.contains(char::is_control);
        fits.then(|| Self(Cow::Owned(text.to_owned())))
    }

    fn to_text(&self) -> String {
        self.0.clone().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::config::setting::TextSetting;

    #[test]
    fn a_line_is_short_and_has_no_line_end() {
        assert_eq!(Line::from_text(" Łódź ").map(|line| line.to_text()).as_deref(), Some("Łódź"));
        for refused in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(Line::from_text(refused), None, "{refused:?}");
        }
    }
}
