//! Who calls, and whether they may: `Can<Permission>` is the only way for a handler to come by a permit.

use std::{borrow::Cow, marker::PhantomData, ops::Deref, sync::Arc};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::Data,
};
use base64::prelude::{BASE64_STANDARD, Engine};
use futures_util::future::LocalBoxFuture;

use crate::{
    domain::{Action, Permission},
    http::{
        admission::Admission,
        local::LocalPeer,
        openapi::{DescribeInput, Operation, Schemas},
        problem::{Failure, code},
    },
    service::{Permit, Principal, ServiceError, Services, csrf_matches},
    telemetry::context::RequestContext,
};

/// The cookie that carries a session's secret.
pub const SESSION_COOKIE: &str = "event_manager_session";

/// The header in which a browser proves that its own page sent an unsafe request.
const CSRF_HEADER: &str = "x-csrf-token";

/// The header in which the operator of the machine names a tenant by its short name.
const TENANT_HEADER: &str = "x-tenant";

/// The context of the request, whoever sent it. For operations that need no permission.
pub struct Caller(pub RequestContext);

impl FromRequest for Caller {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(context_of(request).and_then(|context| {
            let services = request.app_data::<Data<Services>>().ok_or_else(Failure::internal)?;
            admission(request)?.admit_stranger(request, &context, services)?;
            Ok(Self(context))
        }))
    }
}

impl DescribeInput for Caller {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.problems.extend([429, 503]);
    }
}

/// That the caller may do something: a permit, with the context of the request.
pub struct Can<P> {
    permit: Permit,
    permission: PhantomData<P>,
}

impl<P> Deref for Can<P> {
    type Target = Permit;

    fn deref(&self) -> &Permit {
        &self.permit
    }
}

impl<P: Permission> FromRequest for Can<P> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let permit = permit(request.clone(), P::ACTION);
        Box::pin(async move { Ok(Self { permit: permit.await?, permission: PhantomData }) })
    }
}

/// Who sent a request, known to the log from here on, and that they may act so.
fn permit(request: HttpRequest, action: Action) -> LocalBoxFuture<'static, Result<Permit, Failure>> {
    Box::pin(async move {
        let context = context_of(&request)?;
        let services = request.app_data::<Data<Services>>().ok_or_else(Failure::internal)?;
        let admission = admission(&request)?;
        let principal = match authenticate(&request, &context, services).await {
            Ok(principal) => principal,
            Err(failure) => {
                admission.admit_stranger(&request, &context, services)?;
                return Err(failure);
            }
        };
        admission.admit(&request, &context, services, &principal)?;
        let context = context.with_actor(principal.actor.clone(), Some(principal.tenant));
        context.record_actor(&tracing::Span::current());
        request.extensions_mut().insert(context.clone());
        Ok(services.permit(context, principal, action)?)
    })
}

impl<P: Permission> DescribeInput for Can<P> {
    fn describe(operation: &mut Operation, _: &mut Schemas) {
        operation.action = Some(P::ACTION);
        operation.problems.extend([401, 403, 429, 503]);
    }
}

/// The context of a request.
pub fn context_of(request: &HttpRequest) -> Result<RequestContext, Failure> {
    request.extensions().get::<RequestContext>().cloned().ok_or_else(Failure::internal)
}

fn admission(request: &HttpRequest) -> Result<&Admission, Failure> {
    request.app_data::<Data<Admission>>().map(|admission| &***admission).ok_or_else(Failure::internal)
}

async fn authenticate(
    request: &HttpRequest,
    context: &RequestContext,
    services: &Arc<Services>,
) -> Result<Principal, Failure> {
    if let Some(peer) = request.conn_data::<LocalPeer>() {
        let tenant = request.headers().get(TENANT_HEADER).and_then(|value| value.to_str().ok());
        return Ok(services.principal_of_operator(peer.user.clone(), tenant).await?);
    }
    if let Some(secret) = token(request) {
        let principal = services.principal_of_token(context, &secret).await?;
        return principal.ok_or_else(|| unauthenticated("the API token is unknown, expired or revoked"));
    }
    let cookie = request.cookie(SESSION_COOKIE).ok_or_else(|| unauthenticated("sign in first"))?;
    let principal = services.principal_of_session(context, cookie.value()).await?;
    let principal = principal.ok_or_else(|| unauthenticated("the session has ended; sign in again"))?;
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let proof = request.headers().get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    match &principal.session {
        Some(session) if !safe && !csrf_matches(session, proof) => {
            let detail = "send the csrfToken of the session in the header X-CSRF-Token";
            Err(Failure::new(StatusCode::FORBIDDEN, code::CSRF, detail))
        }
        _ => Ok(principal),
    }
}

/// Whether a request comes with credentials, valid or not.
pub fn has_credentials(request: &HttpRequest) -> bool {
    request.conn_data::<LocalPeer>().is_some()
        || authorization(request).is_some()
        || request.cookie(SESSION_COOKIE).is_some()
}

/// Scheme and credentials of a request; nothing, if one of them is missing.
fn authorization(request: &HttpRequest) -> Option<(&str, &str)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, sent) = value.split_once(' ')?;
    Some((scheme, sent.trim())).filter(|(_, sent)| !sent.is_empty())
}

/// The API token of a request. Some programs can send one only as a password, with any name.
fn token(request: &HttpRequest) -> Option<Cow<'_, str>> {
    let (scheme, sent) = authorization(request)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(sent));
    }
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(sent).ok())??;
    let (_, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some(Cow::Owned(password.to_owned()))
}

fn unauthenticated(detail: &'static str) -> Failure {
    ServiceError::Unauthenticated(detail).into()
}
