//! Builds the tree of a template from its pieces. The depth of the tree is bounded while it is built, and nothing here
//! calls itself, so that no template can exhaust the stack. Uses nothing of ours but faults.

use serde_json::Value;

use super::{
    super::fault::{Flaw, Problem},
    expression::{Clause, Comparison, Condition, Expression, Filter, Operand},
    lexer::{Piece, Word, Words},
};

/// How deep blocks may stand in each other.
const DEPTH_MAX: usize = 6;

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<", Comparison::Less),
    ("<=", Comparison::LessOrEqual),
    (">", Comparison::Greater),
    (">=", Comparison::GreaterOrEqual),
];

/// A part of a template.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Node {
    Text {
        text: String,
        line: usize,
    },
    Output(Expression),
    /// The first arm whose condition holds; one without is always taken.
    If(Vec<(Option<Condition>, Vec<Node>)>),
    For {
        name: String,
        list: Expression,
        body: Vec<Node>,
    },
}

/// A block that is still open, with what has come of it so far.
enum Open {
    If { line: usize, arms: Vec<(Option<Condition>, Vec<Node>)>, condition: Option<Condition> },
    For { line: usize, name: String, list: Expression },
}

/// The tree of a template.
pub(super) fn tree(pieces: Vec<Piece<'_>>) -> Result<Vec<Node>, Flaw> {
    let mut open: Vec<(Open, Vec<Node>)> = Vec::new();
    let mut body: Vec<Node> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text { text, line } => body.push(Node::Text { text: text.to_owned(), line }),
            Piece::Output(words) => body.push(Node::Output(whole_expression(&words)?)),
            Piece::Tag(tag) => {
                let mut reader = Reader::new(&tag);
                match reader.name() {
                    Some("if") => {
                        let opening = Open::If {
                            line: tag.line,
                            arms: Vec::new(),
                            condition: Some(reader.condition()?),
                        };
                        open.push((opening, std::mem::take(&mut body)));
                    }
                    Some("for") => {
                        let (name, list) = reader.loop_head()?;
                        let opening = Open::For { line: tag.line, name, list };
                        open.push((opening, std::mem::take(&mut body)));
                    }
                    Some(arm @ ("elif" | "else")) => {
                        let next = if arm == "elif" { Some(reader.condition()?) } else { None };
                        match open.last_mut() {
                            Some((Open::If { arms, condition, .. }, _)) if condition.is_some() => {
                                let tested = std::mem::replace(condition, next);
                                arms.push((tested, std::mem::take(&mut body)));
                            }
                            _ => return Err(misplaced(&tag, arm, "if")),
                        }
                    }
                    Some(end @ "endif") => match open.pop() {
                        Some((Open::If { mut arms, condition, .. }, outer)) => {
                            arms.push((condition, std::mem::replace(&mut body, outer)));
                            body.push(Node::If(arms));
                        }
                        _ => return Err(misplaced(&tag, end, "if")),
                    },
                    Some(end @ "endfor") => match open.pop() {
                        Some((Open::For { name, list, .. }, outer)) => {
                            let inner = std::mem::replace(&mut body, outer);
                            body.push(Node::For { name, list, body: inner });
                        }
                        _ => return Err(misplaced(&tag, end, "for")),
                    },
                    other => {
                        let name = other.unwrap_or_default();
                        return Err(Flaw::syntax(
                            tag.line,
                            format!("there is no tag `{name}`; there are if, elif, else, endif, for, endfor"),
                        ));
                    }
                }
                reader.end()?;
                if open.len() > DEPTH_MAX {
                    return Err(Flaw::at(tag.line, Problem::TooNested(DEPTH_MAX)));
                }
            }
        }
    }
    match open.pop() {
        None => Ok(body),
        Some((Open::If { line, .. }, _)) => Err(Flaw::syntax(line, "`if` is not closed by `endif`")),
        Some((Open::For { line, .. }, _)) => Err(Flaw::syntax(line, "`for` is not closed by `endfor`")),
    }
}

fn whole_expression(words: &Words<'_>) -> Result<Expression, Flaw> {
    let mut reader = Reader::new(words);
    let expression = reader.expression()?;
    reader.end()?;
    Ok(expression)
}

fn misplaced(tag: &Words<'_>, name: &str, opening: &str) -> Flaw {
    Flaw::syntax(tag.line, format!("`{name}` does not belong to an `{opening}` here"))
}

/// Reads the words of one pair of braces from left to right.
struct Reader<'w, 's> {
    line: usize,
    rest: &'w [Word<'s>],
}

impl<'w, 's> Reader<'w, 's> {
    fn new(words: &'w Words<'s>) -> Self {
        Self { line: words.line, rest: &words.words }
    }

