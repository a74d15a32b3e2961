//! LogQL over the log that is kept: lines, numbers made of them, their labels. A query ends early after some time or so
//! many bytes, and says how far it came.

use std::{cmp::Reverse, collections::BTreeSet, io, ops::ControlFlow, sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{LogReader, ServiceError, Services, log_search::SearchKind};
use crate::telemetry::{
    clock::Stopwatch,
    log_store::{Extent, IdHash, Level, Levels, Line, LogStore, Order, Plan, Seen},
    logql::{Entry, EvalError, Evaluation, Labels, LogQuery, Matcher, Metric, Required, evaluate},
};

/// How long one query reads.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is looked for labels.
const PATIENCE_FOR_LABELS: Duration = Duration::from_secs(1);
/// Most bytes of lines that one query reads.
const BYTES_MAX: u64 = 1 << 30;
/// How far lines may stand out of the order of their times: threads write them side by side. In microseconds.
const DISORDER: i64 = 1_000_000;

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
            .in_log(SearchKind::Scan, move |logs| {
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
        self.in_log(SearchKind::Scan, move |logs| {
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
pub(super) fn kind_of(log: &LogQuery) -> SearchKind {
    if log.required().ids.is_empty() { SearchKind::Scan } else { SearchKind::Id }
}

/// What a query may still read.
pub(super) struct Budget {
    watch: Stopwatch,
    patience: Duration,
    bytes: u64,
    lines: u64,
}

impl Budget {
    pub(super) fn new(patience: Duration) -> Self {
        Self { watch: Stopwatch::start(), patience, bytes: 0, lines: 0 }
    }

    fn is_spent(&self, more: u64) -> bool {
        self.watch.elapsed() > self.patience || self.bytes + more > BYTES_MAX
    }

    pub(super) fn read(&self, ended_at: Option<i64>) -> LogRead {
        LogRead { bytes: self.bytes, lines: self.lines, took: self.watch.elapsed(), ended_at }
    }
}

/// Looks at a line, and at what a query makes of it.
type Look<'l> = dyn FnMut(&Line<'_>, Option<Entry>) -> ControlFlow<()> + 'l;

/// A query as somebody asks it who sees the lines of one tenant only, or all.
pub(super) struct Question<'q> {
    log: &'q LogQuery,
    required: Required<'q>,
    tenant: Option<&'q str>,
}

impl<'q> Question<'q> {
    pub(super) fn new(log: &'q LogQuery, tenant: Option<&'q str>) -> Self {
        Self { log, required: log.required(), tenant }
    }

    /// What is walked over, of all times.
    pub(super) fn plan(&self, order: Order) -> Plan {
        let levels = self.required.levels.iter().map(|word| Level::of(word));
        let levels = levels.collect::<Option<Vec<_>>>().unwrap_or_default();
        let are_one = levels.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
        let Required { ids, labels, .. } = &self.required;
        let ids = ids.iter().chain(labels).copied().chain(self.tenant);
        Plan {
            ids: ids.map(IdHash::of).collect(),
            levels: (!self.required.levels.is_empty())
                .then(|| Levels::of(if are_one { &levels } else { &[] })),
            ..Plan::all(order)
        }
    }

    /// What the query makes of a line; nothing if the line is not meant.
    pub(super) fn entry(&self, line: &Line<'_>) -> Option<Entry> {
        let (micros, text) = (line.micros?, std::str::from_utf8(line.text).ok()?);
        // Most lines are told apart without taking them apart.
        let has = |wanted: &str| text.contains(wanted);
        let Required { texts, ids, labels, .. } = &self.required;
        if !texts.iter().chain(ids).chain(labels).all(|wanted| has(wanted)) {
            return None;
        }
        let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
        let of = fields.get("tenantId").and_then(Value::as_str);
        if self.tenant.is_some_and(|tenant| of != Some(tenant)) {
            return None;
        }
        self.log.apply(Entry::new(micros, text, fields))
    }

    /// Walks over the lines, over one block at least. Returns where it ended, if that was early.
    pub(super) fn walk(
        &self,
        logs: &LogStore,
        plan: &Plan,
        budget: &mut Budget,
        look: &mut Look<'_>,
    ) -> io::Result<Option<i64>> {
        let (mut reached, mut is_early, mut lines) = (None, false, 0);
        let report = logs.walk(plan, &mut |seen| match seen {
            Seen::Block(report) => {
                is_early = report.blocks > 0 && budget.is_spent(report.bytes);
                if is_early { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
            Seen::Line(line) => {
                lines += 1;
                reached = line.micros.or(reached);
                look(&line, self.entry(&line))
            }
        })?;
        budget.bytes += report.bytes;
        budget.lines += lines;
        let certain = match plan.order {
            Order::NewestFirst => DISORDER,
            Order::OldestFirst => -DISORDER,
        };
        Ok(reached.filter(|_| is_early).map(|reached| reached.saturating_add(certain)))
    }
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

/// The first lines by their times, of lines that come nearly in that order.
pub(super) struct Nearest {
    order: Order,
    limit: usize,
    entries: Vec<Entry>,
    /// Once there are enough: the time of the last of them.
    edge: Option<i64>,
}

impl Nearest {
    pub(super) const fn new(order: Order, limit: usize) -> Self {
        Self { order, limit, entries: Vec::new(), edge: None }
    }

    /// Adds what is made of a line, and ends when no better one can follow.
    pub(super) fn add(&mut self, micros: Option<i64>, entry: Option<Entry>) -> ControlFlow<()> {
        if let Some((edge, micros)) = self.edge.zip(micros)
            && self.rank(micros) > self.rank(edge).saturating_add(DISORDER)
        {
            return ControlFlow::Break(());
        }
        if let Some(entry) =
            entry.filter(|entry| self.edge.is_none_or(|edge| self.rank(entry.micros) < self.rank(edge)))
        {
            self.entries.push(entry);
            if self.entries.len() == self.limit {
                let times = self.entries.iter().map(|entry| entry.micros);
                self.edge = times.max_by_key(|micros| self.rank(*micros));
            }
        }
        ControlFlow::Continue(())
    }

    /// The less, the sooner it is wanted.
    const fn rank(&self, micros: i64) -> i64 {
        match self.order {
            Order::OldestFirst => micros,
            Order::NewestFirst => micros.saturating_neg(),
        }
    }

    pub(super) fn entries(mut self) -> Vec<Entry> {
        match self.order {
            Order::OldestFirst => self.entries.sort_by_key(|entry| entry.micros),
            Order::NewestFirst => self.entries.sort_by_key(|entry| Reverse(entry.micros)),
        }
        self.entries.truncate(self.limit);
        self.entries
    }
}
