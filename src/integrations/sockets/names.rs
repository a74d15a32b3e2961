//! Looking names up within a limit. The operating system's resolver has none, so it works on a thread that is left
//! behind when it takes too long; there are never more than a few of those. Uses `telemetry` (threads).

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use super::{
    deadline::Deadline,
    failing::{failure_of, timed_out},
};
use crate::{
    integrations::{Blame, Failure, Next},
    telemetry::spawn::spawn_thread,
};

/// Most look-ups that may be under way, those that were left behind included.
const LOOK_UPS_MAX: usize = 4;

/// Looks names up.
#[derive(Clone, Default, Debug)]
pub(super) struct Names {
    under_way: Arc<AtomicUsize>,
}

impl Names {
    /// The addresses of a host, at least one.
    ///
    /// # Errors
    /// `dns` when there is none or too many look-ups are under way, `timeout` when it took too long.
    pub(super) fn look_up(
        &self,
        host: &str,
        port: u16,
        deadline: Deadline,
    ) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let name = host.to_owned();
        self.look_up_by(host, deadline, move || Ok((name, port).to_socket_addrs()?.collect()))
    }

    fn look_up_by(
        &self,
        host: &str,
        deadline: Deadline,
        resolve: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let fault = |what: String| Failure::new(Blame::Service, Next::Retry, "dns", what);
        let place = Place::take(&self.under_way)
            .ok_or_else(|| fault(format!("earlier look-ups of {host} have not ended")))?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = spawn_thread("name look-up", move || {
            let found = resolve();
            drop(place);
            // Nobody listens any more when it took too long.
            sender.send(found).ok();
        });
        thread.map_err(|error| failure_of(&error, host))?;
        let left = deadline.left().map_err(|_| timed_out(host))?;
        match receiver.recv_timeout(left) {
            Ok(Ok(addresses)) if addresses.is_empty() => Err(fault(format!("{host} has no address"))),
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(error)) => Err(fault(format!("{host} has no address: {error}"))),
            Err(_) => Err(timed_out(host)),
        }
    }
}

/// A look-up that is under way until this is dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(under_way: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(under_way));
        (under_way.fetch_add(1, Ordering::AcqRel) < LOOK_UPS_MAX).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::{io, net::SocketAddr, sync::mpsc, time::Duration};

    use super::{LOOK_UPS_MAX, Names};
    use crate::integrations::{Blame, Failure, Next, sockets::Deadline};

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_secs(60);

    fn class(result: Result<Vec<SocketAddr>, Failure>) -> &'static str {
        let failure = result.unwrap_err();
        assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry), "{failure}");
        failure.class
    }

    #[test]
    fn addresses_are_not_looked_up() {
        let found = Names::default().look_up("::1", 6379, Deadline::after(Duration::ZERO)).unwrap();
        assert_eq!(found, ["[::1]:6379".parse().unwrap()]);
    }

    #[test]
    fn the_operating_system_is_asked_for_names() {
        let found = Names::default().look_up("localhost", 6379, Deadline::after(LATE)).unwrap();
        assert!(
            found.iter().all(|address| address.ip().is_loopback() && address.port() == 6379),
            "{found:?}"
        );
    }

    #[test]
    fn a_name_without_an_address_is_a_fault_of_dns() {
        let names = Names::default();
        let fails = || Err(io::Error::other("no such name"));
        assert_eq!(class(names.look_up_by("nowhere.test", Deadline::after(LATE), fails)), "dns");
        assert_eq!(class(names.look_up_by("nowhere.test", Deadline::after(LATE), || Ok(vec![]))), "dns");
    }

    #[test]
    fn a_resolver_that_hangs_ends_the_wait_and_is_asked_only_a_few_times() {
        let names = Names::default();
        let mut ends = Vec::new();
        for _ in 0..LOOK_UPS_MAX {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let hangs = move || {
                ended.recv().ok();
                Ok(vec![])
            };
            assert_eq!(class(names.look_up_by("slow.test", Deadline::after(SOON), hangs)), "timeout");
        }
        let refused = names.look_up_by("slow.test", Deadline::after(LATE), || panic!("it is not asked"));
        assert_eq!(class(refused), "dns");
        drop(ends);
        let address: SocketAddr = "127.0.0.1:6379".parse().unwrap();
        let answers = || names.look_up_by("slow.test", Deadline::after(LATE), move || Ok(vec![address]));
        let mut found = answers();
        while found.is_err() {
            found = answers();
        }
        assert_eq!(found.unwrap(), [address], "once they have ended, names are looked up again");
    }
}
