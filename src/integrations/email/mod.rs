//! E-mail: a mail as a value becomes MIME text, is signed, and goes to one relay over SMTP. Every call blocks within its
//! limits and says at which step it failed and what is to become of the mail. May use `integrations::attempt` and
//! `telemetry` (stopwatch and threads); opens its connections itself.

mod address;
mod classify;
mod connect;
mod dkim;
mod message;
mod pool;
mod relay;
mod reply;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod wire;

pub use self::{
    dkim::DkimSettings,
    message::{Attachment, Mail, MailFault, Person},
    relay::{Accepted, Relay},
    settings::{Login, RelaySettings, Security, SetUpFault},
};
