//! What a log query does with a line.

use std::{borrow::Cow, collections::BTreeMap};

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    ast::{Format, LabelFilter, LogQuery, MatchOp, Matcher, Part, Stage, Template, Text, Unit},
    entry::{Entry, stored_name, text_of},
    parser::{bytes_of, seconds_of},
};

/// How deep objects are taken apart.
const DEPTH_MAX: usize = 4;

impl LogQuery {
    /// The line as the query makes it; nothing if it is not meant.
    pub fn apply(&self, mut entry: Entry) -> Option<Entry> {
        let is_meant = self.selector.iter().all(|matcher| matcher.holds(entry.label(&matcher.label)));
        if !is_meant {
            return None;
        }
        for stage in &self.stages {
            entry = stage.apply(entry)?;
        }
        entry.fields = None;
        Some(entry)
    }

    /// What every line must have that is meant, as far as the query says so.
    pub fn required(&self) -> Required<'_> {
        let mut required = Required::default();
        self.selector.iter().for_each(|matcher| required.add(matcher));
        for stage in &self.stages {
            match stage {
                Stage::Line { wanted: true, any } if any.len() == 1 => {
                    any.iter().for_each(|text| required.add_text(text));
                }
                Stage::Line { .. } => {}
                Stage::Label(filter) => required.add_all_of(filter),
                // They add labels of other names only.
                Stage::Json(paths) if paths.is_empty() => {}
                // From here on line and labels may be others than those that are stored.
                _ => break,
            }
        }
        required
    }
}

/// What every line must have that is meant: blocks and lines are left out by it before they are taken apart.
#[derive(Default, Debug)]
pub struct Required<'q> {
    /// Texts in it.
    pub texts: Vec<&'q str>,
    /// Ids.
    pub ids: Vec<&'q str>,
    /// Module and kind of work, which are indexed, too.
    pub labels: Vec<&'q str>,
    /// Words of its level; more than one cannot be.
    pub levels: Vec<&'q str>,
}

impl<'q> Required<'q> {
    fn add_text(&mut self, text: &'q Text) {
        let Text::Plain(text) = text else { return };
        match id_in(text) {
            Some((_, id)) => self.ids.push(id),
            None => self.texts.push(text),
        }
    }

    fn add(&mut self, matcher: &'q Matcher) {
        let MatchOp::Equal(value) = &matcher.op else { return };
        match matcher.label.as_str() {
            _ if value.is_empty() => {}
            "level" | "detected_level" => self.levels.push(value),
            "module" | "kind" => self.labels.push(value),
            label if IDS.contains(&label) => self.ids.push(value),
            _ => {}
        }
    }

    fn add_all_of(&mut self, filter: &'q LabelFilter) {
        match filter {
            LabelFilter::Matches(matcher) => self.add(matcher),
            LabelFilter::And(one, other) => {
                self.add_all_of(one);
                self.add_all_of(other);
            }
            LabelFilter::Number { .. } | LabelFilter::Or(..) => {}
        }
    }
}

/// The ids of a line that are indexed.
const IDS: [&str; 8] =
    ["requestId", "correlationId", "trace_id", "jobId", "deliveryId", "userId", "judgeId", "tenantId"];

/// A line says `"requestId":"abc"`, and people ask for `requestId:abc`. It means the field, never a part of its value, so
/// that the index finds it.
fn id_in(text: &str) -> Option<(&str, &str)> {
    let (field, id) = text.split_once(':')?;
    let is_id =
        !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    (IDS.contains(&field) && is_id).then_some((field, id))
}

impl Text {
    /// Whether it is in the line.
    fn is_in(&self, entry: &Entry) -> bool {
        match self {
            Self::Plain(text) => match id_in(text) {
                Some((field, id)) => entry.metadata.get(field).is_some_and(|own| own == id),
                None => entry.line.contains(text.as_str()),
            },
            Self::Pattern(pattern) => pattern.is_match(&entry.line),
        }
    }
}

impl Matcher {
    /// Whether a value is what it must be. A level may be written in capitals.
    pub fn holds(&self, value: &str) -> bool {
        let is_level = matches!(self.label.as_str(), "level" | "detected_level");
        let same = |text: &str| text == value || is_level && text.eq_ignore_ascii_case(value);
        let like = |pattern: &Regex| {
            pattern.is_match(value) || is_level && pattern.is_match(&value.to_ascii_uppercase())
        };
        match &self.op {
            MatchOp::Equal(text) => same(text),
            MatchOp::Different(text) => !same(text),
            MatchOp::Like(pattern) => like(pattern),
            MatchOp::Unlike(pattern) => !like(pattern),
        }
    }
}

