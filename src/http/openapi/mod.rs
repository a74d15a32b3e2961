//! The OpenAPI 3.1 document. The tests make it from the signatures of the handlers (`generate`) and keep it with the
//! pages, as `static/api/openapi.json`; the program only reads what is embedded.

mod describe;
mod excerpt;
#[cfg(test)]
mod generate;

use serde_json::Value;

pub use self::{
    describe::{DescribeAnswer, DescribeInput, Operation, Schemas, TakesInput, json_answer},
    excerpt::Excerpt,
};
use super::assets::Asset;

/// Where the document lies, beneath the base path and among the pages.
const PATH: &str = "api/openapi.json";

/// The document as text; empty where it cannot be unpacked, which a test excludes.
pub fn text() -> String {
    let unpacked = Asset::find(PATH).and_then(|asset| asset.unpacked().ok());
    unpacked.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The document.
pub fn document() -> Value {
    serde_json::from_str(&text()).unwrap_or_default()
}
