//! Bodies of calls to chat tools and other programs: a JSON value whose texts are templates over an event's data. Values
//! are placed in the tree, never in its written form, so that none can break out of it. Uses nothing of ours.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::{
    fault::{Flaw, Problem, TemplateFault},
    template::{Budget, TEMPLATE_BYTES_MAX, Template},
};

/// How deep values may stand in each other.
const DEPTH_MAX: usize = 16;
/// Most values in a template.
const VALUES_MAX: usize = 1_000;

/// What comes of a JSON template: every text in it is a template over `data`, which must be an object. One that is a
/// single variable, `{{ data.version }}`, becomes that value with its type. Names in objects are taken as they are.
///
/// # Errors
/// The template has a mistake or names what is not in the data, or it is larger or deeper than is allowed.
pub fn render_json(template: &Value, data: &Value) -> Result<Value, TemplateFault> {
    Walk { data, budget: Budget::new(), is_check: false, values: 0, bytes: 0 }
        .value(template, &mut Vec::new())
}

/// Whether a JSON template can be rendered with data like the sample, in which nothing may be left out. Looks into
/// branches that are not entered, too. Gives what comes of the sample.
///
/// # Errors
/// As those of [`render_json`].
pub fn check_json(template: &Value, sample: &Value) -> Result<Value, TemplateFault> {
    Walk { data: sample, budget: Budget::new(), is_check: true, values: 0, bytes: 0 }
        .value(template, &mut Vec::new())
}

struct Walk<'d> {
    data: &'d Value,
    budget: Budget,
    is_check: bool,
    values: usize,
    bytes: usize,
}

impl Walk<'_> {
    fn value(&mut self, template: &Value, path: &mut Vec<String>) -> Result<Value, TemplateFault> {
        let fault = |problem, path: &[String]| Flaw::whole(problem).in_part(&pointer(path));
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(fault(Problem::TooManyValues(VALUES_MAX), &[]));
        }
        if path.len() > DEPTH_MAX {
            return Err(fault(Problem::TooDeep(DEPTH_MAX), path));
        }
        match template {
            Value::String(text) => self.text(text).map_err(|flaw| flaw.in_part(&pointer(path))),
            Value::Array(items) => {
                let mut made = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    made.push(self.value(item, path)?);
                    path.pop();
                }
                Ok(Value::Array(made))
            }
            Value::Object(fields) => {
                let mut made = Map::new();
                for (name, field) in fields {
                    path.push(name.clone());
                    self.bytes += name.len();
                    if name.contains("{{") || name.contains("{%") {
                        return Err(fault(Problem::TemplateInName, path));
                    }
                    made.insert(name.clone(), self.value(field, path)?);
                    path.pop();
                }
                Ok(Value::Object(made))
            }
            other => Ok(other.clone()),
        }
    }

    fn text(&mut self, source: &str) -> Result<Value, Flaw> {
        self.bytes += source.len();
        if self.bytes > TEMPLATE_BYTES_MAX {
            return Err(Flaw::whole(Problem::TooLarge(TEMPLATE_BYTES_MAX)));
        }
        let template = Template::read(source)?;
        if self.is_check {
            template.check(self.data)?;
        }
        match template.single_value(self.data, &self.budget) {
            Some(value) => value,
            None => template.render(self.data, &self.budget).map(Value::String),
        }
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1"))).collect()
}
