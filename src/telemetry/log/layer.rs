//! Makes the log's lines: one flat JSON object each, with the ids of the request it belongs to. What a span
//! carries is turned into JSON once, when the span begins, and copied into each of its lines.

use std::{cell::RefCell, fmt::Write};

use metrics::Counter;
use tracing::{
    Event, Level, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    filter::Targets,
    layer::{Context, Layer},
    registry::LookupSpan,
};

use super::fields::{Fields, push_quoted};
use crate::telemetry::{
    clock::Clock,
    context::{REQUEST_TARGET, RequestContext},
    metrics as names,
};

/// Where lines go.
pub(super) trait Sink: Send + Sync + 'static {
    /// Takes one line, with its line feed.
    fn write_line(&self, line: &str);
}

/// Turns events into lines.
pub(super) struct JsonLayer<S> {
    filter: Targets,
    clock: Clock,
    sink: S,
    lines: LineCounters,
    process: Vec<(&'static str, String)>,
}

/// Buffers that a thread uses for one line after the other.
#[derive(Default)]
struct Scratch {
    fields: Fields,
    line: String,
    own: String,
    present: Vec<&'static str>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl<S> JsonLayer<S> {
    pub(super) fn new(filter: Targets, clock: Clock, sink: S) -> Self {
        let process = process_fields(&RequestContext::system(clock.clone(), "process"));
        Self { filter, clock, sink, lines: LineCounters::new(), process }
    }

    /// A request's span and its record are never filtered out.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == REQUEST_TARGET || self.filter.would_enable(metadata.target(), metadata.level())
    }
}

impl<R, S> Layer<R> for JsonLayer<S>
where
    R: Subscriber + for<'a> LookupSpan<'a>,
    S: Sink,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, R>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let targets = self.filter.iter().map(|(_, level)| level);
        targets.chain(self.filter.default_level()).chain([LevelFilter::INFO]).max()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, R>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, R>) {
        let Some(span) = context.span(id) else { return };
        let mut newer = Fields::default();
        values.record(&mut newer);
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            fields.update(newer);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, R>) {
        let metadata = event.metadata();
        self.lines.of(*metadata.level()).increment(1);
        // Taken, not borrowed: writing out a field may run code that logs, too.
        let mut scratch = SCRATCH.take();
        scratch.fields.clear();
        event.record(&mut scratch.fields);
        let Scratch { fields, line, own, present } = &mut scratch;
        begin_line(line, self.clock.unix_micros(), metadata, fields.message());
        present.clear();
        own.clear();
        fields.append_to(own, present);
        let mut in_request = false;
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                fields.append_to(line, present);
            }
            if span.metadata().target() == REQUEST_TARGET {
                in_request = true;
                // A request within another one is followed by its own ids; the outer one's would mislead.
                break;
            }
        }
        if !in_request {
            metrics::counter!(names::LOG_EVENTS_WITHOUT_CONTEXT, "module" => metadata.target()).increment(1);
            // Threads of libraries log outside of any request: such lines belong to the process.
            let absent = self.process.iter().filter(|(name, _)| !present.contains(name));
            absent.for_each(|(_, json)| line.push_str(json));
        }
        line.push_str(own);
        line.push_str("}\n");
        self.sink.write_line(line);
        SCRATCH.set(scratch);
    }
}

/// What a line carries that belongs to no request.
fn process_fields(context: &RequestContext) -> Vec<(&'static str, String)> {
    let field = |name: &'static str, value: &dyn std::fmt::Display| {
        let mut json = format!(",\"{name}\":");
        push_quoted(&value.to_string(), &mut json);
        (name, json)
    };
    vec![
        field("kind", &"process"),
        field("requestId", context.request_id()),
        field("correlationId", context.correlation_id()),
        field("trace_id", &context.trace().trace_id()),
        field("span_id", &context.trace().span_id()),
    ]
}

/// What every line begins with; the log's files are cut and named by the time, which is always the first
/// field.
fn begin_line(line: &mut String, unix_micros: i64, metadata: &Metadata<'_>, message: &str) {
    let time = jiff::Timestamp::from_microsecond(unix_micros).unwrap_or(jiff::Timestamp::MAX);
    line.clear();
    // Writing to a string cannot fail.
    let _ = write!(line, "{{\"timestamp\":\"{time:.6}\",\"level\":\"{}\"", level_word(*metadata.level()));
    line.push_str(",\"message\":\"");
    line.push_str(message);
    line.push_str("\",\"module\":");
    push_quoted(metadata.target(), line);
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// Lines made, by level: looked up once, for looking up costs as much as counting.
struct LineCounters {
    error: Counter,
    warn: Counter,
    info: Counter,
    debug: Counter,
    trace: Counter,
}

impl LineCounters {
    fn new() -> Self {
        let of = |level| metrics::counter!(names::LOG_EVENTS, "level" => level_word(level));
        Self {
            error: of(Level::ERROR),
            warn: of(Level::WARN),
            info: of(Level::INFO),
            debug: of(Level::DEBUG),
            trace: of(Level::TRACE),
        }
    }

    const fn of(&self, level: Level) -> &Counter {
        match level {
            Level::ERROR => &self.error,
            Level::WARN => &self.warn,
            Level::INFO => &self.info,
            Level::DEBUG => &self.debug,
            Level::TRACE => &self.trace,
        }
    }
}

#[cfg(test)]
mod tests;
