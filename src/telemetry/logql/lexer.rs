//! From a text to its tokens.

use super::QueryError;

/// A piece of a query.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A name or a word of the language.
    Word(String),
    /// A text in quotes or backticks.
    Text(String),
    /// A number, with a unit perhaps: `5`, `1.5`, `5m`, `10KB`.
    Number(String),
    /// Everything else.
    Sign(&'static str),
}

/// The longer ones first.
const SIGNS: [&str; 29] = [
    "|=", "|~", "!=", "!~", "=~", "==", ">=", "<=", "{", "}", "(", ")", "[", "]", ",", "|", "=", ">", "<",
    "+", "-", "*", "/", "%", "^", ".", ":", "@", "!",
];

/// A token and where it begins, in bytes.
pub(super) type Placed = (usize, Token);

/// Takes a query apart.
pub(super) fn tokens(query: &str) -> Result<Vec<Placed>, QueryError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = query.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            let (token, length) = match first {
                '"' => quoted(rest).ok_or_else(|| error(query, at, "a text in quotes does not end"))?,
                '`' => raw(rest).ok_or_else(|| error(query, at, "a text in backticks does not end"))?,
                '0'..='9' => number(rest),
                'A'..='Z' | 'a'..='z' | '_' => word(rest),
                _ => sign(rest).ok_or_else(|| error(query, at, &format!("unexpected {first:?}")))?,
            };
            tokens.push((at, token));
            at += length;
        }
    }
    Ok(tokens)
}

/// What is wrong at a place of a query.
pub(super) fn error(query: &str, at: usize, what: &str) -> QueryError {
    let before = query.get(..at.min(query.len())).unwrap_or(query);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    QueryError {
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        what: what.to_owned(),
    }
}

fn word(rest: &str) -> (Token, usize) {
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
}

fn number(rest: &str) -> (Token, usize) {
    let length =
        rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | 'µ')).unwrap_or(rest.len());
    (Token::Number(rest.get(..length).unwrap_or_default().to_owned()), length)
}

fn sign(rest: &str) -> Option<(Token, usize)> {
    SIGNS.into_iter().find(|sign| rest.starts_with(sign)).map(|sign| (Token::Sign(sign), sign.len()))
}

fn raw(rest: &str) -> Option<(Token, usize)> {
    let inner = rest.get(1..)?;
    let end = inner.find('`')?;
    Some((Token::Text(inner.get(..end)?.to_owned()), end + 2))
}

/// A text with Go's escapes.
fn quoted(rest: &str) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Token::Text(text), at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                'r' => text.push('\r'),
                'u' => {
                    let digits: String = (0..4).map_while(|_| chars.next().map(|(_, c)| c)).collect();
                    text.push(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)?);
                }
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    None
}
