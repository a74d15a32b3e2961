//! What is known of a running installation: the context of each request and how it follows the work, the log,
//! the metrics, and the clock they are stamped with. Uses `domain` only; the composition root brings the
//! settings.

pub mod alerts;
pub mod answered;
pub mod charts;
pub mod clock;
pub mod context;
pub mod log;
pub mod log_store;
pub mod logql;
pub mod metrics;
pub mod otlp;
pub mod spawn;
