//! A listener on a free port of the loopback, with a thread for every connection. When it is dropped, the port is
//! closed, all connections are, and all threads have ended.

use std::{
    collections::HashMap,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use parking_lot::Mutex;

/// The listener and its threads.
pub(super) struct Serving {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    over: AtomicBool,
    open: Mutex<HashMap<u64, TcpStream>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Serving {
    /// Serves every connection with `handle`, which gets it with its number, counted from 1.
    ///
    /// A handler that waits for anything but its connection must be ended by its owner before this is dropped.
    pub(super) fn start(handle: impl Fn(TcpStream, u64) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, &Arc::new(handle))
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        // Wakes up whoever waits for a connection.
        drop(TcpStream::connect(self.address));
        drop(self.accepting.take().map(JoinHandle::join));
        for stream in self.shared.open.lock().values() {
            drop(stream.shutdown(Shutdown::Both));
        }
        let threads = std::mem::take(&mut *self.shared.threads.lock());
        threads.into_iter().for_each(|thread| drop(thread.join()));
    }
}

fn accept<H>(listener: &TcpListener, shared: &Arc<Shared>, handle: &Arc<H>)
where
    H: Fn(TcpStream, u64) + Send + Sync + 'static,
{
    for (stream, number) in listener.incoming().zip(1..) {
        if shared.over.load(Ordering::Acquire) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let Ok(handle_to_close) = stream.try_clone() else { continue };
        shared.open.lock().insert(number, handle_to_close);
        let (shared_by_thread, handle) = (Arc::clone(shared), Arc::clone(handle));
        let thread = thread::spawn(move || {
            handle(stream, number);
            shared_by_thread.open.lock().remove(&number);
        });
        let mut threads = shared.threads.lock();
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
    }
}
