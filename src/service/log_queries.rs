//! LogQL over the log that is kept: lines, numbers made of them, their labels. A query ends early after some time or so
//! many bytes, and says how far it came.

use std::{collections::BTreeSet, io, ops::ControlFlow, sync::Arc, time::Duration};

use super::{
    LogReader, ServiceError, Services,
    log_question::{Budget, Nearest, Question},
    log_search::SearchKind,
};
use crate::telemetry::{
    log_store::{Extent, LogStore, Order, Plan},
    logql::{Entry, EvalError, Evaluation, Labels, LogQuery, Matcher, Metric, evaluate},
};

/// How long one query reads.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is looked for labels.
const PATIENCE_FOR_LABELS: Duration = Duration::from_secs(1);

/// Which lines are looked for.
#[derive(Clone, Debug)]
pub struct EntrySearch {
    /// The query.
    pub log: LogQuery,
    /// From this time on, and before the other, in microseconds.
    pub span: (i64, i64),
    /// Which first.
    pub order: Order,
    /// Most lines.
    pub limit: usize,
}

/// What was read for a query.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct LogRead {
    /// Bytes of lines.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// How long it took.
    pub took: Duration,
    /// If it ended early: from this time on, or up to it, all was read. In microseconds.
    pub ended_at: Option<i64>,
}

/// Lines that were found.
#[derive(Debug)]
pub struct Entries {
    /// As the query makes them, in the order that was asked for.
    pub entries: Vec<Entry>,
    /// What was read for them.
    pub read: LogRead,
}

/// Numbers that were made of lines.
#[derive(Debug)]
pub struct Numbers {
    /// The numbers.
    pub evaluation: Evaluation,
    /// What was read for them.
    pub read: LogRead,
}

impl Services {
    /// The lines that a query finds.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn find_entries(
        &self,
        reader: &LogReader,
        search: EntrySearch,
    ) -> Result<Entries, ServiceError> {
        let tenant = reader.tenant();
        let kind = kind_of(&search.log);
        self.in_log(kind, move |logs| find(&logs, &search, tenant.as_deref())).await
    }

    /// What a query comes to at these times, in microseconds and in their order.
    ///
    /// # Errors
    /// There is too much to count, or the log cannot be read.
    pub async fn evaluate_logs(
        &self,
        reader: &LogReader,
        metric: Metric,
        times: Vec<i64>,
    ) -> Result<Numbers, ServiceError> {
        let (tenant, last) = (reader.tenant(), times.last().copied().unwrap_or_default());
        let numbers = self
            .in_log(SearchKind::Query, move |logs| {
                let mut budget = Budget::new(PATIENCE);
                let mut ended = None;
                let evaluated = evaluate(&metric, &times, &mut |log, (from, until), take| {
                    let question = Question::new(log, tenant.as_deref());
                    let plan = Plan {
                        from: Some(from.saturating_add(1)),
                        until: Some(until.saturating_add(1)),
                        ..question.plan(Order::NewestFirst)
                    };
                    let ended_at = question.walk(&logs, &plan, &mut budget, &mut |_, entry| {
                        let goes_on = entry.is_none_or(&mut *take);
                        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                    })?;
                    ended = ended.max(ended_at);
                    Ok::<_, io::Error>(ended_at)
                });
                match evaluated {
                    Ok(evaluation) => Ok(Ok(Numbers { evaluation, read: budget.read(ended) })),
                    Err(EvalError::Lines(error)) => Err(error),
                    Err(error) => Ok(Err(error.to_string())),
                }
            })
            .await?;
        let too_much = |said: String| ServiceError::fault("invalid", "/query", said);
        let numbers = numbers.map_err(too_much)?;
        if numbers.evaluation.known_from.is_some_and(|known| known > last) {
            let said = "the query has to read more of the log than one may; take a shorter time or a narrower selector";
            return Err(too_much(said.to_owned()));
        }
        Ok(numbers)
    }

    /// The labels of the streams that have lines in a time, as far as it can be told in a moment. A stream must match one
    /// of the selectors; with none, all do.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn streams(
        &self,
        reader: &LogReader,
        selectors: Vec<Vec<Matcher>>,
        (from, until): (i64, i64),
    ) -> Result<BTreeSet<Labels>, ServiceError> {
        let tenant = reader.tenant();
        let selectors = if selectors.is_empty() { vec![Vec::new()] } else { selectors };
        self.in_log(SearchKind::Query, move |logs| {
            let (mut streams, mut budget) = (BTreeSet::new(), Budget::new(PATIENCE_FOR_LABELS));
            for selector in selectors {
                let log = LogQuery { selector, stages: Vec::new() };
                let question = Question::new(&log, tenant.as_deref());
                let plan = Plan { from: Some(from), until: Some(until), ..question.plan(Order::NewestFirst) };
                question.walk(&logs, &plan, &mut budget, &mut |_, entry| {
                    if let Some(entry) = entry.filter(|entry| !streams.contains(&entry.stream)) {
                        streams.insert(entry.stream);
                    }
                    ControlFlow::Continue(())
                })?;
            }
            Ok(streams)
        })
        .await
    }

    /// How much a query would have to read.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn log_extent(
        &self,
        reader: &LogReader,
        log: LogQuery,
        (from, until): (i64, i64),
    ) -> Result<Extent, ServiceError> {
        let tenant = reader.tenant();
        self.in_log(SearchKind::Volume, move |logs| {
            let question = Question::new(&log, tenant.as_deref());
            logs.extent(&Plan { from: Some(from), until: Some(until), ..question.plan(Order::NewestFirst) })
        })
        .await
    }
}

/// What kind of search a query is.
fn kind_of(log: &LogQuery) -> SearchKind {
    if log.required().ids.is_empty() { SearchKind::Query } else { SearchKind::Id }
}

fn find(logs: &Arc<LogStore>, search: &EntrySearch, tenant: Option<&str>) -> io::Result<Entries> {
    let EntrySearch { log, span: (from, until), order, limit } = search;
    let question = Question::new(log, tenant);
    let plan = Plan { from: Some(*from), until: Some(*until), ..question.plan(*order) };
    let mut budget = Budget::new(PATIENCE);
    let mut nearest = Nearest::new(*order, *limit);
    let ended_at =
        question.walk(logs, &plan, &mut budget, &mut |line, entry| nearest.add(line.micros, entry))?;
    Ok(Entries { entries: nearest.entries(), read: budget.read(ended_at) })
}
