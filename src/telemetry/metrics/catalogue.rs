//! Every metric this program has: name, unit, help, and the label sets that exist from the start, so that
//! each series begins at zero and its first step is seen. Names follow Prometheus: base units, `_total` on
//! counters.

use metrics::Unit;

use crate::domain::Kind;

/// How a metric behaves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Type {
    /// Only ever goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts how many observations fell below each of these bounds.
    Histogram(&'static [f64]),
}

/// The label sets a metric begins with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Labels {
    /// It has no labels.
    None,
    /// Each label with all its values; every combination begins at zero.
    Known(&'static [(&'static str, &'static [&'static str])]),
    /// Two labels, each value of the first with its values of the second; with all of that, one more label with its values.
    Paired(
        [&'static str; 2],
        &'static [(&'static str, &'static [&'static str])],
        Option<(&'static str, &'static [&'static str])>,
    ),
    /// Some values become known only while the program runs.
    Open,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metric {
    pub name: &'static str,
    pub kind: Type,
    pub unit: Unit,
    pub help: &'static str,
    pub labels: Labels,
}

/// Bounds for requests, as OpenTelemetry's conventions for HTTP advise.
pub(in crate::telemetry) const HTTP_SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Bounds for the work of the store.
pub(in crate::telemetry) const DB_SECONDS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0];
/// Bounds for what leaves the box, up to the longest that a transfer may take.
const OUTBOUND_SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 120.0];
/// Bounds for work behind the answer.
const JOB_SECONDS: &[f64] = &[0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0];
/// Bounds for searches of the log: by an id in milliseconds, through all of it up to the longest that one may take.
const SEARCH_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0];
const COPY_SECONDS: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1_200.0];
const BODY_BYTES: &[f64] =
    &[256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0];
const BATCH_SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The words for all kinds of jobs.
const JOBS: [&str; 6] = ["bulk", "undo", "purge", "retention", "storage", "erasure"];

/// The words for all kinds of services outside.
const SERVICES: [&str; 8] =
    ["email", "storage", "webhook", "sms", "virus_scan", "redis", "external_api", "otlp"];

/// The words for those by which deliveries go.
const CARRIERS: [&str; 7] = ["email", "storage", "webhook", "sms", "virus_scan", "redis", "external_api"];

/// The queues of jobs, with the words for the jobs that wait there: those that are done within the box, and what leaves it.
const QUEUES: &[(&str, &[&str])] = &[
    ("jobs", &JOBS),
    ("email", &["mail"]),
    ("storage", &["upload", "fetch", "delete", "probe"]),
    ("webhook", &["webhook"]),
    ("sms", &["sms"]),
    ("virus_scan", &["scan", "probe"]),
    ("redis", &["probe"]),
    ("external_api", &["action"]),
];

/// The words for those queues.
const QUEUE_NAMES: [&str; 8] =
    ["jobs", "email", "storage", "webhook", "sms", "virus_scan", "redis", "external_api"];

/// What is asked of each service outside: what waits for it in its queue, and what does not wait.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("email", &["mail", "probe"]),
    ("storage", &["upload", "fetch", "delete", "probe"]),
    ("webhook", &["webhook"]),
    ("sms", &["sms"]),
    ("virus_scan", &["scan", "probe"]),
    ("redis", &["publish", "store", "probe"]),
    ("external_api", &["action"]),
    ("otlp", &["traces", "logs"]),
];

/// How jobs end. A delivery that failed is a dead letter.
const ENDS: [&str; 3] = ["done", "failed", "cancelled"];

/// Where a circuit can stand.
const STATES: [&str; 3] = ["CLOSED", "HALF_OPEN", "OPEN"];

/// What takes the place of each of them.
const FALLBACKS: &[(&str, &[&str])] = &[
    ("email", &["second_relay", "queue", "dead_letter"]),
    ("storage", &["next_target", "local_spool", "dead_letter"]),
    ("webhook", &["queue", "dead_letter"]),
    ("sms", &["mail", "queue", "dead_letter"]),
    ("virus_scan", &["quarantine", "dead_letter"]),
    ("redis", &["memory", "queue"]),
    ("external_api", &["queue", "dead_letter"]),
];

