//! Names to addresses, by the operating system. It may take as long as it likes and cannot be stopped, so it works on a
//! thread of its own that is left behind when the time is over; there are only so many of these. May use `telemetry`.

use std::{
    collections::HashMap,
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};

use crate::telemetry::spawn::spawn_thread;

/// Most names that are being looked up, left ones included.
const RUNNING_MAX: usize = 64;

/// Most times that one name is being looked up: a dead server of names of one tenant does not take all the threads.
const RUNNING_OF_A_NAME_MAX: usize = 8;

type System = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Why a name has no addresses.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    #[error("too many names are being looked up, none of which is answered")]
    Busy,
    #[error("its addresses did not come in time")]
    Slow,
    #[error("{0}")]
    System(#[from] io::Error),
}

/// The lookups of the process. Clones share their bounds.
#[derive(Clone)]
pub(super) struct Lookups {
    running: Arc<Mutex<HashMap<String, usize>>>,
    system: Arc<System>,
}

impl Lookups {
    /// Asks the operating system.
    pub(super) fn system() -> Self {
        Self::asking(|host, port| Ok((host, port).to_socket_addrs()?.collect()))
    }

    /// Asks what it is given.
    pub(super) fn asking(
        system: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self { running: Arc::default(), system: Arc::new(system) }
    }

    /// All addresses of a name, in the order in which they are to be tried.
    ///
    /// # Errors
    /// There are none, or they do not come in time.
    pub(super) fn addresses(
        &self,
        host: &str,
        port: u16,
        wait: Duration,
    ) -> Result<Vec<SocketAddr>, LookupError> {
        let slot = self.begin(host).ok_or(LookupError::Busy)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let system = Arc::clone(&self.system);
        spawn_thread("lookup", move || {
            let found = system(&slot.host, port);
            drop(slot);
            // Whoever asked may have gone.
            let _ = sender.send(found);
        })?;
        match receiver.recv_timeout(wait) {
            Ok(found) => Ok(found?),
            Err(_) => Err(LookupError::Slow),
        }
    }

    fn begin(&self, host: &str) -> Option<Slot> {
        let mut running = lock(&self.running);
        let of_this_name = running.get(host).copied().unwrap_or(0);
        if of_this_name >= RUNNING_OF_A_NAME_MAX || running.values().sum::<usize>() >= RUNNING_MAX {
            return None;
        }
        running.insert(host.to_owned(), of_this_name + 1);
        Some(Slot { host: host.to_owned(), running: Arc::clone(&self.running) })
    }
}

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").finish_non_exhaustive()
    }
}

/// One lookup that is running; dropped when it has ended, however that was.
struct Slot {
    host: String,
    running: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        match running.get_mut(&self.host) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                running.remove(&self.host);
            }
        }
    }
}

fn lock(running: &Mutex<HashMap<String, usize>>) -> MutexGuard<'_, HashMap<String, usize>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex, mpsc},
        time::Duration,
    };

    use super::{LookupError, Lookups, RUNNING_MAX, RUNNING_OF_A_NAME_MAX};

    const AT_ONCE: Duration = Duration::from_millis(1);
    const PATIENT: Duration = Duration::from_secs(60);

    /// Lookups that hang until the sender is dropped.
    fn hanging() -> (Lookups, mpsc::Sender<()>) {
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let hang = move |host: &str, port| {
            if host != "alive.example" {
                let _ = released.lock().unwrap().recv();
            }
            Ok(vec![([192, 0, 2, 1], port).into()])
        };
        (Lookups::asking(hang), release)
    }

    #[test]
    fn a_lookup_that_hangs_is_left_when_its_time_is_over() {
        let (lookups, _release) = hanging();
        assert!(matches!(lookups.addresses("dead.example", 443, AT_ONCE), Err(LookupError::Slow)));
        let alive = lookups.addresses("alive.example", 443, PATIENT).unwrap();
        assert_eq!(alive, [([192, 0, 2, 1], 443).into()]);
    }

    #[test]
    fn lookups_that_hang_take_only_so_many_threads_and_one_name_only_some_of_them() {
        let (lookups, release) = hanging();
        for _ in 0..RUNNING_OF_A_NAME_MAX {
            assert!(matches!(lookups.addresses("dead.example", 1, AT_ONCE), Err(LookupError::Slow)));
        }
        assert!(matches!(lookups.addresses("dead.example", 1, AT_ONCE), Err(LookupError::Busy)));
        assert!(lookups.addresses("alive.example", 1, PATIENT).is_ok(), "other names are answered");
        for number in RUNNING_OF_A_NAME_MAX..RUNNING_MAX {
            let name = format!("{number}.example");
            assert!(matches!(lookups.addresses(&name, 1, AT_ONCE), Err(LookupError::Slow)));
        }
        assert!(matches!(lookups.addresses("alive.example", 1, PATIENT), Err(LookupError::Busy)));
        drop(release);
        while matches!(lookups.addresses("alive.example", 1, PATIENT), Err(LookupError::Busy)) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_operating_system_knows_this_machine() {
        let addresses = Lookups::system().addresses("localhost", 80, PATIENT).unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()) && !addresses.is_empty());
    }
}
