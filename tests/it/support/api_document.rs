//! The operations of the OpenAPI document, which the matrices walk so that none can be forgotten.

use std::{collections::BTreeSet, sync::LazyLock};

use event_manager::{
    domain::{Action, Role},
    http::openapi,
};
use serde_json::Value;

use super::Competition;

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// A method of a path.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// Beneath `/api/v1`, with its parameters in braces.
    pub path: String,
    pub document: Value,
}

/// All operations of the document.
pub fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
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
            "traceId" => "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            _ => named(noun).clone(),
        })
    }

    /// Its name in the document, such as `createEvent`.
    pub fn name(&self) -> &str {
        self.document["operationId"].as_str().unwrap()
    }

    /// The permission it needs; nothing if it is public.
    pub fn action(&self) -> Option<Action> {
        let word = self.document["x-action"].as_str()?;
        let found = Action::ALL.iter().copied().find(|action| action.word() == word);
        Some(found.unwrap_or_else(|| panic!("no action {word}")))
    }

    /// Whether a role may use it, somewhere.
    pub fn allows(&self, role: Role) -> bool {
        self.action().is_none_or(|action| action.rule().iter().any(|(allowed, _)| *allowed == role))
    }

    /// Its parameters in `path`, `query` or `header`: name and schema.
    pub fn parameters(&self, place: &str) -> Vec<(&str, &Value)> {
        let parameters = self.document["parameters"].as_array().unwrap();
        let there = parameters.iter().filter(|parameter| parameter["in"] == place);
        there.map(|parameter| (parameter["name"].as_str().unwrap(), &parameter["schema"])).collect()
    }

    /// Whether it takes a JSON body; a file that happens to be JSON is none.
    pub fn takes_json(&self) -> bool {
        let content = &self.document["requestBody"]["content"]["application/json"];
        content.is_object() && content["schema"]["format"] != "binary"
    }

    /// Where ids stand in its query, by the name of the parameter, and in its body, by a JSON pointer with `*` for any
    /// item of a list.
    pub fn ids(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (name, schema) in self.parameters("query") {
            collect_ids(schema, name, &mut Vec::new(), &mut found);
        }
        let content = self.document["requestBody"]["content"].as_object();
        for (_, body) in content.into_iter().flatten() {
            collect_ids(&body["schema"], "", &mut Vec::new(), &mut found);
        }
        found
    }
}

/// `within` are the named schemas that lead here: those that hold themselves are looked at once.
fn collect_ids<'a>(schema: &'a Value, at: &str, within: &mut Vec<&'a str>, found: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str().filter(|reference| !within.contains(reference)) {
        let named = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap();
        within.push(reference);
        collect_ids(named, at, within, found);
        within.pop();
    }
    if schema["format"] == "uuid" {
        found.insert(at.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        collect_ids(property, &format!("{at}/{name}"), within, found);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(any) = schema.get(keyword) {
            collect_ids(any, &format!("{at}/*"), within, found);
        }
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for choice in schema[keyword].as_array().into_iter().flatten() {
            collect_ids(choice, at, within, found);
        }
    }
}
