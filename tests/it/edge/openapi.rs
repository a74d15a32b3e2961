//! The OpenAPI document tells the whole truth about the API.

use std::collections::{BTreeMap, BTreeSet};

use event_manager::domain::Action;
use serde_json::Value;

use crate::support::{Server, operations};

/// Operations that need no permission.
const PUBLIC: [&str; 8] =
    ["getSetup", "setUp", "login", "loginByLink", "requestReset", "resetPassword", "getBranding", "getLogo"];

/// DELETEs that revoke what cannot be restored, in place of deleting something.
const REVOCATIONS: [&str; 10] = [
    "/settings/logo",
    "/judge-links/{id}",
    "/tokens/{id}",
    "/silences/{id}",
    "/me/totp",
    "/me/sessions",
    "/me/sessions/{id}",
    "/users/{id}/totp",
    "/users/{id}/sessions",
    "/users/{id}/sessions/{sessionId}",
];

#[test]
fn the_served_document_is_openapi_3_1() {
    let server = Server::shared();
    let answer = server.anonymous().raw("GET", "/api/openapi.json", &[], &[]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, event_manager::http::openapi::document());
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = event_manager::http::openapi::document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads away"));
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            fields.values().for_each(|field| collect_references(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_a_summary_and_a_described_success() {
    let mut names = BTreeMap::new();
    for operation in operations() {
        let name = operation.name().to_owned();
        assert!(
            operation.document["summary"].as_str().is_some_and(|text| text.ends_with('.')),
            "{operation:?}"
        );
        let responses = operation.document["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{operation:?}");
        if let Some(other) = names.insert(name, operation.path.clone()) {
            panic!("{other} and {} have the same name", operation.path);
        }
    }
}

#[test]
fn every_operation_states_the_action_it_needs_or_is_known_to_be_public() {
    let words: BTreeSet<_> = Action::ALL.iter().map(|action| action.word()).collect();
    let mut public = BTreeSet::new();
    for operation in operations() {
        match operation.document["x-action"].as_str() {
            Some(action) => {
                assert!(words.contains(action), "{operation:?}");
                let responses = &operation.document["responses"];
                assert!(responses["401"].is_object() && responses["403"].is_object(), "{operation:?}");
                assert_ne!(operation.document["security"], serde_json::json!([]));
            }
            None => {
                public.insert(operation.name().to_owned());
            }
        }
    }
    assert_eq!(public, PUBLIC.map(ToOwned::to_owned).into());
}

#[test]
fn every_delete_can_be_restored_or_is_a_known_revocation() {
    let all: BTreeSet<(String, String)> =
        operations().into_iter().map(|operation| (operation.method, operation.path)).collect();
    let deletes: Vec<&String> =
        all.iter().filter(|(method, _)| method == "DELETE").map(|(_, path)| path).collect();
    assert!(deletes.len() > REVOCATIONS.len());
    for path in deletes {
        let restored = all.contains(&("POST".to_owned(), format!("{path}/restore")));
        let revoked = REVOCATIONS.contains(&path.as_str());
        assert!(restored != revoked, "DELETE {path}: restorable {restored}, a revocation {revoked}");
    }
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for operation in operations() {
        let described: BTreeSet<&str> =
            operation.parameters("path").into_iter().map(|(name, _)| name).collect();
        let named: BTreeSet<&str> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(described, named, "{}", operation.path);
    }
}
