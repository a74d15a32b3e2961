//! `serve`: the product at work.

use std::net::{SocketAddr, TcpListener};

use tracing::Instrument;

use super::{Failure, block_on, console, load, restore::restore};
use crate::{
    appliance::{Appliance, Telemetry, listen},
    config::{Config, Flags},
    telemetry::context::RequestContext,
};

/// Arguments of `serve`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// If the data file is lost or damaged: tell what the newest sound copy lacks, ask, and go on with it
    #[arg(long)]
    restore_copy: bool,
    /// Do not ask
    #[arg(long, requires = "restore_copy")]
    yes: bool,
}

/// Serves until the process is asked to end.
///
/// # Errors
/// The configuration, the data or the address cannot be used.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = load(&arguments.flags)?;
    let listener = listen(config.server.address)?;
    let telemetry = Telemetry::start(&config, true)?;
    let context = RequestContext::system(telemetry.clock.clone(), "serve");
    if arguments.restore_copy {
        let restored =
            context.span("restore").in_scope(|| restore(&config, telemetry.clock.now(), arguments.yes));
        restored.inspect_err(|_| telemetry.flush())?;
    }
    let served = block_on(serve(&config, listener, &telemetry, &context).instrument(context.span("serve")));
    telemetry.flush();
    served
}

async fn serve(
    config: &Config,
    listener: TcpListener,
    telemetry: &Telemetry,
    context: &RequestContext,
) -> Result<(), Failure> {
    tracing::info!(version = env!("CARGO_PKG_VERSION"), dataDir = %config.store.data_dir.display(), "starting");
    let appliance = Appliance::open(config, telemetry)?;
    // A step of its own: what it cost is not to stand in every later line of the process.
    let step = context.child();
    let code = appliance.prepare(config.setup.first_admin(), &step).instrument(step.span("prepare")).await?;
    let running = appliance.start(Some(listener))?;
    if let Some(address) = running.address {
        let url = url(config, address);
        console::say(&format!("event-manager serves at {url}/"));
        if let Some(code) = code {
            console::say(&format!("Set it up with the code {code} at {url}/#/setup?code={code}"));
        }
        tracing::info!(%address, "serving");
    }
    Ok(running.run_until_signal().await?)
}

/// The address that people type.
fn url(config: &Config, address: SocketAddr) -> String {
    match &config.server.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}{}", config.server.base_path.as_str()),
    }
}
