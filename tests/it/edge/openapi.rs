//! The OpenAPI document tells the whole truth about the API.

use std::collections::{BTreeMap, BTreeSet};

use event_manager::domain::Action;
use serde_json::Value;

use crate::support::{Competition, Server};

/// Operations that need no permission.
const PUBLIC: [&str; 8] =
    ["getSetup", "setUp", "login", "loginByLink", "requestReset", "resetPassword", "getBranding", "getLogo"];

/// DELETEs that revoke what cannot be restored, in place of deleting something.
const REVOCATIONS: [&str; 9] = [
    "/settings/logo",
    "/judge-links/{id}",
    "/tokens/{id}",
    "/me/totp",
    "/me/sessions",
    "/me/sessions/{id}",
    "/users/{id}/totp",
    "/users/{id}/sessions",
    "/users/{id}/sessions/{sessionId}",
];

/// A method of a path.
#[derive(Debug)]
pub struct Operation {
    pub method: String,
    /// Beneath `/api/v1`, with its parameters in braces.
    pub path: String,
    pub document: Value,
}

impl Operation {
    /// The whole path, with each parameter by its name.
    pub fn path_with(&self, value_of: impl Fn(&str) -> String) -> String {
        let filled = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => value_of(name),
            None => part.to_owned(),
        };
        format!("/api/v1{}", self.path.split('/').map(filled).collect::<Vec<_>>().join("/"))
    }

    /// The whole path, leading to what there is in a competition; to nothing where it has no such thing.
    pub fn path_in(&self, competition: &Competition) -> String {
        let seat = &competition.judges[0];
        let named = |noun: &str| match noun {
            "events" => &competition.event,
            "contests" => &competition.contest,
            "categories" => &competition.category,
            "criteria" => &competition.criteria[0],
            "entries" => &competition.entries[0],
            "contestants" => &competition.contestants[0],
            "judges" => &seat.id,
            "assignments" => &seat.assignment,
            "users" => &seat.user,
            _ => &competition.tenant.id,
        };
        let noun = self.path.split('/').nth(1).unwrap_or_default();
        self.path_with(|name| match name {
            "entryId" => competition.entries[0].clone(),
            "judgeId" => seat.id.clone(),
            "criterionId" => competition.criteria[0].clone(),
            "version" => "1".to_owned(),
            "name" => "event-manager-20260101T000000Z.embackup".to_owned(),
            "what" => "results".to_owned(),
            _ => named(noun).clone(),
        })
    }
}

/// All operations of the document.
pub fn operations() -> Vec<Operation> {
    let document = event_manager::http::openapi::document();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let of_method = |(method, document): (&String, &Value)| Operation {
            method: method.to_uppercase(),
            path: path.clone(),
            document: document.clone(),
        };
        methods.as_object().unwrap().iter().map(of_method).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

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
        let name = operation.document["operationId"].as_str().unwrap().to_owned();
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
                public.insert(operation.document["operationId"].as_str().unwrap().to_owned());
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
        let described: BTreeSet<&str> = operation.document["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> =
            operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(described, named, "{}", operation.path);
    }
}
