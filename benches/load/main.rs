//! The load program: the product over HTTP beside a bare actix-web server and the raw store, in one run, so that the
//! ratios hold on any machine. Everything is started here: `cargo bench --bench load [-- --seconds N] [-- --quick]`.
//!
//! It measures the rows of docs/performance.md on sheets, reads, results, delete and restore, start and size.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark stops at the first surprise and measures with the real clock"
)]

mod bare;
mod client;
mod event;
mod product;
mod raw_store;

use std::time::Duration;

use client::{Load, Request};
use product::Product;

/// Clients at the same time.
const CLIENTS: usize = 64;

/// Judges who hand in sheets while others watch.
const SCORING: usize = 8;

/// Devices that ask for progress all the time.
const WATCHING: usize = 200;

struct Options {
    seconds: u64,
    sheets: usize,
}

fn options() -> Options {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<usize>().ok()
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let seconds = value("--seconds").unwrap_or(if quick { 1 } else { 5 });
    Options { seconds: seconds as u64, sheets: value("--sheets").unwrap_or(0) }
}

fn main() {
    let options = options();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let span = Duration::from_secs(options.seconds);
    println!(
        "clients: {CLIENTS}, seconds a row: {}, sheets there before: {}\n",
        options.seconds, options.sheets
    );
    println!("{:<44} {:>12} {:>9} {:>9}", "row", "per second", "p50 ms", "p99 ms");

    let raw = raw_store::writes_per_second(CLIENTS, span, options.sheets);
    println!("{:<44} {raw:>12.0}", "raw store: 1 row + 2 appends, group commit");

    let product = Product::start(options.sheets);
    let mut event = event::Event::create(&product, "load", 1 + options.seconds as usize * 40).await;

    let one = client::run(&product.address, event.sheets(2_000 * options.seconds as usize), 1, span).await;
    report("sheets, 1 client", &one);
    let busy = product.processor_time();
    let sheets = client::run(&product.address, event.sheets(usize::MAX), CLIENTS, span).await;
    let busy = product.processor_time() - busy;
    report("sheets of 5 marks", &sheets);
    println!("{:<44} {:>11.0}%", "  of the raw store", 100.0 * sheets.per_second() / raw);
    println!("{:<44} {:>12.3}", "  syncs a sheet", product.syncs_per_sheet());
    println!(
        "{:<44} {:>9.0} us",
        "  processor time a sheet",
        busy.as_secs_f64() * 1e6 / sheets.count() as f64
    );

    for (name, path) in event.reads() {
        let request = Request::get(&path, &product.token);
        let body = client::body(&product.address, &request).await;
        let bare = bare::Bare::start(body);
        let bare_load =
            client::run(&bare.address, std::iter::repeat(Request::get("/", "")), CLIENTS, span).await;
        let load = client::run(&product.address, std::iter::repeat(request), CLIENTS, span).await;
        report(&format!("{name}, bare actix-web, same bytes"), &bare_load);
        report(name, &load);
        println!("{:<44} {:>11.0}%", "  of bare", 100.0 * load.per_second() / bare_load.per_second());
    }

    watched(&product, span, options.seconds as usize).await;
    event.results(&product).await;
    // The time of ten rows is enough for a million marks in a full run; a short one tells how many it had.
    event.fill(&product, 1_000_000, CLIENTS, 10 * span).await;
    let mut small = event::Event::create(&product, "small", 1).await;
    small.fill(&product, 1_000, 1, 10 * span).await;
    event.delete_and_restore(&product, &small).await;
    product.footprint();
}

/// Sheets that come in while nobody watches, and while many ask for the progress of the contest all the time.
async fn watched(product: &Product, span: Duration, seconds: usize) {
    let mut evening = event::Event::create(product, "evening", 8 * seconds).await;
    let (most, address) = (4_000 * seconds, &product.address);
    let alone = client::run(address, evening.sheets(most), SCORING, span).await;
    report("sheets, 8 clients, nobody watches", &alone);
    let polls = std::iter::repeat(evening.progress(product));
    let (polls, sheets) = tokio::join!(
        client::run(address, polls, WATCHING, span),
        client::run(address, evening.sheets(most), SCORING, span),
    );
    report("sheets, 8 clients, 200 watch", &sheets);
    report("contest progress, 200 clients meanwhile", &polls);
}

fn report(name: &str, load: &Load) {
    println!(
        "{name:<44} {:>12.0} {:>9.2} {:>9.2}",
        load.per_second(),
        load.quantile(0.5).as_secs_f64() * 1e3,
        load.quantile(0.99).as_secs_f64() * 1e3
    );
}
