//! The supervisor: watches the room on the disk, puts the store read-only before the disk is full, and brings it back
//! to writing without a restart, whatever the trouble was. A thread of its own, because disks in trouble are slow.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    time::Duration,
};

use super::{
    condition::{Condition, Trouble, Wake},
    reserve::Room,
    state::Current,
    writer::Message,
};
use crate::telemetry::metrics;

/// How often the room on the disk is looked at.
const WATCHED: Duration = Duration::from_secs(1);
/// The longest pause between two attempts to heal.
const PAUSE_MAX: Duration = Duration::from_secs(30);

pub(super) struct Supervisor {
    condition: Arc<Condition>,
    current: Arc<Current>,
    room: Option<Arc<Room>>,
    queue: SyncSender<Message>,
    wakes: Receiver<Wake>,
    /// The first pause between two attempts to heal; it doubles each time.
    pause_min: Duration,
    /// The next one.
    pause: Duration,
    /// Whether it has been said that there is no reserve.
    said: bool,
}

impl Supervisor {
    pub(super) fn new(
        condition: Arc<Condition>,
        current: Arc<Current>,
        room: Option<Arc<Room>>,
        queue: SyncSender<Message>,
        wakes: Receiver<Wake>,
        pause_min: Duration,
    ) -> Self {
        Self { condition, current, room, queue, wakes, pause_min, pause: pause_min, said: false }
    }

    /// Runs until the store closes.
    pub(super) fn run(mut self) {
        self.watch();
        loop {
            match self.wakes.recv_timeout(self.wait()) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Wake::ReadFailed { publication }) => {
                    if self.condition.trouble().is_none() && self.current.is_newest(publication) {
                        self.heal(Some(publication));
                    }
                }
                Ok(Wake::Trouble) => self.pause = self.pause_min,
                Err(RecvTimeoutError::Timeout) => self.watch(),
            }
        }
    }

    /// How long until it looks again.
    fn wait(&self) -> Duration {
        match self.condition.trouble() {
            Some(Trouble::Failing) => self.pause,
            Some(Trouble::DiskFull) if self.room.is_none() => self.pause,
            _ => WATCHED,
        }
    }

    fn watch(&mut self) {
        let free = self.room.as_ref().and_then(|room| match room.free_bytes() {
            Ok(free) => Some(free),
            Err(error) => {
                tracing::warn!(%error, "the room on the disk is not known");
                None
            }
        });
        if let Some(free) = free {
            #[allow(clippy::cast_precision_loss, reason = "a disk is far smaller than 2^53 bytes")]
            ::metrics::gauge!(metrics::STORE_FREE_BYTES).set(free as f64);
        }
        let heals = match (self.condition.trouble(), &self.room, free) {
            (None, Some(room), Some(free)) if room.is_low(free) => {
                self.condition.enter(Trouble::LowSpace, &format_args!("{free} bytes are free"));
                false
            }
            (None, Some(_), Some(free)) => {
                self.renew_reserve(free);
                false
            }
            (Some(Trouble::LowSpace), Some(room), Some(free)) if room.is_enough(free, 0) => {
                self.condition.leave();
                false
            }
            // A quota may have no room although the disk has: that the reserve can be made proves it.
            (Some(Trouble::DiskFull), Some(room), Some(free)) => {
                room.is_enough(free, room.missing_bytes()) && room.make_reserve().is_ok()
            }
            (Some(Trouble::DiskFull | Trouble::Failing), _, _) => true,
            _ => false,
        };
        if heals {
            self.heal(None);
        }
    }

    /// Has the writer open the store anew and try whether it can be written.
    fn heal(&mut self, unreadable: Option<u64>) {
        let (reply, healed) = sync_channel(1);
        if self.queue.send(Message::Heal { unreadable, reply }).is_err() {
            return;
        }
        match healed.recv() {
            Ok(true) => self.pause = self.pause_min,
            _ => self.pause = (self.pause * 2).min(PAUSE_MAX),
        }
    }

    /// Makes the reserve, once there is room for it.
    fn renew_reserve(&mut self, free: u64) {
        let Some(room) = &self.room else { return };
        let missing = room.missing_bytes();
        if missing == 0 || !room.is_enough(free, missing) {
            return;
        }
        match room.make_reserve() {
            Ok(()) => self.said = false,
            Err(error) if !self.said => {
                self.said = true;
                tracing::warn!(%error, "no room can be set aside for the day on which the disk is full");
            }
            Err(_) => {}
        }
    }
}
