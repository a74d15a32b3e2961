//! Who may read the log through a view: whoever has an API token of somebody who may, and a program on this machine without
//! one, if that is configured.

use std::net::IpAddr;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, http::header, web::Data};

use crate::{
    domain::permission::permissions,
    http::{
        extract::{Can, context_of, has_credentials},
        problem::{Failure, code},
    },
    service::{LogReader, Services},
};

/// Whether programs on the same machine may read metrics and the log without a token.
#[derive(Clone, Copy, Debug)]
pub struct OpenOnLoopback(pub bool);

/// The header in which servers of logs are told a tenant.
const TENANT: &str = "x-scope-orgid";

/// Whether a program on this machine asks for itself: a proxy here asks for others, and says so.
pub fn is_of_this_machine(request: &HttpRequest) -> bool {
    let forwarded =
        ["forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"];
    request.peer_addr().is_none_or(|address| address.ip().is_loopback())
        && !forwarded.iter().any(|header| request.headers().contains_key(*header))
}

/// Who reads the log. Whoever shows credentials is who they say, or nobody.
///
/// # Errors
/// Nobody who may, or of another tenant than the one that is named.
pub async fn reader_of(request: &HttpRequest) -> Result<LogReader, Failure> {
    let services = request.app_data::<Data<Services>>().ok_or_else(Failure::internal)?;
    let open = request.app_data::<Data<OpenOnLoopback>>().is_some_and(|open| open.0);
    let permit = if open && !has_credentials(request) && is_of_this_machine(request) && names_itself(request)
    {
        services.permit_without_credentials(context_of(request)?)?
    } else {
        Can::<permissions::ReadLogs>::from_request(request, &mut Payload::None).await?.clone()
    };
    let named = request.headers().get(TENANT).map(|named| named.to_str().unwrap_or_default());
    let reader = services.log_reader(permit, named.filter(|named| !named.is_empty())).await?;
    let other = "X-Scope-OrgID names another tenant than that of the token; leave it out";
    reader.ok_or_else(|| Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, other))
}

/// Whether a request names this machine by an address or as `localhost`. A page in a browser here may come by any other
/// name that it has led to this machine.
fn names_itself(request: &HttpRequest) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::names_itself;

    #[test]
    fn a_name_that_anybody_can_lead_here_is_not_this_machine() {
        let names = |host: &str| {
            names_itself(&TestRequest::default().insert_header(("host", host)).to_http_request())
        };
        for host in ["localhost:8080", "LOCALHOST", "127.0.0.1:80", "[::1]:8080", "[::1]"] {
            assert!(names(host), "{host}");
        }
        for host in ["evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
            assert!(!names(host), "{host}");
        }
    }
}
