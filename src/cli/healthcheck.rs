//! `healthcheck`: whether the server is ready, for packages and whoever watches the box.

use std::{net::IpAddr, time::Duration};

use super::{Failure, console, load};
use crate::config::Flags;

/// Arguments of `healthcheck`.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// Address of the server, instead of the configured one
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Asks the server whether it is ready.
///
/// # Errors
/// It is not, or does not answer.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let base = match &arguments.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => {
            let config = load(&arguments.flags)?;
            let mut address = config.server.address;
            // A server that listens on every address is asked on this machine.
            if address.ip().is_unspecified() {
                address.set_ip(match address.ip() {
                    IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
                    IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
                });
            }
            format!("http://{address}{}", config.server.base_path.as_str())
        }
    };
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
    match agent.get(format!("{base}/health/ready")).call() {
        Ok(_) => {
            console::say("ready");
            Ok(())
        }
        Err(error) => Err(Failure::Other(format!("{base} is not ready: {error}"))),
    }
}
