//! The ways out of the box, built from the configuration.

use std::fs;

use super::ApplianceError;
use crate::{
    config::Outbound,
    integrations::{HttpClient, HttpRules},
};

/// The one client that calls HTTP interfaces outside.
pub(super) fn http_client(outbound: &Outbound) -> Result<HttpClient, ApplianceError> {
    let outside = |error: &dyn std::fmt::Display| ApplianceError::Outside(error.to_string());
    let authorities = outbound.authorities_file.as_ref().map(|file| {
        fs::read_to_string(file)
            .map_err(|error| outside(&format_args!("authorities_file {}: {error}", file.display())))
    });
    HttpClient::new(HttpRules {
        tenant_networks: outbound.tenant_networks.clone(),
        tenant_https_only: outbound.tenant_https_only,
        extra_authorities_pem: authorities.transpose()?,
        user_agent: format!("event-manager/{}", env!("CARGO_PKG_VERSION")),
    })
    .map_err(|error| outside(&error))
}
