//! How many wrong sign-ins there may be. Three rules, each against another kind of guessing: on one account from one
//! client; on one account from everywhere, slower, from which clients that have signed in to it are exempt; on any
//! account from one client. So nobody is locked out of a device by what a stranger does on another, and a hall behind one
//! address gets in although some mistype. Uses nothing of ours.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    bounded::Bounded,
    failures::Failures,
    token_bucket::{Exhausted, Rate, TokenBuckets},
};

/// What somebody signs in to, as a hash: an account, or the words that name none.
pub type Subject = [u8; 32];

/// Most accounts, and pairs of account and client, that are kept in mind.
const KEPT_MAX: usize = 20_000;

/// In which time a client gets its failures back.
const CLIENT_PERIOD_S: f64 = 3_600.0;

/// How many failures are allowed.
#[derive(Clone, Copy, Debug)]
pub struct SignInRules {
    /// On one account from one client, before it has to wait.
    pub failures: u32,
    /// On one account from everywhere, before clients that never signed in to it have to wait.
    pub failures_everywhere: u32,
    /// From one client, in an hour.
    pub client_failures: u32,
}

/// The attempt has to wait this long.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Delayed(pub Duration);

/// The failed sign-ins of late. Nothing of it outlives the process.
#[derive(Debug)]
pub struct SignIns {
    rules: SignInRules,
    clients: TokenBuckets<IpAddr>,
    /// Wrong PINs at links that exist: nobody guesses a link, so strangers cannot use these up.
    pins: TokenBuckets<IpAddr>,
    memory: Mutex<Memory>,
}

#[derive(Debug)]
struct Memory {
    pairs: Bounded<(Subject, IpAddr), Failures>,
    subjects: Bounded<Subject, Failures>,
    /// Who has signed in from where.
    known: Bounded<(Subject, IpAddr), ()>,
}

impl SignIns {
    /// No failures yet.
    pub fn new(rules: SignInRules) -> Self {
        let burst = rules.client_failures;
        let of_clients = || TokenBuckets::new(Rate { per_second: f64::from(burst) / CLIENT_PERIOD_S, burst });
        Self {
            rules,
            clients: of_clients(),
            pins: of_clients(),
            memory: Mutex::new(Memory {
                pairs: Bounded::new(KEPT_MAX),
                subjects: Bounded::new(KEPT_MAX),
                known: Bounded::new(KEPT_MAX),
            }),
        }
    }

    /// Begins an attempt. It counts as failed until it is said to have succeeded or to be void, so that attempts made at
    /// the same time cannot be more than those made in turn.
    ///
    /// # Errors
    /// It has to wait; it then does not count.
    pub fn begin(&self, client: IpAddr, subjects: &[Subject], now: Duration) -> Result<(), Delayed> {
        let client = network_of(client);
        let mut memory = self.lock();
        // Strangers in the same hall lock nobody out who has signed in there before.
        let is_known = subjects.iter().any(|subject| memory.known.get(&(*subject, client)).is_some());
        if !is_known {
            self.clients.ensure(client, now).map_err(|Exhausted(wait)| Delayed(wait))?;
        }
        let wait = subjects.iter().filter_map(|subject| memory.wait(*subject, client, now)).max();
        if let Some(wait) = wait {
            return Err(Delayed(wait));
        }
        for subject in subjects {
            memory.pairs.touch((*subject, client), now).strike(self.rules.failures, now);
            memory.subjects.touch(*subject, now).strike(self.rules.failures_everywhere, now);
        }
        Ok(())
    }

    /// Begins an attempt with the PIN of a link that exists, which counts wrong ones by itself.
    ///
    /// # Errors
    /// Too many PINs from there were wrong, of whichever links.
    pub fn begin_pin(&self, client: IpAddr, now: Duration) -> Result<(), Delayed> {
        self.pins.ensure(network_of(client), now).map_err(|Exhausted(wait)| Delayed(wait))
    }

    /// Ends an attempt whose PIN was wrong.
    pub fn failed_pin(&self, client: IpAddr, now: Duration) {
        let _ = self.pins.take(network_of(client), now);
    }

    /// Ends an attempt that failed.
    pub fn failed(&self, client: IpAddr, now: Duration) {
        // Others may have used up what was there when it began; it has failed nevertheless.
        let _ = self.clients.take(network_of(client), now);
    }

    /// Ends an attempt that proved nothing either way.
    pub fn void(&self, client: IpAddr, subjects: &[Subject]) {
        self.lock().take_back(network_of(client), subjects);
    }

    /// Ends an attempt that succeeded on one of its subjects.
    pub fn succeeded(&self, client: IpAddr, subjects: &[Subject], winner: Subject, now: Duration) {
        let client = network_of(client);
        let mut memory = self.lock();
        memory.take_back(client, subjects);
        memory.pairs.remove(&(winner, client));
        memory.known.touch((winner, client), now);
    }

    /// Forgets all failures on an account.
    pub fn forgive(&self, subject: Subject) {
        let mut memory = self.lock();
        memory.pairs.retain(|(other, _)| *other != subject);
        memory.subjects.remove(&subject);
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn wait(&self, subject: Subject, client: IpAddr, now: Duration) -> Option<Duration> {
        let here = self.pairs.get(&(subject, client)).and_then(|failures| failures.wait(now));
        let known = self.known.get(&(subject, client)).is_some();
        let everywhere = self.subjects.get(&subject).filter(|_| !known);
        here.max(everywhere.and_then(|failures| failures.wait(now)))
    }

    fn take_back(&mut self, client: IpAddr, subjects: &[Subject]) {
        for subject in subjects {
            for failures in [self.pairs.get_mut(&(*subject, client)), self.subjects.get_mut(subject)]
                .into_iter()
                .flatten()
            {
                failures.take_back();
            }
        }
    }
}

/// What counts as one client: an IPv4 address, or the 64 bits of an IPv6 address within which one machine may take any.
fn network_of(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, time::Duration};

