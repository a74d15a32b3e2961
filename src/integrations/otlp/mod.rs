//! Collectors of traces and logs: a request of OTLP over HTTP, in JSON. What a collector does not take for now is sent again;
//! what it refuses is given up. Uses the one HTTP client.

mod collector;
mod settings;
mod verdict;

pub use self::{
    collector::Collector,
    settings::{CollectorSettings, NoCollector},
};
