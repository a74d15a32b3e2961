//! The form in which resources and lists are answered.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{file_storage::FileStorageOut, resources::Resource};
use crate::{
    domain::{Actor, HiddenBy, Kind, Noun, Sight, Timestamp, Visibility},
    service::{Found, SignInState},
};

/// A resource as it is answered: id, parent, body, and what the product keeps about it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", bound = "N: Noun")]
pub struct Out<N> {
    id: Uuid,
    #[serde(flatten)]
    parent: Named,
    #[serde(flatten)]
    body: N,
    #[serde(flatten)]
    names: Named,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_at: Option<Timestamp>,
    #[serde(flatten)]
    out_of_sight: OutOfSight,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignInOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage: Option<FileStorageOut>,
}

/// Why something cannot be seen: its own deletion, or what hides it. Nothing while it is live.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutOfSight {
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_by: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_by: Option<HiddenBy>,
}

/// How an account signs in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SignInOut {
    /// Whether it has a password.
    has_password: bool,
    /// Whether the password has to be changed at the next sign-in.
    must_change_password: bool,
    /// Whether it signs in with an authenticator app, too.
    second_factor: bool,
    /// When somebody asked for a new password, if none was set since.
    reset_requested_at: Option<Timestamp>,
}

impl From<Visibility> for OutOfSight {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Live => Self::default(),
            Visibility::Deleted(tombstone) => Self {
                deleted_at: Some(tombstone.deleted_at),
                deleted_by: Some(tombstone.deleted_by),
                hidden_by: None,
            },
            Visibility::Hidden(hidden_by) => Self { hidden_by: Some(hidden_by), ..Self::default() },
        }
    }
}

/// Fields whose names depend on the noun.
struct Named(Vec<(&'static str, String)>);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<N: Resource> Out<N> {
    /// A resource as a reader may see it, with the names of what it points at.
    pub fn new(found: Found<N>, names: Vec<(&'static str, String)>, sight: &Sight) -> Self {
        let Found { row, lineage, visibility } = found;
        Self {
            id: row.id,
            parent: Named(
                N::KIND
                    .parent_field()
                    .map(|field| (field, lineage.parent().to_string()))
                    .into_iter()
                    .collect(),
            ),
            names: Named(names),
            body: row.body.seen_with(sight),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            locked_at: row.locked_at,
            archived_at: row.archived_at,
            out_of_sight: visibility.into(),
            sign_in: None,
            storage: None,
        }
    }

    /// The same file, with where its content is kept besides on this machine.
    pub fn with_storage(self, storage: Option<FileStorageOut>) -> Self {
        Self { storage, ..self }
    }

    /// The same account, with how it signs in.
    pub fn with_sign_in(self, state: SignInState) -> Self {
        let sign_in = SignInOut {
            has_password: state.has_password,
            must_change_password: state.must_change_password,
            second_factor: state.second_factor,
            reset_requested_at: state.reset_requested_at,
        };
        Self { sign_in: Some(sign_in), ..self }
    }
}

impl<N: Noun> JsonSchema for Out<N> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Resource", N::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = N::json_schema(generator).to_value();
        let time = generator.subschema_for::<Timestamp>().to_value();
        let actor = generator.subschema_for::<Actor>().to_value();
        let hidden_by = generator.subschema_for::<HiddenBy>().to_value();
        let sign_in = (N::KIND == Kind::User).then(|| generator.subschema_for::<SignInOut>().to_value());
        let storage = (N::KIND == Kind::File).then(|| generator.subschema_for::<FileStorageOut>().to_value());
        let id = json!({"type": "string", "format": "uuid"});
        if let Some(fields) = schema.as_object_mut() {
            let mut properties = Map::from_iter([("id".to_owned(), id.clone())]);
            let mut required = vec!["id", "createdAt", "updatedAt", "version"];
            if let Some(field) = N::KIND.parent_field() {
                properties.insert(field.to_owned(), id);
                required.push(field);
            }
            if let Some(Value::Object(body)) = fields.remove("properties") {
                properties.extend(body);
            }
            for field in ["createdAt", "updatedAt", "lockedAt", "archivedAt", "deletedAt"] {
                properties.insert(field.to_owned(), time.clone());
            }
            properties.insert("version".to_owned(), json!({"type": "integer", "minimum": 1}));
            properties.insert("deletedBy".to_owned(), actor);
            properties.insert("hiddenBy".to_owned(), hidden_by);
            properties.extend(sign_in.map(|schema| ("signIn".to_owned(), schema)));
            properties.extend(storage.map(|schema| ("storage".to_owned(), schema)));
            let names: &[&str] = match N::KIND {
                Kind::Entry => &["contestantName"],
                Kind::Assignment => &["judgeName"],
                Kind::Conflict => &["judgeName", "contestantName"],
                Kind::File => &["aboutName"],
                _ => &[],
            };
            properties.extend(names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))));
            fields.insert("properties".to_owned(), Value::Object(properties));
            fields.insert("required".to_owned(), json!(required));
        }
        Schema::try_from(schema).unwrap_or_default()
    }
}

/// A page of a list.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{T}Page", bound = "T: JsonSchema")]
pub struct PageOut<T> {
    /// The items. A page may be short although more follow.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; null when there is no more.
    pub next_cursor: Option<String>,
}
