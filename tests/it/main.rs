//! The one integration binary: drives the real program from outside, through its API, its command line and its files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, says why on standard output, and is no part of the product"
)]

mod api;
mod architecture;
#[path = "../breaker_cases/mod.rs"]
mod breaker_cases;
mod edge;
mod grafana;
mod integrations;
mod operations;
mod outside;
mod peers;
#[path = "../scoring_cases/mod.rs"]
mod scoring_cases;
mod support;
