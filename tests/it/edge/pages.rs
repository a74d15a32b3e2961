//! The embedded browser pages: cached by strong tags, sent compressed, under a strict content security policy.

use std::io::Read;

use crate::support::{Answer, Server};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

fn page(path: &str, headers: &[(&str, &str)]) -> Answer {
    Server::shared().anonymous().raw("GET", path, headers, &[])
}

/// The files that a page names in `src` and `href`.
fn files_of(html: &str) -> Vec<String> {
    let mut files = Vec::new();
    for attribute in ["src=\"", "href=\""] {
        for rest in html.split(attribute).skip(1) {
            let path =
                rest.split('"').next().unwrap_or_default().trim_start_matches("./").trim_start_matches('/');
            if path.contains('.') && !path.contains("://") {
                files.push(format!("/{path}"));
            }
        }
    }
    files
}

#[test]
fn each_page_and_all_files_it_names_are_there_under_the_strict_policy() {
    let _server = Server::shared();
    for path in ["/", "/judge"] {
        let html = page(path, &[]);
        assert_eq!(
            (html.status, html.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert_eq!(html.header("content-security-policy"), Some(POLICY), "{path}");
        let files = files_of(&html.text());
        assert!(files.iter().any(|file| file.ends_with(".js")), "{path}: {files:?}");
        for file in files {
            let found = page(&file, &[]);
            assert_eq!(found.status, 200, "{path} names {file}");
            assert_eq!(found.header("x-content-type-options"), Some("nosniff"), "{file}");
        }
    }
}

#[test]
fn the_policy_leaves_no_room_for_inline_code() {
    let policy = page("/", &[]).header("content-security-policy").unwrap().to_owned();
    for loose in ["unsafe", "*", "http:", "https:", "blob:"] {
        assert!(!policy.contains(loose), "{policy}");
    }
    let html = page("/", &[]).text();
    assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains(" onclick="), "{html}");
    assert!(html.split("<script").skip(1).all(|script| script.contains("src=")), "{html}");
}

#[test]
fn a_page_that_was_seen_is_not_sent_again() {
    let server = Server::shared();
    let first = page("/", &[]);
    let tag = first.etag().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag} is no strong tag");
    for seen in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
        let again = page("/", &[("if-none-match", &seen)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{seen}");
        assert_eq!(again.etag(), tag);
        assert_eq!(again.header("content-security-policy"), Some(POLICY));
    }
    let other = page("/", &[("if-none-match", "\"other\"")]);
    assert_eq!((other.status, other.body), (200, first.body));
    drop(server);
}

#[test]
fn what_a_browser_can_unpack_is_sent_packed_and_unpacks_to_the_same() {
    let _server = Server::shared();
    let plain = page("/", &[]);
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("Accept-Encoding")));
    let gzip = page("/", &[("accept-encoding", "deflate, gzip;q=0.5")]);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(gzip.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    assert!(gzip.body.len() < plain.body.len());
    assert_eq!(page("/", &[("accept-encoding", "identity")]).header("content-encoding"), None);
    for refused in ["br;q=0, gzip;q=0", "gzip;q=0.000"] {
        assert_eq!(page("/", &[("accept-encoding", refused)]).header("content-encoding"), None, "{refused}");
    }
}

#[test]
fn a_path_that_is_no_page_is_a_problem() {
    let _server = Server::shared();
    for path in [
        "/missing",
        "/missing.js",
        "/app/missing.js",
        "/..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
        "/judge/x",
        "//",
    ] {
        page(path, &[]).expect_problem(404, "not_found");
    }
}
