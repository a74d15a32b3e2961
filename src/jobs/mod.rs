//! Work behind the answer: the runner does queued jobs piece by piece, the schedules put work into the queue that nobody
//! asks for. May use `service`, `integrations`, `reports`, `text`, `resilience`, `store` and `telemetry`.

mod alerts;
mod backups;
mod call;
mod charts;
mod circuits;
mod fallback;
mod file_storage;
mod log_keeping;
mod mirror;
mod otlp_export;
mod outbox;
mod result_mirror;
mod retention;
mod runner;
mod traceability;

pub use self::{
    alerts::AlertWatch,
    backups::{BackupRunner, RunningBackups},
    charts::ChartKeeper,
    circuits::{keep_transitions, observe_services},
    fallback::Fallback,
    file_storage::keep_files_stored,
    log_keeping::{LogInUse, LogKeeper, LogRules},
    mirror::mirror_changes,
    otlp_export::{Exporting, LogExport},
    outbox::{
        BACKUPS_FOLDER, Carrier, Dispatcher, MailPort, RunningDispatcher, SmsPort, StoragePort, Ways, ids_of,
        publish_changes, show_sizes,
    },
    result_mirror::mirror_results,
    retention::{Retention, RetentionRule},
    runner::{JobRunner, RunningJobs},
    traceability::CANARY_TARGET,
};
