//! The fields of lines, as some of the newest show them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Asked;
use crate::{
    http::problem::Failure,
    service::{Entries, EntrySearch},
    telemetry::{
        log_store::Order,
        logql::{Stage, seconds_of},
    },
};

/// Lines that are looked at, and most fields of an answer, if nothing is said.
const USUAL: usize = 1_000;

/// What is known of a field.
#[derive(Default)]
struct Field {
    values: BTreeSet<String>,
    /// Whether it has to be taken from the line.
    is_parsed: bool,
}

impl Asked {
    /// The fields with their types and how many values each has.
    pub(super) async fn detected_fields(&self) -> Result<Value, Failure> {
        let limit = self.limit("limit", Some(USUAL))?;
        let fields = self.fields().await?.into_iter().take(limit);
        let told = fields.map(|(label, field)| {
            let parsers = field.is_parsed.then_some(["json"]);
            json!({
                "label": label, "type": type_of(&field.values), "cardinality": field.values.len(),
                "parsers": parsers,
            })
        });
        Ok(json!({"fields": told.collect::<Vec<_>>(), "limit": limit}))
    }

    /// The values of the field that the address names.
    pub(super) async fn detected_field_values(&self) -> Result<Value, Failure> {
        let limit = self.limit("limit", Some(USUAL))?;
        let values = self.fields().await?.remove(&self.name).unwrap_or_default().values;
        Ok(json!({"values": values.into_iter().take(limit).collect::<Vec<_>>(), "limit": limit}))
    }

    async fn fields(&self) -> Result<BTreeMap<String, Field>, Failure> {
        let mut log = self.log_query()?;
        log.stages.push(Stage::Json(Vec::new()));
        let limit = self.limit("line_limit", Some(USUAL))?;
        let search = EntrySearch { log, span: self.span()?, order: Order::NewestFirst, limit };
        let Entries { entries, .. } = self.services.find_entries(&self.reader, search).await?;
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        for entry in entries {
            let parts = [(entry.metadata, false), (entry.parsed, true)];
            for (labels, is_parsed) in parts {
                for (name, value) in labels.into_iter().filter(|(name, _)| !name.starts_with("__")) {
                    let field = fields.entry(name).or_default();
                    field.is_parsed = is_parsed;
                    field.values.insert(value);
                }
            }
        }
        Ok(fields)
    }
}

/// What all values can be read as.
fn type_of(values: &BTreeSet<String>) -> &'static str {
    let all = |reads: &dyn Fn(&str) -> bool| values.iter().all(|value| reads(value));
    if all(&|value| value.parse::<i64>().is_ok()) {
        "int"
    } else if all(&|value| value.parse::<f64>().is_ok_and(f64::is_finite)) {
        "float"
    } else if all(&|value| value.parse::<bool>().is_ok()) {
        "boolean"
    } else if all(&|value| seconds_of(value).is_some()) {
        "duration"
    } else {
        "string"
    }
}
