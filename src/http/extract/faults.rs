//! All faults of a JSON value at once. Whoever reads a value into a type stops at the first fault, so that only shows
//! that there is one. To find them all, the value is held against its schema; what a schema cannot say is asked of the
//! type, again and again, without the members that are known to be wrong.

use std::{
    any::TypeId,
    borrow::Cow,
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::schema::Schema;
use crate::{domain::Fault, http::openapi::Excerpt};

/// Most faults that are told: whoever mends these learns of the others, and nobody has the box look for thousands.
pub const FAULTS_MAX: usize = 100;

/// Most values, those within others included, that are read again in all to find what a schema does not know.
const VALUES_REREAD_MAX: usize = 200_000;

/// What keeps a value from becoming one of a type, and where.
pub struct Obstacle {
    place: String,
    text: String,
}

/// The value as a `T`.
///
/// All reading of JSON goes through here, once for each type: this is what the program is largest of.
///
/// # Errors
/// The first thing that is wrong with it.
#[inline(never)]
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Obstacle> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Obstacle { place: pointer(error.path()), text: error.inner().to_string() })
}

/// Every fault of a value that is to become a `T`.
pub fn of<T: DeserializeOwned + JsonSchema + 'static>(value: Value) -> Vec<Fault> {
    let faults = of_schema::<T>(&value);
    of_type(value, faults, &|value| read::<T>(value).err())
}

/// What the type says on top of what is known already.
fn of_type(
    mut value: Value,
    mut faults: Vec<Fault>,
    obstacle: &dyn Fn(&Value) -> Option<Obstacle>,
) -> Vec<Fault> {
    let mut removed = Removed::default();
    for _ in 0..(VALUES_REREAD_MAX / size(&value)).clamp(1, FAULTS_MAX) {
        let Some(Obstacle { place, text }) = obstacle(&value) else { break };
        if faults.len() >= FAULTS_MAX {
            break;
        }
        let original = removed.original(&place, &value);
        if !faults.iter().any(|fault| is_within(&fault.pointer, &original)) {
            faults.push(Fault::new(&original, in_words(&text)));
        }
        if text.starts_with("missing field") || !removed.take(&place, &mut value) {
            break;
        }
    }
    faults
}

/// What the schema of `T` says against a value.
pub fn of_schema<T: JsonSchema + 'static>(value: &Value) -> Vec<Fault> {
    schema_of(TypeId::of::<T>(), &T::schema_name).faults(value)
}

/// Every fault of query parameters that are to become a `T`, as far as a schema and the type know.
pub fn of_parameters<T: DeserializeOwned>(parameters: Vec<(String, String)>, schema: &Schema) -> Vec<Fault> {
    let (mut members, mut faults) = (Map::new(), Vec::new());
    for (name, text) in parameters {
        let value = schema.read(&name, &text);
        if members.insert(name.clone(), value).is_some() {
            faults.push(Fault::new(format!("/{name}"), "is named twice"));
        }
    }
    let value = Value::Object(members);
    faults.extend(schema.faults(&value));
    of_type(value, faults, &|value| read::<T>(value).err())
}

thread_local! {
    /// The schemas that were asked for: finding one takes longer than reading a value.
    static SCHEMAS: RefCell<HashMap<TypeId, Rc<Schema>>> = RefCell::default();
}

fn schema_of(of: TypeId, name: &dyn Fn() -> Cow<'static, str>) -> Rc<Schema> {
    let new = || Rc::new(Schema::new(Excerpt::of_schema(&name()).unwrap_or_default()));
    SCHEMAS.with_borrow_mut(|schemas| Rc::clone(schemas.entry(of).or_insert_with(new)))
}

/// How many values there are in one, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

