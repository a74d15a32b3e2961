//! Searching the log: by whom, in whose lines, for how long. What was looked for is on record.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use tokio::sync::{Semaphore, oneshot};

use super::{Permit, ServiceError, Services, audit::ensure_covers_tenant};
use crate::{
    domain::{Facts, Kind, SYSTEM_TENANT, Verb},
    store::step_back,
    telemetry::{
        clock::Stopwatch,
        log_store::{Filter, Line, LogStore, Order, Place, Plan, Report, Seen, Volume, VolumeCount},
        metrics, spawn,
    },
};

/// How long one search looks before it answers with what it has found so far.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Searches that may run at once; more wait.
const SEARCHES: usize = 2;
/// The same of queries, so that a processor is left for everything else.
const QUERIES: usize = 1;

/// Whose turn it is.
pub(super) struct LogTurns {
    searches: Arc<Semaphore>,
    queries: Arc<Semaphore>,
}

impl Default for LogTurns {
    fn default() -> Self {
        let turns = |at_once| Arc::new(Semaphore::new(at_once));
        Self { searches: turns(SEARCHES), queries: turns(QUERIES) }
    }
}

/// What kind of search it is, for the metrics.
#[derive(Clone, Copy, Debug)]
pub(super) enum SearchKind {
    /// For an id, which the index finds.
    Id,
    /// For what stands in lines.
    Scan,
    /// The same, for a program that asks again and again: it takes longer, and waits for everything else.
    Query,
    /// For how many there are.
    Volume,
    /// For new lines.
    Tail,
}

