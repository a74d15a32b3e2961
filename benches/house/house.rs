//! The product with everything outside, under the load of an evening: one half after the other, and a half in which it is
//! killed.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;

use super::{
    errands::{Errands, sign_in},
    event::Event,
    open_loop,
    outside::{Peer, Peers},
    plan::{Half, Outside, Plan},
    product::{Product, TENANT},
};

/// All services outside.
pub const SERVICES: [&str; 7] = ["email", "storage", "webhook", "sms", "virus_scan", "redis", "external_api"];
/// So many sheets cause a mail, a text message and an upload.
const SHEETS_AN_ERRAND: usize = 20;
/// How often memory and threads are looked at, and whether all has arrived.
const LOOK: Duration = Duration::from_millis(100);
/// Longest wait until all has arrived. It is tried again after seconds, not minutes, unless it failed twice.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(120);

pub struct House {
    pub product: Product,
    pub peers: Peers,
    pub errands: Errands,
    /// Sheets that were acknowledged.
    pub sheets: usize,
    /// Backups that were made.
    pub backups: usize,
    event: Event,
}

/// What was seen of a half.
pub struct Seen {
    pub half: Half,
    /// Of score sheets, in ascending order.
    pub times: Vec<Duration>,
    pub begun: Timestamp,
    pub ended: Timestamp,
    /// When all that it had caused had arrived.
    pub settled: Timestamp,
    /// Calls of Redis that came there.
    pub redis_calls: usize,
    /// The most memory that was in use, in KiB.
    pub memory: u64,
    /// The most threads there were.
    pub threads: u64,
    /// The longest that somebody waited who signed in.
    pub sign_in: Duration,
}

impl House {
    pub async fn open(plan: &Plan) -> Self {
        let peers = Peers::start();
        let mut settings = peers.settings();
        settings.extend(breakers(plan.span));
        let product = Product::start(settings).await;
        let hooks = peers.webhooks.iter().map(|peer| ("/webhooks", peer));
        for (number, (path, peer)) in hooks.chain([("/actions", &peers.action)]).enumerate() {
            let url = format!("http://{}/", peer.address);
            let hook = json!({"name": format!("Host {number}"), "url": url, "events": ["sheet.submitted"]});
            product.operator.ask(TENANT, "POST", path, &hook).await;
        }
        // One half more than are planned: that in which it is killed.
        let categories = (plan.sheets() * (plan.halves.len() + 1)).div_ceil(1_000);
        let event = Event::create(&product, "house", categories).await;
        Self { product, peers, errands: Errands::default(), sheets: 0, backups: 0, event }
    }

    /// A half, and the time after it until all has arrived.
    pub async fn half(&mut self, plan: &Plan, half: Half) -> Seen {
        let is_healthy = half.outside == Outside::Healthy;
        self.product
            .operator
            .choose_mode(if half.outside == Outside::ForcedOpen { "forcedOpen" } else { half.mode })
            .await;
        self.peers.hang(!is_healthy);
        match half.outside {
            Outside::Hanging => {
                self.product.operator.back_up().await;
                self.backups += 1;
            }
            Outside::Open => self.product.operator.each_circuit("trip").await,
            Outside::Healthy | Outside::ForcedOpen => {}
        }
        let mut seen = self.load(plan, half).await;
        self.heal(half).await;
        seen.settled = Timestamp::now();
        seen
    }

    async fn heal(&mut self, half: Half) {
        self.peers.hang(false);
        self.product.operator.choose_mode(half.mode).await;
        self.product.operator.each_circuit("reset").await;
        self.wait_for_arrival().await;
    }

    async fn load(&mut self, plan: &Plan, half: Half) -> Seen {
        let requests = self.event.sheets(plan.sheets());
        let count = requests.len();
        let (begun, redis) = (Timestamp::now(), self.peers.redis.arrivals.calls());
        let address = &self.product.address;
        let is_over = Cell::new(false);
        let loading = async {
            let times = open_loop::run(address, requests, plan.pace).await;
            is_over.set(true);
            times
        };
        let (times, (memory, threads), sign_in, ()) = tokio::join!(
            loading,
            watched(&self.product, &is_over),
            sign_in(address, plan.span),
            self.errands.run(&self.product.operator, count / SHEETS_AN_ERRAND, plan.span),
        );
        self.sheets += count;
        let ended = Timestamp::now();
        let redis_calls = self.peers.redis.arrivals.calls() - redis;
        Seen { half, times, begun, ended, settled: ended, redis_calls, memory, threads, sign_in }
    }

    /// Under load and with everything hanging the program is killed and started again; then everything works.
    pub async fn killed(&mut self, plan: &Plan) {
        self.product.operator.choose_mode("enforce").await;
        self.peers.hang(true);
        let Self { product, errands, event, .. } = self;
        let (address, operator) = (product.address.clone(), product.operator.clone());
        let requests = event.sheets(plan.sheets());
        let count = requests.len();
        let killing = async {
            tokio::time::sleep(plan.span / 2).await;
            product.kill_and_start_again();
        };
        tokio::join!(
            open_loop::run(&address, requests, plan.pace),
            killing,
            errands.run(&operator, count / SHEETS_AN_ERRAND, plan.span),
        );
        self.sheets += count;
        // This time nobody helps: the circuits close by themselves.
        self.peers.hang(false);
        self.wait_for_arrival().await;
    }

    /// Waits until each host was told of each sheet, and each mail, file and backup has arrived. A text message that may have
    /// arrived is not sent again: what became of those is looked at in the end.
    async fn wait_for_arrival(&self) {
        let begun = Instant::now();
        loop {
            let missing = self.missing();
            if missing.is_empty() {
                return;
            }
            assert!(begun.elapsed() < ARRIVAL_LIMIT, "not arrived: {missing:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    fn missing(&self) -> Vec<(&'static str, usize)> {
        let Peers { webhooks: [first, second, third], action, relay, scanner, storage, .. } = &self.peers;
        let hosts = [("first", first), ("second", second), ("third", third), ("action", action)];
        let sheets = hosts.map(|(name, peer)| (name, peer, self.sheets));
        let (errands, backups) = (self.errands.files, self.backups);
        let stored = ("backups and files", storage, backups + errands);
        let others = [("mails", relay, errands), ("files", scanner, errands), stored];
        let missing = |(name, peer, wanted): (&'static str, &Peer, usize)| {
            (name, wanted.saturating_sub(peer.arrivals.different()))
        };
        sheets.into_iter().chain(others).map(missing).filter(|(_, missing)| *missing > 0).collect()
    }
}

/// The most memory and threads while the load lasts.
async fn watched(product: &Product, is_over: &Cell<bool>) -> (u64, u64) {
    let mut most = (0, 0);
    while !is_over.get() {
        most.0 = most.0.max(product.status("VmRSS"));
        most.1 = most.1.max(product.status("Threads"));
        tokio::time::sleep(LOOK).await;
    }
    most
}

/// A circuit that is opened stays open for the rest of the half, and closes soon afterwards.
fn breakers(span: Duration) -> impl Iterator<Item = (String, String)> {
    let open = (span + Duration::from_secs(1)).as_millis().to_string();
    SERVICES.into_iter().flat_map(move |service| {
        let keys = ["timeout_ms", "longest_timeout_ms"];
        keys.map(|key| (format!("breaker.{service}.{key}"), open.clone()))
    })
}
