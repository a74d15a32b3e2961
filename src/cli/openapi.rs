//! `openapi`: the document of the API, for generators of clients.

use super::{Failure, console};

/// Prints the OpenAPI document.
///
/// # Errors
/// Never.
pub fn run() -> Result<(), Failure> {
    console::say(crate::http::openapi::text().trim_end());
    Ok(())
}
