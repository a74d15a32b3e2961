//! The values of custom fields in a body, and how those that are sent are settled with those that are stored.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CustomField;
use crate::domain::noun::Fault;

/// Values by the keys of their fields. Those of deleted fields stay, out of sight, until their field is back.
pub type Custom = BTreeMap<String, CustomValue>;

/// The value of a custom field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CustomValue {
    /// A text: most types, numbers and days among them.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// Several choices.
    Choices(Vec<String>),
}

/// The values to store, given the live fields of the entity, each with whether the sender sees it. What the sender cannot see is as unknown to it as what is no field, and stays as it was.
///
/// # Errors
/// Every fault: an unknown key, a value that breaks its field's rule, a required one that is not there. Pointers lead
/// into the body.
pub fn settle(fields: &[(CustomField, bool)], stored: &Custom, sent: &Custom) -> Result<Custom, Vec<Fault>> {
    let seen =
        |key: &str| fields.iter().find(|(field, seen)| *seen && field.key == key).map(|(field, _)| field);
    let mut faults = Vec::new();
    let mut settled: Custom = stored
        .iter()
        .filter(|(key, _)| seen(key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for (key, value) in sent.iter().filter(|(key, value)| stored.get(*key) != Some(value)) {
        let at = || format!("/custom/{}", key.replace('~', "~0").replace('/', "~1"));
        match seen(key).map(|field| field.rule.fault(value)) {
            None => faults.push(Fault::new(at(), "is not a field that there is here")),
            Some(Some(message)) => faults.push(Fault::new(at(), message)),
            Some(None) => {}
        }
    }
    settled.extend(
        sent.iter().filter(|(key, _)| seen(key).is_some()).map(|(key, value)| (key.clone(), value.clone())),
    );
    for (field, _) in fields.iter().filter(|(field, seen)| *seen && field.required) {
        if !settled.contains_key(&field.key) {
            faults.push(Fault::new(format!("/custom/{}", field.key), "is required"));
        }
    }
    if faults.is_empty() { Ok(settled) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Custom, CustomField, settle};

    fn fields() -> Vec<(CustomField, bool)> {
        let field = |key: &str, required: bool, seen: bool| {
            let body = json!({"entity": "judge", "key": key, "label": key, "rule": {"type": "text"},
                "required": required});
            (serde_json::from_value(body).unwrap(), seen)
        };
        vec![field("size", true, true), field("school", false, true), field("secret", true, false)]
    }

    fn custom(value: Value) -> Custom {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_sent_replaces_what_the_sender_sees_and_nothing_else() {
        let stored = custom(json!({"size": "M", "school": "North", "secret": "x", "gone": "kept"}));
        let settled = settle(&fields(), &stored, &custom(json!({"size": "L"}))).unwrap();
        assert_eq!(settled, custom(json!({"size": "L", "secret": "x", "gone": "kept"})));
    }

    #[test]
    fn every_fault_is_told_at_its_place() {
        let sent = custom(json!({"school": "a\nb", "secret": "y", "gone": "new", "a/b": "c"}));
        let faults = settle(&fields(), &custom(json!({"gone": "kept"})), &sent).unwrap_err();
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/custom/a~1b", "/custom/gone", "/custom/school", "/custom/secret", "/custom/size"]
        );
    }

    #[test]
    fn what_was_stored_under_an_older_rule_may_stay() {
        let stored = custom(json!({"size": "a\nb"}));
        assert_eq!(settle(&fields(), &stored, &stored.clone()).unwrap(), stored);
    }
}