    fn next(&mut self) -> Option<Word<'s>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn takes(&mut self, word: Word<'_>) -> bool {
        let is_next = self.rest.first() == Some(&word);
        if is_next {
            self.next();
        }
        is_next
    }

    fn name(&mut self) -> Option<&'s str> {
        match self.next()? {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }

    fn flaw(&self, what: impl Into<String>) -> Flaw {
        Flaw::syntax(self.line, what)
    }

    fn end(&self) -> Result<(), Flaw> {
        match self.rest.first() {
            None => Ok(()),
            Some(word) => Err(self.flaw(format!("{} has no place here", spelt(*word)))),
        }
    }

    fn loop_head(&mut self) -> Result<(String, Expression), Flaw> {
        const FORM: &str = "a loop is written `{% for place in places %}`";
        let name = self.name().filter(|name| !name.contains('.')).ok_or_else(|| self.flaw(FORM))?;
        if !self.takes(Word::Name("in")) {
            return Err(self.flaw(FORM));
        }
        Ok((name.to_owned(), self.expression()?))
    }

    fn condition(&mut self) -> Result<Condition, Flaw> {
        let mut alternatives = vec![vec![self.clause()?]];
        loop {
            if self.takes(Word::Name("or")) {
                alternatives.push(vec![self.clause()?]);
            } else if self.takes(Word::Name("and")) {
                let clause = self.clause()?;
                alternatives.last_mut().into_iter().for_each(|clauses| clauses.push(clause.clone()));
            } else {
                return Ok(Condition(alternatives));
            }
        }
    }

    fn clause(&mut self) -> Result<Clause, Flaw> {
        let negated = self.takes(Word::Name("not"));
        let left = self.expression()?;
        let comparison = COMPARISONS.iter().find(|(sign, _)| self.takes(Word::Sign(sign)));
        let compared = match comparison {
            Some((_, comparison)) => Some((*comparison, self.expression()?)),
            None => None,
        };
        Ok(Clause { negated, left, compared })
    }

    fn expression(&mut self) -> Result<Expression, Flaw> {
        let operand = self.operand()?;
        let mut filters = Vec::new();
        while self.takes(Word::Sign("|")) {
            filters.push(self.filter()?);
        }
        Ok(Expression { operand, filters, line: self.line })
    }

    fn operand(&mut self) -> Result<Operand, Flaw> {
        Ok(match self.next() {
            Some(Word::Text(text)) => Operand::Literal(text.into()),
            Some(Word::Number(number)) => Operand::Literal(number.into()),
            Some(Word::Name("true")) => Operand::Literal(true.into()),
            Some(Word::Name("false")) => Operand::Literal(false.into()),
            Some(Word::Name("none")) => Operand::Literal(Value::Null),
            Some(Word::Name(path)) => Operand::Path(path.split('.').map(str::to_owned).collect()),
            Some(sign @ Word::Sign(_)) => return Err(self.flaw(format!("{} has no place here", spelt(sign)))),
            None => return Err(self.flaw("a variable is missing here")),
        })
    }

    fn filter(&mut self) -> Result<Filter, Flaw> {
        let name = self.name().ok_or_else(|| self.flaw("after `|` comes the name of a filter"))?;
        let argument = if self.takes(Word::Sign("(")) {
            let argument = self.operand()?;
            if !self.takes(Word::Sign(")")) {
                return Err(self.flaw("`(` is not closed by `)`"));
            }
            Some(argument)
        } else {
            None
        };
        let number = match &argument {
            Some(Operand::Literal(Value::Number(number))) => {
                number.as_u64().and_then(|number| usize::try_from(number).ok())
            }
            _ => None,
        };
        match (name, argument, number) {
            ("upper", None, _) => Ok(Filter::Upper),
            ("lower", None, _) => Ok(Filter::Lower),
            ("length", None, _) => Ok(Filter::Length),
            ("chat", None, _) => Ok(Filter::Chat),
            ("first", _, Some(most)) => Ok(Filter::First(most)),
            ("short", _, Some(most)) => Ok(Filter::Short(most)),
            ("default", Some(other), _) => Ok(Filter::Default(other)),
            _ => Err(self.flaw(format!(
                "there is no filter `{name}` of this form; there are upper, lower, length, chat, first(3), \
                 short(80), default(\"-\")"
            ))),
        }
    }
}

fn spelt(word: Word<'_>) -> String {
    match word {
        Word::Name(text) | Word::Sign(text) => format!("`{text}`"),
        Word::Text(text) => format!("`\"{text}\"`"),
        Word::Number(number) => format!("`{number}`"),
    }
}
