//! A page: what can be had outside of the API, at a path of its own. Registering and the tests read the same value.

use std::rc::Rc;

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route, dev::Payload, http::Method,
    web,
};

use super::{
    other_method,
    route::{Erased, allowed, routed, to},
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
        let route = to(routed(&method), erased(handler));
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
        Self { otherwise: Some(to(web::route(), erased(handler))), ..self }
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

/// A handler of any type as one.
fn erased<F, Args>(handler: F) -> Rc<Erased>
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Rc::new(move |request, payload| Box::pin(answer(handler.clone(), request, payload)))
}

async fn answer<F, Args>(handler: F, request: HttpRequest, mut payload: Payload) -> HttpResponse
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    match Args::from_request(&request, &mut payload).await {
        Ok(args) => handler.call(args).await.respond_to(&request).map_into_boxed_body(),
        Err(error) => HttpResponse::from_error(error.into()),
    }
}
