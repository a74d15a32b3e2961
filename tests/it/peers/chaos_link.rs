//! One connection through the [`ChaosProxy`](super::ChaosProxy): a pump for each direction, which asks before every piece
//! what is to become of it. A pump looks at what has arrived before it takes it, so that nothing is read too early.

use std::{
    io::{self, Read, Write},
    mem::MaybeUninit,
    net::Shutdown,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use socket2::{Socket, Type};

use super::chaos_proxy::{Behaviour, Shared, State};

/// The two ends of a connection.
pub(super) struct Link {
    client: Socket,
    target: OnceLock<Socket>,
    is_cut: AtomicBool,
    /// The client got bytes that the peer has not sent.
    is_spoilt: AtomicBool,
    /// The peer has been asked since it last answered; at the beginning, a peer that speaks first has been.
    is_asked: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Answer,
}

/// Largest piece that is passed on at once.
const PIECE: usize = 16 * 1024;
/// Pieces a second of a throttled connection.
const THROTTLED_PIECES: usize = 20;
/// How long a write may take before it is looked whether it is still wanted.
const WRITE_LIMIT: Duration = Duration::from_millis(20);

impl Link {
    pub(super) fn new(client: Socket) -> Self {
        let (is_cut, is_spoilt) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { client, target: OnceLock::new(), is_cut, is_spoilt, is_asked: AtomicBool::new(true) }
    }

    /// Wakes up the pumps and lets the connection end with a reset when the last of them has let go of it.
    pub(super) fn cut(&self) {
        self.is_cut.store(true, Ordering::Release);
        drop(self.client.set_linger(Some(Duration::ZERO)));
        // Only for reading: nothing that the client could take for an orderly end is sent.
        drop(self.client.shutdown(Shutdown::Read));
        drop(self.target.get().map(|target| target.shutdown(Shutdown::Both)));
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Acquire)
    }

    pub(super) fn is_spoilt(&self) -> bool {
        self.is_spoilt.load(Ordering::Acquire)
    }

    /// Relays until both ends have closed it or it is cut. A peer that cannot be reached cuts it.
    pub(super) fn run(&self, shared: &Shared) {
        if self.connect(shared).is_err() {
            return self.cut();
        }
        thread::scope(|scope| {
            scope.spawn(|| self.pump(shared, Direction::Answer));
            self.pump(shared, Direction::Request);
        });
    }

    fn connect(&self, shared: &Shared) -> io::Result<()> {
        self.settled(shared)?;
        let target = Socket::new(shared.target.domain(), Type::STREAM, None)?;
        target.connect(&shared.target)?;
        for socket in [&self.client, &target] {
            socket.set_write_timeout(Some(WRITE_LIMIT))?;
        }
        if shared.target.is_ipv4() || shared.target.is_ipv6() {
            target.set_tcp_nodelay(true)?;
        }
        self.client.set_tcp_nodelay(true)?;
        self.target.set(target).map_err(|_| io::ErrorKind::AlreadyExists)?;
        // It may have been cut before there was anything to shut down.
        if self.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }

    fn pump(&self, shared: &Shared, direction: Direction) {
        if self.relay(shared, direction).is_err() {
            self.cut();
            // Under the lock, so that nobody misses it between looking and waiting.
            drop(shared.state.lock());
            shared.changed.notify_all();
        }
    }

    /// Passes on one direction until its end.
    fn relay(&self, shared: &Shared, direction: Direction) -> io::Result<()> {
        let target = self.target.get().ok_or(io::ErrorKind::NotConnected)?;
        let (from, to) = match direction {
            Direction::Request => (&self.client, target),
            Direction::Answer => (target, &self.client),
        };
        let (mut since, mut passed) = (0, 0);
        loop {
            let is_over = from.peek(&mut [MaybeUninit::uninit()])? == 0;
            let (behaviour, generation) = self.settled(shared)?;
            if is_over {
                // Whoever has closed both directions already is not told again.
                drop(to.shutdown(Shutdown::Write));
                return Ok(());
            }
            if since != generation {
                (since, passed) = (generation, 0);
            }
            match (behaviour, direction) {
                (Behaviour::Garbage, _) => {
                    let count = take(from, PIECE)?.len();
                    self.is_spoilt.store(true, Ordering::Release);
                    self.give(shared, Direction::Answer, &self.client, &random_bytes(count))?;
                }
                (Behaviour::CutAfter(limit), Direction::Answer)
                | (Behaviour::CutRequestAfter(limit), Direction::Request) => {
                    let piece =
                        if passed < limit { take(from, (limit - passed).min(PIECE))? } else { Vec::new() };
                    self.give(shared, direction, to, &piece)?;
                    passed += piece.len();
                    if passed >= limit {
                        return Err(io::ErrorKind::ConnectionReset.into());
                    }
                }
                (Behaviour::Delay(delay), Direction::Answer)
                    if self.is_asked.swap(false, Ordering::AcqRel) =>
                {
                    if !shared.pause(self, generation, Instant::now() + delay) {
                        self.is_asked.store(true, Ordering::Release);
                        continue;
                    }
                    self.give(shared, direction, to, &take(from, PIECE)?)?;
                }
                (Behaviour::Throttle(rate), _) => {
                    let piece = take(from, (rate / THROTTLED_PIECES).clamp(1, PIECE))?;
                    self.give(shared, direction, to, &piece)?;
                    let lasts = Duration::from_secs_f64(piece.len() as f64 / rate.max(1) as f64);
                    shared.pause(self, generation, Instant::now() + lasts);
                }
                _ => self.give(shared, direction, to, &take(from, PIECE)?)?,
            }
        }
    }

    /// Writes all of a piece, and stops where the connection freezes or ends.
    fn give(&self, shared: &Shared, direction: Direction, to: &Socket, piece: &[u8]) -> io::Result<()> {
        let (mut left, mut to) = (piece, to);
        if direction == Direction::Request {
            self.is_asked.store(true, Ordering::Release);
        }
        while !left.is_empty() {
            match to.write(left) {
                Ok(count) => {
                    left = &left[count..];
                    let mut state = shared.state.lock();
                    match direction {
                        Direction::Request => state.counts.to_target += count as u64,
                        Direction::Answer => state.counts.to_client += count as u64,
                    }
                    drop(state);
                    shared.changed.notify_all();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => drop(self.settled(shared)?),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The behaviour and its generation, as soon as it lets anything pass.
    fn settled(&self, shared: &Shared) -> io::Result<(Behaviour, u64)> {
        let mut state = shared.state.lock();
        let freezes = |state: &mut State| state.behaviour == Behaviour::BlackHole && !self.is_cut();
        shared.changed.wait_while(&mut state, freezes);
        let is_spoilt = self.is_spoilt() && state.behaviour != Behaviour::Garbage;
        if self.is_cut() || is_spoilt || state.behaviour == Behaviour::Refuse {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok((state.behaviour, state.generation))
    }
}

/// What has arrived, up to a number of bytes.
fn take(mut from: &Socket, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; limit];
    let count = from.read(&mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Bytes that look random, the same in every run, and are no beginning of any protocol (splitmix64).
fn random_bytes(count: usize) -> Vec<u8> {
    let byte = |number: u64| {
        let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)).to_le_bytes()[0]
    };
    (0..count as u64).map(byte).collect()
}
