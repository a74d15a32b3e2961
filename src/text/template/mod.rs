//! The language in which tenants word their messages: the part of Jinja that a message needs (variables, a few filters,
//! `if`, `for`). Every variable is looked up before a template is taken, in branches that are not entered too; a template
//! can neither exhaust the stack nor run for long. Uses nothing of ours but faults.

mod budget;
mod expression;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

pub(super) use self::budget::Budget;
use self::{
    expression::{Scope, shown},
    parser::Node,
};
use super::fault::{Flaw, Problem};

/// Most bytes of a template.
pub(super) const TEMPLATE_BYTES_MAX: usize = 16 * 1024;

/// A template that was read.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Template(Vec<Node>);

impl Template {
    /// Reads a template.
    pub(super) fn read(source: &str) -> Result<Self, Flaw> {
        if source.len() > TEMPLATE_BYTES_MAX {
            return Err(Flaw::whole(Problem::TooLarge(TEMPLATE_BYTES_MAX)));
        }
        let prepared = lexer::without_tag_lines(source);
        Ok(Self(parser::tree(lexer::pieces(&prepared)?)?))
    }

    /// Looks up every variable in a sample in which nothing is left out, in branches that are not entered too.
    pub(super) fn check(&self, sample: &Value) -> Result<(), Flaw> {
        check(&self.0, &mut Scope::new(sample, &Budget::new(), true))
    }

    /// What comes of the template.
    pub(super) fn render(&self, data: &Value, budget: &Budget) -> Result<String, Flaw> {
        let mut text = String::new();
        render(&self.0, &mut Scope::new(data, budget, false), &mut text)?;
        Ok(text)
    }

    /// The value itself, where the template is a single expression and nothing else.
    pub(super) fn single_value(&self, data: &Value, budget: &Budget) -> Option<Result<Value, Flaw>> {
        let [Node::Output(expression)] = self.0.as_slice() else { return None };
        let value = expression.value(&Scope::new(data, budget, false)).and_then(|value| {
            budget.output(expression.line, value.to_string().len())?;
            Ok(value.into_owned())
        });
        Some(value)
    }
}

/// The names that templates over this data can use.
pub(super) fn names(data: &Value) -> Vec<String> {
    Scope::new(data, &Budget::new(), true).names()
}

fn render(nodes: &[Node], scope: &mut Scope<'_>, text: &mut String) -> Result<(), Flaw> {
    for node in nodes {
        match node {
            Node::Text { text: plain, line } => {
                scope.budget.output(*line, plain.len())?;
                text.push_str(plain);
            }
            Node::Output(expression) => {
                let value = expression.value(scope)?;
                let shown = shown(&value);
                scope.budget.output(expression.line, shown.len())?;
                text.push_str(&shown);
            }
            Node::If(arms) => {
                for (condition, body) in arms {
                    let holds = match condition {
                        Some(condition) => condition.holds(scope)?,
                        None => true,
                    };
                    if holds {
                        render(body, scope, text)?;
                        break;
                    }
                }
            }
            Node::For { name, list, body } => {
                let items = list.value(scope)?;
                let count = items.as_array().map_or(0, Vec::len);
                for index in 0..count {
                    scope.budget.work(list.line, 0)?;
                    scope.enter(name, item(&items, index), index, count);
                    render(body, scope, text)?;
                    scope.leave();
                }
            }
        }
    }
    Ok(())
}

fn check(nodes: &[Node], scope: &mut Scope<'_>) -> Result<(), Flaw> {
    for node in nodes {
        match node {
            Node::Text { .. } => {}
            Node::Output(expression) => drop(expression.value(scope)?),
            Node::If(arms) => {
                for (condition, body) in arms {
                    if let Some(condition) = condition {
                        condition.holds(scope)?;
                    }
                    check(body, scope)?;
                }
            }
            Node::For { name, list, body } => {
                let items = list.value(scope)?;
                if !items.is_array() {
                    return Err(Flaw::at(list.line, Problem::NoList(list.spelt())));
                }
                scope.enter(name, item(&items, 0), 0, 1);
                check(body, scope)?;
                scope.leave();
            }
        }
    }
    Ok(())
}

/// An item of a list, null where there is none.
fn item<'d>(list: &Cow<'d, Value>, index: usize) -> Cow<'d, Value> {
    let item = match list {
        Cow::Borrowed(items) => items.get(index).map(Cow::Borrowed),
        Cow::Owned(items) => items.get(index).cloned().map(Cow::Owned),
    };
    item.unwrap_or_default()
}
