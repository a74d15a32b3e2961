//! What a request brings and nobody reads: parameters, bodies and conditions that an endpoint does not have are refused, for
//! whoever sends them expects something of them.

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Body, Query, conditions,
    payload::{self, BODY_PROBLEMS},
};
use crate::http::openapi::{DescribeInput, Operation, Schemas};

/// What a handler takes, and that nothing else came.
pub struct Only<Args>(pub Args);

/// Neither a parameter nor a field.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<Args: FromRequest + DescribeInput + 'static> FromRequest for Only<Args> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let args = Args::from_request(request, payload);
        let query = (!Args::TAKES.query).then(|| Query::<Nothing>::from_request(request, payload));
        let body = (!Args::TAKES.body && payload::is_sent(request))
            .then(|| Body::<Nothing>::from_request(request, payload));
        let condition = if Args::TAKES.versions { Ok(()) } else { conditions::ensure_none(request) };
        Box::pin(async move {
            // Who asks for what comes first, and may be refused.
            let args = args.await.map_err(Into::into)?;
            condition?;
            if let Some(query) = query {
                query.await?;
            }
            if let Some(body) = body {
                body.await?;
            }
            Ok(Self(args))
        })
    }
}

impl<Args: DescribeInput> Only<Args> {
    /// Adds what the handler takes, and how everything else is refused.
    pub fn describe(operation: &mut Operation, schemas: &mut Schemas) {
        Args::describe(operation, schemas);
        if !Args::TAKES.query {
            operation.problems.insert(400);
        }
        if !Args::TAKES.body {
            operation.problems.extend(BODY_PROBLEMS);
        }
    }
}
