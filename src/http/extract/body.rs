//! JSON bodies: read whole within the limit, faults reported with JSON pointers. Malformed JSON is a 400, JSON that
//! is not what it should be a 422.

use std::marker::PhantomData;

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::StatusCode,
    web::{self, Bytes},
};
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    domain::{Fault, Noun},
    http::{
        openapi::{DescribeInput, Operation, Schemas},
        problem::{Failure, code},
    },
    service::ServiceError,
};

/// Limits of a body; put into the app's data by whoever builds the server.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit {
    /// Most bytes.
    pub bytes: usize,
    /// Deepest nesting of JSON.
    pub depth: usize,
}

impl Default for BodyLimit {
    fn default() -> Self {
        Self { bytes: 64 * 1024, depth: 32 }
    }
}

/// A JSON body that became a value.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + garde::Validate<Context = ()> + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, depth) = (read(request, payload), limit_of(request).depth);
        Box::pin(async move {
            let value: T = parse(&bytes.await?, depth)?;
            let faults = crate::service::field_faults(&value);
            if faults.is_empty() { Ok(Self(value)) } else { Err(Failure::invalid(faults)) }
        })
    }
}

impl<T: JsonSchema> DescribeInput for Body<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of::<T>();
        describe_body(operation, &schema);
    }
}

fn describe_body(operation: &mut Operation, schema: &Value) {
    operation.problems.extend([400, 413, 415, 422]);
    operation.body = Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}));
}

/// A JSON merge patch (RFC 7396) of a noun's body.
pub struct Patch<N> {
    fields: Map<String, Value>,
    noun: PhantomData<N>,
}

impl<N: Noun> Patch<N> {
    /// The body with the patch on it.
    ///
    /// # Errors
    /// The patched body is not a valid one.
    pub fn apply(&self, body: &N) -> Result<N, ServiceError> {
        let mut patched =
            serde_json::to_value(body).map_err(|error| ServiceError::Internal(error.to_string()))?;
        merge(&mut patched, &Value::Object(self.fields.clone()));
        serde_path_to_error::deserialize(patched).map_err(|error| ServiceError::invalid(vec![fault(&error)]))
    }
}

/// `MergePatch` of RFC 7396, section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Value::Object(fields) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

impl<N: Noun> FromRequest for Patch<N> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, depth) = (read(request, payload), limit_of(request).depth);
        Box::pin(async move { Ok(Self { fields: parse(&bytes.await?, depth)?, noun: PhantomData }) })
    }
}

impl<N: Noun> DescribeInput for Patch<N> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.named(&format!("{}Patch", N::schema_name()), |schemas| {
            let mut schema = schemas.inline::<N>();
            schema.remove("required");
            if let Some(Value::Object(properties)) = schema.get_mut("properties") {
                for property in properties.values_mut() {
                    if let Value::Object(property) = property {
                        property.remove("default");
                    }
                }
            }
            schema.insert(
                "description".to_owned(),
                json!("The fields to change (JSON merge patch, RFC 7396)."),
            );
            Value::Object(schema)
        });
        describe_body(operation, &schema);
    }
}

fn read(request: &HttpRequest, payload: &mut Payload) -> LocalBoxFuture<'static, Result<Bytes, Failure>> {
    let limit = limit_of(request);
    let is_json = request.content_type().eq_ignore_ascii_case("application/json");
    let payload = web::Payload::from_request(request, payload);
    Box::pin(async move {
        if !is_json {
            let detail = "the body must be application/json";
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::MEDIA_TYPE, detail));
        }
        let unreadable = |detail: String| Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail);
        let payload = payload.await.map_err(|error| unreadable(error.to_string()))?;
        match payload.to_bytes_limited(limit.bytes).await {
            Ok(read) => read.map_err(|error| unreadable(error.to_string())),
            Err(_) => {
                let detail = format!("the body must not be larger than {} bytes", limit.bytes);
                Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, detail))
            }
        }
    })
}

fn limit_of(request: &HttpRequest) -> BodyLimit {
    request.app_data::<BodyLimit>().copied().unwrap_or_default()
}

fn parse<T: DeserializeOwned>(bytes: &[u8], depth_max: usize) -> Result<T, Failure> {
    let malformed = |detail: String| Failure::new(StatusCode::BAD_REQUEST, code::MALFORMED, detail);
    if depth(bytes) > depth_max {
        return Err(malformed(format!("the body must not be nested deeper than {depth_max}")));
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        if error.inner().is_data() {
            Failure::invalid(vec![fault(&error)])
        } else {
            malformed(format!("the body is not JSON: {}", error.inner()))
        }
    })?;
    deserializer.end().map_err(|error| malformed(format!("the body is not JSON: {error}")))?;
    // A list would pass for an object whose fields come in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Failure::invalid(vec![Fault::new("", "must be an object")]));
    }
    Ok(value)
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    use serde_path_to_error::Segment;
    let pointer: String = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect();
    // The library ends its sentences with a place in the text; the pointer says it better.
    let text = error.inner().to_string();
    let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
    Fault::new(pointer, message)
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

/// What handlers answer with is written by the same library.
pub(in crate::http) fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Failure::internal()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Patch, depth, merge, parse};
    use crate::domain::Contest;

    #[test]
    fn nesting_is_counted_outside_of_texts_only() {
        assert_eq!(depth(br#"{"a": [1, {"b": "[[[[\"[["}]}"#), 3);
        assert_eq!(depth(b"7"), 0);
    }

    #[test]
    fn a_list_does_not_pass_for_an_object() {
        assert!(parse::<Contest>(br#"{"name": "Solo"}"#, 8).is_ok());
        assert!(parse::<Contest>(br#" ["Solo"]"#, 8).is_err());
    }

    /// The examples of RFC 7396, appendix A: the original, the patch, the result.
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
            merge(&mut patched, &patch);
            assert_eq!(patched, result, "{original} with {patch}");
        }
    }

    #[test]
    fn a_patch_with_an_unknown_field_is_refused_at_its_place() {
        let contest: Contest = serde_json::from_value(json!({"name": "Solo"})).unwrap();
        let patch = |value: serde_json::Value| Patch::<Contest> {
            fields: value.as_object().unwrap().clone(),
            noun: std::marker::PhantomData,
        };
        assert_eq!(patch(json!({"name": "Duo"})).apply(&contest).unwrap().name, "Duo");
        assert!(patch(json!({"colour": 1})).apply(&contest).is_err());
        assert!(patch(json!({"name": null})).apply(&contest).is_err());
    }
}
