//! The routes of the API, registered as the tree of their paths' words. Uses the route list.

use std::collections::BTreeMap;

use actix_web::{Scope, dev::HttpServiceFactory, middleware::from_fn, web};

use super::{
    middleware, nothing_here, other_method,
    route::{Endpoint, allowed},
    routes,
};

/// Every endpoint of the API. What begins alike is compared once, so that hardly a pattern is tried in vain: the library
/// tries what is registered side by side one after the other.
pub fn api() -> Scope {
    let mut tree = PathTree::default();
    for endpoint in routes::endpoints() {
        let path = endpoint.path.clone();
        let words = path.split('/').filter(|word| !word.is_empty());
        let place = words.fold(&mut tree, |place, word| place.below.entry(word.to_owned()).or_default());
        place.endpoints.push(endpoint);
    }
    scope("/api/v1", tree)
}

/// Paths by their words. A word that stands for itself comes before a parameter: braces sort behind letters.
#[derive(Default)]
struct PathTree {
    endpoints: Vec<Endpoint>,
    below: BTreeMap<String, Self>,
}

fn scope(path: &str, tree: PathTree) -> Scope {
    let scope = web::scope(path).default_service(web::to(nothing_here));
    let scope = if tree.endpoints.is_empty() { scope } else { scope.service(resource("", &tree.endpoints)) };
    tree.below.into_iter().fold(scope, |scope, (word, below)| {
        let path = format!("/{word}");
        if below.below.is_empty() {
            scope.service(resource(&path, &below.endpoints))
        } else {
            scope.service(self::scope(&path, below))
        }
    })
}

/// All methods of a path, so that another one is a 405.
fn resource(path: &str, endpoints: &[Endpoint]) -> impl HttpServiceFactory + use<> {
    let allowed = allowed(endpoints.iter().map(|endpoint| &endpoint.method));
    let mut resource = web::resource(path);
    for endpoint in endpoints {
        resource = resource.route(endpoint.route());
    }
    resource.default_service(other_method(allowed)).wrap(from_fn(middleware::panics::catch))
}
