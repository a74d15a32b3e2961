//! How many event streams may be open, and which of them are still being read. One that is not read costs nothing but its
//! place, and loses that when another needs it. Uses `telemetry`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::telemetry::clock::Clock;

/// How long a client may take to read what it was sent.
const READING_MAX: Duration = Duration::from_secs(30);

/// Most streams of somebody who may have only some.
const EACH_MAX: usize = 10;

/// The open streams of the process.
pub struct Streams {
    most: usize,
    clock: Clock,
    open: Mutex<Vec<Open>>,
}

/// An open stream.
struct Open {
    state: Arc<State>,
    /// Whose it is, if they may have only some.
    holder: Option<String>,
}

/// Since when something that was sent has not been read.
type State = Mutex<Reading>;

enum Reading {
    Done,
    Since(Duration),
    GivenUp,
}

/// A place among the open streams, until it is dropped.
pub struct Slot {
    streams: Arc<Streams>,
    state: Arc<State>,
}

impl Streams {
    /// So many may be open.
    pub fn new(most: usize, clock: Clock) -> Arc<Self> {
        Arc::new(Self { most, clock, open: Mutex::default() })
    }

    /// A place, if there is one. When all are taken, those that nobody reads are given up.
    pub fn open(self: &Arc<Self>) -> Option<Slot> {
        self.open_held(None)
    }

    /// The same for somebody who may have only some.
    pub fn open_for(self: &Arc<Self>, holder: &str) -> Option<Slot> {
        self.open_held(Some(holder.to_owned()))
    }

    fn open_held(self: &Arc<Self>, holder: Option<String>) -> Option<Slot> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |open: &[Open]| {
            let own = open.iter().filter(|open| open.holder.is_some() && open.holder == holder).count();
            open.len() >= self.most || own >= EACH_MAX
        };
        if is_full(&open) {
            open.retain(|open| !self.is_given_up(&open.state));
        }
        if is_full(&open) {
            return None;
        }
        let state = Arc::new(Mutex::new(Reading::Done));
        open.push(Open { state: Arc::clone(&state), holder });
        Some(Slot { streams: Arc::clone(self), state })
    }

    fn is_given_up(&self, state: &State) -> bool {
        let mut reading = state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*reading, Reading::Since(since) if self.clock.monotonic() - *since > READING_MAX) {
            *reading = Reading::GivenUp;
        }
        matches!(*reading, Reading::GivenUp)
    }
}

impl Slot {
    /// Something is sent.
    pub fn sent(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) =
            Reading::Since(self.streams.clock.monotonic());
    }

    /// What was sent is read; false if that took too long.
    pub fn is_read(&self) -> bool {
        let given_up = self.streams.is_given_up(&self.state);
        if !given_up {
            *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Reading::Done;
        }
        !given_up
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|open| !Arc::ptr_eq(&open.state, &self.state));
    }
}

#[cfg(test)]
mod tests {
    use super::{EACH_MAX, READING_MAX, Streams};
    use crate::{domain::Timestamp, telemetry::clock::ManualClock};

    #[test]
    fn there_are_so_many_places_and_one_that_is_left_is_free() {
        let streams = Streams::new(2, ManualClock::at(Timestamp::from_millis(0)).clock());
        let first = streams.open().unwrap();
        let _second = streams.open().unwrap();
        assert!(streams.open().is_none());
        drop(first);
        assert!(streams.open().is_some());
    }

    #[test]
    fn somebody_who_may_have_some_leaves_places_to_others() {
        let streams = Streams::new(100, ManualClock::at(Timestamp::from_millis(0)).clock());
        let all: Vec<_> = (0..EACH_MAX).map(|_| streams.open_for("a token").unwrap()).collect();
        assert!(streams.open_for("a token").is_none());
        assert!(streams.open_for("another").is_some() && streams.open().is_some());
        drop(all);
        assert!(streams.open_for("a token").is_some());
    }

    #[test]
    fn a_stream_that_nobody_reads_gives_its_place_to_another_and_ends() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let streams = Streams::new(1, clock.clock());
        let slow = streams.open().unwrap();
        slow.sent();
        clock.advance(READING_MAX);
        assert!(streams.open().is_none(), "it may still be read");
        clock.advance(READING_MAX);
        let _other = streams.open().unwrap();
        assert!(!slow.is_read());
        drop(slow);
        assert!(streams.open().is_none(), "its place was given away already");
    }

    #[test]
    fn a_stream_is_read_however_long_nothing_is_sent() {
        let clock = ManualClock::at(Timestamp::from_millis(0));
        let slot = Streams::new(1, clock.clock()).open().unwrap();
        slot.sent();
        assert!(slot.is_read());
        clock.advance(READING_MAX * 2);
        assert!(slot.is_read());
    }
}
