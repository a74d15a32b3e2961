//! `[alerts]`: who is told when something is wrong with the box.

use std::time::Duration;

use super::hours;
use crate::{
    config::{keys::section, values::Whole},
    domain::{Email, Phone},
};

section! {
    /// Alerts: services outside that fail, a disk that is full, backups that are too old. They are shown to operators in any
    /// case.
    Alerts {
        /// Mail addresses that are told, such as ["ops@example.org"].
        email: Vec<Email> = Vec::new(),
        /// Telephone numbers that are told by text message, such as ["+4915112345678"].
        sms: Vec<Phone> = Vec::new(),
        /// How often it is looked whether something is wrong, in seconds.
        look_every_s: Whole<1, 300> = Whole::constant::<15>(),
        /// After so many hours they are told again, until somebody acknowledges the alert.
        again_after_hours: Whole<1, 168> = Whole::constant::<4>(),
    }
}

impl Alerts {
    /// How often it is looked whether something is wrong.
    pub fn look_every(&self) -> Duration {
        Duration::from_secs(self.look_every_s.get().into())
    }

    /// After which time those who were told are told again.
    pub fn again_after(&self) -> Duration {
        hours(self.again_after_hours.get())
    }
}
