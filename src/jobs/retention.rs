//! What the box does by itself with what is old: once a day it destroys what was deleted longer ago than it is to be
//! kept, and it forgets jobs, deliveries and alerts of long ago. A clock that is wrong must not destroy anything, so it
//! first looks whether it can trust the time.

use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::watch;
use tracing::Instrument;

use crate::{
    domain::Timestamp,
    service::{BLOBS_LEFT, Services},
    telemetry::{clock::Clock, context::RequestContext},
};

/// How often it is looked whether it is time.
const LOOKED_AFTER: Duration = Duration::from_secs(15 * 60);
/// How often it is done.
const DONE_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the wall clock may be from where it should be.
const TRUSTED: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether the wall clock can be trusted: it goes as fast as the monotonic one, and at the start it stood near the last
/// change that was stored, or has been watched for a day since.
#[derive(Clone, Copy, Debug)]
pub struct RetentionRule {
    /// The wall clock at the start.
    pub started: Timestamp,
    /// When the newest change of all was made that was stored at the start.
    pub last_change: Option<Timestamp>,
}

impl RetentionRule {
    /// Whether time can be trusted, having run for so long.
    pub fn trusts(&self, now: Timestamp, uptime: Duration) -> bool {
        let expected = self.started.plus(uptime);
        if !near(now, expected) {
            return false;
        }
        // An archive of last year is taken out: nothing of it is destroyed before somebody could have looked.
        uptime >= TRUSTED || self.last_change.is_none_or(|last| near(self.started, last))
    }
}

fn near(one: Timestamp, other: Timestamp) -> bool {
    let apart = one.millis().abs_diff(other.millis());
    u128::from(apart) <= TRUSTED.as_millis()
}

/// How long alerts are kept that are over: as long as the log.
const ALERTS_KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The schedule of the box's own work on what is old.
pub struct Retention {
    services: Data<Services>,
    clock: Clock,
    kept: Option<Duration>,
    rule: RetentionRule,
    began: Duration,
}

impl Retention {
    /// Begins to watch the clock. What else may change the data is started afterwards: a change that a wrong clock has
    /// dated would vouch for that clock. `kept` is how long deleted things are kept; for ever if there is none.
    pub fn new(services: Data<Services>, clock: Clock, kept: Option<Duration>) -> Self {
        let (last_change, kept) = match services.last_change_at() {
            Ok(last_change) => (last_change, kept),
            Err(error) => {
                tracing::error!(%error, "the time of the last change cannot be read; nothing in the trash is destroyed");
                (None, None)
            }
        };
        let rule = RetentionRule { started: clock.now(), last_change };
        Self { services, began: clock.monotonic(), clock, kept, rule }
    }

    /// Looks again and again until it is told to stop.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        loop {
            let context = RequestContext::system(self.clock.clone(), "retention");
            let span = context.span("retention");
            self.look(&context).instrument(span).await;
            tokio::select! {
                _ = stopping.changed() => return,
                () = tokio::time::sleep(LOOKED_AFTER) => {}
            }
        }
    }

    async fn look(&self, context: &RequestContext) {
        let now = context.clock().now();
        if !self.rule.trusts(now, self.clock.monotonic().saturating_sub(self.began)) {
            // Where nothing in the trash is destroyed anyway, nobody has to look after the clock because of it.
            if self.kept.is_some() {
                tracing::warn!(
                    "the clock may be wrong, so nothing that seems old is destroyed; check the time of this machine"
                );
            }
            return;
        }
        if let Err(error) = self.services.forget_old_jobs(context).await {
            tracing::warn!(%error, "old jobs were not forgotten");
        }
        if let Err(error) = self.services.sweep_blobs(context, BLOBS_LEFT).await {
            tracing::warn!(%error, "files that nothing refers to were not removed from the disk");
        }
        self.forget_deliveries(context).await;
        if let Err(error) = self.services.forget_old_alerts(context, ALERTS_KEPT).await {
            tracing::warn!(%error, "old alerts were not forgotten");
        }
        let Some(kept) = self.kept else { return };
        let (since, before) = (now.minus(DONE_AFTER), now.minus(kept));
        if let Err(error) = self.services.begin_retention(context, since, before).await {
            tracing::warn!(%error, "old things in the trash were not destroyed");
        }
    }

    /// Forgets old deliveries, a few at a time, until there are none.
    async fn forget_deliveries(&self, context: &RequestContext) {
        loop {
            match self.services.forget_old_deliveries(context).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "old deliveries were not forgotten");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{RetentionRule, Timestamp};

    const HOUR: i64 = 60 * 60 * 1000;

    fn trusts(last_change: Option<i64>, now: i64, uptime_hours: u64) -> bool {
        let rule = RetentionRule {
            started: Timestamp::from_millis(1_000 * HOUR),
            last_change: last_change.map(|hour| Timestamp::from_millis(hour * HOUR)),
        };
        rule.trusts(Timestamp::from_millis(now * HOUR), Duration::from_secs(uptime_hours * 3_600))
    }

    #[test]
    fn a_clock_that_goes_on_where_the_data_ended_is_trusted() {
        assert!(trusts(Some(999), 1_000, 0));
        assert!(trusts(None, 1_000, 0), "a new box has nothing to destroy");
    }

    #[test]
    fn a_clock_far_from_the_last_change_is_watched_for_a_day_first() {
        assert!(!trusts(Some(100), 1_001, 1));
        assert!(!trusts(Some(5_000), 1_001, 1), "it was set back");
        assert!(trusts(Some(100), 1_024, 24));
    }

    #[test]
    fn a_clock_that_jumps_while_the_box_runs_is_not_trusted() {
        assert!(trusts(Some(999), 1_010, 10));
        assert!(!trusts(Some(999), 9_999, 10));
        assert!(!trusts(Some(999), 500, 10));
    }
}