impl SearchKind {
    fn of(filter: &Filter) -> Self {
        if filter.ids.is_empty() { Self::Scan } else { Self::Id }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Scan | Self::Query => "scan",
            Self::Volume => "volume",
            Self::Tail => "tail",
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct LogSearch {
    /// Which lines.
    pub filter: Filter,
    /// From this time on, in microseconds.
    pub from: Option<i64>,
    /// Before this time, in microseconds.
    pub until: Option<i64>,
    /// Which way.
    pub order: Order,
    /// Goes on behind this line.
    pub after: Option<Place>,
    /// Most lines.
    pub limit: usize,
}

/// A line that was found.
#[derive(Clone, PartialEq, Debug)]
pub struct FoundLine {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub fields: Map<String, Value>,
}

/// A log that is followed.
#[derive(Debug)]
pub struct LogTail {
    filter: Filter,
    /// Behind the last line that was looked at.
    after: Option<Place>,
}

impl LogTail {
    /// The last line that was looked at, if there was one.
    pub const fn after(&self) -> Option<Place> {
        self.after
    }
}

/// A part of what was found.
#[derive(Clone, PartialEq, Debug)]
pub struct LogPage {
    /// The lines, in the order that was asked for.
    pub lines: Vec<FoundLine>,
    /// Where the next part begins. There may be one although no line was found: the time was over.
    pub next: Option<Place>,
    /// The last line that was looked at.
    pub last: Option<Place>,
    /// Its time, in microseconds.
    pub reached: Option<i64>,
    /// What was read for it.
    pub report: Report,
    /// How long it took.
    pub took: Duration,
}

impl Services {
    /// The log.
    pub const fn logs(&self) -> &Arc<LogStore> {
        &self.logs.store
    }

    /// Searches the log. In a tenant, only its own lines are found.
    ///
    /// # Errors
    /// The caller's grants do not cover the tenant, the search cannot be put on record, or the log cannot be read.
    pub async fn search_logs(&self, permit: &Permit, search: LogSearch) -> Result<LogPage, ServiceError> {
        if search.after.is_none() {
            self.note_log_search(permit, &search.filter).await?;
        }
        let search = LogSearch { filter: own_lines(permit, search.filter)?, ..search };
        self.in_log(SearchKind::of(&search.filter), move |logs| find(&logs, &search)).await
    }

    /// Begins to follow the log: behind a line, or from its end on.
    ///
    /// # Errors
    /// As [`search_logs`](Self::search_logs).
    pub async fn tail_logs(
        &self,
        permit: &Permit,
        filter: Filter,
        after: Option<Place>,
    ) -> Result<LogTail, ServiceError> {
        self.note_log_search(permit, &filter).await?;
        let filter = own_lines(permit, filter)?;
        let after = match after {
            None => self.in_log(SearchKind::Tail, |logs| logs.end()).await?,
            after => after,
        };
        Ok(LogTail { filter, after })
    }

    /// The next lines of a log that is followed, if there are any.
    ///
    /// # Errors
    /// The log cannot be read.
    pub async fn next_lines(&self, tail: &mut LogTail, limit: usize) -> Result<Vec<FoundLine>, ServiceError> {
        let search = LogSearch {
            filter: tail.filter.clone(),
            from: None,
            until: None,
            order: Order::OldestFirst,
            after: tail.after,
            limit,
        };
        let page = self.in_log(SearchKind::Tail, move |logs| find(&logs, &search)).await?;
        tail.after = page.last.or(tail.after);
        Ok(page.lines)
    }

    /// How many lines there are that are meant, by pieces of so many minutes: those of the tenant, in the system tenant all.
    ///
    /// # Errors
    /// As [`search_logs`](Self::search_logs).
    pub async fn log_volume(
        &self,
        permit: &Permit,
        filter: Filter,
        (from, until): (i64, i64),
        minutes: u32,
    ) -> Result<Volume, ServiceError> {
        if filter != Filter::default()
            && let Some(reader) = self.log_reader(permit.clone(), None).await?
        {
            // It goes with a search, which is on record by itself.
            self.note_log_reading(&reader, &told(&filter)).await?;
        }
        let filter = own_lines(permit, filter)?;
        if filter == Filter::default() {
            return self.in_log(SearchKind::Volume, move |logs| logs.volume(from, until, minutes)).await;
        }
        // What the indexes know is of all lines together.
        self.in_log(SearchKind::Volume, move |logs| {
            let plan = Plan { from: Some(from), until: Some(until), ..filter.plan(Order::NewestFirst, None) };
            let mut count = VolumeCount::new(from, minutes);
            let report = walk_a_while(&logs, &plan, &mut |line| {
                if filter.matches(line.text).is_some() {
                    count.add(line.text);
                }
                ControlFlow::Continue(())
            })?;
            Ok(Volume { bars: count.bars(), faults: report.faults, complete: report.complete })
        })
        .await
    }

    /// Reads the log beside everything else, when it is one's turn.
    pub(super) async fn in_log<T: Send + 'static>(
        &self,
        kind: SearchKind,
        read: impl FnOnce(Arc<LogStore>) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (done, outcome) = oneshot::channel();
        // Nobody listens any more if the request was given up.
        let work = Box::new(move |logs| drop(done.send(read(logs))));
        self.read_log(kind, work).await?;
        let outcome = outcome.await.map_err(|_| ServiceError::Internal("a search panicked".to_owned()))?;
        outcome.map_err(|error| ServiceError::Internal(format!("the log cannot be read: {error}")))
    }

    /// The part of it that is the same whatever is read: the program would have it once for each.
    async fn read_log(
        &self,
        kind: SearchKind,
        work: Box<dyn FnOnce(Arc<LogStore>) + Send>,
    ) -> Result<(), ServiceError> {
        let watch = Stopwatch::start();
        let internal = |error: &dyn std::fmt::Display| ServiceError::Internal(error.to_string());
        let is_query = matches!(kind, SearchKind::Query);
        let LogTurns { searches, queries } = &self.log_turns;
        let turns = if is_query { queries } else { searches };
        // It is kept until all is read, even if nobody waits for that any more.
        let turn = Arc::clone(turns).acquire_owned().await.map_err(|error| internal(&error))?;
        let logs = Arc::clone(&self.logs.store);
        let (done, over) = oneshot::channel();
        let work = move || {
            let (_turn, _done) = (turn, done);
            if is_query {
                step_back();
            }
            work(logs);
        };
        spawn::spawn_thread("log search", work).map_err(|error| internal(&error))?;
        // It ends when the thread lets go of its end.
        let _: Result<(), _> = over.await;
        ::metrics::histogram!(metrics::LOG_QUERY_DURATION, "kind" => kind.word())
            .record(watch.elapsed().as_secs_f64());
        Ok(())
    }

    /// Puts on record that somebody looks into the log, and what for.
    pub(super) async fn note_log_search(&self, permit: &Permit, filter: &Filter) -> Result<(), ServiceError> {
        ensure_covers_tenant(permit)?;
        let (tenant, what) = (permit.tenant(), told(filter));
        self.write(permit, move |transaction| {
            let subject = (Kind::Tenant, tenant.uuid());
            let facts = Facts::Searched(what.clone());
            transaction.record(tenant, Verb::LogSearched, subject, facts, None)?;
            Ok(())
        })
        .await
    }
}

/// The filter, confined to what the caller may see.
pub(super) fn own_lines(permit: &Permit, filter: Filter) -> Result<Filter, ServiceError> {
    ensure_covers_tenant(permit)?;
    if permit.tenant() == SYSTEM_TENANT {
        return Ok(filter);
    }
    Ok(Filter { tenant: Some(permit.tenant().to_string()), ..filter })
}

/// What is looked for, in words.
fn told(filter: &Filter) -> String {
    let Filter { ids, tenant, user, module, kind, route, levels, status, slower_than, words } = filter;
    let mut parts: Vec<String> = ids.clone();
    let named = [("tenant", tenant), ("user", user), ("module", module), ("kind", kind), ("route", route)];
    parts.extend(named.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?))));
    parts.extend(levels.iter().map(|level| format!("level={}", level.word())));
    parts.extend(status.iter().map(|status| format!("status={}-{}", status.start(), status.end())));
    parts.extend(slower_than.iter().map(|least| format!("slower than {least} µs")));
    parts.extend(words.iter().map(|word| format!("“{word}”")));
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

/// Walks over the lines until the time is over, over one block at least.
pub(super) fn walk_a_while(
    logs: &LogStore,
    plan: &Plan,
    visit: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> std::io::Result<Report> {
    let watch = Stopwatch::start();
    logs.walk(plan, &mut |seen| match seen {
        Seen::Block(report) if report.blocks > 0 && watch.elapsed() > PATIENCE => ControlFlow::Break(()),
        Seen::Block(_) => ControlFlow::Continue(()),
        Seen::Line(line) => visit(line),
    })
}

/// Searches until there are enough lines or the time is over.
fn find(logs: &LogStore, search: &LogSearch) -> std::io::Result<LogPage> {
    let watch = Stopwatch::start();
    let plan =
        Plan { from: search.from, until: search.until, ..search.filter.plan(search.order, search.after) };
    let (mut lines, mut last, mut reached) = (Vec::new(), None, None);
    let report = walk_a_while(logs, &plan, &mut |line| {
        if let Some(fields) = search.filter.matches(line.text) {
            // This one begins the next part.
            if lines.len() == search.limit {
                return ControlFlow::Break(());
            }
            lines.push(FoundLine { place: line.place, fields });
        }
        (last, reached) = (Some(line.place), line.micros.or(reached));
        ControlFlow::Continue(())
    })?;
    let next = if report.complete { None } else { last.or(search.after) };
    Ok(LogPage { lines, next, last, reached, report, took: watch.elapsed() })
}
