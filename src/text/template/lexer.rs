//! Cuts a template into plain text, `{{ outputs }}` and `{% tags %}`, and those into words. Uses nothing of ours but
//! faults.

use super::super::fault::Flaw;

/// A stretch of a template.
#[derive(PartialEq, Debug)]
pub(super) enum Piece<'s> {
    Text { text: &'s str, line: usize },
    Output(Words<'s>),
    Tag(Words<'s>),
}

/// What stands between two pairs of braces.
#[derive(PartialEq, Debug)]
pub(super) struct Words<'s> {
    pub line: usize,
    pub words: Vec<Word<'s>>,
}

/// The smallest unit within braces.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Word<'s> {
    /// A name, or a path of names: `place.rank`.
    Name(&'s str),
    /// A text in quotes.
    Text(&'s str),
    Number(i64),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 9] = ["==", "!=", "<=", ">=", "<", ">", "|", "(", ")"];

/// Lets a line that holds only tags vanish from what comes of a template: its line end goes into the last tag, so that
/// the lines below keep their numbers.
pub(super) fn without_tag_lines(source: &str) -> String {
    let mut prepared = String::with_capacity(source.len());
    for line in source.replace("\r\n", "\n").split_inclusive('\n') {
        let tags = line.strip_suffix('\n').and_then(only_tags);
        match tags.as_ref().and_then(|tags| tags.split_at_checked(tags.len().checked_sub(2)?)) {
            Some((opened, closing)) => prepared.extend([opened, "\n", closing]),
            None => prepared.push_str(line),
        }
    }
    prepared
}

/// The tags of a line that holds nothing else, without the blanks around them.
fn only_tags(line: &str) -> Option<String> {
    let (mut tags, mut rest) = (String::new(), line.trim());
    while !rest.is_empty() {
        let closing = if rest.starts_with("{%") { "%}" } else { "#}" };
        let (tag, after) =
            rest.split_once(closing).filter(|_| rest.starts_with("{%") || rest.starts_with("{#"))?;
        tags.extend([tag, closing]);
        rest = after.trim_start();
    }
    Some(tags)
}

/// The pieces of a template, in their order.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece<'_>>, Flaw> {
    let (mut pieces, mut rest, mut line) = (Vec::new(), source, 1);
    while let Some((text, opening, inner)) = next_opening(rest) {
        if !text.is_empty() {
            pieces.push(Piece::Text { text, line });
        }
        line += lines_in(text);
        let first = line;
        rest = match opening {
            "{#" => {
                let (comment, after) = inner.split_once("#}").ok_or_else(|| not_closed(first, opening))?;
                line += lines_in(comment);
                after
            }
            _ => {
                let closing = if opening == "{{" { "}}" } else { "%}" };
                let (words, after) = words(inner, (opening, closing), &mut line)?;
                let words = Words { line: first, words };
                pieces.push(if opening == "{{" { Piece::Output(words) } else { Piece::Tag(words) });
                after
            }
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text { text: rest, line });
    }
    Ok(pieces)
}

/// The text before the next pair of braces, the pair, and what comes after it.
fn next_opening(source: &str) -> Option<(&str, &'static str, &str)> {
    source.match_indices('{').find_map(|(at, _)| {
        let (text, rest) = source.split_at_checked(at)?;
        ["{{", "{%", "{#"]
            .into_iter()
            .find_map(|opening| rest.strip_prefix(opening).map(|inner| (text, opening, inner)))
    })
}

fn words<'s>(
    source: &'s str,
    (opening, closing): (&str, &str),
    line: &mut usize,
) -> Result<(Vec<Word<'s>>, &'s str), Flaw> {
    let (mut words, mut rest, first) = (Vec::new(), source, *line);
    loop {
        let trimmed = rest.trim_start();
        *line += lines_in(rest.strip_suffix(trimmed).unwrap_or_default());
        if let Some(after) = trimmed.strip_prefix(closing) {
            return Ok((words, after));
        }
        let (word, after) = word(trimmed, *line)?.ok_or_else(|| not_closed(first, opening))?;
        words.push(word);
        rest = after;
    }
}

fn word(source: &str, line: usize) -> Result<Option<(Word<'_>, &str)>, Flaw> {
    let Some(first) = source.chars().next() else { return Ok(None) };
    if let Some((sign, after)) = SIGNS.iter().find_map(|sign| Some((*sign, source.strip_prefix(sign)?))) {
        return Ok(Some((Word::Sign(sign), after)));
    }
    if first == '"' || first == '\'' {
        let inner = source.strip_prefix(first).unwrap_or_default();
        let (text, after) = inner
            .split_once(first)
            .filter(|(text, _)| !text.contains('\n'))
            .ok_or_else(|| Flaw::syntax(line, format!("the quote {first} is not closed")))?;
        return Ok(Some((Word::Text(text), after)));
    }
    let length = source.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
    let (word, after) = source.split_at_checked(length.unwrap_or(source.len())).unwrap_or((source, ""));
    if first.is_ascii_digit() {
        let number = word.parse().map_err(|_| Flaw::syntax(line, format!("`{word}` is no whole number")))?;
        return Ok(Some((Word::Number(number), after)));
    }
    let is_path = !word.is_empty() && word.split('.').all(|name| !name.is_empty());
    if is_path && (first.is_ascii_alphabetic() || first == '_') {
        return Ok(Some((Word::Name(word), after)));
    }
    let shown = if word.is_empty() { first.to_string() } else { word.to_owned() };
    Err(Flaw::syntax(line, format!("`{shown}` has no place within braces")))
}

fn not_closed(line: usize, opening: &str) -> Flaw {
    let closing = match opening {
        "{{" => "}}",
        "{%" => "%}",
        _ => "#}",
    };
    Flaw::syntax(line, format!("`{opening}` is not closed by `{closing}`"))
}

fn lines_in(text: &str) -> usize {
    text.matches('\n').count()
}
