//! What an operation does not read it refuses, and the document says with which status.

use crate::{
    api::allowed::Callers,
    support::{Client, Competition, Options, Server, operations},
};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A request that no operation takes: what is wrong with it, the status of an operation without a body, and how it is
/// sent, giving back the status of the answer.
type Wrong = (&'static str, u16, fn(&Client, &str, &str) -> u16);

const BODIES: [Wrong; 3] = [
    ("a body of another type", 415, |client, method, path| {
        client.raw(method, path, &[("content-type", "model/mesh")], b"x").status
    }),
    ("a body that is no JSON", 400, |client, method, path| client.raw(method, path, &[JSON], b"{").status),
    ("a body that is too large", 413, |client, method, path| {
        client.raw(method, path, &[JSON], &[b' '; 1_025]).status
    }),
];

const PARAMETER: Wrong = ("a parameter that nobody reads", 400, |client, method, path| {
    client.raw(method, &format!("{path}?zz=1"), &[], b"").status
});

#[test]
fn what_no_operation_reads_is_refused_with_a_status_of_the_document() {
    let server = Server::with(Options::default().set("server.body_limit_kib", "1"));
    let callers = Callers::of(Competition::on(server));
    for operation in operations() {
        let path = operation.path_in(&callers.competition);
        let caller = callers.caller(&operation);
        let parameters = operation.document["parameters"].as_array().unwrap();
        let asks_more =
            parameters.iter().any(|parameter| parameter["required"] == true && parameter["in"] == "query");
        let reads_more = asks_more || operation.document["requestBody"].is_object();
        for (what, expected, send) in BODIES.into_iter().chain([PARAMETER]) {
            let status = send(caller, &operation.method, &path);
            let told = operation.document["responses"][status.to_string()].is_object();
            assert!(told, "{} {path} answers {status} to {what}", operation.method);
            assert!(
                reads_more || status == expected,
                "{} {path} answers {status} to {what}",
                operation.method
            );
        }
    }
}
