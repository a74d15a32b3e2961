//! A map that cannot grow without end, whoever fills it: when it is full, what was not touched for the longest time goes.
//! Uses nothing of ours.

use std::{collections::HashMap, hash::Hash, time::Duration};

/// Values by key, each with the time when it was last touched.
#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    limit: usize,
    values: HashMap<K, (Duration, V)>,
}

impl<K: Eq + Hash + Copy, V: Default> Bounded<K, V> {
    /// An empty map of at most `limit` values.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), values: HashMap::new() }
    }

    /// The value under a key, if there is one.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    /// The value under a key, made if there is none, touched now.
    pub(super) fn touch(&mut self, key: K, now: Duration) -> &mut V {
        if self.values.len() >= self.limit && !self.values.contains_key(&key) {
            self.make_room();
        }
        let (touched, value) = self.values.entry(key).or_insert_with(|| (now, V::default()));
        *touched = now;
        value
    }

    /// The value under a key, to be changed without touching it.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(key).map(|(_, value)| value)
    }

    /// Drops what is under a key.
    pub(super) fn remove(&mut self, key: &K) {
        self.values.remove(key);
    }

    /// Keeps what `keep` says.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        self.values.retain(|key, _| keep(key));
    }

    /// Drops the oldest tenth at once, so that a full map does not look for the oldest with every new key.
    fn make_room(&mut self) {
        let mut times: Vec<Duration> = self.values.values().map(|(touched, _)| *touched).collect();
        let place = (self.limit / 10).min(times.len().saturating_sub(1));
        let (_, oldest, _) = times.select_nth_unstable(place);
        let oldest = *oldest;
        let mut excess = place + 1;
        self.values.retain(|_, (touched, _)| {
            let goes = *touched <= oldest && excess > 0;
            excess -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Bounded;

    #[test]
    fn it_never_holds_more_than_its_limit_and_drops_the_oldest() {
        let mut map = Bounded::<u64, u64>::new(100);
        for number in 0..1_000 {
            *map.touch(number, Duration::from_secs(number)) = number;
            assert!(map.values.len() <= 100);
        }
        assert_eq!(map.get(&999), Some(&999));
        assert_eq!(map.get(&0), None);
    }

    #[test]
    fn what_was_touched_at_the_same_time_does_not_all_go() {
        let mut map = Bounded::<u64, u64>::new(10);
        for number in 0..11 {
            map.touch(number, Duration::ZERO);
        }
        assert!(map.values.len() >= 9, "{}", map.values.len());
    }
}
