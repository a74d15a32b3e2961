//! The shape of events, as templates see them: which fields there can be, read from the schemas of events, so that none is
//! listed twice. Uses events and their types.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{EventPattern, EventType, event_schema::schema_of_events};

/// An event with every field that those of the given types can have, and the same value in each.
pub fn shape_of_events(wanted: &[EventPattern], value: &Value) -> Value {
    let matching = EventType::all().filter(|event| wanted.iter().any(|pattern| pattern.matches(*event)));
    let data = matching.map(|event| shape(event.schema(), event.schema(), value)).fold(Value::Null, merged);
    let mut event = shape(schema_of_events(), schema_of_events(), value);
    if let Value::Object(fields) = &mut event {
        fields.insert("data".to_owned(), data);
    }
    event
}

/// An event in which what it lacks of the fields that any event can have is null: a template that names such a field still
/// makes something.
pub fn with_every_field(event: Value) -> Value {
    static BLANK: LazyLock<Value> =
        LazyLock::new(|| shape(schema_of_events(), schema_of_events(), &Value::Null));
    merged(BLANK.clone(), event)
}

/// The fields that a schema allows, as an object; the value itself where it allows none.
fn shape(schema: &Value, root: &Value, value: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        let meant = name.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        return meant.map_or_else(|| value.clone(), |meant| shape(meant, root, value));
    }
    let mut fields = Value::Null;
    for one in ["anyOf", "oneOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
        fields = merged(fields, shape(one, root, value));
    }
    if let Some(properties) = schema["properties"].as_object() {
        let own: Map<String, Value> =
            properties.iter().map(|(name, field)| (name.clone(), shape(field, root, value))).collect();
        fields = merged(fields, Value::Object(own));
    }
    if fields.is_object() { fields } else { value.clone() }
}

/// Two values as one: objects have the fields of both, of anything else the second counts unless it hides an object.
fn merged(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut fields), Value::Object(others)) => {
            for (name, other) in others {
                let before = fields.remove(&name).unwrap_or_default();
                fields.insert(name, merged(before, other));
            }
            Value::Object(fields)
        }
        (object @ Value::Object(_), _) => object,
        (_, second) => second,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{shape_of_events, with_every_field};

    #[test]
    fn events_have_the_fields_of_all_their_types_and_no_others() {
        let shape = |wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|pattern| pattern.parse().unwrap()).collect();
            shape_of_events(&wanted, &json!("x"))
        };
        let sheets = shape(&["sheet.submitted"]);
        assert_eq!(sheets["data"], json!({"categoryId": "x", "entryId": "x", "judgeId": "x"}));
        assert_eq!((&sheets["type"], &sheets["correlationId"]), (&json!("x"), &json!("x")));
        assert_eq!(sheets["actor"]["osUser"], json!("x"), "of every kind of actor");
        let both = shape(&["sheet.submitted", "contest.*"]);
        assert_eq!((&both["data"]["judgeId"], &both["data"]["name"]), (&json!("x"), &json!("x")));
        assert_eq!(both["data"].get("sha256"), None);
        assert_eq!(shape(&["*"])["data"]["sha256"], json!("x"));
    }

    #[test]
    fn what_an_event_lacks_is_nothing_and_what_it_has_stays() {
        let event =
            json!({"type": "judge.created", "actor": {"type": "setup"}, "data": {"id": "1"}, "more": 1});
        let whole = with_every_field(event);
        assert_eq!((&whole["data"]["id"], &whole["more"]), (&json!("1"), &json!(1)));
        assert_eq!(whole["data"].get("name"), Some(&Value::Null));
        assert_eq!(
            whole["actor"],
            json!({"type": "setup", "id": null, "judge": null, "osUser": null, "owner": null})
        );
    }
}
