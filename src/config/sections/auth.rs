//! `[auth]`: how long a sign-in lasts and what passwords cost.

use std::time::Duration;

use super::{hours, minutes};
use crate::{
    config::{keys::section, setting::TextSetting, values::Whole},
    domain::Role,
};

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
        /// How hard to guess a new password must be, from 0 (anything goes) to 4: 2 resists guessing over the
        /// network, 3 also whoever got hold of the data file.
        password_min_score: Whole<0, 4> = Whole::constant::<3>(),
        /// The roles whose holders must sign in with an authenticator app, too, such as ["SUPER_ADMIN",
        /// "ADMIN"]. Who has none yet can do nothing but set one up.
        totp_required_for: Vec<Role> = Vec::new(),
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

impl TextSetting for Role {
    const ALLOWED: &'static str = "a role such as \"ADMIN\"";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}
