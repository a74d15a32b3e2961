//! Query parameters: parsed into a type, unknown ones refused, described from the type. Whatever is wrong is a 400 that
//! names every parameter it is wrong with.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode},
    web,
};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{faults, schema::Schema};
use crate::{
    domain::{EntryId, Fault, JudgeId},
    http::{
        openapi::{DescribeInput, Excerpt, Operation, Schemas, TakesInput},
        problem::{Failure, code},
        router::{API, route_of},
    },
    service::{Cursor, Deletion, Paging, Restoring, SheetPlace, Versions, field_faults},
};

/// Query parameters that became a value.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Validate<Context = ()> + 'static> FromRequest for Query<T> {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        let parsed = web::Query::<T>::from_query(query).map(web::Query::into_inner);
        let faults = match &parsed {
            Ok(value) => field_faults(value),
            // What is wrong is worth a second look, and a slower one.
            Err(_) => faults_of::<T>(request),
        };
        std::future::ready(match parsed {
            Ok(value) if faults.is_empty() => Ok(Self(value)),
            _ => Err(refused(&faults)),
        })
    }
}

/// Refuses every parameter, where none is taken.
///
/// # Errors
/// There are some, or the query cannot be read.
pub(super) fn ensure_none(request: &HttpRequest) -> Result<(), Failure> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let web::Query(parameters) = parameters.map_err(|_| refused(&[]))?;
    if parameters.is_empty() {
        return Ok(());
    }
    let unknown = |(name, _): &(String, String)| Fault::new(format!("/{name}"), "is unknown here");
    Err(refused(&parameters.iter().map(unknown).collect::<Vec<_>>()))
}

fn faults_of<T: DeserializeOwned>(request: &HttpRequest) -> Vec<Fault> {
    let parameters = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    match (parameters, schema_of(request)) {
        (Ok(web::Query(parameters)), Some(schema)) => faults::of_parameters::<T>(parameters, &schema),
        _ => Vec::new(),
    }
}

/// Operations by method and path.
type Operations = HashMap<(Method, Rc<str>), Rc<Schema>>;

thread_local! {
    /// The schemas of queries that had faults: finding one takes longer than reading a query.
    static SCHEMAS: RefCell<Operations> = RefCell::default();
}

/// What the document says of the query of the operation that was asked for.
fn schema_of(request: &HttpRequest) -> Option<Rc<Schema>> {
    let (method, route) = (request.method(), route_of(request));
    let key = (method.clone(), route.clone());
    if let Some(known) = SCHEMAS.with_borrow(|schemas| schemas.get(&key).cloned()) {
        return Some(known);
    }
    let path = route.split_once(API).map_or("", |(_, path)| path);
    let found = Rc::new(Schema::new(Excerpt::of_query(method, path)?));
    SCHEMAS.with_borrow_mut(|schemas| schemas.insert(key, found.clone()));
    Some(found)
}

fn refused(faults: &[Fault]) -> Failure {
    let told: Vec<String> = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.message))
        .collect();
    unreadable(if told.is_empty() { "the query cannot be read".to_owned() } else { told.join("; ") })
}

fn unreadable(detail: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, code::BAD_REQUEST, detail)
}

impl<T: JsonSchema> DescribeInput for Query<T> {
    const TAKES: TakesInput = TakesInput::QUERY;

    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        operation.problems.insert(400);
        let schema = schemas.inline::<T>();
        let Some(Value::Object(properties)) = schema.get("properties") else { return };
        let required = schema.get("required").and_then(Value::as_array);
        for (name, property) in properties {
            let is_required = required.is_some_and(|required| required.contains(&json!(name)));
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
                "name": name, "in": "query", "required": is_required, "schema": schema,
                "description": description.unwrap_or_default(),
            }));
        }
    }
}

/// How a list is cut.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PageQuery {
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    pub limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// How a list is cut that can show deleted items.
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

/// How a list is cut of what can be locked and archived.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct StatesQuery {
    /// Most items of the page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Deleted and hidden items too; for ADMIN and ORGANIZER.
    #[serde(default)]
    include_deleted: bool,
    /// Only archived items, or only those that are not; a page may then be short although more follow.
    #[serde(default)]
    archived: Option<bool>,
}

/// What is said of a list of some noun.
pub trait Listing: DeserializeOwned + JsonSchema + Validate<Context = ()> + 'static {
    /// How it is cut.
    ///
    /// # Errors
    /// The cursor is none of this list.
    fn paging(&self) -> Result<Paging, Failure>;

    /// Whether only archived items are wanted, or only others; all, if nothing is said.
    fn archived(&self) -> Option<bool> {
        None
    }
}

