//! An endpoint: method, path and handler, with how it describes itself. Registering and documenting read the same
//! value.

use actix_web::{FromRequest, Handler, Responder, http::Method, web};

use super::openapi::{DescribeAnswer, DescribeInput, Operation, Schemas};

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
    pub describe: fn(&mut Operation, &mut Schemas),
    route: Box<dyn Fn() -> actix_web::Route>,
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
            describe: |operation, schemas| {
                Args::describe(operation, schemas);
                F::Output::describe(operation, schemas);
            },
            route: Box::new(move || web::method(verb.clone()).to(handler.clone())),
        }
    }

    /// What the server registers.
    pub fn route(&self) -> actix_web::Route {
        (self.route)()
    }
}
