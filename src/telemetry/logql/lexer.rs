//! From a text to its tokens.

use std::fmt;

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
const SIGNS: [&str; 31] = [
    "|=", "|~", "|>", "!>", "!=", "!~", "=~", "==", ">=", "<=", "{", "}", "(", ")", "[", "]", ",", "|", "=",
    ">", "<", "+", "-", "*", "/", "%", "^", ".", ":", "@", "!",
];

/// A token and where it begins, in bytes.
pub(super) type Placed = (usize, Token);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) | Self::Number(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Sign(sign) => f.write_str(sign),
        }
    }
}

/// Longest query, in bytes.
const QUERY_MAX: usize = 16 * 1_024;

/// Takes a query apart.
pub(super) fn tokens(query: &str) -> Result<Vec<Placed>, QueryError> {
    if query.len() > QUERY_MAX {
        return Err(error(query, 0, "the query is too long"));
    }
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
                '"' => quoted(rest).map_err(|what| error(query, at, what))?,
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
fn quoted(rest: &str) -> Result<(Token, usize), &'static str> {
    let open = "a text in quotes does not end";
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((Token::Text(text), at + 1)),
            '\\' => text.push(match chars.next().ok_or(open)?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                letter @ ('x' | 'u' | 'U') => {
                    let length = match letter {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let digits: String = chars.by_ref().take(length).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == length);
                    code.and_then(char::from_u32)
                        .ok_or("a text in quotes has an escape that is no character")?
                }
                same @ ('\\' | '"' | '\'') => same,
                _ => {
                    return Err(
                        "a text in quotes has an unknown escape; take backticks, or \\\\ for a backslash",
                    );
                }
            }),
            c => text.push(c),
        }
    }
    Err(open)
}
