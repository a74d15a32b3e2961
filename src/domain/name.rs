//! Names: what they may hold. A name stands in one line of a list, an announcement or a log, so it is one.

/// Whether a name reads as one: it is not blank, and holds no line breaks, control characters or marks that turn the
/// direction of the text around it. An empty one is for the rule of lengths to refuse.
///
/// # Errors
/// What is wrong with it.
pub fn readable(name: &str, _: &()) -> garde::Result {
    if name.contains(unreadable) {
        Err(garde::Error::new(
            "must not hold line breaks, control characters or marks that turn the text's direction",
        ))
    } else if !name.is_empty() && name.trim().is_empty() {
        Err(garde::Error::new("must not be blank"))
    } else {
        Ok(())
    }
}

fn unreadable(c: char) -> bool {
    // Line and paragraph separators; embeddings, overrides and isolates of Unicode's bidirectional algorithm.
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn a_name_is_one_readable_line() {
        for name in ["Ann", " Zoë O'Neill-Ømer ", "山田 太郎", "עדה", "Team 👩‍🚀", ""] {
            assert!(readable(name, &()).is_ok(), "{name:?}");
        }
        for name in
            [" ", "\u{a0}\u{2003}", "Ann\nBen", "Ann\tBen", "\0", "\u{202e}nnA", "\u{2066}A", "A\u{2028}B"]
        {
            assert!(readable(name, &()).is_err(), "{name:?}");
        }
    }
}
