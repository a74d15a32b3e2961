//! Query parameters: parsed into a type, unknown ones refused, described from the type.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    http::{
        openapi::{DescribeInput, Operation, Schemas},
        problem::{Failure, code},
    },
    service::{Cursor, Deletion, Paging, field_faults},
};

/// Query parameters that became a value.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()> + 'static> FromRequest for Query<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = web::Query::<T>::from_query(request.query_string())
            .map_err(|error| unreadable(error.to_string()));
        std::future::ready(parsed.and_then(|web::Query(value)| {
            let faults = field_faults(&value);
            match faults.first() {
                None => Ok(Self(value)),
                Some(fault) => {
                    Err(unreadable(format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.message)))
                }
            }
        }))
    }
}

fn unreadable(detail: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

impl<T: JsonSchema> DescribeInput for Query<T> {
    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(400);
        let schema = schemas.inline::<T>();
        let Some(Value::Object(properties)) = schema.get("properties") else { return };
        for (name, property) in properties {
            let mut schema = property.clone();
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            // A parameter that is left out is absent, never null.
            if let Some(kind) = schema.get_mut("type").filter(|kind| kind.is_array()) {
                *kind = kind.get(0).cloned().unwrap_or_default();
            }
            if let Some(first) = schema.get("anyOf").and_then(|any| any.get(0)).cloned() {
                schema = first;
            }
            operation.parameters.push(json!({
                "name": name, "in": "query", "required": false, "schema": schema,
                "description": description.unwrap_or_default(),
            }));
        }
    }
}

/// How a list is cut.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ListQuery {
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    pub limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Deleted and hidden items too; for ADMIN and ORGANIZER.
    #[serde(default)]
    pub include_deleted: bool,
}

fn fifty() -> u16 {
    50
}

impl ListQuery {
    /// The paging it asks for.
    ///
    /// # Errors
    /// The cursor is none of ours.
    pub fn paging(&self) -> Result<Paging, Failure> {
        let after = self.cursor.as_deref().map(CursorText::parse).transpose()?;
        Ok(Paging { after, limit: usize::from(self.limit), with_deleted: self.include_deleted })
    }
}

/// Cursors as texts.
pub struct CursorText;

impl CursorText {
    /// The text of a cursor.
    pub fn of(cursor: Cursor) -> String {
        format!("{}.{}.{}", cursor.order.0, cursor.order.1, cursor.id.simple())
    }

    fn parse(text: &str) -> Result<Cursor, Failure> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().unwrap_or_default();
        let (position, number, id) = (part().parse(), part().parse(), Uuid::try_parse(part()));
        match (position, number, id) {
            (Ok(position), Ok(number), Ok(id)) => Ok(Cursor { order: (position, number), id }),
            _ => Err(unreadable("cursor: is not a nextCursor of this list".to_owned())),
        }
    }
}

/// How one resource is read.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ReadQuery {
    /// Also if it is deleted or hidden; for ADMIN and ORGANIZER.
    #[serde(default)]
    pub include_deleted: bool,
}

/// Why something is deleted.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct DeleteQuery {
    /// Why.
    #[serde(default)]
    #[garde(inner(length(chars, max = 1_000)))]
    pub reason: Option<String>,
    /// That marks may go out of sight.
    #[serde(default)]
    pub confirm: bool,
}

impl DeleteQuery {
    /// The deletion it asks for.
    pub fn deletion(self, expected: Option<u64>) -> Deletion {
        Deletion {
            reason: self.reason.filter(|reason| !reason.is_empty()),
            confirmed: self.confirm,
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, CursorText};

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor { order: (-3, 12), id: uuid::Uuid::from_u128(99) };
        assert_eq!(CursorText::parse(&CursorText::of(cursor)).unwrap(), cursor);
        assert!(CursorText::parse("1.2").is_err());
        assert!(CursorText::parse("").is_err());
    }
}
