//! The log as it is written, through a query.

use std::{ops::ControlFlow, time::Duration};

use super::{
    LogReader, ServiceError, Services,
    log_question::{Budget, Nearest, Question},
    log_search::SearchKind,
};
use crate::telemetry::{
    log_store::{Order, Place, Plan},
    logql::{Entry, LogQuery},
};

/// How long it is looked for lines at a time.
const PATIENCE: Duration = Duration::from_secs(1);

/// A log that is followed through a query.
pub struct FollowedLog {
    log: LogQuery,
    tenant: Option<String>,
    /// Behind the last line that was looked at.
    after: Option<Place>,
}

impl Services {
    /// Begins to follow the log, with so many of the newest lines from a time on, in microseconds, the oldest first.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn follow_log(
        &self,
        reader: &LogReader,
        log: LogQuery,
        from: i64,
        limit: usize,
    ) -> Result<(Vec<Entry>, FollowedLog), ServiceError> {
        let tenant = reader.tenant();
        self.in_log(SearchKind::Tail, move |logs| {
            // What is written from here on is behind this line, and behind the newest that is looked at.
            let mut after = logs.end()?;
            let (mut nearest, mut looked) = (Nearest::new(Order::NewestFirst, limit), false);
            let question = Question::new(&log, tenant.as_deref());
            let plan = Plan { from: Some(from), ..question.plan(Order::NewestFirst) };
            question.walk(&logs, &plan, &mut Budget::new(PATIENCE), &mut |line, entry| {
                if !looked {
                    (looked, after) = (true, Some(line.place));
                }
                nearest.add(line.micros, entry)
            })?;
            let mut entries = nearest.entries();
            entries.reverse();
            Ok((entries, FollowedLog { log, tenant, after }))
        })
        .await
    }

    /// The next lines of a log that is followed, if there are any.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn next_entries(
        &self,
        followed: &mut FollowedLog,
        limit: usize,
    ) -> Result<Vec<Entry>, ServiceError> {
        let (log, tenant, after) = (followed.log.clone(), followed.tenant.clone(), followed.after);
        let (entries, after) = self
            .in_log(SearchKind::Tail, move |logs| {
                let question = Question::new(&log, tenant.as_deref());
                let plan = Plan { after, ..question.plan(Order::OldestFirst) };
                let (mut entries, mut last) = (Vec::new(), after);
                question.walk(&logs, &plan, &mut Budget::new(PATIENCE), &mut |line, entry| {
                    last = Some(line.place);
                    entries.extend(entry);
                    if entries.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                Ok((entries, last))
            })
            .await?;
        followed.after = after;
        Ok(entries)
    }
}
