//! The fields of a span or an event as a piece of a JSON object, written once and kept. Whatever they hold,
//! the result is one line of valid JSON without secrets: nobody can put a second line, or another field, into
//! the log.

use std::{
    error::Error,
    fmt::{Debug, Display, Write},
};

use tracing::field::{Field, Visit};

use super::redact;

/// Longest text of one field, in bytes; what is beyond is cut off.
pub(super) const FIELD_BYTES_MAX: usize = 8 * 1024;

/// Names the layer itself writes; a field that has one of them is given a prefix.
const RESERVED: [&str; 5] = ["timestamp", "level", "module", "spans", "message"];

/// Ids are checked where they come in, and hiding one would lose the request.
const IDS: [&str; 5] = ["requestId", "correlationId", "trace_id", "span_id", "parent_span_id"];

/// Fields in the order they were recorded, each as `,"name":value`.
#[derive(Clone, Default, Debug)]
pub(super) struct Fields {
    json: String,
    entries: Vec<Entry>,
    message: String,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    name: &'static str,
    end: usize,
}

impl Fields {
    /// Forgets everything but the memory it took.
    pub(super) fn clear(&mut self) {
        self.json.clear();
        self.entries.clear();
        self.message.clear();
    }

    /// The message, as a JSON string without its quotes.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Adds to a line the fields whose names are not in it yet.
    pub(super) fn append_to(&self, line: &mut String, present: &mut Vec<&'static str>) {
        let mut start = 0;
        for entry in &self.entries {
            if !present.contains(&entry.name) {
                present.push(entry.name);
                line.push_str(self.json.get(start..entry.end).unwrap_or_default());
            }
            start = entry.end;
        }
    }

    /// Takes over newer values of the same or other fields.
    pub(super) fn update(&mut self, newer: Self) {
        let older = std::mem::replace(self, newer);
        let mut start = 0;
        for entry in older.entries {
            if !self.entries.iter().any(|new| new.name == entry.name) {
                self.json.push_str(older.json.get(start..entry.end).unwrap_or_default());
                self.entries.push(Entry { name: entry.name, end: self.json.len() });
            }
            start = entry.end;
        }
    }

    fn add(&mut self, field: &Field, write_value: impl FnOnce(&mut String)) {
        let name = field.name().trim_start_matches("r#");
        self.json.push_str(if RESERVED.contains(&name) { ",\"field." } else { ",\"" });
        escape(name, &mut self.json);
        self.json.push_str("\":");
        write_value(&mut self.json);
        self.entries.push(Entry { name, end: self.json.len() });
    }

    fn add_text(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            push_clean(text, &mut self.message);
            return;
        }
        let hidden = redact::hides(field.name());
        self.add(field, |json| {
            json.push('"');
            if hidden {
                json.push_str(redact::REDACTED);
            } else if IDS.contains(&field.name()) {
                escape(text, json);
            } else {
                push_clean(text, json);
            }
            json.push('"');
        });
    }

    fn add_number(&mut self, field: &Field, number: &impl Display) {
        if redact::hides(field.name()) {
            self.add(field, |json| push_quoted(redact::REDACTED, json));
        } else {
            self.add(field, |json| {
                // Writing to a string cannot fail.
                let _ = write!(json, "{number}");
            });
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |json| json.push_str(if value { "true" } else { "false" }));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add_number(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add_number(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.add_number(field, &value);
        } else {
            // JSON has no word for it.
            self.add_text(field, &value.to_string());
        }
    }

    /// Bytes are JSON that the program itself has made of names and numbers of its own: the steps of a request.
    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        match std::str::from_utf8(value) {
            Ok(json) if field.name() == "spans" => {
                self.json.push_str(",\"spans\":");
                self.json.push_str(json);
                self.entries.push(Entry { name: "spans", end: self.json.len() });
            }
            _ => self.add_text(field, &format!("{value:?}")),
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.add_text(field, &text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add_text(field, &format!("{value:?}"));
    }
}

/// Writes a text as a JSON string.
pub(super) fn push_quoted(text: &str, json: &mut String) {
    json.push('"');
    escape(text, json);
    json.push('"');
}

/// Writes a text of unknown origin: without secrets, and not longer than a field may be.
fn push_clean(text: &str, json: &mut String) {
    let clean = redact::redact(text);
    if clean.len() <= FIELD_BYTES_MAX {
        return escape(&clean, json);
    }
    let kept = clean.get(..clean.floor_char_boundary(FIELD_BYTES_MAX)).unwrap_or_default();
    escape(kept, json);
    // Writing to a string cannot fail.
    let _ = write!(json, "[cut: {} more bytes]", clean.len() - kept.len());
}

/// Writes a text with everything escaped that could end the string or the line, or that would make a terminal
/// show something else than what is there.
fn escape(text: &str, json: &mut String) {
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        if !needs_escape(c) {
            continue;
        }
        json.push_str(text.get(copied..at).unwrap_or_default());
        copied = at + c.len_utf8();
        // Writing to a string cannot fail.
        let _ = match c {
            '"' | '\\' => write!(json, "\\{c}"),
            '\n' => json.write_str("\\n"),
            '\r' => json.write_str("\\r"),
            '\t' => json.write_str("\\t"),
            _ => write!(json, "\\u{:04x}", u32::from(c)),
        };
    }
    json.push_str(text.get(copied..).unwrap_or_default());
}

/// Quotes and backslashes, and what misleads. All of them lie in the Basic Multilingual Plane.
fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || misleads(c)
}

/// Whether a terminal would show something else than what is there: control characters (ANSI escapes begin with one), line
/// separators, and the marks that change the direction of writing.
pub fn misleads(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{FIELD_BYTES_MAX, escape, push_clean};

    fn parsed(json: &str) -> String {
        serde_json::from_str(&format!("\"{json}\"")).unwrap()
    }

    proptest! {
        #[test]
        fn any_text_reads_back_from_one_printable_line(
            text in prop_oneof![
                any::<String>(),
                "[\\x00-\\x1f\\x7f-\\u{9f}\\u{2028}\\u{2029}\\u{202e}\"\\\\a]{0,40}",
            ],
        ) {
            let mut json = String::new();
            escape(&text, &mut json);
            let breaks_lines = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
            prop_assert!(!json.contains(breaks_lines));
            prop_assert_eq!(parsed(&json), text);
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters_and_says_so() {
        let text = "ä".repeat(FIELD_BYTES_MAX);
        let mut json = String::new();
        push_clean(&format!("x{text}"), &mut json);
        assert!(json.len() < FIELD_BYTES_MAX + 40);
        assert!(json.ends_with(&format!("ä[cut: {} more bytes]", FIELD_BYTES_MAX + 2)), "{}", json.len());
    }
}
