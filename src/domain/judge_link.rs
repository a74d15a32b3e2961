//! Judge links: how a judge without an account signs in, by a personal link and a PIN. A link serves one device at a
//! time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{JudgeId, JudgeLinkId, Timestamp};

/// A personal link of a judge. Its secret and its PIN are known only to whoever was shown them once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgeLink {
    /// Its id.
    pub id: JudgeLinkId,
    /// The judge it is for.
    pub judge: JudgeId,
    /// SHA-256 of its secret.
    pub secret: [u8; 32],
    /// What the PIN is checked against, as a PHC string.
    pub pin: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was made void.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, as far as the sessions tell that have ended.
    pub last_used_at: Option<Timestamp>,
    /// Wrong PINs since the last right one, or since it was released or got a new PIN.
    pub wrong_pins: u8,
    /// The session that holds it.
    pub hold: Option<LinkHold>,
}

/// That a session holds a judge link, so that no other device can use it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkHold {
    /// SHA-256 of the session's token.
    pub session: [u8; 32],
    /// Since when.
    pub since: Timestamp,
}

/// What can be done with a judge link now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum JudgeLinkState {
    /// Whoever has its PIN can sign in.
    Free,
    /// It is in use on one device; no other can sign in.
    InUse,
    /// Too many PINs were wrong.
    Blocked,
    /// Its time is over.
    Expired,
    /// It was made void.
    Revoked,
}

impl JudgeLink {
    /// Wrong PINs after which it is blocked.
    pub const WRONG_PINS_MAX: u8 = 5;

    /// Whether it works at a time, if it is not blocked.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether too many PINs were wrong.
    pub const fn is_blocked(&self) -> bool {
        self.wrong_pins >= Self::WRONG_PINS_MAX
    }

    /// Whether the session with this token holds it.
    pub fn is_held_by(&self, session: &[u8; 32]) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.session == *session)
    }

    /// What can be done with it; `in_use` tells whether the session that holds it is alive.
    pub fn state(&self, now: Timestamp, in_use: bool) -> JudgeLinkState {
        if self.revoked_at.is_some() {
            JudgeLinkState::Revoked
        } else if now >= self.expires_at {
            JudgeLinkState::Expired
        } else if self.is_blocked() {
            JudgeLinkState::Blocked
        } else if in_use {
            JudgeLinkState::InUse
        } else {
            JudgeLinkState::Free
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{JudgeId, JudgeLink, JudgeLinkId, JudgeLinkState, Timestamp};

    fn link() -> JudgeLink {
        JudgeLink {
            id: JudgeLinkId::new(Uuid::from_u128(1)),
            judge: JudgeId::new(Uuid::from_u128(2)),
            secret: [0; 32],
            pin: String::new(),
            created_at: Timestamp::from_millis(0),
            expires_at: Timestamp::from_millis(100),
            revoked_at: None,
            last_used_at: None,
            wrong_pins: 0,
            hold: None,
        }
    }

    #[test]
    fn the_gravest_of_its_states_is_told() {
        let now = Timestamp::from_millis(50);
        assert_eq!(link().state(now, false), JudgeLinkState::Free);
        assert_eq!(link().state(now, true), JudgeLinkState::InUse);
        let blocked = JudgeLink { wrong_pins: JudgeLink::WRONG_PINS_MAX, ..link() };
        assert_eq!(blocked.state(now, true), JudgeLinkState::Blocked);
        assert_eq!(blocked.state(blocked.expires_at, true), JudgeLinkState::Expired);
        let revoked = JudgeLink { revoked_at: Some(now), ..blocked };
        assert_eq!(revoked.state(revoked.expires_at, true), JudgeLinkState::Revoked);
        assert!(!revoked.is_valid(now) && link().is_valid(now));
    }
}
