//! Methods: what can be had can be asked about, and another method of a known path says which there are.

use crate::support::{Server, Tenant};

#[test]
fn head_answers_as_get_does_without_the_body() {
    let tenant = Tenant::new();
    for path in
        ["/", "/judge", "/docs/api", "/health", "/health/ready", "/api/openapi.json", "/api/v1/events"]
    {
        let get = tenant.admin.raw("GET", path, &[], &[]);
        let head = tenant.admin.raw("HEAD", path, &[], &[]);
        assert_eq!((get.status, head.status), (200, 200), "{path}");
        assert!(head.body.is_empty(), "{path}");
        for header in ["content-type", "content-length", "etag"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
    }
}

#[test]
fn another_method_of_a_known_path_is_a_405_that_says_which_there_are() {
    let server = Server::shared();
    let client = server.anonymous();
    for (method, path, allowed) in [
        ("POST", "/", "GET, HEAD"),
        ("DELETE", "/health", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("PUT", "/docs/api", "GET, HEAD"),
        ("POST", "/api/openapi.json", "GET, HEAD"),
        ("PUT", "/api/v1/events", "GET, HEAD, POST"),
        ("HEAD", "/api/v1/auth/login", "POST"),
    ] {
        let answer = client.raw(method, path, &[], &[]);
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    client.raw("POST", "/nothing.js", &[], &[]).expect_problem(404, "not_found");
}

#[test]
fn a_401_says_how_to_come_in() {
    let answer = Server::shared().anonymous().get("/events");
    answer.expect_problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"event-manager\""));
}
