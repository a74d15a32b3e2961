//! A log query: which lines, and what is done with each.

use super::{Parser, bytes_of, seconds_of};
use crate::telemetry::logql::{
    QueryError,
    ast::{Comparison, Format, LabelFilter, LogQuery, Matcher, Part, Stage, Template, Text, Unit, Unwrap},
    lexer::Token,
};

impl Parser<'_> {
    /// A selector and a pipeline.
    pub(super) fn log(&mut self) -> Result<LogQuery, QueryError> {
        let selector = self.selector()?;
        match self.pipeline()? {
            (stages, None) => Ok(LogQuery { selector, stages }),
            (_, Some(_)) => Err(self.wrong_before("unwrap is only for metrics")),
        }
    }

    /// What is done with each line, and what of it is counted.
    pub(super) fn pipeline(&mut self) -> Result<(Vec<Stage>, Option<Unwrap>), QueryError> {
        let (mut stages, mut unwrap) = (Vec::new(), None);
        loop {
            if let Some(stage) = self.line_filter()? {
                stages.push(stage);
            } else if self.takes_sign("|") {
                if self.takes_word("unwrap") {
                    unwrap = Some(self.unwrap()?);
                } else {
                    stages.push(self.stage()?);
                }
            } else {
                return Ok((stages, unwrap));
            }
        }
    }

    /// `|= "a" or "b"`
    fn line_filter(&mut self) -> Result<Option<Stage>, QueryError> {
        let (wanted, pattern) = match self.peek() {
            Some(Token::Sign("|=")) => (true, false),
            Some(Token::Sign("!=")) => (false, false),
            Some(Token::Sign("|~")) => (true, true),
            Some(Token::Sign("!~")) => (false, true),
            Some(Token::Sign(sign @ ("|>" | "!>"))) => {
                return Err(self.wrong(&format!("the line filter {sign} is not supported")));
            }
            _ => return Ok(None),
        };
        self.next += 1;
        let mut any = Vec::new();
        loop {
            self.refuse_ip()?;
            any.push(if pattern { Text::Pattern(self.pattern(false)?) } else { Text::Plain(self.text()?) });
            if !self.takes_word("or") {
                return Ok(Some(Stage::Line { wanted, any }));
            }
        }
    }

    /// `ip("10.0.0.0/8")` in the place of a text.
    fn refuse_ip(&self) -> Result<(), QueryError> {
        if self.is_word("ip") { Err(self.wrong("the function ip is not supported")) } else { Ok(()) }
    }

    fn unwrap(&mut self) -> Result<Unwrap, QueryError> {
        let name = self.name()?;
        let unit = match name.as_str() {
            "duration" | "duration_seconds" if self.is_sign("(") => Unit::Seconds,
            "bytes" if self.is_sign("(") => Unit::Bytes,
            _ => return Ok(Unwrap { label: name, unit: Unit::Plain }),
        };
        self.expect("(")?;
        let label = self.name()?;
        self.expect(")")?;
        Ok(Unwrap { label, unit })
    }

    fn stage(&mut self) -> Result<Stage, QueryError> {
        // Behind a parser stands a filter of lines, not a comparison with a label of its name.
        let is_parser = self.is_word("json") || self.is_word("logfmt");
        let is_filter = !is_parser
            && matches!(
                self.peek_second(),
                Some(Token::Sign("=" | "==" | "!=" | "=~" | "!~" | ">" | ">=" | "<" | "<="))
            );
        let word = match self.peek() {
            Some(Token::Word(word)) if !is_filter => word.clone(),
            _ => return self.label_filter().map(Stage::Label),
        };
        self.next += 1;
        Ok(match word.as_str() {
            "json" => Stage::Json(self.extractions()?),
            "logfmt" => {
                if self.is_sign("-") || matches!(self.peek(), Some(Token::Word(_))) {
                    return Err(self.wrong("flags and named fields of logfmt are not supported"));
                }
                Stage::Logfmt
            }
            "drop" => Stage::Drop(self.dropped()?),
            "keep" => Stage::Keep(self.dropped()?),
            "line_format" => Stage::LineFormat(self.template()?),
            "label_format" => Stage::LabelFormat(self.formats()?),
            other => {
                let what = format!("the stage {other} is not supported");
                return Err(self.wrong_before(&what));
            }
        })
    }

    /// `a="b", c="d.e"`, or nothing.
    fn extractions(&mut self) -> Result<Vec<(String, String)>, QueryError> {
        let mut extractions = Vec::new();
        while matches!(self.peek(), Some(Token::Word(_))) {
            let name = self.name()?;
            let path = if self.takes_sign("=") { self.text()? } else { name.clone() };
            extractions.push((name, path));
            if !self.takes_sign(",") {
                break;
            }
        }
        Ok(extractions)
    }

    fn dropped(&mut self) -> Result<Vec<(String, Option<Matcher>)>, QueryError> {
        let mut labels = Vec::new();
        loop {
            let label = self.name()?;
            let has_op = matches!(self.peek(), Some(Token::Sign("=" | "!=" | "=~" | "!~")));
            let matcher = has_op.then(|| self.match_op()).transpose()?;
            labels.push((label.clone(), matcher.map(|op| Matcher { label, op })));
            if !self.takes_sign(",") {
                return Ok(labels);
            }
        }
    }

    fn formats(&mut self) -> Result<Vec<(String, Format)>, QueryError> {
        let mut formats = Vec::new();
        loop {
            let name = self.name()?;
            self.expect("=")?;
            let format = match self.peek() {
                Some(Token::Word(_)) => Format::Rename(self.name()?),
                _ => Format::Template(self.template()?),
            };
            formats.push((name, format));
            if !self.takes_sign(",") {
                return Ok(formats);
            }
        }
    }

    /// Go templates, as far as values stand in them, and `contains`.
    fn template(&mut self) -> Result<Template, QueryError> {
        let text = self.text()?;
        let unsupported = |parser: &Self, what: &str| {
            parser.wrong_before(&format!("the template uses {{{{{what}}}}}, which is not supported"))
        };
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, behind) = after.split_once("}}").ok_or_else(|| unsupported(self, after))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(action(inside.trim()).ok_or_else(|| unsupported(self, inside))?);
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Template(parts))
    }

    /// `a="b" and c>5 or (d=~"e", f!="g")`
    pub(super) fn label_filter(&mut self) -> Result<LabelFilter, QueryError> {
        let mut filter = self.all_of()?;
        while self.takes_word("or") {
            filter = LabelFilter::Or(Box::new(filter), Box::new(self.all_of()?));
        }
        Ok(filter)
    }

    fn all_of(&mut self) -> Result<LabelFilter, QueryError> {
        let mut filter = self.one_filter()?;
        while self.takes_word("and") || self.takes_sign(",") {
            filter = LabelFilter::And(Box::new(filter), Box::new(self.one_filter()?));
        }
        Ok(filter)
    }

    fn one_filter(&mut self) -> Result<LabelFilter, QueryError> {
        self.one_more_part()?;
        if self.takes_sign("(") {
            let filter = self.label_filter()?;
            self.expect(")")?;
            return Ok(filter);
        }
        let label = self.name()?;
        let compares_text = matches!(self.peek_second(), Some(Token::Text(_)));
        if compares_text {
            return Ok(LabelFilter::Matches(Matcher { label, op: self.match_op()? }));
        }
        let op = self.comparison()?;
        self.refuse_ip()?;
        let negative = self.takes_sign("-");
        let Some(Token::Number(text)) = self.peek().cloned() else {
            return Err(self.wrong("expected a text in quotes or a number"));
        };
        let read = [
            (text.parse().ok(), Unit::Plain),
            (seconds_of(&text), Unit::Seconds),
            (bytes_of(&text), Unit::Bytes),
        ];
        let Some((value, unit)) = read.into_iter().find_map(|(value, unit)| Some((value?, unit))) else {
            return Err(self.wrong("this is neither a number, nor a duration, nor a size"));
        };
        self.next += 1;
        let value: f64 = if negative { -value } else { value };
        Ok(LabelFilter::Number { label, op, value, unit })
    }

    fn comparison(&mut self) -> Result<Comparison, QueryError> {
        let op = match self.peek() {
            Some(Token::Sign("=" | "==")) => Comparison::Equal,
            Some(Token::Sign("!=")) => Comparison::Different,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::AtLeast,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::AtMost,
            _ => return Err(self.wrong("expected a comparison")),
        };
        self.next += 1;
        Ok(op)
    }
}

/// What stands between double braces.
fn action(text: &str) -> Option<Part> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if text == "__line__" {
        return Some(Part::Line);
    }
    if let Some(name) = text.strip_prefix('.') {
        return is_name(name).then(|| Part::Label(name.to_owned()));
    }
    let (needle, of) = text.strip_prefix("contains")?.trim().strip_prefix('"')?.split_once('"')?;
    let plain = !needle.contains('\\');
    plain.then_some(())?;
    let of = action(of.trim()).filter(|part| !matches!(part, Part::Contains(..)))?;
    Some(Part::Contains(needle.to_owned(), Box::new(of)))
}
