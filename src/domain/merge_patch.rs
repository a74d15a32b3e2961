//! Changing some fields of a JSON value: JSON Merge Patch (RFC 7396), with one rule of our own for tagged values.

use serde_json::{Value, json};

/// Lays a patch over a value: a `null` removes a member, an object is merged, anything else replaces.
///
/// An object whose `type` becomes another one keeps nothing of what it was: its other members belong to the old type.
pub fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    let of_other_type = match (target.get("type"), changes.get("type")) {
        (Some(Value::String(old)), Some(Value::String(new))) => old != new,
        _ => false,
    };
    if of_other_type || !target.is_object() {
        *target = json!({});
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge_patch(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge_patch;

    #[test]
    fn merge_patches_do_what_their_standard_says() {
        for (original, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut patched = original.clone();
            merge_patch(&mut patched, &patch);
            assert_eq!(patched, result, "{original} with {patch}");
        }
    }

    #[test]
    fn what_becomes_of_another_type_keeps_nothing_of_the_old_one() {
        let method = |value: serde_json::Value| json!({"method": value});
        let mut switched = method(json!({"type": "weightedSum", "drop": {"best": 1}}));
        merge_patch(&mut switched, &method(json!({"type": "rankSum"})));
        assert_eq!(switched, method(json!({"type": "rankSum"})));
        let mut kept = method(json!({"type": "weightedSum", "drop": {"best": 1}}));
        merge_patch(&mut kept, &method(json!({"type": "weightedSum", "floorAtZero": true})));
        assert_eq!(kept, method(json!({"type": "weightedSum", "drop": {"best": 1}, "floorAtZero": true})));
    }
}
