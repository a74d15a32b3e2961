//! Streams and their labels.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Asked, log_query, wrong};
use crate::{
    http::problem::Failure,
    telemetry::logql::{Labels, Matcher},
};

/// Most selectors of one question.
const SELECTORS_MAX: usize = 10;

impl Asked {
    /// The names of labels.
    pub(super) async fn labels(&self) -> Result<Value, Failure> {
        let streams = self.streams_of("query").await?;
        let names: BTreeSet<&String> = streams.iter().flat_map(Labels::keys).collect();
        Ok(json!({"status": "success", "data": names}))
    }

    /// The values of the label that the address names.
    pub(super) async fn label_values(&self) -> Result<Value, Failure> {
        let streams = self.streams_of("query").await?;
        let values: BTreeSet<&String> = streams.iter().filter_map(|labels| labels.get(&self.name)).collect();
        Ok(json!({"status": "success", "data": values}))
    }

    /// Streams with all their labels.
    pub(super) async fn series(&self) -> Result<Value, Failure> {
        let name = if self.parameters.get("match").is_some() { "match" } else { "match[]" };
        Ok(json!({"status": "success", "data": self.streams_of(name).await?}))
    }

    /// The labels of streams, with how many values each has.
    pub(super) async fn detected_labels(&self) -> Result<Value, Failure> {
        let streams = self.streams_of("query").await?;
        let mut values: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for (name, value) in streams.iter().flatten() {
            values.entry(name).or_default().insert(value);
        }
        let told = values
            .into_iter()
            .map(|(label, values)| json!({"label": label, "cardinality": values.len()}))
            .collect::<Vec<_>>();
        Ok(json!({"detectedLabels": told}))
    }

    /// The streams that match one of the selectors that a parameter has.
    async fn streams_of(&self, parameter: &str) -> Result<BTreeSet<Labels>, Failure> {
        let selectors = self.parameters.all(parameter).map(selector).collect::<Result<Vec<_>, _>>()?;
        if selectors.len() > SELECTORS_MAX {
            return Err(wrong(format!("there are more than {SELECTORS_MAX} selectors")));
        }
        Ok(self.services.streams(&self.reader, selectors, self.span()?).await?)
    }
}

/// The selector of a query; the rest of it says nothing of streams.
fn selector(query: &str) -> Result<Vec<Matcher>, Failure> {
    log_query(query).map(|log| log.selector)
}