impl Listing for ListQuery {
    fn paging(&self) -> Result<Paging, Failure> {
        Self::paging(self)
    }
}

impl Listing for StatesQuery {
    fn paging(&self) -> Result<Paging, Failure> {
        paging(self.limit, self.cursor.as_deref(), self.include_deleted)
    }

    fn archived(&self) -> Option<bool> {
        self.archived
    }
}

fn fifty() -> u16 {
    50
}

impl PageQuery {
    /// The paging it asks for.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub fn paging<C: CursorText>(&self) -> Result<Paging<C>, Failure> {
        paging(self.limit, self.cursor.as_deref(), false)
    }
}

impl ListQuery {
    /// The paging it asks for.
    ///
    /// # Errors
    /// The cursor is none of this list.
    pub fn paging<C: CursorText>(&self) -> Result<Paging<C>, Failure> {
        paging(self.limit, self.cursor.as_deref(), self.include_deleted)
    }
}

fn paging<C: CursorText>(limit: u16, cursor: Option<&str>, with_deleted: bool) -> Result<Paging<C>, Failure> {
    Ok(Paging { after: place_of(cursor)?, limit: usize::from(limit), with_deleted })
}

/// The place that a cursor names, if there is one.
pub fn place_of<C: CursorText>(cursor: Option<&str>) -> Result<Option<C>, Failure> {
    let none_of_ours = || unreadable("cursor: is not a nextCursor of this list".to_owned());
    cursor.map(|text| C::from_text(text).ok_or_else(none_of_ours)).transpose()
}

/// A cursor that travels as a text.
pub trait CursorText: Sized {
    /// Its text.
    fn to_text(&self) -> String;

    /// The cursor of a text, if it is one.
    fn from_text(text: &str) -> Option<Self>;
}

impl CursorText for Cursor {
    fn to_text(&self) -> String {
        format!("{}.{}.{}", self.order.0, self.order.1, self.id.simple())
    }

    fn from_text(text: &str) -> Option<Self> {
        let [position, number, id] = parts(text)?;
        Some(Self { order: (position.parse().ok()?, number.parse().ok()?), id: Uuid::try_parse(id).ok()? })
    }
}

impl CursorText for SheetPlace {
    fn to_text(&self) -> String {
        format!("{}.{}.{}", self.judge.uuid().simple(), self.entry.uuid().simple(), self.version)
    }

    fn from_text(text: &str) -> Option<Self> {
        let [judge, entry, version] = parts(text)?;
        Some(Self {
            judge: JudgeId::new(Uuid::try_parse(judge).ok()?),
            entry: EntryId::new(Uuid::try_parse(entry).ok()?),
            version: version.parse().ok()?,
        })
    }
}

fn parts(text: &str) -> Option<[&str; 3]> {
    text.split('.').collect::<Vec<_>>().try_into().ok()
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

/// Whether the places that a change moves were seen.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ConfirmQuery {
    /// That marks may go out of sight, or sheets lack marks.
    #[serde(default)]
    pub confirm: bool,
}

/// How something is restored.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RestoreQuery {
    /// That sheets may lack marks because of it.
    #[serde(default)]
    confirm: bool,
    /// Together with whatever must be restored first.
    #[serde(default)]
    with_ancestors: bool,
}

impl RestoreQuery {
    /// How it is to be restored.
    pub fn restoring(&self) -> Restoring {
        Restoring { with_ancestors: self.with_ancestors, confirmed: self.confirm }
    }
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
    pub fn deletion(self, expected: Option<Versions>) -> Deletion {
        Deletion {
            reason: self.reason.filter(|reason| !reason.is_empty()),
            confirmed: self.confirm,
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, CursorText, EntryId, JudgeId, SheetPlace, Uuid};

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor { order: (-3, 12), id: Uuid::from_u128(99) };
        assert_eq!(Cursor::from_text(&cursor.to_text()), Some(cursor));
        let (judge, entry) = (JudgeId::new(Uuid::from_u128(1)), EntryId::new(Uuid::from_u128(2)));
        let place = SheetPlace { judge, entry, version: u64::MAX };
        assert_eq!(SheetPlace::from_text(&place.to_text()), Some(place));
    }

    #[test]
    fn what_is_no_cursor_of_a_list_is_none() {
        let of_sheets = format!("{}.{}.7", Uuid::nil().simple(), Uuid::nil().simple());
        for text in ["", "1.2", "1.2.x", "1.2.3.4", &of_sheets] {
            assert_eq!(Cursor::from_text(text), None, "{text}");
        }
        assert_eq!(SheetPlace::from_text(&Cursor { order: (0, 0), id: Uuid::nil() }.to_text()), None);
    }
}
