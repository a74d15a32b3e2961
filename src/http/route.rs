//! An endpoint: method, path and handler, with how it describes itself. Registering and documenting read the same
//! value.

use actix_web::{FromRequest, Handler, Responder, Route, guard, http::Method, web};

use super::{
    extract::Only,
    openapi::{DescribeAnswer, DescribeInput},
};

/// One method of one path.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path beneath the base path, with `{name}` for parameters.
    pub path: String,
    /// Its name in the document.
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// The group it belongs to.
    pub tag: &'static str,
    /// Adds itself to the document.
    #[cfg(test)]
    pub describe: fn(&mut super::openapi::Operation, &mut super::openapi::Schemas),
    route: Box<dyn Fn() -> Route>,
}

impl Endpoint {
    /// An endpoint that `handler` answers.
    pub fn new<F, Args>(
        method: Method,
        path: impl Into<String>,
        (tag, name, summary): (&'static str, impl Into<String>, impl Into<String>),
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + DescribeInput + 'static,
        F::Output: Responder + DescribeAnswer + 'static,
    {
        let verb = method.clone();
        Self {
            method,
            path: path.into(),
            name: name.into(),
            summary: summary.into(),
            tag,
            #[cfg(test)]
            describe: |operation, schemas| {
                Only::<Args>::describe(operation, schemas);
                F::Output::describe(operation, schemas);
            },
            route: Box::new(move || {
                let handler = handler.clone();
                routed(&verb).to(move |Only(args): Only<Args>| handler.call(args))
            }),
        }
    }

    /// What the server registers.
    pub fn route(&self) -> Route {
        (self.route)()
    }
}

/// A route for a method. What can be had can be asked about: GET answers HEAD, too (RFC 9110, section 9.3.2).
pub fn routed(method: &Method) -> Route {
    let route = web::route();
    if method == Method::GET {
        route.guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        let method = method.clone();
        route.guard(guard::fn_guard(move |request| request.head().method == method))
    }
}

/// The methods of a resource as the header `Allow` has them.
pub fn allowed<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let names = methods.flat_map(|method| match method.as_str() {
        "GET" => vec!["GET", "HEAD"],
        other => vec![other],
    });
    names.collect::<Vec<_>>().join(", ")
}
