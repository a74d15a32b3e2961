//! Search in a large log, through the product beside ripgrep on the same lines, in one run: `cargo bench --bench logs [--
//! --mib N] [-- --dir DIR] [-- --quick]`; `--mib` is how many MiB of lines there are, 10 240 without it, `--dir` where they
//! are made, with room for 1.2 times as much.
//!
//! The lines are the product's own: what a short evening of requests makes it write, again and again, each time with other
//! ids and at other times, over seven days until now. Finished files are packed and indexed by the product's own code. It
//! fails if a line is not found. Without `rg` on the path its rows are left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a benchmark stops at the first surprise and measures with the real clock"
)]

#[allow(dead_code, reason = "the load program uses more of it")]
#[path = "../load/client.rs"]
mod client;
mod evening;
mod material;
#[allow(dead_code, reason = "the whole house uses more of it")]
#[path = "../house/operator.rs"]
mod operator;
mod product;
mod ripgrep;
mod searches;
mod times;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use event_manager::telemetry::log_store::LogStore;
use material::Material;
use product::Product;
use searches::Searches;
use times::report;

/// Ids that are looked for, one after the other.
const IDS: usize = 200;
/// How far back the lines go.
const SPAN: Duration = Duration::from_secs(7 * 86_400);

struct Options {
    mib: u64,
    dir: PathBuf,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let mib = value("--mib").map_or(if quick { 160 } else { 10_240 }, |mib| mib.parse().unwrap());
    Options { mib, dir: value("--dir").map_or_else(std::env::temp_dir, PathBuf::from) }
}

fn main() {
    let options = options();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let directory = tempfile::Builder::new().prefix("log-benchmark-").tempdir_in(&options.dir).unwrap();
    let (data, plain) = (directory.path().join("data"), directory.path().join("plain"));
    let logs = data.join("logs");

    let product = Product::start(&data);
    evening::spend(&product).await;
    product.stop();
    let material = Material::make(&logs, &plain, options.mib << 20, SPAN, IDS);
    println!("{} lines in {} MiB of {} files\n", material.lines, material.bytes >> 20, material.files);

    let begun = Instant::now();
    LogStore::new(&logs).seal().unwrap();
    let took = begun.elapsed();
    let taken = LogStore::new(&logs).taken().unwrap();
    println!(
        "{:<58} {:>9.0}",
        "packed and indexed, MB a second",
        material.bytes as f64 / took.as_secs_f64() / 1e6
    );
    println!("{:<58} {:>8.1}%", "  packed, of the lines", 100.0 * taken.bytes as f64 / material.bytes as f64);
    println!(
        "{:<58} {:>8.1}%\n",
        "  index, of the lines",
        100.0 * taken.index_bytes as f64 / material.bytes as f64
    );

    println!("{:<58} {:>9} {:>9} {:>9}", "row", "p50 ms", "p95 ms", "max ms");
    material::evict(&logs);
    let begun = Instant::now();
    let product = Product::start(&data);
    let ready = begun.elapsed();
    let searches = Searches::of(&product);
    searches.ensure_found(&material.sought[0]).await;
    report("start to ready, nothing in memory", &mut [ready]);
    report("start to the first line found by its id", &mut [begun.elapsed()]);

    // What was read once is in memory the second time.
    searches.each_id(&material.sought, || ()).await;
    report("by id", &mut searches.each_id(&material.sought, || ()).await);
    searches.unknown_ids(IDS).await;
    report("by an id that is not there", &mut searches.unknown_ids(IDS).await);
    let cold = &material.sought[..IDS.min(50)];
    report("by id, nothing in memory", &mut searches.each_id(cold, || material::evict(&logs)).await);
    report("the last 15 minutes, requests that were refused", &mut searches.recent(20).await);
    report("a frequent text, first page", &mut searches.frequent(20).await);
    report("lines an hour over seven days", &mut searches.volume(SPAN, 20).await);
    report("logged to found", &mut searches.visible(&product, 50).await);
    let whole = searches.whole().await;
    report("a text that is not there, all lines", &mut [whole.took]);
    assert!(whole.bytes >= material.bytes, "only {} of {} bytes were read", whole.bytes, material.bytes);
    material::evict(&logs);
    report("  nothing in memory", &mut [searches.whole().await.took]);

    ripgrep::rows(&plain, &logs, &material.sought[0]);
}
