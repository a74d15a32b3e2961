//! The outbox: takes deliveries from their queues when they are due and their circuits let them pass, carries them out of
//! the box, and notes what became of them. May use `service`, `integrations`, `resilience` and `telemetry`.

mod attempt;
mod carrier;
mod contents;
mod dispatcher;
mod http_calls;
mod mail;
mod probes;
mod publisher;
mod scan;
mod sizes;
mod slots;
mod sms;
mod uploads;
mod ways;

pub use self::{
    carrier::{Carrier, ids_of},
    dispatcher::{Dispatcher, RunningDispatcher},
    mail::MailPort,
    publisher::publish_changes,
    sizes::show_sizes,
    sms::SmsPort,
    uploads::{BACKUPS_FOLDER, StoragePort},
    ways::Ways,
};
