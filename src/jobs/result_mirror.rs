//! The mirror of results: a Redis holds what is settled, so that screens and other programs read it there. It is compared with
//! what there is and mended, so nothing waits anywhere while Redis is slow, frozen or gone, and nothing of ours waits for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::mirror::apply;
use crate::{
    domain::OutboundService,
    integrations::redis::{RedisCommand, RedisPeer},
    service::{Services, SettledBook, SettledResults},
    telemetry::{clock::Clock, context::RequestContext},
};

/// How long Redis keeps what it is not told again: what this program cannot take back goes by itself.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// After which time it is told again.
const TOLD_AGAIN: Duration = Duration::from_secs(3 * 60);
/// How long changes are gathered before they are looked at.
const GATHERED: Duration = Duration::from_secs(1);
/// Most results of one call.
const TOGETHER_MAX: usize = 32;

/// What Redis was told: by key, the value and when, on the monotonic clock.
type Held = HashMap<String, (Arc<str>, Duration)>;

/// Has a Redis hold settled results, for ever.
pub async fn mirror_results(services: &Services, clock: &Clock, redis: Arc<RedisPeer>) {
    let mut watch = services.watch_all();
    let (mut book, mut held) = (SettledBook::default(), Held::new());
    loop {
        let is_in_step = match services.settled_results(&mut book).await {
            Ok(results) => bring_into_step(services, clock, &redis, &mut held, results).await,
            Err(error) => {
                tracing::warn!(%error, "results are mirrored later");
                false
            }
        };
        if is_in_step {
            let _ = tokio::time::timeout(TOLD_AGAIN, watch.moved()).await;
        }
        tokio::time::sleep(GATHERED).await;
    }
}

/// Tells Redis what it does not hold, and has it forget what is settled no more. Says whether it has done all of it.
async fn bring_into_step(
    services: &Services,
    clock: &Clock,
    redis: &Arc<RedisPeer>,
    held: &mut Held,
    results: Vec<SettledResults>,
) -> bool {
    let now = clock.monotonic();
    for some in lacking(held, results, now).chunks(TOGETHER_MAX) {
        let context = RequestContext::system(clock.clone(), "mirror");
        let breaker = services.breakers().of(OutboundService::Redis, &redis.key());
        let Ok(permit) = breaker.admit(context.correlation_id()) else { return false };
        let commands = some.iter().map(|(key, value)| command(key, value.as_ref())).collect();
        if let Err(failure) = apply(redis, &Arc::new(commands), (permit, "store")).await {
            tracing::warn!(key = redis.key(), class = failure.class, "Redis does not hold all results");
            return false;
        }
        for (key, value) in some {
            match value {
                Some(value) => drop(held.insert(key.clone(), (value.clone(), now))),
                None => drop(held.remove(key)),
            }
        }
    }
    true
}

/// What is to be told: by key, the value, or none for what is to go.
fn lacking(held: &Held, results: Vec<SettledResults>, now: Duration) -> Vec<(String, Option<Arc<str>>)> {
    let wanted: HashMap<String, Arc<str>> = results
        .into_iter()
        .map(|SettledResults { tenant, category, body }| (format!("results:{tenant}:{category}"), body))
        .collect();
    let gone = held.keys().filter(|key| !wanted.contains_key(*key)).map(|key| (key.clone(), None));
    let mut lacking: Vec<_> = gone.collect();
    lacking.extend(wanted.into_iter().filter_map(|(key, value)| {
        let is_held =
            held.get(&key).is_some_and(|(known, at)| *known == value && now.saturating_sub(*at) < TOLD_AGAIN);
        (!is_held).then_some((key, Some(value)))
    }));
    lacking
}

fn command(key: &str, value: Option<&Arc<str>>) -> RedisCommand {
    let key = key.to_owned();
    match value {
        Some(value) => RedisCommand::Set { key, value: value.as_bytes().to_vec(), ttl: Some(KEPT) },
        None => RedisCommand::Delete { key },
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Duration, Held, SettledResults, TOLD_AGAIN, lacking};
    use crate::domain::{CategoryId, TenantId};

    #[test]
    fn what_is_new_changed_or_old_is_told_and_what_is_settled_no_more_goes() {
        let results = |names: &[(u128, &str)]| -> Vec<SettledResults> {
            let of = |(id, body): &(u128, &str)| SettledResults {
                tenant: TenantId::new(Uuid::nil()),
                category: CategoryId::new(Uuid::from_u128(*id)),
                body: (*body).into(),
            };
            names.iter().map(of).collect()
        };
        let told = |held: &Held, names: &[(u128, &str)], at: u64| {
            let mut told = lacking(held, results(names), Duration::from_secs(at));
            told.sort_unstable();
            told.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        let mut held = Held::new();
        assert_eq!(told(&held, &[(1, "a"), (2, "b")], 0), [Some("a".into()), Some("b".into())]);
        for (key, value) in lacking(&held, results(&[(1, "a"), (2, "b")]), Duration::ZERO) {
            held.insert(key, (value.unwrap(), Duration::ZERO));
        }
        assert_eq!(told(&held, &[(1, "a"), (2, "b")], 1), []);
        assert_eq!(told(&held, &[(1, "a"), (2, "c")], 1), [Some("c".into())]);
        assert_eq!(told(&held, &[(1, "a")], 1), [None]);
        assert_eq!(told(&held, &[(1, "a"), (2, "b")], TOLD_AGAIN.as_secs()).len(), 2);
    }
}
