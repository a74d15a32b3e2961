//! Work behind the answer: the runner does queued jobs piece by piece, the schedules put work into the queue that nobody
//! asks for. May use `service`, `integrations`, `reports`, `text`, `resilience`, `store` and `telemetry`.

mod backups;
mod circuits;
mod retention;
mod runner;

pub use self::{
    backups::{BackupRunner, RunningBackups},
    circuits::{keep_transitions, observe_services},
    retention::{Retention, RetentionRule},
    runner::{JobRunner, RunningJobs},
};
