//! What takes the place of a service outside that fails, as it is counted. Uses `domain` and `telemetry`.

use crate::{domain::OutboundService, telemetry::metrics};

/// What takes the place of a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// Another relay takes the mail at once.
    SecondRelay,
    /// Another object store takes the backup or file at once.
    NextTarget,
    /// A mail takes the place of a text message.
    Mail,
    /// Events wait in memory.
    Memory,
    /// A queue begins to wait: its circuit is open.
    Wait,
    /// It is given up, and people are told.
    DeadLetter,
}

impl Fallback {
    /// Counts it.
    pub fn count(self, service: OutboundService, times: u64) {
        let labels = [("service", service.word()), ("outcome", self.word(service))];
        ::metrics::counter!(metrics::BREAKER_FALLBACKS, &labels).increment(times);
    }

    /// Its word; waiting has one for what it means for those who wait.
    const fn word(self, service: OutboundService) -> &'static str {
        match (self, service) {
            (Self::SecondRelay, _) => "second_relay",
            (Self::NextTarget, _) => "next_target",
            (Self::Mail, _) => "mail",
            (Self::Memory, _) => "memory",
            (Self::Wait, OutboundService::Storage) => "local_spool",
            (Self::Wait, OutboundService::VirusScan) => "quarantine",
            (Self::Wait, _) => "queue",
            (Self::DeadLetter, _) => "dead_letter",
        }
    }
}
