//! `[limits]`: how much may be asked before it is refused for a while.

use crate::config::{keys::section, values::Whole};

section! {
    /// How much may be asked before it is refused for a while, with 429 and the seconds to wait. The operator on
    /// the local socket has no limits.
    Limits {
        /// How many wrong passwords or codes one client may send to one account before it has to wait: 30
        /// seconds, then twice as long after each further one, up to 15 minutes.
        sign_in_failures: Whole<1, 100> = Whole::constant::<5>(),
        /// The same for all clients together. Those that have signed in to the account before are exempt, so
        /// that nobody is locked out by what strangers do.
        sign_in_failures_everywhere: Whole<1, 10_000> = Whole::constant::<50>(),
        /// How many wrong passwords or codes one client may send in an hour, to all accounts together. A hall
        /// full of people behind one address is one client; right ones do not count, and whoever has signed in
        /// there before is exempt.
        client_sign_in_failures: Whole<1, 100_000> = Whole::constant::<300>(),
        /// Requests a second of one session or API token, on average. 0 for no limit.
        requests_per_s: Whole<0, 1_000_000> = Whole::constant::<50>(),
        /// Requests of one session or API token at once.
        requests_burst: Whole<1, 1_000_000> = Whole::constant::<200>(),
        /// Requests a second of one client without valid credentials, on average. 0 for no limit.
        anonymous_requests_per_s: Whole<0, 1_000_000> = Whole::constant::<50>(),
        /// Requests of one client without valid credentials at once.
        anonymous_requests_burst: Whole<1, 1_000_000> = Whole::constant::<1000>(),
    }
}
