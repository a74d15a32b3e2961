//! `[outbound]`: what leaves the box.

use std::{path::PathBuf, time::Duration};

use super::days;
use crate::{
    config::{
        keys::section,
        values::{Network, Whole},
    },
    domain::AttemptLimits,
};

section! {
    /// What leaves the box: webhooks, calls of other programs, and everything else that others are told.
    Outbound {
        /// Networks that webhooks and actions of tenants may reach beside public addresses, such as "10.1.0.0/16" for
        /// a screen in the venue. Addresses of cloud metadata services are never reached.
        tenant_networks: Vec<Network> = Vec::new(),
        /// Whether webhooks and actions of tenants must be https.
        tenant_https_only: bool = true,
        /// A file with further certificate authorities that are trusted, in PEM form.
        authorities_file: Option<PathBuf> = None,
        /// How long deliveries that are under way may take to finish at shutdown, in seconds. What takes longer is
        /// tried again after the next start, and marked as such.
        drain_s: Whole<0, 300> = Whole::constant::<20>(),
        /// Attempts after which a webhook is not told of an event any more. Ten take about three days.
        webhook_attempts: Whole<1, 20> = Whole::constant::<10>(),
        /// Attempts after which all else is given up. Twelve take about two hours.
        attempts: Whole<1, 20> = Whole::constant::<12>(),
        /// Days for which deliveries are kept that arrived.
        kept_days: Whole<1, 3650> = Whole::constant::<30>(),
        /// Days for which dead letters are kept.
        dead_kept_days: Whole<1, 3650> = Whole::constant::<90>(),
    }
}

impl Outbound {
    /// After how many attempts deliveries are given up.
    pub fn attempt_limits(&self) -> AttemptLimits {
        AttemptLimits { webhooks: self.webhook_attempts.get(), others: self.attempts.get() }
    }

    /// How long deliveries may take to finish at shutdown.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_s.get().into())
    }

    /// How long deliveries are kept that arrived.
    pub fn kept(&self) -> Duration {
        days(self.kept_days.get())
    }

    /// How long dead letters are kept.
    pub fn dead_kept(&self) -> Duration {
        days(self.dead_kept_days.get())
    }
}
