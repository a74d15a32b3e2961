//! The whole house at once: the product with every integration set up, under a steady load of score sheets, while everything
//! outside works, hangs, or is kept from being called; and at last it is killed. `cargo bench --bench house
//! [-- --seconds N] [-- --pace N] [-- --quick] [-- --strict]`; `--seconds` is how long a half takes, `--pace` how many sheets
//! come a second.
//!
//! Every sheet causes a webhook to three hosts, a call of an action and a message to Redis, every 20th a mail, a text message
//! and an upload that is scanned and stored; backups go to object storage, too. It fails if a job is lost or doubled without being marked, if
//! fewer jobs or calls than expected were made, if a connection was made that no circuit breaker had let pass, or if memory, threads or a sign-in are out of bounds. That scoring is as fast
//! with trouble outside as without is printed, and fails the run with `--strict`.

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

#[allow(dead_code, reason = "the load program uses more of it")]
#[path = "../load/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/peers/connect_recorder.rs"]
mod connect_recorder;
mod errands;
#[allow(dead_code, reason = "the load program uses more of it")]
#[path = "../load/event.rs"]
mod event;
mod house;
mod open_loop;
mod operator;
mod outside;
mod plan;
mod product;
mod proof;
mod report;

use house::House;
use plan::Plan;

fn main() {
    let plan = Plan::of_arguments();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&plan));
}

async fn run(plan: &Plan) {
    println!("{} sheets a second, {} seconds a half", plan.pace, plan.span.as_secs());
    let mut house = House::open(plan).await;
    let mut halves = Vec::new();
    for half in &plan.halves {
        halves.push(house.half(plan, *half).await);
    }
    house.product.ensure_permitted().await;
    house.killed(plan).await;
    let jobs = proof::proven(&house).await;
    house.product.ensure_permitted().await;
    report::ensure_called(&jobs, house.peers.redis.arrivals.calls());
    report::print(plan, &halves, &jobs);
}
