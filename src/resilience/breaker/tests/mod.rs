//! The breaker against a slow model of its rules, under many threads, and through a crash.

mod model;
mod reference;
mod threads;
mod untried;
