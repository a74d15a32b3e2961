//! For every operation of the API, a whole request that succeeds, and somebody who may send it.

use event_manager::domain::Role;
use serde_json::Value;

use super::fixtures::fixture;
use crate::support::{Answer, Client, Competition, Operation};

/// A competition, and people who between them may use every operation of the API.
pub struct Callers {
    pub competition: Competition,
    admin: Client,
    operator: Client,
    pub nobody: Client,
}

/// A request that would succeed now, from somebody who may send it.
#[derive(Clone)]
pub struct Request {
    pub operation: Operation,
    pub client: Client,
    /// Beneath `/api/v1`, with its query.
    pub path: String,
    pub content_type: Option<&'static str>,
    pub body: Vec<u8>,
}

impl Callers {
    pub fn new() -> Self {
        Self::of(Competition::new())
    }

    pub fn of(competition: Competition) -> Self {
        let admin = competition.tenant.with_role(Role::Admin);
        let operator = competition.tenant.with_role(Role::SuperAdmin);
        let nobody = competition.tenant.server.anonymous();
        Self { competition, admin, operator, nobody }
    }

    /// Somebody who may use an operation.
    pub fn caller(&self, operation: &Operation) -> &Client {
        let of_role = [
            (Role::Admin, &self.admin),
            (Role::Judge, &self.competition.judges[0].client),
            (Role::SuperAdmin, &self.operator),
        ];
        match operation.action() {
            Some(_) => of_role.into_iter().find(|(role, _)| operation.allows(*role)).unwrap().1,
            None => &self.nobody,
        }
    }

    /// A request of an operation. Public ones, which have no parameters in their paths, come without a body.
    pub fn request(&self, operation: Operation) -> Request {
        let client = self.caller(&operation);
        let (path, body) = match operation.action() {
            Some(_) => fixture(&self.competition, client, operation.name()),
            None => (operation.path.clone(), None),
        };
        let (content_type, body) = content(operation.name(), body.as_ref());
        Request { client: client.clone(), operation, path, content_type, body }
    }
}

impl Request {
    /// The value of a parameter in a path of this operation.
    pub fn parameter(&self, path: &str, name: &str) -> String {
        path.split(['/', '?']).nth(self.position(name)).unwrap().to_owned()
    }

    /// A path of this operation with another value of a parameter.
    pub fn replaced(&self, path: &str, name: &str, value: &str) -> String {
        let mut parts: Vec<&str> = path.split('/').collect();
        let query = parts[self.position(name)].split_once('?').map(|(_, query)| format!("?{query}"));
        let value = format!("{value}{}", query.unwrap_or_default());
        parts[self.position(name)] = &value;
        parts.join("/")
    }

    fn position(&self, name: &str) -> usize {
        let pattern = format!("{{{name}}}");
        self.operation.path.split('/').position(|part| part == pattern).unwrap()
    }

    /// The same, with one more parameter in the query.
    pub fn path_with_query(&self, name: &str, value: &str) -> String {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        format!("{}{separator}{name}={value}", self.path)
    }

    pub fn send(&self) -> Answer {
        self.send_to(&self.path, &[])
    }

    /// Sends it to another path, with these headers besides.
    pub fn send_to(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let kind = self.content_type.map(|kind| ("content-type", kind));
        let headers: Vec<(&str, &str)> = kind.into_iter().chain(headers.iter().copied()).collect();
        self.client.raw(&self.operation.method, &format!("/api/v1{path}"), &headers, &self.body)
    }

    /// Sends it with another body, as JSON.
    pub fn send_json(&self, body: &[u8]) -> Answer {
        let kind = ("content-type", "application/json");
        self.client.raw(&self.operation.method, &format!("/api/v1{}", self.path), &[kind], body)
    }
}

/// The body of a request, and its type; logos and files are no JSON.
pub fn content(operation: &str, body: Option<&Value>) -> (Option<&'static str>, Vec<u8>) {
    match operation {
        "setLogo" => (Some("image/png"), b"\x89PNG\r\n\x1a\n".to_vec()),
        "uploadFile" => (Some("text/plain"), b"rules".to_vec()),
        _ => match body {
            Some(body) => (Some("application/json"), body.to_string().into_bytes()),
            None => (None, Vec::new()),
        },
    }
}
