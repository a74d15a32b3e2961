//! The structure that a plain text shows by its look: paragraphs, lists, numbered places, the message's own link, and the
//! closing lines below `--`. Uses nothing of ours.

/// A part of a text.
#[derive(PartialEq, Debug)]
pub(super) enum Block<'t> {
    Lines(Vec<&'t str>),
    /// Lines that begin with `- `.
    List(Vec<&'t str>),
    /// Lines that begin with a number and a full stop; places that tie have the same number. What stands behind the last
    /// upright stroke of a line is a score.
    Places(Vec<Place<'t>>),
    /// `Label: address`, where the address is the message's own.
    Button {
        label: &'t str,
        url: &'t str,
    },
}

/// A line of a table of places.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Place<'t> {
    pub rank: u32,
    pub name: &'t str,
    pub score: Option<&'t str>,
}

/// A text in parts.
#[derive(PartialEq, Debug)]
pub(super) struct Document<'t> {
    pub main: Vec<Block<'t>>,
    pub closing: Vec<Block<'t>>,
}

/// The line above the closing lines.
pub(super) const CLOSING: &str = "--";

/// Reads a tidy text. Only the given link becomes a button, so that nothing that people call themselves can.
pub(super) fn document<'t>(text: &'t str, link: Option<&str>) -> Document<'t> {
    let (main, closing) = parts(text);
    Document { main: blocks(main, link), closing: blocks(closing, link) }
}

/// The text with the line above the closing lines as mail programs know it (RFC 3676, section 4.3).
pub(super) fn with_signature_line(text: &str) -> String {
    match parts(text) {
        (_, "") => text.to_owned(),
        (main, closing) => format!("{main}\n{CLOSING} \n{closing}"),
    }
}

fn parts(text: &str) -> (&str, &str) {
    text.rsplit_once("\n--\n").unwrap_or((text, ""))
}

fn blocks<'t>(text: &'t str, link: Option<&str>) -> Vec<Block<'t>> {
    text.split("\n\n")
        .filter(|chunk| !chunk.trim().is_empty())
        .flat_map(|chunk| chunk_blocks(chunk, link))
        .collect()
}

fn chunk_blocks<'t>(chunk: &'t str, link: Option<&str>) -> Vec<Block<'t>> {
    if let Some(button) = link.and_then(|link| button(chunk, link)) {
        return vec![button];
    }
    let mut blocks: Vec<Block<'t>> = Vec::new();
    for line in chunk.lines() {
        match (place(line), line.trim_start().strip_prefix("- "), blocks.last_mut()) {
            (Some(place), _, Some(Block::Places(places))) => places.push(place),
            (Some(place), _, _) => blocks.push(Block::Places(vec![place])),
            (None, Some(item), Some(Block::List(items))) => items.push(item),
            (None, Some(item), _) => blocks.push(Block::List(vec![item])),
            (None, None, Some(Block::Lines(lines))) => lines.push(line),
            (None, None, _) => blocks.push(Block::Lines(vec![line])),
        }
    }
    // A date at the start of a line looks like a place.
    let lone_dates = chunk.lines().filter(|line| place(line).is_some()).count() < 2;
    if lone_dates && blocks.iter().any(|block| matches!(block, Block::Places(_))) {
        return vec![Block::Lines(chunk.lines().collect())];
    }
    blocks
}

fn button<'t>(chunk: &'t str, link: &str) -> Option<Block<'t>> {
    let (label, url) = chunk.trim().rsplit_once([' ', '\n'])?;
    let label = label.trim_end().strip_suffix(':')?;
    (url == link && !label.contains('\n')).then_some(Block::Button { label, url })
}

fn place(line: &str) -> Option<Place<'_>> {
    let (number, rest) = line.split_once(". ")?;
    let is_number = (1..=4).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let rank = number.parse().ok().filter(|_| is_number)?;
    let (name, score) = rest.rsplit_once(" | ").map_or((rest, None), |(name, score)| (name, Some(score)));
    Some(Place { rank, name, score })
}

#[cfg(test)]
mod tests {
    use super::{Block, Place, document, with_signature_line};

    #[test]
    fn a_text_shows_its_structure() {
        let text = "Hello,\nthere.\n\nThe places:\n1. Ann | 9.5\n1. Ben | x | 9.5\n3. Cy\n\n- one\n- two\n\nOpen: https://a.test/x#y\n\n--\nThe choir";
        let document = document(text, Some("https://a.test/x#y"));
        assert_eq!(
            document.main,
            [
                Block::Lines(vec!["Hello,", "there."]),
                Block::Lines(vec!["The places:"]),
                Block::Places(vec![
                    Place { rank: 1, name: "Ann", score: Some("9.5") },
                    Place { rank: 1, name: "Ben | x", score: Some("9.5") },
                    Place { rank: 3, name: "Cy", score: None },
                ]),
                Block::List(vec!["one", "two"]),
                Block::Button { label: "Open", url: "https://a.test/x#y" },
            ]
        );
        assert_eq!(document.closing, [Block::Lines(vec!["The choir"])]);
    }

    #[test]
    fn only_the_messages_own_link_becomes_a_button() {
        let is_plain =
            |text| matches!(document(text, Some("https://a.test/")).main.as_slice(), [Block::Lines(_)]);
        for text in
            ["Open: https://evil.test/", "Open: https://a.test/#", "Open https://a.test/", "https://a.test/"]
        {
            assert!(is_plain(text), "{text}");
        }
        assert!(!is_plain("Open:\nhttps://a.test/"));
    }

    #[test]
    fn a_date_at_the_start_of_a_line_is_no_place() {
        let document = document("Beginn:\n9. Mai 2026", None);
        assert_eq!(document.main, [Block::Lines(vec!["Beginn:", "9. Mai 2026"])]);
    }

    #[test]
    fn mail_programs_know_where_the_closing_lines_begin() {
        assert_eq!(with_signature_line("a\n--\nb\n--\nc"), "a\n--\nb\n-- \nc");
        assert_eq!(with_signature_line("a -- b"), "a -- b");
    }
}
