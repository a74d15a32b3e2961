//! Text without characters that no message needs: control characters, and marks that turn the direction of the text
//! around them. Uses nothing of ours.

/// One line: line ends and runs of blanks are one blank.
pub(super) fn line(text: &str) -> String {
    let visible: String = text.chars().filter_map(|c| if breaks(c) { Some(' ') } else { kept(c) }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines that end in `\n` alone.
pub(super) fn block(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.chars().filter_map(|c| if breaks(c) && c != '\t' { Some('\n') } else { kept(c) }).collect()
}

/// The same without blanks at line ends, with one empty line at most between two others, and none around.
pub(super) fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

fn breaks(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn kept(c: char) -> Option<char> {
    match c {
        '\t' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::{block, line, tidy};

    #[test]
    fn a_line_holds_no_line_end_whatever_it_was_made_of() {
        assert_eq!(
            line(" Ann\r\nBcc: all@example.org\u{2028}x\u{0}\u{1b}[31m\t\u{202e}y "),
            "Ann Bcc: all@example.org x[31m y"
        );
        assert_eq!(line("Łódź 👩‍🚀 ß"), "Łódź 👩‍🚀 ß");
    }

    #[test]
    fn lines_stay_and_control_characters_go() {
        assert_eq!(block("a\r\nb\rc\u{85}d\te\u{7}\u{2067}f"), "a\nb\nc\nd ef");
        assert_eq!(tidy("\n\n a  \n\n\n\nb\n\n"), " a\n\nb");
    }
}
