//! The part of LogQL, Grafana Loki's query language, that the log answers to. What is beyond it is refused by name.
//! <https://grafana.com/docs/loki/latest/query/>. Uses nothing of the other rooms.

mod ast;
mod entry;
mod lexer;
mod parser;
mod pipeline;
mod series;
#[cfg(test)]
mod tests;

pub use self::{
    ast::{
        Aggregation, Arithmetic, Grouping, LogQuery, MatchOp, Matcher, Metric, Query, RangeFunction, Stage,
    },
    entry::{APP, APP_LABELS, Entry, STREAM_LABELS},
    parser::{parse, seconds_of},
    pipeline::Required,
    series::{EvalError, Evaluation, Labels, Lines, Series, evaluate, greatest},
};

/// A query that is not understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("parse error at line {line}, col {column}: {what}")]
pub struct QueryError {
    /// From 1 on.
    pub line: usize,
    /// In characters, from 1 on.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}
