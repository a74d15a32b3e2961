//! What a line of the log costs the thread that writes it, in processor time: ours beside the stock JSON formatter of
//! `tracing-subscriber`, both over the same lossless writer of `tracing-appender`, into files, within a request's span. A
//! package of its own, so that the product is built without that formatter: `cargo bench --manifest-path
//! benches/emission/Cargo.toml`. Lines come in bursts that the writer keeps up with; waiting for it is not counted.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::{env, fs, path::Path, process::Command, thread, time::Duration};

use event_manager::telemetry::{
    clock::Clock,
    context::RequestContext,
    log::{self, LogSettings, SegmentSettings},
    metrics,
};
use rustix::time::{ClockId, clock_gettime};
use tracing_appender::non_blocking::NonBlockingBuilder;

/// Lines of a burst, fewer than may wait for the disk.
const BURST: u32 = 1_000;
const BURSTS: u32 = 500;
/// How long the writer has between bursts.
const PAUSE: Duration = Duration::from_millis(10);

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let of = |way: &str| arguments.iter().any(|argument| argument == way);
    // A process has one subscriber.
    if of("ours") {
        ours();
    } else if of("stock") {
        stock();
    } else {
        println!("nanoseconds of processor time a line, on the thread that writes it (median and 95 of 100 bursts)");
        for way in ["ours", "stock"] {
            assert!(Command::new(env::current_exe().unwrap()).arg(way).status().unwrap().success());
        }
    }
}

fn ours() {
    let directory = tempfile::tempdir().unwrap();
    metrics::install_recorder().unwrap();
    let segments = SegmentSettings {
        dir: directory.path().to_owned(),
        max_bytes: 64 << 20,
        max_age: Duration::from_secs(3_600),
    };
    let settings = LogSettings { filter: "info".to_owned(), stdout: false, segments };
    let guard = log::init(settings, Clock::system()).unwrap();
    let times = emit();
    drop(guard);
    report("ours", times, directory.path());
}

fn stock() {
    let directory = tempfile::tempdir().unwrap();
    let files = tracing_appender::rolling::hourly(directory.path(), "stock");
    let (writer, guard) =
        NonBlockingBuilder::default().lossy(false).buffered_lines_limit(log::QUEUE_LINES).finish(files);
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).with_writer(writer).init();
    let times = emit();
    drop(guard);
    report("stock", times, directory.path());
}

/// Processor time of each burst.
fn emit() -> Vec<Duration> {
    let context = RequestContext::system(Clock::system(), "benchmark");
    context.span("benchmark").in_scope(|| {
        let burst = |number: u32| {
            thread::sleep(PAUSE);
            let begun = processor_time();
            for line in 0..BURST {
                tracing::info!(number, line, route = "/api/v1/events/{id}", durationUs = 1_234_u64, "request done");
            }
            processor_time() - begun
        };
        (0..BURSTS).map(burst).collect()
    })
}

/// Of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn report(name: &str, mut times: Vec<Duration>, directory: &Path) {
    let lines: usize = fs::read_dir(directory)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap().lines().count())
        .sum();
    assert!(lines >= (BURST * BURSTS) as usize, "{lines} lines were kept");
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_nanos() / u128::from(BURST);
    println!("{name:<8} {:>6} {:>6}", at(50), at(95));
}