/// A path as a JSON pointer.
pub fn pointer(path: &Path) -> String {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(beneath("", key)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The place of a member of what is at a place (RFC 6901).
pub fn beneath(place: &str, member: &str) -> String {
    format!("{place}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// Whether a place is another one or lies in it.
fn is_within(place: &str, other: &str) -> bool {
    place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What types of this product say of themselves is meant for people; what the library says is not.
fn in_words(text: &str) -> &str {
    let of_library =
        ["invalid ", "unknown ", "missing ", "duplicate ", "data did not", "number out of range"];
    if of_library.iter().any(|start| text.starts_with(start)) { "is not what is expected here" } else { text }
}

/// Members and items that were taken out, so that places in what is left can be told as places in the original.
#[derive(Default)]
struct Removed(BTreeMap<String, BTreeSet<usize>>);

impl Removed {
    /// Takes out what is at a place; false if there is nothing that can be taken out.
    fn take(&mut self, place: &str, value: &mut Value) -> bool {
        let Some((parent, name)) = place.rsplit_once('/') else { return false };
        let original = self.original(place, value);
        match value.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                members.remove(&name.replace("~1", "/").replace("~0", "~")).is_some()
            }
            Some(Value::Array(items)) => {
                let index = name.parse::<usize>().ok().filter(|index| *index < items.len());
                if let (Some(index), Some((list, place))) = (index, original.rsplit_once('/')) {
                    items.remove(index);
                    self.0.entry(list.to_owned()).or_default().extend(place.parse::<usize>().ok());
                }
                index.is_some()
            }
            _ => false,
        }
    }

    /// A place in what is left as the place in the original.
    fn original(&self, place: &str, value: &Value) -> String {
        let (mut here, mut original) = (String::new(), String::new());
        for segment in place.split('/').skip(1) {
            let index = segment.parse::<usize>().ok();
            let index = index.filter(|_| value.pointer(&here).is_some_and(Value::is_array));
            let gone = self.0.get(&original);
            let shifted = index.and_then(|index| {
                (0..).filter(|index| !gone.is_some_and(|gone| gone.contains(index))).nth(index)
            });
            here.push_str(&format!("/{segment}"));
            original.push_str(&shifted.map_or_else(|| format!("/{segment}"), |index| format!("/{index}")));
        }
        original
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::of;
    use crate::domain::{Category, Criterion, Event, Submission, User};

    fn texts(faults: &[crate::domain::Fault]) -> Vec<(&str, &str)> {
        let mut texts: Vec<_> =
            faults.iter().map(|fault| (fault.pointer.as_str(), fault.message.as_str())).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let value = json!({
            "name": "", "position": "first", "minimum": "low", "maximum": [], "step": "1e3", "colour": "red",
        });
        assert_eq!(
            texts(&of::<Criterion>(value)),
            [
                ("/colour", "is unknown here"),
                ("/maximum", "must be a text or a whole number"),
                ("/minimum", "not a decimal number, such as 8.25"),
                ("/name", "must not be empty"),
                ("/position", "must be a whole number"),
                ("/step", "not a decimal number, such as 8.25"),
            ]
        );
    }

    #[test]
    fn each_member_that_is_missing_is_named() {
        assert_eq!(texts(&of::<User>(json!({}))), [("/email", "is required"), ("/name", "is required")]);
        let places = of::<Submission>(json!({"scores": [{"value": "1"}, {}]}));
        assert_eq!(
            places.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(),
            ["/scores/0/criterionId", "/scores/1/criterionId"]
        );
    }

    #[test]
    fn faults_of_items_keep_their_places() {
        let id = "018f4e3a-0000-7000-8000-000000000001";
        let score = |value: &str| json!({"criterionId": id, "value": value});
        let value = json!({"scores": [score("a"), score("1"), score("b"), score("c"), {"criterionId": "d"}]});
        let faults = of::<Submission>(value);
        let mut places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            ["/scores/0/value", "/scores/2/value", "/scores/3/value", "/scores/4/criterionId"]
        );
    }

    #[test]
    fn alternatives_are_told_by_their_type() {
        let with = |method: Value| of::<Category>(json!({"name": "Solo", "method": method}));
        assert_eq!(texts(&with(json!({"type": "rankSum", "colour": 1})))[0].0, "/method/colour");
        assert_eq!(texts(&with(json!({"type": "dice"})))[0].0, "/method/type");
        assert_eq!(texts(&with(json!({}))), [("/method/type", "is required")]);
        assert_eq!(texts(&with(json!("rankSum"))), [("/method", "must be an object")]);
    }

    #[test]
    fn of_many_faults_the_first_ones_are_told_and_the_others_are_not_looked_for() {
        let items = json!({"scores": vec![json!(1); 100_000]});
        let members: serde_json::Map<_, _> = (0..100_000).map(|name| (name.to_string(), json!(1))).collect();
        let score = json!({"criterionId": "018f4e3a-0000-7000-8000-000000000001", "value": "a"});
        let values = json!({"scores": vec![score; 5_000]});
        for (faults, least) in [
            (of::<Submission>(items), 1),
            (of::<User>(Value::Object(members)), 100),
            (of::<Submission>(values), 1),
        ] {
            assert!((least..=super::FAULTS_MAX).contains(&faults.len()), "{}", faults.len());
        }
    }

    #[test]
    fn nothing_of_the_library_is_told() {
        for value in [json!(null), json!([]), json!("x"), json!({"name": 7}), json!({"name": {"a": []}})] {
            let faults = of::<Event>(value.clone());
            assert!(!faults.is_empty(), "{value}");
            for fault in faults {
                assert!(!fault.message.contains("expected struct"), "{value}: {fault:?}");
                assert!(!fault.message.starts_with("invalid type"), "{value}: {fault:?}");
            }
        }
    }
}
