//! The documents: served as pages that lead to each other, and to which the type of every problem leads.

use std::{collections::BTreeSet, fs};

use crate::support::{Answer, Server};

/// The addresses of all documents beneath `/docs/`; the index is the empty one.
fn names() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let of_document = |file: String| file.strip_suffix(".md").map(str::to_lowercase);
    files.filter_map(of_document).chain([String::new()]).collect()
}

fn get(server: &Server, path: &str) -> Answer {
    server.anonymous().raw("GET", path, &[], &[])
}

/// The values of an attribute, in their order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A relative link of a document as a path and a fragment, for a server beneath a base path.
fn resolved(base: &str, name: &str, link: &str) -> (String, String) {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let folder = format!("{base}/docs");
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in if path.is_empty() { name } else { path }.split('/') {
        match part {
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    (parts.join("/"), fragment.to_owned())
}

/// What stands beneath a heading, up to the next one.
fn section<'a>(html: &'a str, id: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("id=\"{id}\""))?;
    rest.split("<h").next()
}

#[test]
fn each_document_is_a_page_that_is_kept_by_its_tag_under_the_strict_policy() {
    let server = Server::shared();
    let policy = get(&server, "/").header("content-security-policy").unwrap().to_owned();
    assert!(names().len() > 5);
    for name in names() {
        let path = format!("/docs/{name}");
        let page = get(&server, &path);
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        assert_eq!(page.header("content-security-policy"), Some(policy.as_str()), "{path}");
        let again = server.anonymous().raw("GET", &path, &[("if-none-match", page.etag())], &[]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let html = page.text();
        assert!(values(&html, "style").is_empty() && !html.contains("<style"), "{path} has inline styles");
        assert!(html.split("<script").skip(1).all(|script| script.starts_with(" src=")), "{path}");
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
    }
}

#[test]
fn every_link_of_a_document_leads_somewhere_and_stays_beneath_the_base_path() {
    let server = Server::shared();
    let mut seen = BTreeSet::new();
    for name in names() {
        let page = get(&server, &format!("/docs/{name}")).text();
        let links = [values(&page, "href"), values(&page, "src")].concat();
        for link in links.into_iter().filter(|link| !link.contains("://")) {
            assert!(!link.starts_with('/'), "docs/{name} leads to {link}, past any base path");
            let (path, fragment) = resolved("/autumn/fair", &name, link);
            let path = path.strip_prefix("/autumn/fair").unwrap_or_else(|| panic!("{link} leads out"));
            let target = get(&server, path);
            assert_eq!(target.status, 200, "docs/{name} leads to {link}");
            let there = fragment.is_empty() || values(&target.text(), "id").contains(&fragment.as_str());
            assert!(there, "docs/{name} leads to {link}, where nothing has this id");
            seen.insert(path.to_owned());
        }
    }
    for expected in ["/", "/docs/problems", "/api/docs", "/styles/documents.css"] {
        assert!(seen.contains(expected), "{expected} is not among {seen:?}");
    }
}

#[test]
fn headings_have_the_ids_that_they_have_on_github() {
    let server = Server::shared();
    for (path, id) in [
        ("/docs/api", "a-whole-event-with-curl"),
        ("/docs/architecture", "birds-eye-view"),
        ("/docs/problems", "version_conflict"),
        ("/docs/requirements", "task-22-logging"),
    ] {
        let html = get(&server, path).text();
        let ids = values(&html, "id");
        assert!(ids.contains(&id), "{path}: {ids:?}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{path} has an id twice");
    }
}

#[test]
fn the_type_of_a_problem_leads_to_the_section_of_its_code() {
    let server = Server::shared();
    let json = [("content-type", "application/json")];
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        server.anonymous().raw(method, path, headers, body)
    };
    let problems = [
        ask("GET", "/nowhere", &[], &[]).expect_problem(404, "not_found"),
        ask("GET", "/api/v1/me", &[], &[]).expect_problem(401, "unauthenticated"),
        ask("PUT", "/api/v1/me", &[], &[]).expect_problem(405, "method_not_allowed"),
        ask("POST", "/api/v1/auth/login", &json, b"{").expect_problem(400, "malformed_json"),
        ask("POST", "/api/v1/auth/login", &json, b"{}").expect_problem(422, "invalid"),
        ask("POST", "/api/v1/auth/login", &[], b"{}").expect_problem(415, "unsupported_media_type"),
    ];
    for problem in problems {
        let (path, id) = problem["type"].as_str().unwrap().split_once('#').unwrap();
        assert_eq!(id, problem["code"]);
        let page = get(&server, path);
        assert_eq!(page.status, 200, "{problem}");
        let page = page.text();
        let section = section(&page, id).unwrap_or_else(|| panic!("{path} has no section {id}"));
        assert!(section.contains(&format!("<strong>{}", problem["status"])), "{section}");
    }
}

#[test]
fn the_folder_without_its_slash_leads_to_the_index() {
    let answer = get(&Server::shared(), "/docs");
    assert_eq!((answer.status, answer.header("location")), (308, Some("docs/")));
}

#[test]
fn a_document_that_does_not_exist_is_a_problem() {
    let server = Server::shared();
    for path in
        ["/docs/nothing", "/docs/problems/", "/docs/problems/x", "/docs/problems.md", "/docs/..%2findex"]
    {
        get(&server, path).expect_problem(404, "not_found");
    }
}