    use super::{Delayed, SignInRules, SignIns, Subject};

    const ANN: Subject = [1; 32];
    const BEN: Subject = [2; 32];

    fn rules() -> SignInRules {
        SignInRules { failures: 5, failures_everywhere: 50, client_failures: 300 }
    }

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn fail(sign_ins: &SignIns, client: IpAddr, subject: Subject, now: Duration) -> Result<(), Delayed> {
        sign_ins.begin(client, &[subject], now)?;
        sign_ins.failed(client, now);
        Ok(())
    }

    fn succeed(sign_ins: &SignIns, client: IpAddr, subject: Subject, now: Duration) -> Result<(), Delayed> {
        sign_ins.begin(client, &[subject], now)?;
        sign_ins.succeeded(client, &[subject], subject, now);
        Ok(())
    }

    #[test]
    fn after_the_fifth_failure_the_next_attempt_waits_and_then_the_right_password_clears_it() {
        let sign_ins = SignIns::new(rules());
        for _ in 0..5 {
            assert_eq!(fail(&sign_ins, client(1), ANN, seconds(1)), Ok(()));
        }
        assert_eq!(succeed(&sign_ins, client(1), ANN, seconds(1)), Err(Delayed(seconds(30))));
        assert_eq!(succeed(&sign_ins, client(1), BEN, seconds(1)), Ok(()), "other accounts are free");
        assert_eq!(succeed(&sign_ins, client(1), ANN, seconds(31)), Ok(()));
        assert_eq!(fail(&sign_ins, client(1), ANN, seconds(31)), Ok(()), "it begins anew");
        assert_eq!(succeed(&sign_ins, client(1), ANN, seconds(31)), Ok(()));
    }

    #[test]
    fn a_stranger_does_not_lock_anybody_out_of_their_own_device() {
        let sign_ins = SignIns::new(rules());
        succeed(&sign_ins, client(1), ANN, seconds(0)).unwrap();
        for number in 2..100 {
            for _ in 0..5 {
                let _ = fail(&sign_ins, client(number), ANN, seconds(1));
            }
        }
        assert!(
            fail(&sign_ins, client(200), ANN, seconds(1)).is_err(),
            "guessing from everywhere is slowed down"
        );
        assert_eq!(succeed(&sign_ins, client(1), ANN, seconds(1)), Ok(()));
        sign_ins.forgive(ANN);
        assert_eq!(succeed(&sign_ins, client(200), ANN, seconds(1)), Ok(()));
    }

    #[test]
    fn attempts_at_the_same_time_are_no_more_than_those_in_turn() {
        let sign_ins = SignIns::new(rules());
        let admitted = (0..100).filter(|_| sign_ins.begin(client(1), &[ANN], seconds(1)).is_ok()).count();
        assert_eq!(admitted, 5);
    }

    #[test]
    fn an_attempt_that_proves_nothing_does_not_count() {
        let sign_ins = SignIns::new(rules());
        for _ in 0..20 {
            sign_ins.begin(client(1), &[ANN], seconds(1)).unwrap();
            sign_ins.void(client(1), &[ANN]);
        }
    }

    #[test]
    fn success_on_one_account_of_an_address_clears_no_other() {
        let sign_ins = SignIns::new(rules());
        for _ in 0..4 {
            sign_ins.begin(client(1), &[ANN, BEN], seconds(1)).unwrap();
            sign_ins.failed(client(1), seconds(1));
        }
        sign_ins.begin(client(1), &[ANN, BEN], seconds(1)).unwrap();
        sign_ins.succeeded(client(1), &[ANN, BEN], BEN, seconds(1));
        fail(&sign_ins, client(1), ANN, seconds(1)).unwrap();
        assert!(fail(&sign_ins, client(1), ANN, seconds(1)).is_err());
    }

    #[test]
    fn one_client_guesses_at_so_many_accounts_an_hour_and_successes_cost_nothing() {
        let sign_ins = SignIns::new(SignInRules { client_failures: 60, ..rules() });
        let subject = |number: u8| [number; 32];
        for number in 0..60 {
            succeed(&sign_ins, client(1), subject(number), seconds(1)).unwrap();
            fail(&sign_ins, client(1), subject(100 + number), seconds(1)).unwrap();
        }
        let new = subject(200);
        assert_eq!(succeed(&sign_ins, client(1), new, seconds(1)), Err(Delayed(seconds(60))));
        assert_eq!(succeed(&sign_ins, client(1), subject(1), seconds(1)), Ok(()), "it was there before");
        assert_eq!(succeed(&sign_ins, client(2), new, seconds(1)), Ok(()));
        assert_eq!(succeed(&sign_ins, client(1), subject(201), seconds(61)), Ok(()));
    }

    #[test]
    fn a_machine_has_one_network_of_ipv6_addresses() {
        let sign_ins = SignIns::new(rules());
        for host in 1..=5 {
            fail(&sign_ins, format!("2001:db8::{host}").parse().unwrap(), ANN, seconds(1)).unwrap();
        }
        assert!(fail(&sign_ins, "2001:db8::6".parse().unwrap(), ANN, seconds(1)).is_err());
        fail(&sign_ins, "2001:db8:0:1::6".parse().unwrap(), ANN, seconds(1)).unwrap();
    }
}
