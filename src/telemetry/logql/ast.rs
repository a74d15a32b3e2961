//! What a query is made of.

use std::time::Duration;

use regex::Regex;

/// A query.
#[derive(Clone, Debug)]
pub enum Query {
    /// Lines.
    Log(LogQuery),
    /// Numbers over time.
    Metric(Metric),
}

/// Which lines, and what is done with each.
#[derive(Clone, Debug)]
pub struct LogQuery {
    /// All must hold.
    pub selector: Vec<Matcher>,
    /// One after the other.
    pub stages: Vec<Stage>,
}

/// How texts are compared.
#[derive(Clone, Debug)]
pub enum MatchOp {
    /// `=`
    Equal(String),
    /// `!=`
    Different(String),
    /// `=~`, all of the text
    Like(Regex),
    /// `!~`
    Unlike(Regex),
}

/// A label and what it must be. One that is not there is empty.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// Its name.
    pub label: String,
    /// What it must be.
    pub op: MatchOp,
}

/// A step of a pipeline.
#[derive(Clone, Debug)]
pub enum Stage {
    /// `|= "a" or "b"` and its like: whether one of them is in the line.
    Line {
        /// Whether one must be in it, or none.
        wanted: bool,
        /// Any of these.
        any: Vec<Text>,
    },
    /// `| json`, of all fields or of those that are named.
    Json(Vec<(String, String)>),
    /// `| logfmt`
    Logfmt,
    /// `| status >= 500`
    Label(LabelFilter),
    /// `| drop a, b="c"`
    Drop(Vec<(String, Option<Matcher>)>),
    /// `| keep a`
    Keep(Vec<(String, Option<Matcher>)>),
    /// `| line_format "{{.a}}"`
    LineFormat(Template),
    /// `| label_format a=b, c="{{.d}}"`
    LabelFormat(Vec<(String, Format)>),
}

/// A text that is looked for in lines.
#[derive(Clone, Debug)]
pub enum Text {
    /// As it is.
    Plain(String),
    /// As a pattern.
    Pattern(Regex),
}

/// What labels must be.
#[derive(Clone, Debug)]
pub enum LabelFilter {
    /// A text.
    Matches(Matcher),
    /// A number, a duration in seconds or a size in bytes.
    Number {
        /// The label.
        label: String,
        /// How it is compared.
        op: Comparison,
        /// With what.
        value: f64,
        /// What the label's text is read as.
        unit: Unit,
    },
    /// Both.
    And(Box<LabelFilter>, Box<LabelFilter>),
    /// One of both.
    Or(Box<LabelFilter>, Box<LabelFilter>),
}

/// How numbers are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `==` or `=`
    Equal,
    /// `!=`
    Different,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `<=`
    AtMost,
}

impl Comparison {
    /// Whether it holds.
    #[allow(clippy::float_cmp, reason = "the language compares numbers exactly")]
    pub fn holds(self, one: f64, other: f64) -> bool {
        match self {
            Self::Equal => one == other,
            Self::Different => one != other,
            Self::Greater => one > other,
            Self::AtLeast => one >= other,
            Self::Less => one < other,
            Self::AtMost => one <= other,
        }
    }
}

/// What a text is read as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A number.
    Plain,
    /// A duration such as `1m30s`, in seconds.
    Seconds,
    /// A size such as `10KB`, in bytes.
    Bytes,
}

/// What a label becomes.
#[derive(Clone, Debug)]
pub enum Format {
    /// The value of another one, which is gone then.
    Rename(String),
    /// A text with values in it.
    Template(Template),
}

/// A text with values in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template(pub Vec<Part>);

/// A part of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// As it is.
    Text(String),
    /// `{{.label}}`
    Label(String),
    /// `{{__line__}}`
    Line,
    /// `{{contains "text" __line__}}` or of a label: `true` or `false`.
    Contains(String, Box<Part>),
}

/// Numbers over time.
#[derive(Clone, Debug)]
pub enum Metric {
    /// The same always, without labels.
    Number(f64),
    /// `vector(1)`
    Vector(f64),
    /// A function over the lines of a range of time.
    Range {
        /// The function.
        function: RangeFunction,
        /// The lines.
        log: LogQuery,
        /// What of each line is counted; nothing for the line itself.
        unwrap: Option<Unwrap>,
        /// How long the range is.
        range: Duration,
        /// How far back it lies.
        offset: Duration,
        /// Which labels stay; nothing for all.
        grouping: Option<Grouping>,
    },
    /// Several series together.
    Aggregate {
        /// How.
        aggregation: Aggregation,
        /// Which labels stay.
        grouping: Grouping,
        /// Of what.
        of: Box<Metric>,
    },
    /// Two together.
    Binary {
        /// How.
        op: Arithmetic,
        /// Whether a comparison gives 1 and 0 instead of leaving out.
        as_bool: bool,
        /// One.
        left: Box<Metric>,
        /// The other.
        right: Box<Metric>,
    },
}

/// The value of a label as a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unwrap {
    /// The label.
    pub label: String,
    /// What its text is read as.
    pub unit: Unit,
}

/// A function over a range.
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs, reason = "their names are the language's")]
pub enum RangeFunction {
    CountOverTime,
    Rate,
    BytesOverTime,
    BytesRate,
    SumOverTime,
    AvgOverTime,
    MinOverTime,
    MaxOverTime,
    QuantileOverTime(f64),
    AbsentOverTime,
}

/// Several series together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "their names are the language's")]
pub enum Aggregation {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    TopK(usize),
    BottomK(usize),
}

/// Which labels stay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// These.
    By(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

/// Two numbers together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `^`
    Power,
    /// Leaves out, or gives 1 and 0.
    Compare(Comparison),
}
