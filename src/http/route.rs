//! An endpoint: method, path and handler, with how it describes itself. Registering and documenting read the same
//! value.

use std::{
    borrow::Cow,
    convert::Infallible,
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    FromRequest, Handler, HttpMessage, HttpRequest, HttpResponse, Responder, Route, dev::Payload, guard,
    http::Method, web,
};
use futures_util::future::LocalBoxFuture;

use super::{
    extract::Only,
    openapi::{DescribeAnswer, DescribeInput},
    steps::Steps,
};
use crate::telemetry::clock::Stopwatch;

/// One method of one path.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path beneath the base path, with `{name}` for parameters.
    pub path: Cow<'static, str>,
    /// Its name in the document, which the tests make.
    #[cfg(test)]
    pub name: Cow<'static, str>,
    /// What it does, in one sentence.
    #[cfg(test)]
    pub summary: Cow<'static, str>,
    /// The group it belongs to.
    #[cfg(test)]
    pub tag: &'static str,
    /// Adds itself to the document.
    #[cfg(test)]
    pub describe: fn(&mut super::openapi::Operation, &mut super::openapi::Schemas),
    handler: Rc<Erased>,
}

/// A handler of any type, from the request to the response. All are registered as one type: what the library does
/// around each handler would be there some hundreds of times.
pub type Erased = dyn Fn(HttpRequest, Payload) -> LocalBoxFuture<'static, HttpResponse>;

impl Endpoint {
    /// An endpoint that `handler` answers, with its group, name and summary in the document.
    pub fn new<F, Args>(
        method: Method,
        path: impl Into<Cow<'static, str>>,
        about: (&'static str, impl Into<Cow<'static, str>>, impl Into<Cow<'static, str>>),
        handler: F,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + DescribeInput + 'static,
        F::Output: Responder + DescribeAnswer + 'static,
    {
        // The program itself has no use for it, and is smaller without.
        #[cfg(not(test))]
        drop(about);
        Self {
            method,
            path: path.into(),
            #[cfg(test)]
            tag: about.0,
            #[cfg(test)]
            name: about.1.into(),
            #[cfg(test)]
            summary: about.2.into(),
            #[cfg(test)]
            describe: |operation, schemas| {
                Only::<Args>::describe(operation, schemas);
                F::Output::describe(operation, schemas);
            },
            handler: Rc::new(move |request, payload| Box::pin(answer(handler.clone(), request, payload))),
        }
    }

    /// What the server registers.
    pub fn route(&self) -> Route {
        to(routed(&self.method), self.handler.clone())
    }
}

async fn answer<F, Args>(handler: F, request: HttpRequest, mut payload: Payload) -> HttpResponse
where
    F: Handler<Args>,
    Args: FromRequest + DescribeInput + 'static,
    F::Output: Responder + 'static,
{
    let begun = Stopwatch::start();
    let admitted = Only::<Args>::from_request(&request, &mut payload).await;
    let access = begun.elapsed();
    match admitted {
        Ok(Only(args)) => {
            let answer = handler.call(args).await.respond_to(&request).map_into_boxed_body();
            let service = begun.elapsed().saturating_sub(access);
            request.extensions_mut().insert(Steps { begun, access, service });
            answer
        }
        Err(error) => HttpResponse::from_error(error),
    }
}

/// A route with its handler.
pub fn to(route: Route, handler: Rc<Erased>) -> Route {
    route.to(move |request: HttpRequest, Untouched(payload)| handler(request, payload))
}

/// The body of a request, which nobody has begun to read.
struct Untouched(Payload);

impl FromRequest for Untouched {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(payload.take())))
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
