//! The edge: what holds for every request and every answer, whatever is asked.

mod bodies;
mod conditions;
mod documents;
mod exemplars;
mod input;
mod limits;
mod malformed;
mod methods;
mod metrics;
mod openapi;
mod pages;
mod pages_beside_the_api;
mod raw_http;
mod request_ids;
mod surplus;
