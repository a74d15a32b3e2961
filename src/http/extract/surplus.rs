//! What a request brings and nobody reads: parameters, bodies and conditions that an endpoint does not have are refused, for
//! whoever sends them expects something of them.

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::{
    body::JSON,
    conditions,
    faults::beneath,
    json::document,
    payload::{self, BODY_PROBLEMS},
    query,
};
use crate::{
    domain::Fault,
    http::{
        openapi::{DescribeInput, Operation, Schemas, TakesInput},
        problem::Failure,
    },
};

/// What a handler takes, and that nothing else came.
pub struct Only<Args>(pub Args);

impl<Args: FromRequest + DescribeInput + 'static> FromRequest for Only<Args> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let args = Args::from_request(request, payload);
        let surplus = nothing_else(Args::TAKES, request, payload);
        Box::pin(async move {
            // Who asks for what comes first, and may be refused.
            let args = args.await.map_err(Into::into)?;
            surplus.await?;
            Ok(Self(args))
        })
    }
}

/// That what is not taken is not there.
fn nothing_else(
    takes: TakesInput,
    request: &HttpRequest,
    payload: &mut Payload,
) -> LocalBoxFuture<'static, Result<(), Failure>> {
    let condition = if takes.versions { Ok(()) } else { conditions::ensure_none(request) };
    let query = if takes.query { Ok(()) } else { query::ensure_none(request) };
    let depth = payload::limit_of(request).depth;
    let body = (!takes.body && payload::is_sent(request)).then(|| payload::read(request, payload, JSON));
    Box::pin(async move {
        condition?;
        query?;
        match body {
            Some(body) => ensure_empty(&document(&body.await?, depth)?),
            None => Ok(()),
        }
    })
}

/// An object without members is as good as no body.
fn ensure_empty(body: &Value) -> Result<(), Failure> {
    let faults: Vec<Fault> = match body {
        Value::Object(members) => {
            members.keys().map(|name| Fault::new(beneath("", name), "is unknown here")).collect()
        }
        _ => vec![Fault::new("", "must be an object")],
    };
    if faults.is_empty() { Ok(()) } else { Err(Failure::invalid(faults)) }
}

impl<Args: DescribeInput> DescribeInput for Only<Args> {
    const TAKES: TakesInput = Args::TAKES;

    fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Args::describe(operation, schemas);
        if !Args::TAKES.query {
            operation.problems.insert(400);
        }
        if !Args::TAKES.body {
            operation.problems.extend(BODY_PROBLEMS);
        }
    }
}