/// The words for all kinds of things.
#[allow(clippy::indexing_slicing, reason = "it is evaluated by the compiler, which checks every index")]
const ENTITIES: [&str; Kind::ALL.len()] = {
    let mut words = [""; Kind::ALL.len()];
    let mut index = 0;
    while index < words.len() {
        words[index] = Kind::ALL[index].word();
        index += 1;
    }
    words
};

macro_rules! catalogue {
    ($($constant:ident = $name:literal, $kind:expr, $unit:ident, $labels:expr, $help:literal;)+) => {
        $(#[doc = $help] pub const $constant: &str = $name;)+

        pub(super) const CATALOGUE: &[Metric] = &[$(Metric {
            name: $constant,
            kind: $kind,
            unit: Unit::$unit,
            help: $help,
            labels: $labels,
        }),+];
    };
}

catalogue! {
    HTTP_REQUEST_DURATION = "http_server_request_duration_seconds", Type::Histogram(HTTP_SECONDS), Seconds,
        Labels::Open, "Time from a request's head to the end of its answer, by method, route and code.";
    HTTP_ACTIVE_REQUESTS = "http_server_active_requests", Type::Gauge, Count,
        Labels::None, "Requests being answered.";
    HTTP_REQUESTS_REJECTED = "http_server_requests_rejected_total", Type::Counter, Count,
        Labels::Known(&[("reason", &["parse", "too_large", "rate_limit", "overload"])]),
        "Requests refused before any route saw them.";
    HTTP_REQUESTS_LIMITED = "http_server_requests_limited_total", Type::Counter, Count,
        Labels::Open, "Requests answered with 429, by the limit they met (session, client, sign_in) and route.";
    HTTP_RESPONSE_BODY_BYTES = "http_server_response_body_bytes", Type::Histogram(BODY_BYTES), Bytes,
        Labels::Open, "Size of response bodies as sent, by route.";

    DB_TRANSACTION_DURATION = "db_transaction_duration_seconds", Type::Histogram(DB_SECONDS), Seconds,
        Labels::Known(&[("kind", &["write"]), ("operation", &["commit"])]),
        "Time of a transaction of the store.";
    DB_WRITE_LOCK_WAIT = "db_write_lock_wait_seconds", Type::Histogram(DB_SECONDS), Seconds,
        Labels::None, "Time an operation waits for the store's writer.";
    DB_FSYNC_DURATION = "db_fsync_duration_seconds", Type::Histogram(DB_SECONDS), Seconds,
        Labels::None, "Time the disk takes to make a commit durable.";
    DB_BATCH_OPERATIONS = "db_batch_operations", Type::Histogram(BATCH_SIZES), Count,
        Labels::None, "Operations that share one commit.";
    DB_FILE_BYTES = "db_file_bytes", Type::Gauge, Bytes,
        Labels::None, "Size of the data file.";
    DB_FREE_PAGES_BYTES = "db_free_pages_bytes", Type::Gauge, Bytes,
        Labels::None, "Room within the data file that is used again before it grows, when the newest local copy was made.";

    TOKIO_WORKERS = "tokio_workers", Type::Gauge, Count,
        Labels::None, "Threads of the runtime behind the requests.";
    TOKIO_ALIVE_TASKS = "tokio_alive_tasks", Type::Gauge, Count,
        Labels::None, "Tasks on the runtime behind the requests.";
    TOKIO_QUEUE_DEPTH = "tokio_global_queue_depth", Type::Gauge, Count,
        Labels::None, "Tasks that wait for a thread of the runtime behind the requests.";
    TOKIO_POLL_DELAY = "tokio_poll_delay_seconds", Type::Histogram(DB_SECONDS), Seconds,
        Labels::Known(&[("runtime", &["http", "background"])]),
        "How late a task comes to its turn, by runtime; looked at once a second.";

    STORE_READ_ONLY = "store_read_only", Type::Gauge, Count,
        Labels::Known(&[("reason", &["disk_full", "low_space", "io_error", "damaged"])]),
        "1 while nothing can be written, by the reason for it.";
    STORE_FREE_BYTES = "store_free_bytes", Type::Gauge, Bytes,
        Labels::None, "Room on the disk of the data, without the reserve.";
    STORE_DAMAGE = "store_damage_total", Type::Counter, Count,
        Labels::None, "Reads that met something damaged.";
    STORE_COPY_AGE = "store_copy_age_seconds", Type::Gauge, Seconds,
        Labels::None, "Age of the newest verified local copy.";
    STORE_COPY_DURATION = "store_copy_duration_seconds", Type::Histogram(COPY_SECONDS), Seconds,
        Labels::None, "Time to make and verify a local copy.";
    STORE_COPIES = "store_copies_total", Type::Counter, Count,
        Labels::Known(&[("outcome", &["made", "failed", "no_room"])]),
        "Local copies that were to be made.";

    SOFT_DELETE_OPERATIONS = "soft_delete_operations_total", Type::Counter, Count,
        Labels::Known(&[("entity", &ENTITIES), ("action", &["delete", "restore"])]),
        "Things deleted and restored.";
    SOFT_DELETED_ROWS = "soft_deleted_rows", Type::Gauge, Count,
        Labels::Known(&[("entity", &ENTITIES)]),
        "Things that lie in the trash, without what hangs beneath them.";
    FILES_UPLOADED = "files_uploaded_total", Type::Counter, Count,
        Labels::None, "Files that were uploaded and kept.";
    FILES_SCANNED = "files_scanned_total", Type::Counter, Count,
        Labels::Known(&[("outcome", &["clean", "infected"])]),
        "Files that were scanned for viruses, by what was found.";
    BLOBS_REMOVED = "blobs_removed_total", Type::Counter, Count,
        Labels::None, "Contents of files that were removed from the disk because nothing referred to them any more.";
    JOBS_ENQUEUED = "jobs_enqueued_total", Type::Counter, Count,
        Labels::Paired(["queue", "job"], QUEUES, None),
        "Jobs that were put into a queue: those done within the box (jobs), and deliveries, by service.";
    JOBS_COMPLETED = "jobs_completed_total", Type::Counter, Count,
        Labels::Paired(["queue", "job"], QUEUES, Some(("outcome", &ENDS))),
        "Jobs that ended. A delivery that failed is a dead letter.";
    JOB_DURATION = "job_duration_seconds", Type::Histogram(JOB_SECONDS), Seconds,
        Labels::Paired(["queue", "job"], QUEUES, None),
        "Time from a job's first piece to its end, and of one attempt of a delivery.";
    JOB_QUEUE_WAIT = "job_queue_wait_seconds", Type::Histogram(JOB_SECONDS), Seconds,
        Labels::Paired(["queue", "job"], QUEUES, None),
        "Time from when a job was due to its first piece, or to the beginning of each attempt of a delivery.";
    JOB_PIECE_DURATION = "job_piece_duration_seconds", Type::Histogram(DB_SECONDS), Seconds,
        Labels::Known(&[("job", &JOBS)]), "Time of one piece of a job.";
    JOB_QUEUE_DEPTH = "job_queue_depth", Type::Gauge, Count,
        Labels::Known(&[("queue", &QUEUE_NAMES)]), "Jobs that are not over, by queue.";
    JOB_OLDEST_AGE = "job_oldest_age_seconds", Type::Gauge, Seconds,
        Labels::Known(&[("queue", &QUEUE_NAMES)]), "Age of the oldest job that is not over, by queue.";
    JOB_DEAD_LETTERS = "job_dead_letters", Type::Gauge, Count,
        Labels::Known(&[("queue", &CARRIERS)]),
        "Deliveries that are not tried any more and were not sent once more, by service.";
    EMAIL_MESSAGES = "email_messages_total", Type::Counter, Count,
        Labels::Known(&[("outcome", &ENDS)]), "Mails that ended: handed to a relay, given up or stopped.";
    WEBHOOK_DELIVERIES = "webhook_deliveries_total", Type::Counter, Count,
        Labels::Known(&[("outcome", &ENDS)]), "Deliveries to webhooks that ended: taken, given up or stopped.";
    DELIVERY_ATTEMPTS = "delivery_attempts_total", Type::Counter, Count,
        Labels::Known(&[
            ("service", &CARRIERS),
            ("outcome", &["arrived", "failed", "paused", "refused", "unknown", "interrupted"]),
        ]),
        "Attempts of deliveries.";
    OUTBOUND_DURATION = "outbound_request_duration_seconds", Type::Histogram(OUTBOUND_SECONDS), Seconds,
        Labels::Paired(
            ["service", "operation"],
            OPERATIONS,
            Some(("outcome", &["success", "failure", "timeout", "ignored"])),
        ),
        "Time of calls of services outside, by what was asked and what it says of the service.";
    OUTBOUND_RETRIES = "outbound_retries_total", Type::Counter, Count,
        Labels::Known(&[("service", &CARRIERS)]), "Attempts of deliveries that were not the first.";
    AUTH_ATTEMPTS = "auth_attempts_total", Type::Counter, Count,
        Labels::Known(&[
            ("method", &["password", "session", "api_token", "setup", "judge_link"]),
            ("outcome", &["success", "failure", "throttled"]),
        ]),
        "Attempts to prove who one is.";

    BREAKER_STATE = "circuit_breaker_state", Type::Gauge, Count,
        Labels::Known(&[("service", &SERVICES)]),
        "The worst state of a service's circuits: 0 closed, 1 half open, 2 open.";
    BREAKER_MODE = "circuit_breaker_mode", Type::Gauge, Count,
        Labels::Known(&[("service", &SERVICES)]),
        "What is done with what a service's circuits find: 0 nothing, 1 they are watched, 2 enforced, 3 forced open.";
    BREAKER_CALLS = "circuit_breaker_calls_total", Type::Counter, Count,
        Labels::Known(&[
            ("service", &SERVICES),
            (
                "outcome",
                &["success", "failure", "timeout", "ignored", "cancelled", "rejected", "would_reject", "probe"],
            ),
        ]),
        "Calls of services outside. Those rejected were not made; those that would be, only because nothing is enforced.";
    BREAKER_FAILURES = "circuit_breaker_failures_total", Type::Counter, Count,
        Labels::Known(&[("service", &SERVICES)]), "Calls of services outside that failed.";
    BREAKER_OPENED = "circuit_breaker_opened_total", Type::Counter, Count,
        Labels::Known(&[("service", &SERVICES)]), "Times that a circuit was opened.";
    BREAKER_OPEN_SECONDS = "circuit_breaker_open_seconds_total", Type::Counter, Seconds,
        Labels::Known(&[("service", &SERVICES)]),
        "Whole seconds during which at least one circuit of a service was open.";
    BREAKER_TRANSITIONS = "circuit_breaker_transitions_total", Type::Counter, Count,
        Labels::Known(&[("service", &SERVICES), ("from", &STATES), ("to", &STATES)]),
        "Changes of circuits, by the states before and after.";
    BREAKER_FALLBACKS = "circuit_breaker_fallbacks_total", Type::Counter, Count,
        Labels::Paired(["service", "outcome"], FALLBACKS, None),
        "Times that something took the place of a service outside, by service and what did.";
    MIRROR_DROPPED = "redis_events_dropped_total", Type::Counter, Count,
        Labels::None, "Events that Redis was never told, because too many waited for it or it would not take them.";

    BACKUP_LAST_SUCCESS = "backup_last_success_timestamp_seconds", Type::Gauge, Seconds,
        Labels::None, "When the newest sound backup was taken, in seconds since 1970; 0 if there is none.";
    BACKUP_BYTES = "backup_bytes", Type::Gauge, Bytes,
        Labels::None, "The size of the newest sound backup.";
    BACKUP_FAILURES = "backup_failures_total", Type::Counter, Count,
        Labels::None, "Backups that could not be made, lack something, or were found unsound.";
    BACKUP_DURATION = "backup_duration_seconds", Type::Histogram(COPY_SECONDS), Seconds,
        Labels::None, "How long it took to make a backup and to read it again.";

    LOG_EVENTS = "log_events_total", Type::Counter, Count,
        Labels::Known(&[("level", &["error", "warn", "info", "debug", "trace"])]),
        "Log lines made.";
    LOG_EVENTS_PERSISTED = "log_events_persisted_total", Type::Counter, Count,
        Labels::None, "Log lines written to the log directory.";
    LOG_BYTES_WRITTEN = "log_bytes_written_total", Type::Counter, Bytes,
        Labels::None, "Bytes written to the log directory.";
    LOG_EVENTS_DROPPED = "log_events_dropped_total", Type::Counter, Count,
        Labels::Known(&[("reason", &["disk", "stdout", "closed"])]),
        "Log lines lost: because the disk failed, standard output stalled, or the log was already closed.";
    LOG_WRITE_ERRORS = "log_write_errors_total", Type::Counter, Count,
        Labels::None, "Failed attempts to write to the log directory.";
    LOG_QUEUE_DEPTH = "log_queue_depth", Type::Gauge, Count,
        Labels::None, "Log lines that wait for the disk; with 16384 whoever logs waits, too.";
    LOG_EVENTS_WITHOUT_CONTEXT = "log_events_without_context_total", Type::Counter, Count,
        Labels::Open, "Log lines that belong to no request, by module.";
    LOG_SEGMENTS = "log_segments", Type::Gauge, Count,
        Labels::None, "Files of the log, with the one that is written to.";
    LOG_STORE_BYTES = "log_store_bytes", Type::Gauge, Bytes,
        Labels::None, "What the files of the log take, finished ones packed.";
    LOG_INDEX_BYTES = "log_index_bytes", Type::Gauge, Bytes,
        Labels::None, "What the indexes of the log take.";
    LOG_OLDEST = "log_oldest_event_timestamp_seconds", Type::Gauge, Seconds,
        Labels::None, "When the oldest line of the finished log files was written.";
    LOG_RETENTION = "log_retention_seconds", Type::Gauge, Seconds,
        Labels::None, "How long the log is to be kept.";
    LOG_SEGMENTS_REMOVED = "log_segments_removed_total", Type::Counter, Count,
        Labels::Known(&[("reason", &["age", "size", "disk"])]),
        "Files of the log that went: in their time, or before it because all together were too large or the disk too full.";
    LOG_DISK_FREE_BYTES = "log_disk_free_bytes", Type::Gauge, Bytes,
        Labels::None, "Free space on the disk of the log.";
    LOG_REDACTIONS = "log_redactions_total", Type::Counter, Count,
        Labels::Known(&[("rule", &["name", "api_token", "authorization", "secret", "url", "pair"])]),
        "Secrets kept out of the log, by the rule that recognised them.";
    TRACEABILITY_RATIO = "traceability_ratio", Type::Gauge, Count,
        Labels::None, "Share of a sample of the requests answered within the last minute that are found in the log.";
    TRACEABILITY_CANARY_SUCCESS = "traceability_canary_success", Type::Gauge, Count,
        Labels::None, "Whether the line that is written once a minute to be looked for was found within two seconds.";
    TRACEABILITY_CANARY_DURATION = "traceability_canary_duration_seconds", Type::Gauge, Seconds,
        Labels::None, "How long it took until that line was found.";
    LOG_QUERY_DURATION = "log_query_duration_seconds", Type::Histogram(SEARCH_SECONDS), Seconds,
        Labels::Known(&[("kind", &["id", "scan", "volume", "tail"])]),
        "Time of a search of the log, by what is looked for: an id, what stands in lines, how many there are, or new lines.";
    LOG_QUERY_BYTES_SCANNED = "log_query_bytes_scanned_total", Type::Counter, Bytes,
        Labels::None, "Bytes of lines that were read for searches of the log.";
    OTLP_EXPORT_ITEMS = "otlp_export_items_total", Type::Counter, Count,
        Labels::Known(&[("signal", &["traces", "logs"]), ("outcome", &["exported", "rejected", "failed"])]),
        "Spans and lines for a collector: those it took, those it refused for good, and those of attempts that are made again.";
    REQUEST_ID_REJECTED = "request_id_rejected_total", Type::Counter, Count,
        Labels::Known(&[("header", &["X-Request-ID", "X-Correlation-ID", "traceparent"])]),
        "Inbound ids that were malformed or came more than once, and were replaced.";
    BUILD_INFO = "build_info", Type::Gauge, Count,
        Labels::Open, "Always 1; says which version runs.";
}
