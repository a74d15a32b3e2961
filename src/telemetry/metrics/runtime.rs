//! Metrics of the runtimes on which everything asynchronous takes turns: how late a turn comes tells whether something holds a
//! thread up, which no time of a single request does. Uses the clock.

use std::time::Duration;

use tokio::runtime::Handle;

use super::{TOKIO_ALIVE_TASKS, TOKIO_POLL_DELAY, TOKIO_QUEUE_DEPTH, TOKIO_WORKERS, approximate};
use crate::telemetry::clock::Stopwatch;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// A runtime, by what runs on it.
#[derive(Clone, Copy, Debug)]
pub enum Runtime {
    /// Requests, on one thread each.
    Http,
    /// Everything behind them.
    Background,
}

impl Runtime {
    const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Background => "background",
        }
    }
}

/// Shows how late turns come on the runtime it runs on, for ever; of the one in the background also what it has to do.
pub async fn watch_runtime(runtime: Runtime) {
    let delay = metrics::histogram!(TOKIO_POLL_DELAY, "runtime" => runtime.word());
    loop {
        let asked = Stopwatch::start();
        tokio::time::sleep(LOOK).await;
        delay.record(asked.elapsed().saturating_sub(LOOK));
        if let Runtime::Background = runtime {
            let sizes = Handle::current().metrics();
            let show = |name, size: usize| metrics::gauge!(name).set(approximate(size as u64));
            show(TOKIO_WORKERS, sizes.num_workers());
            show(TOKIO_ALIVE_TASKS, sizes.num_alive_tasks());
            show(TOKIO_QUEUE_DEPTH, sizes.global_queue_depth());
        }
    }
}
