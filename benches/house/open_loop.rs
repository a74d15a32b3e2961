//! Load at a fixed pace: each request is due at a time of its own, whatever became of those before it, and its time is
//! counted from when it was due. So a server that is slow for a while is not spared the requests that come meanwhile.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::client::{Connection, Request};

/// Most requests at a time.
const CONNECTIONS: usize = 64;
/// How long a lost connection is left alone before it is made again.
const PATIENCE: Duration = Duration::from_millis(20);

/// A request, and when it is due.
type Due = (Instant, Request);

/// Sends requests, so many a second. A request whose connection is lost is sent again until it is answered. Returns the
/// times that they took, in ascending order.
pub async fn run(address: &str, requests: Vec<Request>, per_second: usize) -> Vec<Duration> {
    let (sender, receiver) = unbounded_channel();
    let pacing = thread::spawn(move || pace(requests, per_second, &sender));
    let receiver = Mutex::new(receiver);
    let all = (0..CONNECTIONS).map(|_| client(address, &receiver));
    let mut times: Vec<Duration> = futures_util::future::join_all(all).await.into_iter().flatten().collect();
    pacing.join().unwrap();
    times.sort_unstable();
    times
}

/// On a thread of its own, which sleeps more exactly than a runtime's timer.
fn pace(requests: Vec<Request>, per_second: usize, sender: &UnboundedSender<Due>) {
    let (begun, apart) = (Instant::now(), Duration::from_secs(1) / per_second as u32);
    for (number, request) in (0_u32..).zip(requests) {
        let due = begun + apart * number;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        sender.send((due, request)).unwrap();
    }
}

async fn client(address: &str, receiver: &Mutex<UnboundedReceiver<Due>>) -> Vec<Duration> {
    let (mut times, mut connection) = (Vec::new(), None);
    loop {
        let Some((due, request)) = receiver.lock().await.recv().await else { return times };
        while !is_answered(&mut connection, address, &request).await {
            connection = None;
            tokio::time::sleep(PATIENCE).await;
        }
        times.push(due.elapsed());
    }
}

async fn is_answered(connection: &mut Option<Connection>, address: &str, request: &Request) -> bool {
    if connection.is_none() {
        *connection = Connection::try_open(address).await.ok();
    }
    match connection {
        Some(connection) => connection.try_exchange(request).await.is_ok(),
        None => false,
    }
}