impl Stage {
    fn apply(&self, mut entry: Entry) -> Option<Entry> {
        match self {
            Self::Line { wanted, any } => {
                (any.iter().any(|text| text.is_in(&entry)) == *wanted).then_some(entry)
            }
            Self::Json(paths) => Some(parsed(entry, paths)),
            Self::Logfmt => {
                let pairs: Vec<_> = logfmt(&entry.line);
                pairs.into_iter().for_each(|(name, value)| entry.extract(name, value));
                Some(entry)
            }
            Self::Label(filter) => filter.holds(&entry).then_some(entry),
            Self::Drop(labels) => {
                for (name, matcher) in labels {
                    if matcher.as_ref().is_none_or(|matcher| matcher.holds(entry.label(name))) {
                        entry.remove(name);
                    }
                }
                Some(entry)
            }
            Self::Keep(labels) => {
                let kept: Vec<&str> = labels
                    .iter()
                    .filter(|(name, matcher)| {
                        matcher.as_ref().is_none_or(|matcher| matcher.holds(entry.label(name)))
                    })
                    .map(|(name, _)| stored_name(name))
                    .collect();
                for of in [&mut entry.stream, &mut entry.metadata, &mut entry.parsed] {
                    of.retain(|name, _| kept.contains(&name.as_str()));
                }
                Some(entry)
            }
            Self::LineFormat(template) => {
                entry.line = template.filled(&entry);
                entry.fields = None;
                Some(entry)
            }
            Self::LabelFormat(formats) => {
                for (name, format) in formats {
                    let value = match format {
                        Format::Rename(from) => entry.remove(from).unwrap_or_default(),
                        Format::Template(template) => template.filled(&entry),
                    };
                    entry.remove(name);
                    entry.parsed.insert(name.clone(), value);
                }
                Some(entry)
            }
        }
    }
}

impl Template {
    fn filled(&self, entry: &Entry) -> String {
        self.0.iter().map(|part| part.filled(entry)).collect()
    }
}

impl Part {
    fn filled<'a>(&'a self, entry: &'a Entry) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Label(name) => Cow::Borrowed(entry.label(name)),
            Self::Line => Cow::Borrowed(&entry.line),
            Self::Contains(text, of) => {
                Cow::Borrowed(if of.filled(entry).contains(text.as_str()) { "true" } else { "false" })
            }
        }
    }
}

impl LabelFilter {
    fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::Matches(matcher) => matcher.holds(entry.label(&matcher.label)),
            Self::Number { label, op, value, unit } => {
                number_of(entry.label(label), *unit).is_some_and(|number| op.holds(number, *value))
            }
            Self::And(one, other) => one.holds(entry) && other.holds(entry),
            Self::Or(one, other) => one.holds(entry) || other.holds(entry),
        }
    }
}

/// A text as a number. One without a unit is one already.
pub(super) fn number_of(text: &str, unit: Unit) -> Option<f64> {
    match unit {
        Unit::Plain => text.parse().ok(),
        Unit::Seconds => seconds_of(text).or_else(|| text.parse().ok()),
        Unit::Bytes => bytes_of(text).or_else(|| text.parse().ok()),
    }
}

/// Takes fields from a line that is a JSON object.
fn parsed(mut entry: Entry, paths: &[(String, String)]) -> Entry {
    let fields = entry.fields.take().or_else(|| serde_json::from_str::<Map<String, Value>>(&entry.line).ok());
    let Some(fields) = fields else {
        entry.parsed.insert("__error__".to_owned(), "JSONParserErr".to_owned());
        return entry;
    };
    if paths.is_empty() {
        let mut flat = BTreeMap::new();
        flatten("", &fields, 0, &mut flat);
        flat.into_iter().for_each(|(name, value)| entry.extract(name, value));
    } else {
        for (name, path) in paths {
            let value = value_at(&fields, path).and_then(text_of).unwrap_or_default();
            entry.extract(name.clone(), value);
        }
    }
    entry
}

fn flatten(prefix: &str, fields: &Map<String, Value>, depth: usize, flat: &mut BTreeMap<String, String>) {
    for (name, value) in fields {
        let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let name = if prefix.is_empty() { name } else { format!("{prefix}_{name}") };
        match (value, text_of(value)) {
            (Value::Object(inner), _) if depth < DEPTH_MAX => flatten(&name, inner, depth + 1, flat),
            (_, Some(text)) => drop(flat.insert(name, text)),
            _ => {}
        }
    }
}

/// `a.b[0]["c"]`
fn value_at<'v>(fields: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let mut parts = path.split(['.', '[', ']', '"']).filter(|part| !part.is_empty());
    let mut value = fields.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            other => other.get(part)?,
        };
    }
    Some(value)
}

/// `a=b c="d e"`
fn logfmt(line: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = line.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.rsplit(' ').next().unwrap_or_default();
        let (value, more) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        rest = more;
    }
    pairs
}
