//! Jobs: work that is done in pieces behind the answer, each piece in one operation of the store with the progress it
//! makes, so that a crash repeats nothing and skips nothing. Depends on ids and faults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, BlobHash, Fault, JobId, Kind, TenantId, Timestamp};

/// Most faults that a job keeps; further ones are counted.
pub const JOB_FAULTS_MAX: usize = 200;

/// A job, as it is stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub task: Task,
    /// How far it is.
    pub state: JobState,
    /// Who wants it; it is done with what they may do when it runs.
    pub by: Actor,
    /// The request that asked for it.
    pub request_id: String,
    /// What that request belongs to.
    pub correlation_id: String,
    /// The place of that request in its trace, as a `traceparent`.
    pub traceparent: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first piece was done.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Number of its newest change of state or progress: its version and entity tag.
    pub version: u64,
    /// Things dealt with.
    pub done: u64,
    /// Things to deal with, when that is known.
    pub total: Option<u64>,
    /// Where the next piece starts.
    pub next: u64,
    /// What could not be done, the first [`JOB_FAULTS_MAX`] of it.
    pub faults: Vec<Fault>,
    /// How much could not be done.
    pub faulty: u64,
    /// The changes it made, as spans of change numbers in order.
    pub changes: Vec<Span>,
    /// Why it failed, or what is worth knowing about how it ended.
    pub detail: Option<String>,
    /// The job that took its changes back.
    pub undone_by: Option<JobId>,
}

/// Change numbers from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// How far a job is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum JobState {
    /// Nothing is done yet.
    Waiting,
    /// Some of it is done.
    Running,
    /// All of it is done, but for its faults.
    Done,
    /// It cannot go on.
    Failed,
    /// Somebody stopped it; what was done stays.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will happen.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What a job does.
// Not tagged from within: such an enum cannot hold the stored form of a time.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Task {
    /// A list of creations, changes, deletions and restores.
    Bulk {
        /// What people call it.
        name: String,
        /// Whether marks may go out of sight.
        confirmed: bool,
        /// The one thing that comes of it, with all that is made beneath.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        makes: Option<(Kind, Uuid)>,
    },
    /// Takes back what another job did.
    Undo {
        /// That job.
        job: JobId,
        /// Whether marks may go out of sight.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        confirmed: bool,
    },
    /// Destroys something in the trash and all beneath it, for good.
    Purge {
        /// The kind of thing.
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// Number of the change that deleted it.
        version: u64,
        /// What people knew it by.
        name: String,
    },
    /// Destroys what has been in the trash for longer than it is to be kept.
    Retention {
        /// Deleted before this.
        before: Timestamp,
    },
    /// Brings object storage in line with the files there are.
    Storage {
        /// The last content that was looked at: whose, which, and of which file.
        after: Option<(TenantId, BlobHash, Uuid)>,
    },
    /// Erases lines from the log.
    Erasure {
        /// Whose.
        tenants: Vec<TenantId>,
        /// Why.
        reason: String,
        /// The last file of the log that was dealt with.
        after: Option<String>,
        /// Lines that are gone.
        lines: u64,
        /// Their size, in bytes.
        bytes: u64,
    },
}

impl Task {
    /// Its word in the API, the log and the metrics.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Bulk { .. } => "bulk",
            Self::Undo { .. } => "undo",
            Self::Purge { .. } => "purge",
            Self::Retention { .. } => "retention",
            Self::Storage { .. } => "storage",
            Self::Erasure { .. } => "erasure",
        }
    }

    /// Whether what it did can be taken back.
    pub const fn can_be_undone(&self) -> bool {
        matches!(self, Self::Bulk { .. } | Self::Undo { .. })
    }
}

impl Job {
    /// Notes what could not be done.
    pub fn add_faults(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            self.faulty += 1;
            if self.faults.len() < JOB_FAULTS_MAX {
                self.faults.push(fault);
            }
        }
    }

    /// Notes changes that were made, all after those noted before.
    pub fn add_changes(&mut self, span: Option<Span>) {
        let Some(span) = span else { return };
        match self.changes.last_mut() {
            Some(last) if last.last + 1 == span.first => last.last = span.last,
            _ => self.changes.push(span),
        }
    }

    /// The request ID under which its own work is done.
    pub fn own_request_id(&self) -> String {
        Self::request_id_of(self.id)
    }

    /// The request ID under which a job does its own work.
    pub fn request_id_of(id: JobId) -> String {
        format!("job-{id}")
    }

    /// Whether its changes can be taken back now.
    pub fn can_be_undone(&self) -> bool {
        self.task.can_be_undone()
            && self.state.is_over()
            && self.undone_by.is_none()
            && !self.changes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{JOB_FAULTS_MAX, Job, JobState, Span, Task};
    use crate::domain::{Actor, Fault, JobId, Timestamp};

    fn job() -> Job {
        Job {
            id: JobId::new(uuid::Uuid::nil()),
            task: Task::Bulk { name: "import".to_owned(), confirmed: false, makes: None },
            state: JobState::Done,
            by: Actor::Setup,
            request_id: "r".to_owned(),
            correlation_id: "c".to_owned(),
            traceparent: String::new(),
            created_at: Timestamp::from_millis(0),
            started_at: None,
            finished_at: None,
            version: 1,
            done: 0,
            total: None,
            next: 0,
            faults: Vec::new(),
            faulty: 0,
            changes: Vec::new(),
            detail: None,
            undone_by: None,
        }
    }

    #[test]
    fn faults_beyond_the_limit_are_counted_and_not_kept() {
        let mut job = job();
        job.add_faults((0..JOB_FAULTS_MAX + 5).map(|index| Fault::new(format!("/{index}"), "is wrong")));
        assert_eq!((job.faults.len(), job.faulty), (JOB_FAULTS_MAX, JOB_FAULTS_MAX as u64 + 5));
    }

    #[test]
    fn changes_that_follow_one_another_are_one_span() {
        let mut job = job();
        for (first, last) in [(3, 5), (6, 6), (9, 12)] {
            job.add_changes(Some(Span { first, last }));
        }
        job.add_changes(None);
        assert_eq!(job.changes, [Span { first: 3, last: 6 }, Span { first: 9, last: 12 }]);
    }

    #[test]
    fn a_job_can_be_undone_once_when_it_is_over_and_has_changed_something() {
        let mut job = job();
        assert!(!job.can_be_undone(), "it has changed nothing");
        job.add_changes(Some(Span { first: 1, last: 1 }));
        assert!(job.can_be_undone());
        assert!(!Job { state: JobState::Running, ..job.clone() }.can_be_undone());
        assert!(!Job { undone_by: Some(job.id), ..job.clone() }.can_be_undone());
        let before = Timestamp::from_millis(0);
        assert!(!Job { task: Task::Retention { before }, ..job }.can_be_undone());
    }
}
