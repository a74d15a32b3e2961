//! The routes of the API, registered as the tree of their paths' words. Uses the route list.

use std::{collections::BTreeMap, rc::Rc};

use actix_web::{HttpRequest, Scope, dev::HttpServiceFactory, middleware::from_fn, web};

use super::{
    middleware, nothing_here, other_method,
    route::{Endpoint, allowed},
    routes,
};

/// The path of an endpoint as it is registered, kept beside it: to find it again the library would match all anew.
struct Pattern(Rc<str>);

/// The registered path that a request was matched to, such as `/api/v1/events/{id}`.
pub fn route_of(request: &HttpRequest) -> Rc<str> {
    match request.app_data::<Pattern>() {
        Some(pattern) => pattern.0.clone(),
        None => request.match_pattern().map_or_else(|| "unmatched".into(), Rc::from),
    }
}

/// Every endpoint of the API, beneath a base path. What begins alike is compared once, so that hardly a pattern is tried in vain: the library
/// tries what is registered side by side one after the other.
pub fn api(base_path: &str) -> Scope {
    let mut tree = PathTree::default();
    for endpoint in routes::endpoints() {
        let path = endpoint.path.clone();
        let words = path.split('/').filter(|word| !word.is_empty());
        let place = words.fold(&mut tree, |place, word| place.below.entry(word.to_owned()).or_default());
        place.endpoints.push(endpoint);
    }
    scope(API, &format!("{base_path}{API}"), tree)
}

/// Where the API begins.
pub const API: &str = "/api/v1";

/// Paths by their words. A word that stands for itself comes before a parameter: braces sort behind letters.
#[derive(Default)]
struct PathTree {
    endpoints: Vec<Endpoint>,
    below: BTreeMap<String, Self>,
}

fn scope(path: &str, whole: &str, tree: PathTree) -> Scope {
    let scope = web::scope(path).default_service(web::to(nothing_here));
    let scope =
        if tree.endpoints.is_empty() { scope } else { scope.service(resource("", whole, &tree.endpoints)) };
    tree.below.into_iter().fold(scope, |scope, (word, below)| {
        let (path, whole) = (format!("/{word}"), format!("{whole}/{word}"));
        if below.below.is_empty() {
            scope.service(resource(&path, &whole, &below.endpoints))
        } else {
            scope.service(self::scope(&path, &whole, below))
        }
    })
}

/// All methods of a path, so that another one is a 405.
fn resource(path: &str, whole: &str, endpoints: &[Endpoint]) -> impl HttpServiceFactory + use<> {
    let allowed = allowed(endpoints.iter().map(|endpoint| &endpoint.method));
    let mut resource = web::resource(path).app_data(Pattern(whole.into()));
    for endpoint in endpoints {
        resource = resource.route(endpoint.route());
    }
    resource.default_service(other_method(allowed)).wrap(from_fn(middleware::panics::catch))
}
