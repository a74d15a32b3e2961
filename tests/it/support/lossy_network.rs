//! A network between clients and a server that loses what it is given: connections are cut before and after the server
//! has seen the request, answers end in the middle, and some take their time. Which, is drawn from a seed.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// What happens to a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// It is cut before the server has heard of it.
    CutBefore,
    /// The server gets half of the request.
    CutHalfway,
    /// The server answers, and nobody hears it.
    CutAfter,
    /// Half of the answer arrives.
    Truncated,
    /// All goes well, but slowly.
    Late,
}

/// The network, at an address of its own in front of a server.
pub struct LossyNetwork {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

struct State {
    server: SocketAddr,
    seed: u64,
    counts: Mutex<BTreeMap<Fault, usize>>,
    over: AtomicBool,
}

/// How long a late one waits at most.
const LATE_MILLIS: u64 = 40;

impl LossyNetwork {
    /// Of a hundred connections about fifteen suffer one of the first four faults, and ten are late.
    pub fn before(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State { server, seed, counts: Mutex::default(), over: AtomicBool::new(false) });
        let accepting = thread::spawn({
            let state = Arc::clone(&state);
            move || accept(&listener, &state)
        });
        Self { address, state, accepting: Some(accepting) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often each fault has happened so far.
    pub fn counts(&self) -> BTreeMap<Fault, usize> {
        self.state.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for LossyNetwork {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::Release);
        // Wakes up whoever waits for a connection.
        drop(TcpStream::connect(self.address));
        drop(self.accepting.take().map(JoinHandle::join));
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    for (number, client) in listener.incoming().enumerate() {
        if state.over.load(Ordering::Acquire) {
            break;
        }
        let Ok(client) = client else { continue };
        let state = Arc::clone(state);
        // Whoever is cut off has to cope: that is what this is for.
        thread::spawn(move || drop(relay(client, &state, number as u64)));
    }
}

impl State {
    /// A number that looks random and follows from the seed (splitmix64).
    fn draw(&self, number: u64) -> u64 {
        let mut bits = self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn fault(&self, drawn: u64) -> Option<Fault> {
        let fault = match drawn % 100 {
            0..4 => Fault::CutBefore,
            4..7 => Fault::CutHalfway,
            7..11 => Fault::CutAfter,
            11..15 => Fault::Truncated,
            15..25 => Fault::Late,
            _ => return None,
        };
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(fault).or_default() += 1;
        Some(fault)
    }
}

/// One request and its answer.
fn relay(mut client: TcpStream, state: &State, number: u64) -> io::Result<()> {
    let request = read_request(&mut client)?;
    let drawn = state.draw(number);
    let fault = state.fault(drawn);
    match fault {
        Some(Fault::CutBefore) => return Ok(()),
        Some(Fault::Late) => thread::sleep(Duration::from_millis(drawn / 100 % LATE_MILLIS)),
        _ => {}
    }
    let mut server = TcpStream::connect(state.server)?;
    if fault == Some(Fault::CutHalfway) {
        return server.write_all(&request[..request.len() / 2]);
    }
    server.write_all(&request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    match fault {
        Some(Fault::CutAfter) => return Ok(()),
        Some(Fault::Truncated) => client.write_all(&answer[..answer.len() / 2])?,
        _ => client.write_all(&answer)?,
    }
    client.shutdown(Shutdown::Write)
}

fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut bytes, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = client.read(&mut part)?;
        bytes.extend_from_slice(&part[..count]);
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            return Ok(bytes);
        }
    }
}
