//! Values of a template: variables, filters and conditions over a JSON value. Whatever the types, something comes of it;
//! only unknown variables and too much work are faults. Uses nothing of ours but faults.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    super::fault::{Flaw, Problem},
    budget::Budget,
};

/// Where a value comes from.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Operand {
    Path(Vec<String>),
    Literal(Value),
}

/// What is done with a value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Filter {
    Upper,
    Lower,
    Length,
    /// Of a list the first so many.
    First(usize),
    /// A text cut to so many characters.
    Short(usize),
    /// Something else, where there is nothing.
    Default(Operand),
    /// A text in which chat tools see no commands: `&`, `<` and `>` as entities.
    Chat,
}

/// A value with its filters.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Expression {
    pub operand: Operand,
    pub filters: Vec<Filter>,
    pub line: usize,
}

/// Alternatives of what must hold together.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Condition(pub Vec<Vec<Clause>>);

/// A part of a condition.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Clause {
    pub negated: bool,
    pub left: Expression,
    /// How it must compare, and to what; without, it holds if there is anything.
    pub compared: Option<(Comparison, Expression)>,
}

/// How two values compare. Only numbers are less or greater.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What the names in a template stand for: the data, and the items of the loops around.
pub(super) struct Scope<'d> {
    pub budget: &'d Budget,
    /// Whether a default is no excuse for a name that is not there.
    strict: bool,
    data: &'d Value,
    locals: Vec<(String, Cow<'d, Value>)>,
}

impl<'d> Scope<'d> {
    pub(super) fn new(data: &'d Value, budget: &'d Budget, strict: bool) -> Self {
        Self { budget, strict, data, locals: Vec::new() }
    }

    /// Names an item, and `loop`, within a loop.
    pub(super) fn enter(&mut self, name: &str, item: Cow<'d, Value>, index: usize, count: usize) {
        let mut facts = Map::new();
        facts.insert("index".to_owned(), (index + 1).into());
        facts.insert("first".to_owned(), (index == 0).into());
        facts.insert("last".to_owned(), (index + 1 == count).into());
        self.locals.push((name.to_owned(), item));
        self.locals.push(("loop".to_owned(), Cow::Owned(Value::Object(facts))));
    }

    pub(super) fn leave(&mut self) {
        self.locals.truncate(self.locals.len().saturating_sub(2));
    }

    /// The names that can be used here.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (name, value) in &self.locals {
            collect_names(name, value, &mut names);
        }
        if let Value::Object(fields) = self.data {
            for (name, value) in fields {
                collect_names(name, value, &mut names);
            }
        }
        names
    }

    fn find(&self, path: &[String]) -> Option<Cow<'d, Value>> {
        let (first, rest) = path.split_first()?;
        let local = self.locals.iter().rev().find(|(name, _)| name == first).map(|(_, value)| value.clone());
        let start = match local {
            Some(value) => value,
            None => Cow::Borrowed(self.data.get(first)?),
        };
        rest.iter().try_fold(start, |value, name| match value {
            Cow::Borrowed(value) => field(value, name).map(Cow::Borrowed),
            Cow::Owned(value) => field(&value, name).cloned().map(Cow::Owned),
        })
    }

    fn operand(&self, operand: &Operand, has_default: bool, line: usize) -> Result<Cow<'d, Value>, Flaw> {
        let path = match operand {
            Operand::Path(path) => path,
            Operand::Literal(value) => return Ok(Cow::Owned(value.clone())),
        };
        match self.find(path) {
            Some(value) => Ok(value),
            None if has_default && !self.strict => Ok(Cow::Owned(Value::Null)),
            None => {
                let problem = Problem::UnknownVariable { name: path.join("."), known: self.names() };
                Err(Flaw::at(line, problem))
            }
        }
    }
}

impl Expression {
    /// As it stands in the template, without its filters.
    pub(super) fn spelt(&self) -> String {
        match &self.operand {
            Operand::Path(path) => path.join("."),
            Operand::Literal(value) => value.to_string(),
        }
    }

    /// The value.
    pub(super) fn value<'d>(&self, scope: &Scope<'d>) -> Result<Cow<'d, Value>, Flaw> {
        let has_default = matches!(self.filters.first(), Some(Filter::Default(_)));
        let mut value = scope.operand(&self.operand, has_default, self.line)?;
        scope.budget.work(self.line, 0)?;
        for filter in &self.filters {
            scope.budget.work(self.line, size(&value))?;
            value = match filter {
                Filter::Upper => Cow::Owned(shown(&value).to_uppercase().into()),
                Filter::Lower => Cow::Owned(shown(&value).to_lowercase().into()),
                Filter::Length => Cow::Owned(length(&value).into()),
                Filter::First(most) => first(value, *most),
                Filter::Short(most) => Cow::Owned(short(&shown(&value), *most).into()),
                Filter::Chat => Cow::Owned(
                    shown(&value).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").into(),
                ),
                Filter::Default(other) => {
                    let other = scope.operand(other, false, self.line)?;
                    if is_something(&value) { value } else { other }
                }
            };
        }
        Ok(value)
    }
}

impl Condition {
    /// Whether it holds. All of it is looked at, so that an unknown name is found wherever it stands.
    pub(super) fn holds(&self, scope: &Scope<'_>) -> Result<bool, Flaw> {
        let mut any = false;
        for clauses in &self.0 {
            let mut all = true;
            for clause in clauses {
                all &= clause.holds(scope)? != clause.negated;
            }
            any |= all;
        }
        Ok(any)
    }
}

impl Clause {
    fn holds(&self, scope: &Scope<'_>) -> Result<bool, Flaw> {
        let left = self.left.value(scope)?;
        let Some((comparison, right)) = &self.compared else { return Ok(is_something(&left)) };
        let right = right.value(scope)?;
        scope.budget.work(self.left.line, size(&left).min(size(&right)))?;
        let numbers = left.as_f64().zip(right.as_f64());
        Ok(match comparison {
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
            Comparison::Less => numbers.is_some_and(|(left, right)| left < right),
            Comparison::LessOrEqual => numbers.is_some_and(|(left, right)| left <= right),
            Comparison::Greater => numbers.is_some_and(|(left, right)| left > right),
            Comparison::GreaterOrEqual => numbers.is_some_and(|(left, right)| left >= right),
        })
    }
}

/// A value as text: nothing for null, JSON for an object.
pub(super) fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) => Cow::Owned(items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => Cow::Owned(other.to_string()),
    }
}

/// About as many bytes as there are to be read.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| 8 + size(item)).sum(),
        Value::Object(fields) => fields.iter().map(|(name, field)| name.len() + 8 + size(field)).sum(),
        _ => 8,
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(holds) => *holds,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        // What is not there has no parts, and that is no mistake of the template.
        Value::Null => Some(&Value::Null),
        _ => None,
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        other => shown(other).chars().count(),
    }
}

fn first(value: Cow<'_, Value>, most: usize) -> Cow<'_, Value> {
    match &*value {
        Value::Array(items) if items.len() > most => {
            Cow::Owned(items.iter().take(most).cloned().collect::<Vec<_>>().into())
        }
        _ => value,
    }
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

fn collect_names(path: &str, value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                collect_names(&format!("{path}.{name}"), value, names);
            }
        }
        Value::Array(items) => match items.first() {
            Some(Value::Object(fields)) => {
                let fields: Vec<&str> = fields.keys().map(String::as_str).collect();
                names.push(format!("{path} (a list, each with {})", fields.join(", ")));
            }
            _ => names.push(format!("{path} (a list)")),
        },
        _ => names.push(path.to_owned()),
    }
}
