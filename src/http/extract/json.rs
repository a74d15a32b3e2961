//! From text to values: JSON that is no JSON, nested too deeply or names a member twice is refused; JSON that is not
//! what it should be is told with all its faults.

use std::fmt;

use actix_web::http::StatusCode;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::faults;
use crate::{
    domain::Fault,
    http::problem::{Failure, code},
};

/// The value that a text stands for.
///
/// # Errors
/// Malformed text is a 400, a value that does not fit a 422 with all its faults.
pub fn parse<T>(bytes: &[u8], depth_max: usize) -> Result<T, Failure>
where
    T: DeserializeOwned + JsonSchema + 'static,
{
    let document = document(bytes, depth_max)?;
    let value = faults::read(&document);
    // A list passes for an object whose members come in order, so that one has to be where the schema has lists.
    let faults = match &value {
        Ok(_) if !bytes.contains(&b'[') => Vec::new(),
        Ok(_) => faults::of_schema::<T>(&document),
        // What is wrong is worth a second look, and a slower one.
        Err(_) => faults::of::<T>(document),
    };
    value.ok().filter(|_| faults.is_empty()).ok_or_else(|| Failure::invalid(faults))
}

/// Any JSON without members that are named twice.
///
/// # Errors
/// Malformed text is a 400, a member that is named twice a 422.
pub fn document(bytes: &[u8], depth_max: usize) -> Result<Value, Failure> {
    ensure_shallow(bytes, depth_max)?;
    // Keeping the place costs something, and most texts are JSON.
    let document = serde_json::from_slice::<Unambiguous>(bytes);
    document.map(|Unambiguous(value)| value).map_err(|_| fault_of(bytes))
}

/// What is wrong with a text that is no JSON, or not unambiguous.
fn fault_of(bytes: &[u8]) -> Failure {
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, Unambiguous>(&mut *deserializer) {
        Err(error) if error.inner().is_data() => {
            Failure::invalid(vec![Fault::new(faults::pointer(error.path()), "is named twice")])
        }
        Err(error) => no_json(faults::pointer(error.path()), error.inner()),
        Ok(_) => {
            deserializer.end().err().map_or_else(Failure::internal, |error| no_json(String::new(), &error))
        }
    }
}

/// A value as the text of an answer.
///
/// # Errors
/// When it cannot be written.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Failure::internal()
    })
}

/// The place is where reading stopped.
fn no_json(pointer: String, error: &serde_json::Error) -> Failure {
    malformed(Fault::new(pointer, format!("is not JSON: {error}")))
}

fn malformed(fault: Fault) -> Failure {
    Failure::of_body(StatusCode::BAD_REQUEST, code::MALFORMED, fault)
}

fn ensure_shallow(bytes: &[u8], depth_max: usize) -> Result<(), Failure> {
    if depth(bytes) > depth_max {
        return Err(malformed(Fault::new("", format!("must not be nested deeper than {depth_max}"))));
    }
    Ok(())
}

/// How deep JSON text is nested, without building it.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value whose objects name each member once: of two, readers disagree on which one holds.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UnambiguousVisitor).map(Self)
    }
}

/// The value of a name that had one: refused here, where its place is known.
struct Second;

impl<'de> Deserialize<'de> for Second {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("named twice"))
    }
}

struct UnambiguousVisitor;

impl<'de> Visitor<'de> for UnambiguousVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                members.next_value::<Second>()?;
            }
            let Unambiguous(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::{depth, document, parse};
    use crate::domain::Category;

    #[test]
    fn nesting_is_counted_outside_of_texts_only() {
        assert_eq!(depth(br#"{"a": [1, {"b": "[[[[\"[["}]}"#), 3);
        assert_eq!(depth(b"7"), 0);
    }

    #[test]
    fn a_list_does_not_pass_for_an_object() {
        assert!(parse::<Category>(br#"{"name": "Solo", "method": {"type": "rankSum"}}"#, 8).is_ok());
        for (text, place) in [(r#" ["Solo"]"#, ""), (r#"{"name": "Solo", "method": ["rankSum"]}"#, "/method")]
        {
            let failure = parse::<Category>(text.as_bytes(), 8).unwrap_err();
            assert_eq!(failure.parts().2[0].pointer, place);
        }
    }

    #[test]
    fn a_member_that_is_named_twice_is_refused_at_any_depth() {
        assert!(document(br#"{"a": {"b": 1, "c": 2}, "b": 3}"#, 8).is_ok());
        for text in [r#"{"a": 1, "a": 1}"#, r#"{"a": [{"b": 1, "b": 2}]}"#] {
            assert!(document(text.as_bytes(), 8).is_err(), "{text}");
        }
    }
}
