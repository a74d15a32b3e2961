//! What is wrong with a template, for the person who wrote it: which part, which line, what to write instead. Holds no
//! data of anybody, only the template's own words. Uses nothing of ours.

use std::fmt;

/// Most names that are listed after an unknown one.
const NAMES_LISTED: usize = 40;

/// Why a template cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct TemplateFault {
    /// `subject`, `text` or `sms`; in a JSON template the JSON pointer of the text.
    pub part: String,
    /// Counted from 1; none where the whole part is meant.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a template.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// It cannot be read.
    #[error("{0}")]
    Syntax(String),
    /// A variable that this message does not have.
    #[error("there is no variable `{name}`; there are {}", listed(known))]
    UnknownVariable {
        /// As it stands in the template.
        name: String,
        /// Those that can be used there.
        known: Vec<String>,
    },
    /// A `for` over something that is no list.
    #[error("`{0}` is no list")]
    NoList(String),
    /// Blocks within blocks within blocks.
    #[error("blocks may stand in each other {0} deep")]
    TooNested(usize),
    /// It repeats too much.
    #[error("it repeats too much; loops in loops are the usual reason")]
    TooMuchWork,
    /// The template has too many bytes.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
    /// What comes of it has too many bytes.
    #[error("what comes of it has more than {0} bytes")]
    TooLong(usize),
    /// A subject that goes over several lines.
    #[error("it must be one line")]
    SeveralLines,
    /// A subject that is too long.
    #[error("what comes of it has more than {0} characters")]
    TooManyCharacters(usize),
    /// A text message that would be cut into too many.
    #[error(
        "what comes of it takes more than {0} text messages; `first(3)` shortens lists, `short(80)` texts"
    )]
    TooManySegments(usize),
    /// Nothing comes of it.
    #[error("nothing comes of it")]
    Empty,
    /// A part that is needed, because the language has no built-in wording.
    #[error("it is needed, because there is no built-in wording in this language")]
    Missing,
    /// Wording for text messages of a kind that is only mailed.
    #[error("messages of this kind are not sent to telephones")]
    OnlyMailed,
    /// A name in a JSON object that looks like a template.
    #[error("names in objects are taken as they are, and may not hold `{{{{` or `{{%`")]
    TemplateInName,
    /// A JSON template that is too deep.
    #[error("values may stand in each other {0} deep")]
    TooDeep(usize),
    /// A JSON template of too many values.
    #[error("it has more than {0} values")]
    TooManyValues(usize),
}

/// A problem and its line, before it is known which part it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Flaw {
    pub line: Option<usize>,
    pub problem: Problem,
}

impl Flaw {
    pub(super) fn at(line: usize, problem: Problem) -> Self {
        Self { line: Some(line), problem }
    }

    pub(super) fn whole(problem: Problem) -> Self {
        Self { line: None, problem }
    }

    pub(super) fn syntax(line: usize, what: impl Into<String>) -> Self {
        Self::at(line, Problem::Syntax(what.into()))
    }

    pub(super) fn in_part(self, part: &str) -> TemplateFault {
        TemplateFault { part: part.to_owned(), line: self.line, problem: self.problem }
    }
}

impl TemplateFault {
    /// What is wrong and in which line, without the part.
    pub fn in_its_part(&self) -> String {
        match self.line {
            Some(line) => format!("line {line}: {}", self.problem),
            None => self.problem.to_string(),
        }
    }
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.line.is_some() { ", " } else { ": " };
        write!(f, "{}{sign}{}", self.part, self.in_its_part())
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_LISTED).map(String::as_str).collect();
    let more = if names.len() > NAMES_LISTED { ", and more" } else { "" };
    format!("{}{more}", shown.join(", "))
}
