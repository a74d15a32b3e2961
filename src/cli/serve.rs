//! `serve`: the product at work.

use std::net::{SocketAddr, TcpListener};

use tracing::Instrument;

use super::{
    Failure,
    addresses::{of_machine, reachable},
    block_on, console, first_start, load_with_origins,
    restore::restore,
};
use crate::{
    appliance::{Appliance, Telemetry, ensure_usable, listen},
    config::{Config, Flags},
    reports,
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
    /// Do not ask anything
    #[arg(long)]
    yes: bool,
}

/// Serves until the process is asked to end.
///
/// # Errors
/// The configuration, the data or the address cannot be used.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let loaded = load_with_origins(&arguments.flags)?;
    let chosen = first_start::ask(&loaded, !arguments.yes)?;
    let mut config = loaded.config;
    config.server.address = chosen.unwrap_or(config.server.address);
    let listener = listen(config.server.address)?;
    ensure_usable(&config.store.data_dir)?;
    if let Some(address) = chosen {
        first_start::remember(&config, address)?;
    }
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
        announce(&urls(config, address), code.as_deref());
        tracing::info!(%address, "serving");
    }
    Ok(running.run_until_signal().await?)
}

/// Tells where it is reached; at a terminal with a code for the camera of a telephone, too.
fn announce(urls: &[String], code: Option<&str>) {
    for url in urls {
        console::say(&format!("event-manager serves at {url}/"));
        if code.is_none() {
            show_code(&format!("{url}/"));
        }
    }
    if let (Some(code), Some(url)) = (code, urls.first()) {
        let link = format!("{url}/#/setup?code={code}");
        console::say(&format!("Set it up with the code {code} at {link}"));
        show_code(&link);
    }
}

/// A text as QR code, if somebody sits there.
fn show_code(text: &str) {
    if !first_start::at_terminal() {
        return;
    }
    // An address that is too long for a code stands there as text.
    if let Ok(code) = reports::qr_text(text) {
        console::say(&code);
    }
}

/// The addresses that people type, best first.
fn urls(config: &Config, address: SocketAddr) -> Vec<String> {
    if let Some(url) = &config.server.public_url {
        return vec![url.as_str().trim_end_matches('/').to_owned()];
    }
    let base = config.server.base_path.as_str();
    reachable(address, &of_machine()).iter().map(|address| format!("http://{address}{base}")).collect()
}
