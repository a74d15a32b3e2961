//! The embedded browser UI and documents: pre-compressed, with strong ETags, under a strict content security policy.

use std::iter;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
};

use super::{
    answer::names, assets::Asset, content_coding::takes_gzip, page::Page, problem::Failure, route::allowed,
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The pages, the documents and their files.
pub fn pages() -> Vec<Page> {
    let of_file = |path, file| {
        let answer = move |request: HttpRequest| async move { page(&request, file) };
        Page::at(path).answering(Method::GET, answer)
    };
    vec![
        of_file("/", "index.html"),
        of_file("/judge", "judge.html"),
        of_file("/api/docs", "api-docs.html"),
        Page::at("/docs").answering(Method::GET, documents),
        Page::at("/docs/{name:[^/.]*}").answering(Method::GET, document),
        Page::at("/{path:.*\\..*}").answering(Method::GET, file).otherwise(other_method),
    ]
}

/// Relative, as a proxy may have taken a part of the path away.
async fn documents() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

/// Another method of a file; of what is no file there is nothing.
async fn other_method(request: HttpRequest) -> Result<HttpResponse, Failure> {
    let path = request.match_info().get("path").unwrap_or_default();
    Asset::find(path).ok_or_else(Failure::not_found)?;
    Err(Failure::other_method(&allowed(iter::once(&Method::GET))))
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
    let asset = Asset::find(path).ok_or_else(Failure::not_found)?;
    let headers = request.headers();
    let seen = names(headers.get_all(header::IF_NONE_MATCH), asset.etag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::CONTENT_TYPE, asset.mime))
        .insert_header((header::ETAG, asset.etag))
        .insert_header((header::VARY, "Accept-Encoding"))
        // Names do not change with contents, so a browser asks each time, and is mostly told that nothing changed.
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
    if seen {
        return Ok(response.finish());
    }
    if !asset.gzipped {
        return Ok(response.body(asset.content));
    }
    if takes_gzip(request) {
        return Ok(response.insert_header((header::CONTENT_ENCODING, "gzip")).body(asset.content));
    }
    Ok(response.body(asset.unpacked().map_err(|_| Failure::internal())?))
}
