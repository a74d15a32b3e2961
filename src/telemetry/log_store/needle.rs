//! A text that is looked for in many lines at once: a block without it needs no look at its lines. Uses `memchr`.

use memchr::memmem;

/// A text of plain letters that stands somewhere, in capitals or not. Others than those of English change with the language,
/// and sometimes their number of bytes, so that only lines are asked for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needle(String);

impl Needle {
    /// The text, if it can be looked for in many lines at once.
    pub fn of(text: &str) -> Option<Self> {
        text.is_ascii().then(|| Self(text.to_ascii_lowercase()))
    }

    /// Whether it stands in a text that has no capitals.
    pub(super) fn is_in(&self, small: &[u8]) -> bool {
        memmem::find(small, self.0.as_bytes()).is_some()
    }
}

/// Whether all of them stand in lines.
pub(super) fn all_in(needles: &[Needle], lines: &[u8]) -> bool {
    if needles.is_empty() {
        return true;
    }
    let small = lines.to_ascii_lowercase();
    needles.iter().all(|needle| needle.is_in(&small))
}
