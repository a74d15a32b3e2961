//! Work behind the answer: the runner does queued jobs piece by piece, the schedules put work into the queue that nobody
//! asks for. May use `service`, `integrations`, `reports`, `text`, `resilience`, `store` and `telemetry`.

mod retention;
mod runner;

pub use self::{
    retention::{Retention, RetentionRule},
    runner::{JobRunner, RunningJobs},
};
