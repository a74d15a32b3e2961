//! Nothing is answered that is not in the lists of `src/http/routes.rs`, which the matrices walk.

use super::sources::{read, rust_files};

/// The files that register something with the server library.
const REGISTERING: [&str; 3] = ["src/http/mod.rs", "src/http/page.rs", "src/http/router.rs"];

#[test]
fn only_what_is_in_the_lists_of_routes_is_registered() {
    let calls = ["web::resource(", "web::scope(", "web::redirect(", ".configure(", "ServiceConfig,"];
    for (path, text) in
        rust_files("src/http").into_iter().filter(|(path, _)| !REGISTERING.contains(&path.as_str()))
    {
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found: Vec<_> = calls.iter().filter(|call| product.contains(**call)).collect();
        assert!(found.is_empty(), "{path} registers something by itself: {found:?}");
    }
    // What is registered there is the API as a whole, the pages, and the base path around both.
    let (root, pages) = (read("src/http/mod.rs"), read("src/http/page.rs"));
    assert_eq!((root.matches(".service(").count(), root.matches("web::resource(").count()), (3, 0));
    assert_eq!((pages.matches(".service(").count(), pages.matches("web::resource(").count()), (0, 1));
}
