//! `demo`: the product with a real competition in it, users and log-ins, ready to be tried.

mod competition;
mod directory;
mod scale;
mod stage;

use std::{ffi::OsString, net::TcpListener, path::PathBuf};

use serde_json::{Value, json};
use tracing::Instrument;

use self::{directory::Temporary, stage::Stage};
use super::{Failure, block_on, console, local_api::text};
use crate::{
    appliance::{Appliance, Telemetry, listen},
    config::{Config, Flags, Sources},
    domain::{Action, Email, Role},
    service::{Permit, Services, SetUp},
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

/// The machine itself.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1"];

/// How the variables begin that the demo regards.
const LIMITS: &str = "EVENT_MANAGER__LIMITS__";

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
    let (directory, _temporary) = match &arguments.data {
        Some(data) => (data.clone(), None),
        None => {
            let temporary = Temporary::make()?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let flags = Flags {
        data: Some(directory.to_string_lossy().into_owned()),
        port: Some(arguments.port),
        ..Flags::default()
    };
    // The demo runs without any configuration file or variable, so that it is the same everywhere; but for
    // the limits, which a program that tries it out as fast as it can has to lift.
    let limits = |(name, _): &(OsString, OsString)| name.to_string_lossy().starts_with(LIMITS);
    let environment = std::env::vars_os().filter(limits).collect();
    let mut config = Config::load(&Sources { flags, environment, search: Vec::new() })?.config;
    // Whoever tries it out sees at once what the product does.
    config.resilience.enforce_from_start = true;
    // What receives webhooks while somebody tries them out runs on the same machine.
    config.outbound.tenant_https_only = false;
    config.outbound.tenant_networks = LOOPBACK.iter().filter_map(|network| network.parse().ok()).collect();
    let listener = listen(config.server.address)?;
    let telemetry = Telemetry::start(&config, false)?;
    let context = RequestContext::system(telemetry.clock.clone(), "demo");
    let work = serve(arguments, &config, listener, &telemetry, &context);
    let served = block_on(work.instrument(context.span("demo")));
    telemetry.flush();
    served
}

async fn serve(
    arguments: &Arguments,
    config: &Config,
    listener: TcpListener,
    telemetry: &Telemetry,
    context: &RequestContext,
) -> Result<(), Failure> {
    let appliance = Appliance::open(config, telemetry)?;
    let stage = Stage { services: appliance.services(), context };
    let filled = fill(&stage, arguments.sheets).await?;
    let tenant = stage.tenant().await?;
    let users = stage.log_ins(&tenant).await?;
    let token = if arguments.json { Some(stage.token(&tenant).await?) } else { None };
    let running = appliance.start(Some(listener))?;
    if let Some(address) = running.address {
        let url = format!("http://{address}");
        match token {
            Some(token) => {
                console::say(&json!({"url": url, "token": token, "users": users}).to_string());
            }
            None => announce(&url, &config.store.data_dir.display().to_string(), filled, &users),
        }
    }
    Ok(running.run_until_signal().await?)
}

fn announce(url: &str, directory: &str, filled: bool, users: &[Value]) {
    console::say(&format!("event-manager serves its demo at {url}/ (judges: {url}/judge)"));
    console::say(&format!("data directory: {directory}{}", if filled { "" } else { " (as it was left)" }));
    if users.is_empty() {
        console::say("The demo's users are not in this data; sign in with the accounts that are.");
    } else {
        console::say(&format!("Everybody's password is {PASSWORD}"));
    }
    for user in users {
        console::say(&format!("  {:<13} {}", text(user, "role"), text(user, "email")));
    }
    console::say("Stop with Ctrl+C.");
}

/// Fills a new box; one that has data is left as it is.
async fn fill(stage: &Stage<'_>, sheets: usize) -> Result<bool, Failure> {
    let Stage { services, context } = *stage;
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
    Stage { services, context }.permit(TENANT, action).await
}

fn email(text: &str) -> Result<Email, Failure> {
    text.parse().map_err(|_| Failure::Other(format!("{text} is no address")))
}
