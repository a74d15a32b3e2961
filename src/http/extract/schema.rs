//! A value held against a JSON schema, the one that the OpenAPI document shows: every fault with its place, in words of
//! this product. It knows the keywords that schemas of this product use; of formats and patterns the types themselves
//! know more.

use std::iter::once;

use serde_json::{Map, Value};

use super::faults::{FAULTS_MAX, beneath};
use crate::{domain::Fault, http::openapi::Excerpt};

/// A schema and the named ones it refers to.
pub struct Schema(Excerpt);

/// What a schema says, and where in the value it is said.
type Rules = Map<String, Value>;

impl Schema {
    /// A schema of the document.
    pub const fn new(excerpt: Excerpt) -> Self {
        Self(excerpt)
    }

    /// Every fault of a value.
    pub fn faults(&self, value: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.check(&self.0.root, value, &At::Root, &mut faults);
        faults
    }

    /// The text of a member as a value of the type that the schema gives it; what cannot be one stays a text.
    pub fn read(&self, name: &str, text: &str) -> Value {
        let text_itself = || Value::String(text.to_owned());
        let root = self.resolve(&self.0.root);
        let Some(member) = root.get("properties").and_then(|known| known.get(name)) else {
            return text_itself();
        };
        let alternatives = member.get("anyOf").and_then(Value::as_array);
        let rules = self.resolve(alternatives.and_then(|all| all.first()).unwrap_or(member));
        let kind = rules.get("type").map(|kind| kind.get(0).unwrap_or(kind));
        match kind.and_then(Value::as_str) {
            Some("integer" | "number" | "boolean") => {
                let value = serde_json::from_str(text).ok();
                value.filter(|value: &Value| !value.is_null()).unwrap_or_else(text_itself)
            }
            _ => text_itself(),
        }
    }

    fn resolve<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().unwrap_or(reference);
            match self.0.named.get(name) {
                Some(named) => schema = named,
                None => return &Value::Null,
            }
        }
        schema
    }

    fn check(&self, schema: &Value, value: &Value, at: &At<'_>, faults: &mut Vec<Fault>) {
        if faults.len() >= FAULTS_MAX {
            return;
        }
        let Value::Object(rules) = self.resolve(schema) else { return };
        for alternatives in ["oneOf", "anyOf"] {
            if let Some(Value::Array(alternatives)) = rules.get(alternatives) {
                return self.check_one_of(alternatives, value, at, faults);
            }
        }
        if let Some(message) = wrong_type(rules, value).or_else(|| wrong_value(rules, value)) {
            faults.push(at.fault(message));
            return;
        }
        match value {
            Value::Object(members) => self.check_members(rules, members, at, faults),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let schema = rules.get("items").unwrap_or(&Value::Null);
                    self.check(schema, item, &At::Item(at, index), faults);
                }
            }
            _ => {}
        }
    }

    fn check_members(
        &self,
        rules: &Rules,
        members: &Map<String, Value>,
        at: &At<'_>,
        faults: &mut Vec<Fault>,
    ) {
        let known = rules.get("properties").and_then(Value::as_object);
        for (name, value) in members {
            if faults.len() >= FAULTS_MAX {
                return;
            }
            match known.and_then(|known| known.get(name)) {
                Some(schema) => self.check(schema, value, &At::Member(at, name), faults),
                None => match rules.get("additionalProperties") {
                    Some(Value::Bool(false)) => faults.push(At::Member(at, name).fault("is unknown here")),
                    Some(schema @ Value::Object(_)) => {
                        self.check(schema, value, &At::Member(at, name), faults)
                    }
                    _ => {}
                },
            }
        }
        for name in required(rules).filter(|name| !members.contains_key(*name)) {
            faults.push(At::Member(at, name).fault("is required"));
        }
    }

    /// Of alternatives, the one that is meant is known by its `type`, or is the only one but null.
    fn check_one_of(&self, alternatives: &[Value], value: &Value, at: &At<'_>, faults: &mut Vec<Fault>) {
        let rules: Vec<&Rules> =
            alternatives.iter().filter_map(|schema| self.resolve(schema).as_object()).collect();
        let fits = |schema: &&Value| {
            let mut faults = Vec::new();
            self.check(schema, value, at, &mut faults);
            faults.is_empty()
        };
        if alternatives.iter().any(|schema| fits(&schema)) {
            return;
        }
        let tag = |rules: &&Rules| rules.get("properties")?.get("type")?.get("const").cloned();
        let tags: Vec<Value> = rules.iter().filter_map(tag).collect();
        if !tags.is_empty() {
            return match (value.is_object(), value.get("type")) {
                (true, Some(sent)) => match rules.iter().find(|rules| tag(rules).as_ref() == Some(sent)) {
                    Some(meant) => {
                        self.check(&Value::Object((*meant).clone()), value, at, faults);
                    }
                    None => faults.push(At::Member(at, "type").fault(one_of(&tags))),
                },
                (true, None) => faults.push(At::Member(at, "type").fault("is required")),
                (false, _) => faults.push(at.fault("must be an object")),
            };
        }
        let words: Vec<Value> = rules.iter().flat_map(|rules| words(rules)).cloned().collect();
        if !words.is_empty() {
            faults.push(at.fault(one_of(&words)));
        } else if let Some(meant) = alternatives.iter().find(|schema| schema["type"] != "null") {
            self.check(meant, value, at, faults);
        }
    }
}

