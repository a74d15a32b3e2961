//! The layer of environment variables: `EVENT_MANAGER__SECTION__KEY`.

use std::{collections::BTreeMap, ffi::OsString};

use super::{Entry, nearest::nearest};
use crate::config::{Fault, Origin, Problem, Settings};

const PREFIX: &str = "EVENT_MANAGER__";

/// The variable that overrules a key: `server.base_path` gives `EVENT_MANAGER__SERVER__BASE_PATH`.
pub(super) fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// What the environment says; other programs' variables are left alone.
pub(super) fn entries(
    environment: &[(OsString, OsString)],
    settings: &Settings<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<Entry> {
    let keys: BTreeMap<String, &String> = settings.keys().map(|key| (variable_of(key), key)).collect();
    let mut entries = Vec::new();
    for (variable, text) in environment {
        let Some(variable) = variable.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let origin = Origin::Environment(variable.to_owned());
        let Some((key, setting)) = keys.get(variable).and_then(|key| settings.get_key_value(*key)) else {
            let nearest = nearest(&variable.to_ascii_uppercase(), keys.keys().map(String::as_str));
            let problem = Problem::UnknownVariable { nearest: nearest.map(str::to_owned) };
            faults.push(Fault { origin, key: None, problem });
            continue;
        };
        let key = key.clone();
        match text.to_str() {
            Some(text) => entries.push(Entry { key, value: setting.form().value_of(text), origin }),
            None => faults.push(Fault { origin, key: Some(key), problem: Problem::NotUnicode }),
        }
    }
    entries
}
