//! Traces for interfaces of other trace servers: which there are, what was done in them, what calls what.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    ops::ControlFlow,
};

use serde_json::Value;

use super::{
    LogReader, ServiceError, Services,
    log_search::{SearchKind, walk_a_while},
};
use crate::telemetry::log_store::{Filter, INDEXED_FIELDS, LogStore, Order, Plan, Span, Trace, spans_of};

/// Most names of what was done that are told.
const OPERATIONS_MAX: usize = 1_000;
/// Most spans that are remembered because others may be beneath them.
const PARENTS_MAX: usize = 200_000;

/// Which traces are looked for: those that have a span of which all of this holds.
#[derive(Clone, Default, Debug)]
pub struct TraceSearch {
    /// Ended from this time on, and before the other, in microseconds.
    pub span: (i64, i64),
    /// The part of the program.
    pub layer: Option<String>,
    /// What was done.
    pub operation: Option<String>,
    /// Fields of its record, and `error`.
    pub tags: Vec<(String, String)>,
    /// How long it took at least, in microseconds.
    pub least: Option<u64>,
    /// How long it took at most, in microseconds.
    pub most: Option<u64>,
    /// Most traces.
    pub limit: usize,
}

/// How often one part of the program called another, or itself.
pub type Calls = BTreeMap<(&'static str, &'static str), u64>;

/// What was found of traces.
#[derive(Debug)]
pub struct SoFar<T> {
    /// It.
    pub found: T,
    /// If the time was over before all was read: from this time on, it was. In microseconds.
    pub known_from: Option<i64>,
}

impl Services {
    /// A trace; without spans, if the log knows nothing of it.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn find_trace(&self, reader: &LogReader, id: String) -> Result<Trace, ServiceError> {
        let tenant = reader.tenant();
        self.in_log(SearchKind::Id, move |logs| logs.trace(&id, tenant.as_deref())).await
    }

    /// The newest traces that are meant, each with its ID.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn find_traces(
        &self,
        reader: &LogReader,
        search: TraceSearch,
    ) -> Result<SoFar<Vec<(String, Trace)>>, ServiceError> {
        let tenant = reader.tenant();
        self.in_log(SearchKind::Query, move |logs| {
            let mut found: Vec<String> = Vec::new();
            let ids = search.tags.iter().filter(|(name, _)| INDEXED_FIELDS.contains(&name.as_str()));
            let ids = ids.map(|(_, value)| value.clone()).collect();
            let filter = Filter { ids, tenant: tenant.clone(), ..Filter::default() };
            let known_from = each_record(&logs, &filter, Some(search.span), &mut |trace, spans| {
                if search.means(&spans) && !found.contains(&trace) {
                    found.push(trace);
                }
                if found.len() < search.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let with_spans = |id: String| logs.trace(&id, tenant.as_deref()).map(|trace| (id, trace));
            Ok(SoFar { found: found.into_iter().map(with_spans).collect::<io::Result<_>>()?, known_from })
        })
        .await
    }

    /// What was done lately, with the part of the program that did it.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn operations(
        &self,
        reader: &LogReader,
    ) -> Result<BTreeSet<(&'static str, String)>, ServiceError> {
        let filter = Filter { tenant: reader.tenant(), ..Filter::default() };
        self.in_log(SearchKind::Query, move |logs| {
            let mut operations = BTreeSet::new();
            each_record(&logs, &filter, None, &mut |_, spans| {
                operations.extend(spans.into_iter().map(|span| (span.layer, span.name)));
                if operations.len() < OPERATIONS_MAX {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            Ok(operations)
        })
        .await
    }

    /// How often the parts of the program called each other from a time on and before another, in microseconds.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn calls(&self, reader: &LogReader, span: (i64, i64)) -> Result<SoFar<Calls>, ServiceError> {
        let filter = Filter { tenant: reader.tenant(), ..Filter::default() };
        self.in_log(SearchKind::Query, move |logs| {
            let mut calls = Calls::new();
            let (mut layers, mut open) = (HashMap::new(), Vec::new());
            let known_from = each_record(&logs, &filter, Some(span), &mut |_, spans| {
                for Span { id, parent, layer, .. } in spans {
                    open.extend(parent.map(|parent| (parent, layer)));
                    layers.insert(id, layer);
                }
                if layers.len() < PARENTS_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            for (parent, layer) in open {
                if let Some(above) = layers.get(&parent) {
                    *calls.entry((above, layer)).or_default() += 1;
                }
            }
            Ok(SoFar { found: calls, known_from })
        })
        .await
    }
}

/// Looks at the spans of a record, with the ID of its trace.
type LookAtSpans<'l> = dyn FnMut(String, Vec<Span>) -> ControlFlow<()> + 'l;

/// Walks over the records that tell how long something took, from the newest back, as far as it can in a while. Returns how far
/// that was, if it was not all and the looking did not end it.
fn each_record(
    logs: &LogStore,
    filter: &Filter,
    span: Option<(i64, i64)>,
    look: &mut LookAtSpans<'_>,
) -> io::Result<Option<i64>> {
    let (from, until) = span.unzip();
    let plan = Plan { from, until, ..filter.plan(Order::NewestFirst, None) };
    let (mut reached, mut is_enough) = (until, false);
    let report = walk_a_while(logs, &plan, &mut |line| {
        reached = line.micros.or(reached);
        // Most lines tell of no duration.
        let is_record = line.text.windows(9).any(|text| text == b"\"duration");
        let Some((micros, fields)) = line.micros.filter(|_| is_record).zip(filter.matches(line.text)) else {
            return ControlFlow::Continue(());
        };
        let trace = fields.get("trace_id").and_then(Value::as_str).map(ToOwned::to_owned);
        match (trace, spans_of(micros, fields)) {
            (Some(trace), spans) if !spans.is_empty() => {
                let looked = look(trace, spans);
                is_enough = looked.is_break();
                looked
            }
            _ => ControlFlow::Continue(()),
        }
    })?;
    Ok(reached.filter(|_| !report.complete && !is_enough))
}

impl TraceSearch {
    /// Whether a record has a span that is meant; the fields of its steps are its own.
    fn means(&self, spans: &[Span]) -> bool {
        let Some(record) = spans.first() else { return false };
        let has = |(name, value): &(String, String)| match (name.as_str(), record.fields.get(name)) {
            ("error", _) => record.failed == (value == "true"),
            (_, Some(Value::String(own))) => own == value,
            (_, own) => own.map(ToString::to_string).as_ref() == Some(value),
        };
        let is_meant = |span: &Span| {
            self.layer.as_deref().is_none_or(|layer| layer == span.layer)
                && self.operation.as_deref().is_none_or(|operation| operation == span.name)
                && self.least.is_none_or(|least| span.duration >= least)
                && self.most.is_none_or(|most| span.duration <= most)
        };
        self.tags.iter().all(has) && spans.iter().any(is_meant)
    }
}
