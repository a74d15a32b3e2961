//! `[resilience]` and `[breaker.*]`: what keeps a failing service outside from being called.

use std::time::Duration;

use crate::{
    config::{keys::section, values::Whole},
    domain::{OutboundService, RolloutRules},
};

section! {
    /// What keeps services outside that fail from being called: circuit breakers. Modes chosen while the program runs
    /// count more than these.
    Resilience {
        /// Whether there are circuit breakers. Without them every call is made, whatever became of the last ones.
        enabled: bool = true,
        /// Whether calls are rejected from the first start on. Otherwise each service is watched first, and what
        /// would have been rejected is told.
        enforce_from_start: bool = false,
        /// How long each service is watched before calls are rejected: in hours in which it was called.
        observe_hours: Whole<0, 8760> = Whole::constant::<48>(),
    }
}

impl Resilience {
    /// How circuit breakers are brought in.
    pub const fn rollout(&self) -> RolloutRules {
        RolloutRules {
            enabled: self.enabled,
            enforce_from_start: self.enforce_from_start,
            observe_hours: self.observe_hours.get(),
        }
    }
}

/// A section for the breakers of each service, which differ in nothing but their defaults.
macro_rules! breakers {
    ($( $(#[doc = $about:literal])+ $section:ident { $consecutive:literal, $rate:literal, $longest:literal } )+) => {$(
        section! {
            $(#[doc = $about])+
            $section {
                /// So many failures within the window open the circuit: calls are rejected. 0 for no such rule.
                failure_threshold: Whole<0, 4096> = Whole::constant::<5>(),
                /// So many successful trials close it again.
                success_threshold: Whole<1, 100> = Whole::constant::<2>(),
                /// How long it stays open before a trial is made, in milliseconds.
                timeout_ms: Whole<100, 86_400_000> = Whole::constant::<60_000>(),
                /// How long a call counts, in milliseconds.
                window_size_ms: Whole<100, 86_400_000> = Whole::constant::<60_000>(),
                /// So many calls must count before the rules on failures and slow calls are looked at.
                volume_threshold: Whole<1, 4096> = Whole::constant::<10>(),
                /// So many failures in a row open it, however few calls there are. 0 for no such rule.
                consecutive_failures: Whole<0, 4096> = Whole::constant::<$consecutive>(),
                /// So many percent of failed calls open it. 0 for no such rule.
                failure_rate_percent: Whole<0, 100> = Whole::constant::<$rate>(),
                /// A call that takes longer is slow, in milliseconds. 0 for none.
                slow_call_ms: Whole<0, 86_400_000> = Whole::constant::<0>(),
                /// So many percent of slow calls open it. 0 for no such rule.
                slow_call_rate_percent: Whole<0, 100> = Whole::constant::<0>(),
                /// Each time it opens again it stays open twice as long, up to this, in milliseconds. The same as
                /// timeout_ms or less: it always stays open as long.
                longest_timeout_ms: Whole<0, 86_400_000> = Whole::constant::<$longest>(),
            }
        }

        impl $section {
            /// The settings in a form that does not differ by service.
            pub fn rules(&self) -> BreakerRules {
                BreakerRules {
                    failure_threshold: some(self.failure_threshold.get()),
                    success_threshold: self.success_threshold.get(),
                    timeout: millis(self.timeout_ms.get()),
                    window_size: millis(self.window_size_ms.get()),
                    volume_threshold: self.volume_threshold.get(),
                    consecutive_failures: some(self.consecutive_failures.get()),
                    failure_rate: some(self.failure_rate_percent.get()),
                    slow_after: some(self.slow_call_ms.get()).map(millis),
                    slow_rate: some(self.slow_call_rate_percent.get()),
                    longest_timeout: millis(self.longest_timeout_ms.get()),
                }
            }
        }
    )+};
}

breakers! {
    /// The circuit breakers of mail relays, one for each.
    EmailBreaker { 5, 0, 900_000 }
    /// The circuit breakers of object stores, one for each bucket.
    StorageBreaker { 0, 50, 0 }
    /// The circuit breakers of webhooks, one for each host.
    WebhookBreaker { 5, 0, 900_000 }
    /// The circuit breakers of SMS gateways, one for each account.
    SmsBreaker { 5, 0, 900_000 }
    /// The circuit breakers of virus scanners, one for each.
    VirusScanBreaker { 5, 0, 900_000 }
    /// The circuit breakers of shared caches, one for each.
    RedisBreaker { 0, 0, 0 }
    /// The circuit breakers of other HTTP interfaces, one for each host.
    ExternalApiBreaker { 5, 0, 900_000 }
    /// The circuit breakers of collectors, one for each.
    OtlpBreaker { 5, 0, 300_000 }
}

/// What the circuit breakers of a service go by. Rates are in percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerRules {
    /// So many failures in the window open the circuit.
    pub failure_threshold: Option<u32>,
    /// So many successful trials close it.
    pub success_threshold: u32,
    /// How long it stays open at first.
    pub timeout: Duration,
    /// How long a call counts.
    pub window_size: Duration,
    /// So many calls must count.
    pub volume_threshold: u32,
    /// So many failures in a row open it.
    pub consecutive_failures: Option<u32>,
    /// So large a part of failures opens it.
    pub failure_rate: Option<u32>,
    /// A call that takes longer is slow.
    pub slow_after: Option<Duration>,
    /// So large a part of slow calls opens it.
    pub slow_rate: Option<u32>,
    /// The longest that it stays open.
    pub longest_timeout: Duration,
}

/// The sections of all services.
#[derive(Clone, Debug, Default)]
pub struct BreakerSections {
    /// `[breaker.email]`
    pub email: EmailBreaker,
    /// `[breaker.storage]`
    pub storage: StorageBreaker,
    /// `[breaker.webhook]`
    pub webhook: WebhookBreaker,
    /// `[breaker.sms]`
    pub sms: SmsBreaker,
    /// `[breaker.virus_scan]`
    pub virus_scan: VirusScanBreaker,
    /// `[breaker.redis]`
    pub redis: RedisBreaker,
    /// `[breaker.external_api]`
    pub external_api: ExternalApiBreaker,
    /// `[breaker.otlp]`
    pub otlp: OtlpBreaker,
}

impl BreakerSections {
    /// What the breakers of a service go by.
    pub fn of(&self, service: OutboundService) -> BreakerRules {
        match service {
            OutboundService::Email => self.email.rules(),
            OutboundService::Storage => self.storage.rules(),
            OutboundService::Webhook => self.webhook.rules(),
            OutboundService::Sms => self.sms.rules(),
            OutboundService::VirusScan => self.virus_scan.rules(),
            OutboundService::Redis => self.redis.rules(),
            OutboundService::ExternalApi => self.external_api.rules(),
            OutboundService::Otlp => self.otlp.rules(),
        }
    }
}

fn some(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number > 0)
}

fn millis(count: u32) -> Duration {
    Duration::from_millis(count.into())
}
