//! `demo`: the product with a real competition in it, users and log-ins, ready to be tried.

mod competition;
mod scale;

use std::path::PathBuf;

use serde_json::json;
use tracing::Instrument;

use super::{Failure, block_on, console, local_api::text};
use crate::{
    appliance::{Appliance, Telemetry, listen},
    config::{Config, Flags, Sources},
    domain::{Action, Email, Grant, Permission, Role, Scope, permission::permissions},
    service::{Permit, Services, SetUp, TokenRequest},
    telemetry::context::RequestContext,
};

/// Arguments of `demo`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Data directory to use and keep; without it a temporary one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Add an event of about this many score sheets
    #[arg(long, default_value_t = 0, value_name = "N")]
    sheets: usize,
    /// Print one line of JSON with the address, a token and the log-ins
    #[arg(long)]
    json: bool,
}

/// The password of every account of the demo.
const PASSWORD: &str = "the-show-goes-on";

/// The short name of the demo's tenant.
const TENANT: &str = "demo";

/// The accounts beside the judges': who they are, and what they may do.
const OFFICIALS: [(&str, &str, Role); 6] = [
    ("admin@demo.example", "Ada Admin", Role::Admin),
    ("organizer@demo.example", "Olga Organizer", Role::Organizer),
    ("tally@demo.example", "Theo Tally", Role::TallyMaster),
    ("auditor@demo.example", "Aude Auditor", Role::Auditor),
    ("board@demo.example", "Bea Board", Role::Board),
    ("emcee@demo.example", "Emil Emcee", Role::Emcee),
];

/// Serves the demo until the process is asked to end.
///
/// # Errors
/// The data or the port cannot be used.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let temporary = match &arguments.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("event-manager-demo-").tempdir()?),
    };
    let directory = match (&arguments.data, &temporary) {
        (Some(data), _) => data.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => PathBuf::from("."),
    };
    let flags = Flags {
        data: Some(directory.to_string_lossy().into_owned()),
        port: Some(arguments.port),
        ..Flags::default()
    };
    // The demo runs without any configuration file or variable, so that it is the same everywhere.
    let config = Config::load(&Sources { flags, environment: Vec::new(), search: Vec::new() })?.config;
    let telemetry = Telemetry::start(&config, false)?;
    let context = RequestContext::system(telemetry.clock.clone(), "demo");
    let served = block_on(serve(arguments, &config, &telemetry, &context).instrument(context.span("demo")));
    telemetry.flush();
    served
}

async fn serve(
    arguments: &Arguments,
    config: &Config,
    telemetry: &Telemetry,
    context: &RequestContext,
) -> Result<(), Failure> {
    let appliance = Appliance::open(config, telemetry)?;
    let filled = fill(appliance.services(), context, arguments.sheets).await?;
    let token = token(appliance.services(), context).await?;
    let running = appliance.start(Some(listen(config.server.address)?))?;
    if let Some(address) = running.address {
        let url = format!("http://{address}");
        if arguments.json {
            console::say(&json!({"url": url, "token": token, "users": log_ins()}).to_string());
        } else {
            announce(&url, &config.store.data_dir.display().to_string(), filled);
        }
    }
    Ok(running.run_until_signal().await?)
}

fn announce(url: &str, directory: &str, filled: bool) {
    console::say(&format!("event-manager serves its demo at {url}/ (judges: {url}/judge)"));
    console::say(&format!("data directory: {directory}{}", if filled { "" } else { " (as it was left)" }));
    console::say(&format!("Everybody's password is {PASSWORD}"));
    for user in log_ins() {
        let field = |name: &str| text(&user, name);
        console::say(&format!("  {:<13} {}", field("role"), field("email")));
    }
    console::say("Stop with Ctrl+C.");
}

fn log_ins() -> Vec<serde_json::Value> {
    let officials = OFFICIALS.iter().map(|(email, _, role)| ((*email).to_owned(), *role));
    let judges = competition::judges().map(|(email, _)| (email, Role::Judge));
    officials
        .chain(judges)
        .map(|(email, role)| json!({"role": role, "email": email, "password": PASSWORD}))
        .collect()
}

/// Fills a new box; one that has data is left as it is.
async fn fill(services: &Services, context: &RequestContext, sheets: usize) -> Result<bool, Failure> {
    if !services.setup_needed().await? {
        return Ok(false);
    }
    let set_up = SetUp {
        tenant_name: TENANT.to_owned(),
        name: OFFICIALS[0].1.to_owned(),
        email: email(OFFICIALS[0].0)?,
        password: PASSWORD.to_owned(),
    };
    services.create_first(context, set_up).await?;
    competition::create(services, context).await?;
    if sheets > 0 {
        scale::create(services, context, sheets).await?;
    }
    Ok(true)
}

/// A permit of the installation itself to do something in the demo's tenant.
async fn permit(services: &Services, context: &RequestContext, action: Action) -> Result<Permit, Failure> {
    let principal = services.principal_of_operator(None, Some(TENANT)).await?;
    Ok(services.permit(context.clone(), principal, action)?)
}

async fn token(services: &Services, context: &RequestContext) -> Result<String, Failure> {
    let permit = permit(services, context, permissions::ManageTokens::ACTION).await?;
    let request = TokenRequest {
        name: "demo".to_owned(),
        grants: vec![Grant { role: Role::Admin, scope: Scope::Tenant {} }],
        expires_in_days: 30,
    };
    let secret = services.create_token(&permit, request, None).await?.made.secret;
    secret.ok_or_else(|| Failure::Other("the token has no secret".to_owned()))
}

fn email(text: &str) -> Result<Email, Failure> {
    text.parse().map_err(|_| Failure::Other(format!("{text} is no address")))
}
