//! The JSON Schemas of events, as the catalogue of webhooks shows them and templates are checked with. The tests make
//! them from the types and keep them beside this file; the program only reads them. Depends on the types of events.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::EventType;

/// Schemas by the names of their types.
static SCHEMAS: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("event_schemas.json")).unwrap_or_default());

static NONE: Value = Value::Null;

impl EventType {
    /// The JSON Schema of its data.
    pub fn schema(self) -> &'static Value {
        schema(match self {
            Self::Noun(..) | Self::LockSet | Self::LockReleased => "ThingData",
            Self::LockReleaseRequested | Self::LockReleaseRefused => "ThingData",
            Self::SheetSubmitted | Self::SheetReopened => "SheetData",
            Self::ResultChanged => "ResultData",
            Self::BreakerStateChanged => "BreakerData",
            Self::JobDead => "DeliveryData",
            Self::BackupMade => "BackupData",
            Self::BackupFailed => "FailedBackupData",
            Self::AlertFired | Self::AlertResolved => "AlertData",
        })
    }
}

/// The JSON Schema of an event of any type, around its data.
pub fn schema_of_events() -> &'static Value {
    schema("Published")
}

fn schema(name: &str) -> &'static Value {
    SCHEMAS.get(name).unwrap_or(&NONE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::{JsonSchema, SchemaGenerator};
    use serde_json::Value;

    use super::{EventType, schema_of_events};
    use crate::domain::{
        AlertData, BackupData, BreakerData, DeliveryData, FailedBackupData, Published, ResultData, SheetData,
        ThingData,
    };

    fn made<T: JsonSchema>() -> (String, Value) {
        (T::schema_name().into_owned(), SchemaGenerator::default().into_root_schema_for::<T>().to_value())
    }

    #[test]
    fn the_kept_schemas_are_those_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/event_schemas.json");
        let schemas = BTreeMap::from([
            made::<ThingData>(),
            made::<SheetData>(),
            made::<ResultData>(),
            made::<BreakerData>(),
            made::<DeliveryData>(),
            made::<BackupData>(),
            made::<FailedBackupData>(),
            made::<AlertData>(),
            made::<Published>(),
        ]);
        let made = serde_json::to_string_pretty(&schemas).unwrap() + "\n";
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, made).unwrap();
        } else {
            assert_eq!(
                include_str!("event_schemas.json"),
                made,
                "run the tests with UPDATE_DOCS=1 to renew {path}"
            );
        }
    }

    #[test]
    fn every_type_of_event_has_a_schema() {
        for schema in EventType::all().map(EventType::schema).chain([schema_of_events()]) {
            assert!(schema["properties"].is_object(), "{schema}");
        }
    }
}
