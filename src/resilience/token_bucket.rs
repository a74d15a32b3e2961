//! Token buckets: so many a second on average, so many at once. Uses nothing of ours.

use std::{
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::bounded::Bounded;

/// Most buckets that are kept; one that was dropped begins full again.
const BUCKETS_MAX: usize = 20_000;

/// How much is allowed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate {
    /// Tokens that come back a second; zero for no limit.
    pub per_second: f64,
    /// Tokens that can be taken at once.
    pub burst: u32,
}

/// There is no token left; there is one again after this time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Exhausted(pub Duration);

/// A bucket for each key, all with the same rate.
#[derive(Debug)]
pub struct TokenBuckets<K> {
    rate: Rate,
    buckets: Mutex<Bounded<K, Bucket>>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Bucket {
    /// Tokens taken and not come back.
    taken: f64,
    at: Duration,
}

impl<K: Eq + Hash + Copy> TokenBuckets<K> {
    /// Full buckets.
    pub fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(Bounded::new(BUCKETS_MAX)) }
    }

    /// Takes a token from the bucket of a key.
    ///
    /// # Errors
    /// There is none.
    pub fn take(&self, key: K, now: Duration) -> Result<(), Exhausted> {
        if self.is_off() {
            return Ok(());
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.touch(key, now);
        bucket.refill(self.rate, now);
        bucket.ensure_one(self.rate)?;
        bucket.taken += 1.0;
        Ok(())
    }

    /// Whether there is a token in the bucket of a key, without taking it.
    ///
    /// # Errors
    /// There is none.
    pub fn ensure(&self, key: K, now: Duration) -> Result<(), Exhausted> {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        match buckets.get(&key).filter(|_| !self.is_off()) {
            None => Ok(()),
            Some(bucket) => {
                let mut bucket = *bucket;
                bucket.refill(self.rate, now);
                bucket.ensure_one(self.rate)
            }
        }
    }

    fn is_off(&self) -> bool {
        self.rate.per_second <= 0.0
    }
}

impl Bucket {
    fn refill(&mut self, rate: Rate, now: Duration) {
        let back = now.saturating_sub(self.at).as_secs_f64() * rate.per_second;
        self.taken = (self.taken - back).max(0.0);
        self.at = now;
    }

    fn ensure_one(&self, rate: Rate) -> Result<(), Exhausted> {
        let lacking = self.taken + 1.0 - f64::from(rate.burst.max(1));
        // A billionth of a token is what a second lacks after it was added up from its parts.
        if lacking <= 1e-9 {
            return Ok(());
        }
        Err(Exhausted(Duration::try_from_secs_f64(lacking / rate.per_second).unwrap_or(Duration::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Exhausted, Rate, TokenBuckets};

    const RATE: Rate = Rate { per_second: 2.0, burst: 3 };

    #[test]
    fn a_burst_passes_and_the_next_waits_for_one_to_come_back() {
        let buckets = TokenBuckets::new(RATE);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", Duration::ZERO), Ok(()));
        }
        assert_eq!(buckets.take("a", Duration::ZERO), Err(Exhausted(Duration::from_millis(500))));
        assert_eq!(buckets.ensure("a", Duration::ZERO), Err(Exhausted(Duration::from_millis(500))));
        assert_eq!(buckets.take("b", Duration::ZERO), Ok(()), "each key has its own");
        assert_eq!(buckets.take("a", Duration::from_millis(500)), Ok(()));
    }

    #[test]
    fn no_rate_is_no_limit() {
        let buckets = TokenBuckets::new(Rate { per_second: 0.0, burst: 1 });
        assert!((0..100).all(|_| buckets.take((), Duration::ZERO).is_ok()));
    }

    proptest! {
        #[test]
        fn no_more_pass_than_the_burst_and_what_came_back(steps in proptest::collection::vec(0_u64..2_000, 1..60)) {
            let buckets = TokenBuckets::new(RATE);
            let (mut now, mut passed) = (Duration::ZERO, 0_u32);
            for step in steps {
                now += Duration::from_millis(step);
                match buckets.take((), now) {
                    Ok(()) => passed += 1,
                    Err(Exhausted(wait)) => prop_assert!(buckets.take((), now + wait).is_ok() || wait.is_zero()),
                }
                prop_assume!(passed < 1_000);
                let allowed = 3.0 + RATE.per_second * now.as_secs_f64();
                prop_assert!(f64::from(passed) <= allowed + 1e-6);
            }
        }
    }
}
