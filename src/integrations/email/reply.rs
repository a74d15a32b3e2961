//! What a relay answers: a code, an enhanced code and some text, all of bounded length. Uses `wire`.

use super::{classify::Trouble, wire::Wire};

/// Most bytes of one answer: far more than any list of capabilities needs.
const REPLY_BYTES_MAX: usize = 16 * 1_024;

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reply {
    /// 200 to 599.
    pub(super) code: u16,
    /// The text of every line.
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Reads one answer.
    pub(super) fn read(wire: &mut Wire) -> Result<Self, Trouble> {
        let mut reply: Option<Self> = None;
        let mut bytes = 0;
        loop {
            let line = wire.line()?;
            bytes += line.len() + 2;
            if bytes > REPLY_BYTES_MAX {
                return Err(Trouble::Malformed("an answer does not end"));
            }
            let (code, is_last, text) = parsed(&line).ok_or(Trouble::Malformed("an answer is no SMTP"))?;
            let reply = reply.get_or_insert_with(|| Self { code, lines: Vec::new() });
            if reply.code != code {
                return Err(Trouble::Malformed("an answer has more than one code"));
            }
            reply.lines.push(text);
            if is_last {
                return Ok(reply.clone());
            }
        }
    }

    /// 2 for done, 3 for go on, 4 for not now, 5 for no.
    pub(super) fn class(&self) -> u16 {
        self.code / 100
    }

    /// The enhanced code, such as 4.4.2, if there is one of the same class.
    pub(super) fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let mut parts = self.lines.first()?.split_whitespace().next()?.split('.').map(str::parse);
        let code = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
        (parts.next().is_none() && code.0 == self.class()).then_some(code)
    }

    /// The whole answer in one line.
    pub(super) fn text(&self) -> String {
        let mut text = self.code.to_string();
        for line in &self.lines {
            text.push(' ');
            text.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        text.truncate(text.trim_end().len());
        text
    }

    /// The same without its text, but for the enhanced code.
    pub(super) fn without_text(&self) -> Self {
        let code = self.enhanced().map(|(class, subject, detail)| format!("{class}.{subject}.{detail}"));
        Self { code: self.code, lines: code.into_iter().collect() }
    }
}

/// Code, whether it is the last line, and text.
fn parsed(line: &[u8]) -> Option<(u16, bool, String)> {
    let (code, rest) = line.split_at_checked(3)?;
    if !matches!(code, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return None;
    }
    let code = std::str::from_utf8(code).ok()?.parse().ok()?;
    let (is_last, text) = match rest.split_first() {
        None => (true, rest),
        Some((b' ', text)) => (true, text),
        Some((b'-', text)) => (false, text),
        Some(_) => return None,
    };
    Some((code, is_last, String::from_utf8_lossy(text).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Reply, parsed};

    fn reply(code: u16, lines: &[&str]) -> Reply {
        Reply { code, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[test]
    fn a_line_is_a_code_a_mark_and_a_text() {
        assert_eq!(parsed(b"250-SIZE 1000"), Some((250, false, "SIZE 1000".to_owned())));
        assert_eq!(parsed(b"354 go on"), Some((354, true, "go on".to_owned())));
        assert_eq!(parsed(b"221"), Some((221, true, String::new())));
        assert_eq!(parsed(b"550 \xff"), Some((550, true, "\u{fffd}".to_owned())));
        for line in ["", "25", "650 no", "150 no", "2x0 no", "250_no", "HTTP/1.1 200 OK"] {
            assert_eq!(parsed(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn an_enhanced_code_counts_only_if_it_agrees() {
        assert_eq!(reply(451, &["4.4.2 lost"]).enhanced(), Some((4, 4, 2)));
        for line in ["5.4.2 lost", "4.4 lost", "4.4.2.1 lost", "lost", ""] {
            assert_eq!(reply(451, &[line]).enhanced(), None, "{line}");
        }
    }

    #[test]
    fn an_answer_is_told_in_one_line_or_without_its_text() {
        let answer = reply(550, &["5.1.1 no\r such", "user\u{1b}[31m "]);
        assert_eq!(answer.text(), "550 5.1.1 no  such user [31m");
        assert_eq!(answer.without_text().text(), "550 5.1.1");
        assert_eq!(reply(535, &["no"]).without_text().text(), "535");
    }
}
