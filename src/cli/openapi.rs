//! `openapi`: the document of the API, for generators of clients.

use super::{Failure, console};

/// Prints the OpenAPI document.
///
/// # Errors
/// Never.
pub fn run() -> Result<(), Failure> {
    let document = crate::http::openapi::document();
    console::say(
        &serde_json::to_string_pretty(&document).map_err(|error| Failure::Other(error.to_string()))?,
    );
    Ok(())
}
