//! The edge: what holds for every request and every answer, whatever is asked.

mod documents;
mod input;
mod metrics;
mod openapi;
mod pages;
mod raw_http;
mod request_ids;
