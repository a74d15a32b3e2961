//! The embedded browser UI and documents: pre-compressed, with strong ETags, under a strict content security policy.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, ServiceConfig},
};

use super::problem::Failure;

pub(super) struct Asset {
    path: &'static str,
    mime: &'static str,
    etag: &'static str,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Registers the pages and their files.
pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(|request: HttpRequest| async move { page(&request, "index.html") }))
        .route("/judge", web::get().to(|request: HttpRequest| async move { page(&request, "judge.html") }))
        .route(
            "/api/docs",
            web::get().to(|request: HttpRequest| async move { page(&request, "api-docs.html") }),
        )
        // Permanent; relative, as a proxy may have taken a part of the path away.
        .service(web::redirect("/docs", "docs/").permanent())
        .route("/docs/{name:[^/.]*}", web::get().to(document))
        .route("/{path:.*\\..*}", web::get().to(file));
}

async fn document(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let name = Some(request.match_info().query("name")).filter(|name| !name.is_empty()).unwrap_or("index");
    page(&request, &format!("docs/{name}.html"))
}

async fn file(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let path = request.match_info().get("path").unwrap_or_default().to_owned();
    page(&request, &path)
}

fn page(request: &HttpRequest, path: &str) -> Result<HttpResponse, Failure> {
    let found =
        ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok().and_then(|index| ASSETS.get(index));
    let asset = found.ok_or_else(Failure::not_found)?;
    let headers = request.headers();
    let mut response = if seen(headers.get(header::IF_NONE_MATCH), asset.etag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::CONTENT_TYPE, asset.mime))
        .insert_header((header::ETAG, asset.etag))
        .insert_header((header::VARY, "Accept-Encoding"))
        // Names do not change with contents, so a browser asks each time, and is mostly told that nothing changed.
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    if seen(headers.get(header::IF_NONE_MATCH), asset.etag) {
        return Ok(response.finish());
    }
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |coding: &str| accepted.split(',').any(|offer| offers(offer, coding));
    let (coding, body) = match (asset.brotli, asset.gzip) {
        (Some(body), _) if accepts("br") => (Some("br"), body),
        (_, Some(body)) if accepts("gzip") => (Some("gzip"), body),
        _ => (None, asset.identity),
    };
    if let Some(coding) = coding {
        response.insert_header((header::CONTENT_ENCODING, coding));
    }
    Ok(response.body(body))
}

/// Whether one item of `Accept-Encoding` offers a coding: a weight of zero refuses it (RFC 9110, section 12.4.2).
fn offers(item: &str, coding: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    let weight = |part: &str| part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
    parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding)) && parts.find_map(weight) != Some(0.0)
}

fn seen(if_none_match: Option<&HeaderValue>, etag: &str) -> bool {
    let tags = if_none_match.and_then(|value| value.to_str().ok()).unwrap_or_default();
    tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*")
}
