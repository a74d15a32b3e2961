//! A page: what can be had outside of the API, at a path of its own. Registering and the tests read the same value.

use actix_web::{FromRequest, Handler, Resource, Responder, Route, http::Method, web};

use super::{
    other_method,
    route::{allowed, routed},
};

/// A path with what answers there.
pub struct Page {
    /// The path beneath the base path, with `{name}` for parameters.
    pub path: &'static str,
    routes: Vec<(Method, Route)>,
    otherwise: Option<Route>,
}

impl Page {
    /// A path where nothing answers yet.
    pub fn at(path: &'static str) -> Self {
        Self { path, routes: Vec::new(), otherwise: None }
    }

    /// The same, with a handler for a method.
    #[must_use]
    pub fn answering<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let route = routed(&method).to(handler);
        self.routes.push((method, route));
        self
    }

    /// The same, with a handler for all other methods. Without one they are told which there are.
    #[must_use]
    pub fn otherwise<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        Self { otherwise: Some(web::to(handler)), ..self }
    }

    /// The methods that are answered.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.routes.iter().map(|(method, _)| method)
    }

    /// What the server registers.
    pub(super) fn resource(self) -> Resource {
        let allowed = allowed(self.methods());
        let otherwise = self.otherwise.unwrap_or_else(|| other_method(allowed));
        let routes = self.routes.into_iter().map(|(_, route)| route);
        routes.fold(web::resource(self.path), Resource::route).default_service(otherwise)
    }
}
