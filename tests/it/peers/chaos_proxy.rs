//! A proxy before any peer that speaks over TCP, which misbehaves on command: while connections are open, and back again.

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};
use socket2::{Domain, SockAddr, Socket, Type};

use super::chaos_link::Link;

/// What becomes of connections, of new ones and of those that are open. Numbers of bytes are counted for each connection,
/// from when the behaviour was set, or from its beginning if that was later.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// All goes well.
    Pass,
    /// The port is closed, as if the program were not running: clients get `ECONNREFUSED`, open connections are reset.
    Refuse,
    /// Every answer begins so much later.
    Delay(Duration),
    /// So many bytes of the answer arrive, then the connection is reset. With 0, it is when the answer comes: the
    /// request has been read and nobody hears what became of it.
    CutAfter(usize),
    /// So many bytes of the request arrive, then the connection is reset. With 0, the peer never sees any of it.
    CutRequestAfter(usize),
    /// Connections are accepted, and that is all: nothing is read, nothing is answered, nothing is closed. What is
    /// under way freezes and goes on when the behaviour changes.
    BlackHole,
    /// So many bytes a second each way.
    Throttle(usize),
    /// The peer gets nothing more, and random bytes come back: as many as it answers, and as many as it is asked.
    /// Connections that got such bytes are reset when the behaviour changes.
    Garbage,
}

/// What has passed so far.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Connections accepted since the beginning.
    pub seen: usize,
    /// Connections that are open.
    pub open: usize,
    /// Bytes of requests that were given to the peer.
    pub to_target: u64,
    /// Bytes of answers that were given to clients.
    pub to_client: u64,
}

/// The proxy. Its address stays the same whatever it does.
pub struct ChaosProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    door: Mutex<Option<Door>>,
    /// Bound to the port and never listening: nobody else gets the port while the door is closed, and the kernel refuses
    /// connections to it.
    _port: Socket,
}

/// The open port.
struct Door {
    listener: Arc<Socket>,
    accepting: JoinHandle<()>,
}

pub(super) struct Shared {
    pub(super) target: SockAddr,
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

pub(super) struct State {
    pub(super) behaviour: Behaviour,
    /// Counts the changes of the behaviour.
    pub(super) generation: u64,
    pub(super) counts: Counts,
    links: HashMap<usize, Arc<Link>>,
    threads: Vec<JoinHandle<()>>,
}

impl ChaosProxy {
    /// Before a peer that listens on TCP.
    pub fn before(target: SocketAddr) -> Self {
        Self::before_any(target.into())
    }

    /// Before a peer that listens on a Unix socket. The proxy itself listens on TCP.
    pub fn before_local(target: impl Into<PathBuf>) -> Self {
        Self::before_any(SockAddr::unix(target.into()).unwrap())
    }

    fn before_any(target: SockAddr) -> Self {
        let port = bound((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = port.local_addr().unwrap().as_socket().unwrap();
        let state = State {
            behaviour: Behaviour::Pass,
            generation: 0,
            counts: Counts::default(),
            links: HashMap::new(),
            threads: Vec::new(),
        };
        let shared = Arc::new(Shared { target, state: Mutex::new(state), changed: Condvar::new() });
        let door = Mutex::new(Some(Door::open(address, &shared)));
        Self { address, shared, door, _port: port }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the behaviour. It holds for all connections when this returns.
    pub fn set(&self, behaviour: Behaviour) {
        let mut door = self.door.lock();
        {
            let mut state = self.shared.state.lock();
            state.behaviour = behaviour;
            state.generation += 1;
            let spoilt = state.links.values().filter(|link| link.is_spoilt());
            spoilt.filter(|_| behaviour != Behaviour::Garbage).for_each(|link| link.cut());
        }
        self.shared.changed.notify_all();
        if behaviour == Behaviour::Refuse {
            if let Some(door) = door.take() {
                door.close();
            }
            self.cut_all();
        } else {
            door.get_or_insert_with(|| Door::open(self.address, &self.shared));
        }
    }

    /// Resets all open connections, once; the behaviour stays.
    pub fn cut_all(&self) {
        let mut state = self.shared.state.lock();
        let links: Vec<_> = state.links.values().map(Arc::clone).collect();
        links.iter().for_each(|link| link.cut());
        drop(links);
        self.shared.changed.notify_all();
        let cut: Vec<usize> = state.links.keys().copied().collect();
        let is_there = |state: &mut State| cut.iter().any(|number| state.links.contains_key(number));
        self.shared.changed.wait_while(&mut state, is_there);
    }

    /// How many connections are open.
    pub fn connections_open(&self) -> usize {
        self.counts().open
    }

    /// What has passed so far.
    pub fn counts(&self) -> Counts {
        self.shared.state.lock().counts
    }

    /// Waits until the counts are as wanted.
    ///
    /// # Panics
    /// When they are not within the limit.
    #[track_caller]
    pub fn wait_for(&self, limit: Duration, mut is_so: impl FnMut(&Counts) -> bool) -> Counts {
        let mut state = self.shared.state.lock();
        let result = self.shared.changed.wait_while_for(&mut state, |state| !is_so(&state.counts), limit);
        assert!(!result.timed_out(), "waited in vain: {:?}", state.counts);
        state.counts
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.set(Behaviour::Refuse);
        let threads = std::mem::take(&mut self.shared.state.lock().threads);
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

impl Door {
    fn open(address: SocketAddr, shared: &Arc<Shared>) -> Self {
        let listener = Arc::new(bound(address).unwrap());
        listener.listen(128).unwrap();
        let accepting = thread::spawn({
            let (listener, shared) = (Arc::clone(&listener), Arc::clone(shared));
            move || accept(&listener, &shared)
        });
        Self { listener, accepting }
    }

    fn close(self) {
        // Wakes up whoever waits for a connection, and resets those that nobody has accepted yet.
        drop(self.listener.shutdown(std::net::Shutdown::Both));
        drop(self.accepting.join());
    }
}

impl Shared {
    /// Waits until the behaviour changes, the link is cut, or the time has come. Tells whether the time has come.
    pub(super) fn pause(&self, link: &Link, generation: u64, until: Instant) -> bool {
        let mut state = self.state.lock();
        let goes_on = |state: &mut State| state.generation == generation && !link.is_cut();
        self.changed.wait_while_until(&mut state, goes_on, until).timed_out()
    }

    fn finish(&self, number: usize) {
        let mut state = self.state.lock();
        let link = state.links.remove(&number);
        state.counts.open -= 1;
        // The last handle: here the socket is closed, before anybody is told.
        drop(link);
        drop(state);
        self.changed.notify_all();
    }
}

fn accept(listener: &Socket, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        let mut state = shared.state.lock();
        state.counts.seen += 1;
        state.counts.open += 1;
        let (number, link) = (state.counts.seen, Arc::new(Link::new(client)));
        state.links.insert(number, Arc::clone(&link));
        let thread = thread::spawn({
            let shared = Arc::clone(shared);
            move || {
                link.run(&shared);
                drop(link);
                shared.finish(number);
            }
        });
        state.threads.retain(|thread| !thread.is_finished());
        state.threads.push(thread);
        drop(state);
        shared.changed.notify_all();
    }
}

/// A socket that is bound and may share its port with others that do not listen.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
