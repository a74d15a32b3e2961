//! JSON bodies: whole values, values that the use case checks, and patches. Malformed JSON is a 400, JSON that is not
//! what it should be a 422 with all its faults.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    faults,
    json::{document, parse},
    payload::{BODY_PROBLEMS, limit_of, read},
};
use crate::{
    domain::{Fault, Noun, Settings, merge_patch},
    http::{
        openapi::{DescribeInput, Operation, Schemas, TakesInput},
        problem::Failure,
    },
    service::ServiceError,
};

pub(super) const JSON: &[&str] = &["application/json"];
const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

/// A JSON body that became a value.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + garde::Validate<Context = ()> + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, depth) = (read(request, payload, JSON), limit_of(request).depth);
        Box::pin(async move {
            let value: T = parse(&bytes.await?, depth)?;
            let faults = crate::service::field_faults(&value);
            if faults.is_empty() { Ok(Self(value)) } else { Err(Failure::invalid(faults)) }
        })
    }
}

impl<T: JsonSchema> DescribeInput for Body<T> {
    const TAKES: TakesInput = TakesInput::BODY;

    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of_input::<T>();
        describe_body(operation, &schema, JSON);
    }
}

/// A new noun, or what is wrong with it: whether there is anything beneath which it could be comes first. The use case
/// checks its rules, those of single fields and those that join fields, all at once.
pub struct New<N>(pub Result<N, Failure>);

impl<N: Noun> FromRequest for New<N> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, depth) = (read(request, payload, JSON), limit_of(request).depth);
        Box::pin(async move { Ok(Self(bytes.await.and_then(|bytes| parse(&bytes, depth)))) })
    }
}

impl<N: Noun> DescribeInput for New<N> {
    const TAKES: TakesInput = TakesInput::BODY;

    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        let schema = schemas.of_input::<N>();
        describe_body(operation, &schema, JSON);
    }
}

fn describe_body(operation: &mut Operation, schema: &Value, types: &[&str]) {
    operation.problems.extend(BODY_PROBLEMS);
    let content: Map<String, Value> =
        types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema}))).collect();
    operation.body = Some(json!({"required": true, "content": content}));
}

/// What can be patched.
pub trait Patched: Serialize + DeserializeOwned + JsonSchema + 'static {
    /// The field that says beneath what it hangs, which never changes.
    const PARENT: Option<&'static str> = None;
}

impl<N: Noun> Patched for N {
    const PARENT: Option<&'static str> = N::KIND.parent_field();
}

impl Patched for Settings {}

/// A JSON merge patch (RFC 7396).
pub struct Patch<P> {
    fields: Map<String, Value>,
    patched: PhantomData<P>,
}

impl<P: Patched> Patch<P> {
    /// The body with the patch on it.
    ///
    /// # Errors
    /// The patched body is not a valid one.
    pub fn apply(&self, body: &P) -> Result<P, ServiceError> {
        let mut patched =
            serde_json::to_value(body).map_err(|error| ServiceError::Internal(error.to_string()))?;
        merge_patch(&mut patched, &Value::Object(self.fields.clone()));
        let value = faults::read(&patched);
        let faults = if value.is_ok() { faults::of_schema::<P>(&patched) } else { faults::of::<P>(patched) };
        value.ok().filter(|_| faults.is_empty()).ok_or_else(|| ServiceError::invalid(faults))
    }
}

impl<P: Patched> FromRequest for Patch<P> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, depth) = (read(request, payload, MERGE_PATCH), limit_of(request).depth);
        Box::pin(async move {
            let Value::Object(fields) = document(&bytes.await?, depth)? else {
                return Err(Failure::invalid(vec![Fault::new("", "must be an object")]));
            };
            match P::PARENT.filter(|field| fields.contains_key(*field)) {
                Some(field) => Err(Failure::parent_immutable(field)),
                None => Ok(Self { fields, patched: PhantomData }),
            }
        })
    }
}

impl<P: Patched> DescribeInput for Patch<P> {
    const TAKES: TakesInput = TakesInput::BODY;

    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        schemas.of_input::<P>();
        let schema = schemas.named(&format!("{}Patch", P::schema_name()), |schemas| {
            let mut schema = schemas.inline::<P>();
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
        describe_body(operation, &schema, MERGE_PATCH);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Patch;
    use crate::domain::Contest;

    /// The examples of RFC 7396, appendix A: the original, the patch, the result.
    #[test]
    fn a_patch_with_an_unknown_field_is_refused_at_its_place() {
        let contest: Contest = serde_json::from_value(json!({"name": "Solo"})).unwrap();
        let patch = |value: serde_json::Value| Patch::<Contest> {
            fields: value.as_object().unwrap().clone(),
            patched: std::marker::PhantomData,
        };
        assert_eq!(patch(json!({"name": "Duo"})).apply(&contest).unwrap().name, "Duo");
        assert!(patch(json!({"colour": 1})).apply(&contest).is_err());
        assert!(patch(json!({"name": null})).apply(&contest).is_err());
        assert!(patch(json!({"numbering": ["optional"]})).apply(&contest).is_err());
    }
}
