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
    for Announcement { text, link } in announcements(urls, code) {
        console::say(&text);
        show_code(&link);
    }
}

/// What is said of an address, and where its QR code leads.
#[derive(PartialEq, Eq, Debug)]
struct Announcement {
    text: String,
    link: String,
}

/// Nobody knows which of the addresses a telephone reaches, so each has a code of its own.
fn announcements(urls: &[String], code: Option<&str>) -> Vec<Announcement> {
    let announcement = |url: &String| match code {
        Some(code) => {
            let link = format!("{url}/#/setup?code={code}");
            let text = format!("event-manager serves at {url}/\nSet it up with the code {code} at {link}");
            Announcement { text, link }
        }
        None => Announcement { text: format!("event-manager serves at {url}/"), link: format!("{url}/") },
    };
    urls.iter().map(announcement).collect()
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

#[cfg(test)]
mod tests {
    use super::announcements;

    #[test]
    fn every_address_is_told_and_leads_to_the_set_up_as_long_as_there_is_a_code_for_it() {
        let urls = ["http://10.0.0.7:8080", "http://192.168.1.7:8080"].map(str::to_owned);
        let links = |code| announcements(&urls, code).into_iter().map(|told| told.link).collect::<Vec<_>>();
        assert_eq!(links(None), ["http://10.0.0.7:8080/", "http://192.168.1.7:8080/"]);
        let setup = urls.clone().map(|url| format!("{url}/#/setup?code=abc"));
        assert_eq!(links(Some("abc")), setup);
        let told = announcements(&urls, Some("abc"));
        assert!(told.iter().zip(&setup).all(|(told, link)| told.text.ends_with(link.as_str())));
    }
}
