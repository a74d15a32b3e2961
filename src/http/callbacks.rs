//! What services outside report by themselves, signed with a secret that they share with the box: what became of text
//! messages. Outside of the API, because its form is theirs.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::Method,
    web::{self, Bytes},
};
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;

use super::{
    extract::{Caller, read_up_to},
    page::Page,
    problem::Failure,
};
use crate::{
    domain::{DeliveryId, TenantId},
    service::{Services, SmsReport},
};

/// Most bytes of a report.
const REPORT_BYTES_MAX: usize = 16 * 1_024;

/// The addresses of reports.
pub fn pages() -> Vec<Page> {
    vec![Page::at("/callbacks/sms/{tenant}/{delivery}").answering(Method::POST, sms_report)]
}

/// The form of a report.
struct Form(Vec<(String, String)>);

impl FromRequest for Form {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read_up_to(request, payload, &["application/x-www-form-urlencoded"], REPORT_BYTES_MAX);
        Box::pin(async move {
            let bytes: Bytes = bytes.await?;
            Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
        })
    }
}

async fn sms_report(
    Caller(context): Caller,
    services: web::Data<Services>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    Form(fields): Form,
) -> Result<HttpResponse, Failure> {
    let (tenant, delivery) = path.into_inner();
    let (Ok(tenant), Ok(delivery)) = (tenant.parse::<TenantId>(), delivery.parse::<DeliveryId>()) else {
        return Err(Failure::not_found());
    };
    let signature = request.headers().get("x-twilio-signature").and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default();
    services
        .note_sms_report(&context, SmsReport { of: (tenant, delivery), fields: &fields, signature })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
