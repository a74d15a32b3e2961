//! From tokens to a query: log queries in `stages.rs`, metrics around them in `metrics.rs`.

mod metrics;
mod stages;

use std::time::Duration;

use regex::Regex;

use super::{
    QueryError,
    ast::{MatchOp, Matcher, Query},
    lexer::{Placed, Token, error, tokens},
};

/// Reads a query.
///
/// # Errors
/// It is none, or uses something that is not supported: the message says what and where.
pub fn parse(query: &str) -> Result<Query, QueryError> {
    let mut parser = Parser { query, tokens: tokens(query)?, next: 0, parts: 0 };
    let parsed =
        if parser.is_sign("{") { Query::Log(parser.log()?) } else { Query::Metric(parser.metric()?) };
    match parser.peek() {
        None => Ok(parsed),
        Some(token) => Err(parser.wrong(&format!("unexpected {token} after the query"))),
    }
}

/// Longest pattern, in bytes, and most memory that it may take once it is ready.
const PATTERN_MAX: usize = 1_024;
const PATTERN_MEMORY: usize = 1 << 20;
/// Most parts of a query that may lie within one another.
const PARTS_MAX: usize = 200;

struct Parser<'q> {
    query: &'q str,
    tokens: Vec<Placed>,
    next: usize,
    /// Parts so far that may lie within one another.
    parts: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn peek_second(&self) -> Option<&Token> {
        self.tokens.get(self.next + 1).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += usize::from(token.is_some());
        token
    }

    fn wrong(&self, what: &str) -> QueryError {
        let at = self.tokens.get(self.next).map_or(self.query.len(), |(at, _)| *at);
        error(self.query, at, what)
    }

    /// The same, of the token that was taken last.
    fn wrong_before(&self, what: &str) -> QueryError {
        let at = self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |(at, _)| *at);
        error(self.query, at, what)
    }

    /// Notes one more part that others may lie in: reading and reckoning go as deep.
    fn one_more_part(&mut self) -> Result<(), QueryError> {
        self.parts += 1;
        if self.parts > PARTS_MAX { Err(self.wrong("the query has too many parts")) } else { Ok(()) }
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(next)) if *next == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(next)) if next == word)
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.next += usize::from(is);
        is
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, sign: &str) -> Result<(), QueryError> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.wrong(&format!("expected {sign:?}"))) }
    }

    fn name(&mut self) -> Result<String, QueryError> {
        match self.take() {
            Some(Token::Word(name)) => Ok(name),
            _ => {
                self.next = self.next.saturating_sub(1);
                Err(self.wrong("expected a name"))
            }
        }
    }

    fn text(&mut self) -> Result<String, QueryError> {
        match self.peek() {
            Some(Token::Text(text)) => {
                let text = text.clone();
                self.next += 1;
                Ok(text)
            }
            _ => Err(self.wrong("expected a text in quotes")),
        }
    }

    fn pattern(&mut self, whole: bool) -> Result<Regex, QueryError> {
        let text = self.text()?;
        if text.len() > PATTERN_MAX {
            return Err(self.wrong_before("the pattern is too long"));
        }
        let text = if whole { format!("^(?s:{text})$") } else { text };
        let built = regex::RegexBuilder::new(&text).size_limit(PATTERN_MEMORY).build();
        built.map_err(|error| {
            let what = error.to_string();
            self.wrong_before(&format!(
                "the pattern is not understood: {}",
                what.lines().last().unwrap_or_default()
            ))
        })
    }

    /// What a label must be: an operator and a text.
    fn match_op(&mut self) -> Result<MatchOp, QueryError> {
        Ok(match self.take() {
            Some(Token::Sign("=" | "==")) => MatchOp::Equal(self.text()?),
            Some(Token::Sign("!=")) => MatchOp::Different(self.text()?),
            Some(Token::Sign("=~")) => MatchOp::Like(self.pattern(true)?),
            Some(Token::Sign("!~")) => MatchOp::Unlike(self.pattern(true)?),
            _ => {
                self.next = self.next.saturating_sub(1);
                return Err(self.wrong("expected =, !=, =~ or !~"));
            }
        })
    }

    /// `{a="b", c=~"d"}`
    fn selector(&mut self) -> Result<Vec<Matcher>, QueryError> {
        self.expect("{")?;
        let mut matchers = Vec::new();
        while !self.takes_sign("}") {
            if !matchers.is_empty() {
                self.expect(",")?;
                if self.takes_sign("}") {
                    break;
                }
            }
            let label = self.name()?;
            matchers.push(Matcher { label, op: self.match_op()? });
        }
        Ok(matchers)
    }

    /// A duration such as `5m` or `1h30m`.
    fn duration(&mut self) -> Result<Duration, QueryError> {
        let seconds = match self.peek() {
            Some(Token::Number(text)) => seconds_of(text),
            _ => None,
        };
        let Some(seconds) = seconds.filter(|seconds| *seconds > 0.0 && *seconds < 4e9) else {
            return Err(self.wrong("expected a duration such as 5m"));
        };
        self.next += 1;
        Ok(Duration::from_secs_f64(seconds))
    }
}

/// A duration as Go writes it, such as `1m30s`, in seconds.
pub fn seconds_of(text: &str) -> Option<f64> {
    let mut rest = text.trim().strip_prefix('-').unwrap_or(text.trim());
    let (mut seconds, mut any) = (0.0, false);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let unit_length = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, more) = after.split_at_checked(unit_length)?;
        let factor = match unit {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            "y" => 31_536_000.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * factor;
        (rest, any) = (more, true);
    }
    let sign = if text.trim().starts_with('-') { -1.0 } else { 1.0 };
    any.then_some(seconds * sign)
}

/// A size as people write it, in bytes.
pub(super) fn bytes_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" => 1_024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}
