//! `[auth]`: how long a sign-in lasts and what passwords cost.

use std::time::Duration;

use super::{hours, minutes};
use crate::config::{keys::section, values::Whole};

section! {
    /// How long a sign-in lasts and what passwords cost.
    Auth {
        /// After how many minutes without a request a session ends.
        session_idle_minutes: Whole<5, 10_080> = Whole::constant::<240>(),
        /// After how many hours a session ends in any case.
        session_hours: Whole<1, 720> = Whole::constant::<24>(),
        /// Memory for one password hash (argon2id), in KiB. Hashes made with other costs stay valid.
        argon2_memory_kib: Whole<8192, 1_048_576> = Whole::constant::<19_456>(),
        /// Passes over that memory.
        argon2_iterations: Whole<1, 10> = Whole::constant::<2>(),
        /// How many passwords are hashed at the same time; further sign-ins wait their turn.
        parallel_hashes: Whole<1, 64> = Whole::constant::<2>(),
        /// The least number of characters in a new password.
        password_min_length: Whole<8, 128> = Whole::constant::<12>(),
    }
}

impl Auth {
    /// How long a session lasts without a request.
    pub fn session_idle(&self) -> Duration {
        minutes(self.session_idle_minutes.get())
    }

    /// How long a session lasts in any case.
    pub fn session_lifetime(&self) -> Duration {
        hours(self.session_hours.get())
    }
}
