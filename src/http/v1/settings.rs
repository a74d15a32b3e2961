//! The settings of one's own tenant.

use actix_web::{http::Method, web::Data};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    domain::{Settings, permission::permissions},
    http::{
        answer::Tagged,
        extract::{Can, Expected, Patch},
        problem::Failure,
        renders::Cached,
        route::Endpoint,
    },
    service::Services,
};

/// The settings of a tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SettingsOut {
    #[serde(flatten)]
    settings: Settings,
    /// The version of the tenant, which is the ETag.
    version: u64,
}

async fn read(
    can: Can<permissions::ReadSettings>,
    services: Data<Services>,
) -> Result<Cached<Tagged<SettingsOut>>, Failure> {
    let tenant = services.settings(&can).await?.row;
    let settings = SettingsOut { settings: tenant.body.settings, version: tenant.version };
    Cached::fresh(&Tagged(settings, tenant.version))
}

async fn change(
    can: Can<permissions::ManageSettings>,
    services: Data<Services>,
    expected: Expected,
    patch: Patch<Settings>,
) -> Result<Tagged<SettingsOut>, Failure> {
    let changed = services.change_settings(&can, expected.0, move |settings| patch.apply(settings)).await?;
    let tenant = changed.row;
    Ok(Tagged(SettingsOut { settings: tenant.body.settings, version: tenant.version }, tenant.version))
}

/// The endpoints of settings.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("settings", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/settings",
            about("getSettings", "What the tenant has decided for itself."),
            read,
        ),
        Endpoint::new(
            Method::PATCH,
            "/settings",
            about("updateSettings", "Changes what the tenant has decided for itself."),
            change,
        ),
    ]
}