/// A place in a value. Most values have no fault, so that it is only written out for one.
enum At<'a> {
    Root,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl At<'_> {
    fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.pointer(), message)
    }

    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(of, name) => beneath(&of.pointer(), name),
            Self::Item(of, index) => format!("{}/{index}", of.pointer()),
        }
    }
}

fn required(rules: &Rules) -> impl Iterator<Item = &str> {
    rules.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The values that a schema lists.
fn words(rules: &Rules) -> impl Iterator<Item = &Value> {
    let listed = rules.get("enum").and_then(Value::as_array).into_iter().flatten();
    listed.chain(rules.get("const"))
}

fn one_of(words: &[Value]) -> String {
    let words: Vec<String> =
        words.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect();
    format!("must be one of {}", words.join(", "))
}

fn wrong_type(rules: &Rules, value: &Value) -> Option<String> {
    let kinds: Vec<&str> = match rules.get("type")? {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => once(kind.as_str()?).collect(),
    };
    let is = |kind: &&str| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_null(),
    };
    let name = |kind: &str| match kind {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    };
    let names: Vec<&str> = kinds.iter().map(|kind| name(kind)).collect();
    (!kinds.iter().any(is)).then(|| format!("must be {}", names.join(" or ")))
}

fn wrong_value(rules: &Rules, value: &Value) -> Option<String> {
    let allowed: Vec<Value> = words(rules).cloned().collect();
    if !allowed.is_empty() && !allowed.contains(value) && !value.is_null() {
        return Some(one_of(&allowed));
    }
    let limit = |name: &str| rules.get(name).and_then(Value::as_u64);
    let (least, most, size) = match value {
        Value::String(text) => (limit("minLength"), limit("maxLength"), text.chars().count()),
        Value::Array(items) => (limit("minItems"), limit("maxItems"), items.len()),
        Value::Number(number) => return out_of_range(rules, number.as_f64()?),
        _ => return None,
    };
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    match (least, most) {
        (Some(1), _) if size == 0 => Some("must not be empty".to_owned()),
        (Some(least), _) if size < least => Some(format!("must not be shorter than {least}")),
        (_, Some(most)) if size > most => Some(format!("must not be longer than {most}")),
        _ => None,
    }
}

fn out_of_range(rules: &Rules, number: f64) -> Option<String> {
    let limit = |name: &str| rules.get(name).filter(|limit| limit.as_f64().is_some());
    match (limit("minimum"), limit("maximum")) {
        (Some(least), _) if least.as_f64() > Some(number) => Some(format!("must not be below {least}")),
        (_, Some(most)) if most.as_f64() < Some(number) => Some(format!("must not be above {most}")),
        _ => None,
    }
}
