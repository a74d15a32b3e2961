//! A peer: a listener with a thread for every connection, which answers or hangs on command and keeps what has arrived. A
//! request counts as arrived when its answer is due, whoever still waits for it.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, BufReader},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use parking_lot::{Condvar, Mutex};
use socket2::{Domain, Socket, Type};

/// How a peer hangs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hanging {
    /// It takes connections and requests, and answers nothing.
    Silent,
    /// It takes no connections: those of its clients end in the kernel, and then nowhere.
    BlackHole,
}

/// Whether the outside answers.
#[derive(Default)]
pub struct Gate {
    is_closed: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    /// From now on nothing is answered, or everything.
    pub fn close(&self, is_closed: bool) {
        *self.is_closed.lock() = is_closed;
        self.changed.notify_all();
    }

    /// Waits as long as nothing is answered.
    fn wait(&self) -> Waited {
        let mut is_closed = self.is_closed.lock();
        let waited = if *is_closed { Waited::Long } else { Waited::Not };
        self.changed.wait_while(&mut is_closed, |is_closed| *is_closed);
        waited
    }
}

#[derive(PartialEq, Eq)]
enum Waited {
    Not,
    Long,
}

/// What has arrived at a peer.
#[derive(Default)]
pub struct Arrivals {
    calls: AtomicUsize,
    /// How often, by the name under which the peer knows it.
    by_name: Mutex<HashMap<String, usize>>,
    /// What it was about.
    about: Mutex<BTreeMap<String, usize>>,
}

impl Arrivals {
    /// Calls that came, answered or not.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// How often something arrived.
    pub fn times(&self, name: &str) -> usize {
        self.by_name.lock().get(name).copied().unwrap_or(0)
    }

    /// How many different things were told.
    pub fn different(&self) -> usize {
        self.about.lock().len()
    }
}

pub struct Peer {
    pub address: SocketAddr,
    pub arrivals: Arc<Arrivals>,
}

/// A connection with a client.
pub struct Visit {
    pub stream: BufReader<TcpStream>,
    gate: Arc<Gate>,
    arrivals: Arc<Arrivals>,
}

impl Visit {
    /// A call has come whole. What hangs is never answered: the connection ends when the peer works again.
    pub fn called(&self) -> io::Result<()> {
        self.arrivals.calls.fetch_add(1, Ordering::Relaxed);
        match self.gate.wait() {
            Waited::Not => Ok(()),
            Waited::Long => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    /// What was called for is done.
    pub fn arrived(&self, name: &str, about: String) {
        *self.arrivals.by_name.lock().entry(name.to_owned()).or_default() += 1;
        *self.arrivals.about.lock().entry(about).or_default() += 1;
    }
}

impl Peer {
    /// Serves connections by a protocol.
    pub fn start(
        gate: &Arc<Gate>,
        hanging: Hanging,
        protocol: impl Fn(&mut Visit) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = listener();
        let address = listener.local_addr().unwrap();
        let (gate, arrivals) = (Arc::clone(gate), Arc::new(Arrivals::default()));
        let protocol = Arc::new(protocol);
        let shared = Arc::clone(&arrivals);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if hanging == Hanging::BlackHole {
                    gate.wait();
                }
                let Ok(stream) = stream else { continue };
                let _ = stream.set_nodelay(true);
                let (gate, arrivals) = (Arc::clone(&gate), Arc::clone(&shared));
                let mut visit = Visit { stream: BufReader::new(stream), gate, arrivals };
                let protocol = Arc::clone(&protocol);
                // A client that breaks off is none of the peer's business.
                thread::spawn(move || drop(protocol(&mut visit)));
            }
        });
        Self { address, arrivals }
    }
}

/// With so short a queue that a peer that takes no connections is soon one that cannot be connected to.
fn listener() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(QUEUE).unwrap();
    socket.into()
}

const QUEUE: i32 = 4;
