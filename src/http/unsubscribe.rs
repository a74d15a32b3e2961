//! The end of mail to many, for whoever gets it: one request by a mail program (RFC 8058), or a page with one button.

use actix_web::{
    HttpResponse,
    http::{Method, header},
    web::{self, Data},
};
use serde::Deserialize;

use super::{extract::Caller, page::Page, problem::Failure};
use crate::service::Services;

/// The page. It says what will happen; nothing has happened yet, because programs that check mail open every link in it.
const ASKED: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Messages to many</title>\
    <h1>No more messages to many</h1>\
    <p>You will get no more mail that goes to many people at once. Mail to you alone, such as a link that you ask for, still \
    arrives.</p><form method=\"post\"><button>Stop these messages</button></form></html>";

const DONE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width\"><title>Messages to many</title>\
    <h1>Done</h1><p>You get no more messages to many.</p></html>";

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// The page.
pub fn pages() -> Vec<Page> {
    vec![Page::at("/unsubscribe").answering(Method::GET, ask).answering(Method::POST, unsubscribe)]
}

fn html(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(text)
}

async fn ask() -> HttpResponse {
    html(ASKED)
}

async fn unsubscribe(
    Caller(context): Caller,
    services: Data<Services>,
    query: Result<web::Query<Token>, actix_web::Error>,
) -> Result<HttpResponse, Failure> {
    let token = query.map(|query| query.into_inner().token).unwrap_or_default();
    services.unsubscribe(&context, &token).await?;
    Ok(html(DONE))
}
