//! A query in LogQL on its walk over the log: past what cannot be meant, as far as it may read.

use std::{io, ops::ControlFlow, time::Duration};

use serde_json::{Map, Value};

use super::log_queries::LogRead;
use crate::telemetry::{
    clock::Stopwatch,
    log_store::{IdHash, Level, Levels, Line, LogStore, Needle, Order, Plan, Seen},
    logql::{Entry, LogQuery, Required},
};

/// Most bytes of lines that one query reads.
const BYTES_MAX: u64 = 1 << 30;
/// How far lines may stand out of the order of their times: threads write them side by side. In microseconds.
const DISORDER: i64 = 1_000_000;

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
        let Required { ids, labels, texts, .. } = &self.required;
        let ids = ids.iter().chain(labels).copied().chain(self.tenant);
        Plan {
            ids: ids.map(IdHash::of).collect(),
            levels: (!self.required.levels.is_empty())
                .then(|| Levels::of(if are_one { &levels } else { &[] })),
            words: texts.iter().filter_map(|text| Needle::of(text)).collect(),
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
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_by_key(|entry| self.rank(entry.micros));
        entries.truncate(self.limit);
        entries
    }
}

#[cfg(test)]
mod tests;
