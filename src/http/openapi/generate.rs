//! Makes the document from the route list. `UPDATE_DOCS=1` keeps what it makes; the next build embeds that.

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::{Operation, Schemas};
use crate::{
    http::{problem::Problem, route::Endpoint, routes},
    service::{BackupName, Exported},
};

fn generated() -> Value {
    let mut schemas = Schemas::default();
    let problem = schemas.of::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in routes::endpoints() {
        let operation = operation(&endpoint, &problem, &mut schemas);
        let path = paths.entry(endpoint.path.clone()).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            methods.insert(endpoint.method.as_str().to_ascii_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "event-manager",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Runs judged events: set-up, score sheets, exact results, and nothing deleted is lost. \
                Every answer carries X-Request-ID and X-Correlation-ID; every failure is a problem+json.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        // Relative to where the document is served, so that it holds under any base path.
        "servers": [{"url": "v1"}],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "securitySchemes": {
                "session": {
                    "type": "apiKey", "in": "cookie", "name": crate::http::extract::SESSION_COOKIE,
                    "description": "Set by sign-in. Unsafe methods also need the header X-CSRF-Token.",
                },
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, em_..."},
            },
        },
    })
}

fn tags() -> Value {
    let mut seen: Vec<&'static str> = Vec::new();
    for endpoint in routes::endpoints() {
        if !seen.contains(&endpoint.tag) {
            seen.push(endpoint.tag);
        }
    }
    seen.into_iter().map(|name| json!({"name": name})).collect()
}

fn operation(endpoint: &Endpoint, problem: &Value, schemas: &mut Schemas) -> Value {
    let mut operation = Operation::default();
    (endpoint.describe)(&mut operation, schemas);
    let mut parameters = path_parameters(&endpoint.path);
    if !parameters.is_empty() {
        operation.problems.insert(404);
    }
    if endpoint.method != Method::GET && operation.action.is_some() {
        // What is deleted, locked, archived or taken stands in the way of any change.
        operation.problems.insert(409);
    }
    if endpoint.method != Method::GET {
        operation.problems.insert(507);
    }
    parameters.append(&mut operation.parameters);
    let mut responses = Map::new();
    for (status, answer) in &operation.answers {
        responses.insert(status.to_string(), answer.clone());
    }
    for status in &operation.problems {
        let answer = json!({
            "description": reason(*status),
            "content": {"application/problem+json": {"schema": problem}},
        });
        responses.insert(status.to_string(), answer);
    }
    let mut described = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": parameters,
        "responses": responses,
    });
    if let Value::Object(fields) = &mut described {
        if let Some(body) = operation.body {
            fields.insert("requestBody".to_owned(), body);
        }
        match operation.action {
            Some(action) => {
                fields.insert("x-action".to_owned(), json!(action.word()));
                fields.insert("security".to_owned(), json!([{"session": []}, {"token": []}]));
            }
            None => {
                fields.insert("security".to_owned(), json!([]));
            }
        }
    }
    described
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            let schema = match name {
                "version" => json!({"type": "integer", "minimum": 0, "maximum": i64::MAX}),
                "name" => json!({"type": "string", "pattern": BackupName::PATTERN}),
                "traceId" => json!({"type": "string", "pattern": "^[0-9A-Fa-f]{32}$"}),
                "correlationId" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}),
                "what" => json!({"type": "string", "enum": Exported::WORDS}),
                _ => json!({"type": "string", "format": "uuid"}),
            };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect()
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read.",
        401 => "Nobody is signed in, or the credentials are wrong.",
        403 => "The actor may not do this.",
        404 => "There is no such thing, or it is out of the actor's reach.",
        408 => "The body did not come in time.",
        409 => "The state of things does not allow it.",
        412 => "Somebody else changed it meanwhile.",
        413 => "The body is too large.",
        415 => "The body is of another type than expected.",
        422 => "What was sent breaks rules.",
        429 => "There were too many requests, or wrong passwords; Retry-After says when to go on.",
        503 => "The store has too much to do, its disk fails, or it is shutting down.",
        507 => "The disk of the server is full.",
        _ => "The request failed.",
    }
}

#[test]
fn the_kept_document_is_what_the_handlers_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/static/api/openapi.json");
    let made = format!("{:#}\n", generated());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
        std::fs::write(path, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap();
    let differing = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert!(made == kept, "run the tests with UPDATE_DOCS=1 to renew {path}: {differing:?}");
    assert_eq!(super::text(), made, "what is embedded is another one: build anew");
}
