//! `logs`: searches the log on the command line, also one that was copied from another machine. (`logs erase` is
//! `log_erase`.)

use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use clap::{Args, Subcommand};

use super::{Failure, console, log_erase, log_lines};
use crate::{
    config::{Config, Flags, Sources},
    domain::Timestamp,
    telemetry::{
        clock::Clock,
        log_store::{Fault, Filter, Level, LogStore, Order, Plan, Seen},
    },
};

/// Most traces that are shown.
const TRACES_MAX: usize = 20;

/// What is looked for.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    flags: Flags,
    /// Ids that the lines must have: of a request, correlation, trace, job, delivery, user, judge or tenant
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Correlation ID
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
    /// Request ID
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only since then: a time, or how long ago, such as 2d, 3h, 15m or 30s
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only this level, and what is worse
    #[arg(long, value_parser = ["error", "warn", "info", "debug", "trace"])]
    level: Option<String>,
    /// Only this part of the program, such as `event_manager::store`
    #[arg(long)]
    module: Option<String>,
    /// Only this kind of work, such as http or job
    #[arg(long)]
    kind: Option<String>,
    /// Only what was answered with this status
    #[arg(long, value_parser = clap::value_parser!(u16).range(100..600))]
    status: Option<u16>,
    /// Only what took at least so many milliseconds
    #[arg(long, value_name = "MS")]
    slower_than: Option<u64>,
    /// Only lines with this text, in capitals or not
    #[arg(long, value_name = "TEXT")]
    grep: Vec<String>,
    /// Show the traces that the lines belong to, piece by piece, instead of the lines
    #[arg(long)]
    trace: bool,
    /// Most lines; the last ones
    #[arg(long, default_value_t = 1_000)]
    limit: usize,
    /// The lines as they are, JSON objects
    #[arg(long)]
    json: bool,
    /// Directory of the log, if it is not that of the data
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What else to do with the log.
#[derive(Subcommand)]
enum Verb {
    /// Erase all that the log has of a tenant up to now, for good
    Erase(log_erase::Arguments),
}

/// A time, or how long ago.
#[derive(Clone, Copy, Debug)]
enum Moment {
    At(Timestamp),
    Ago(Duration),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("“{text}” is neither a time such as 2026-05-01T19:00:00Z nor a duration such as 2d");
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text.strip_prefix(number) {
            Some("d") => 86_400,
            Some("h") => 3_600,
            Some("m") => 60,
            Some("s") => 1,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        Ok(Self::Ago(Duration::from_secs(number.checked_mul(unit).ok_or_else(wrong)?)))
    }
}

impl Moment {
    fn micros(self, now: Timestamp) -> i64 {
        match self {
            Self::At(at) => at.micros(),
            Self::Ago(ago) => now.minus(ago).micros(),
        }
    }
}

impl Arguments {
    fn filter(&self) -> Filter {
        let least = self.level.as_deref().and_then(Level::of);
        Filter {
            ids: self.ids.iter().chain(&self.correlation).chain(&self.request).cloned().collect(),
            module: self.module.clone(),
            kind: self.kind.clone(),
            levels: least.map(Level::or_worse).unwrap_or_default(),
            status: self.status.map(|status| status..=status),
            slower_than: self.slower_than.map(|millis| millis.saturating_mul(1_000)),
            words: self.grep.clone(),
            ..Filter::default()
        }
    }
}

/// Searches.
///
/// # Errors
/// The log cannot be read, or standard output not be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(Verb::Erase(erasure)) = &arguments.verb {
        return log_erase::run(erasure);
    }
    let directory = match &arguments.dir {
        Some(directory) => directory.clone(),
        None => Config::load(&Sources::of_process(arguments.flags.clone()))?.config.log_dir(),
    };
    if !directory.is_dir() {
        return Err(Failure::Other(format!("there is no log in {}", directory.display())));
    }
    let (logs, filter, now) = (LogStore::new(&directory), arguments.filter(), Clock::system().now());
    let plan = Plan {
        from: arguments.since.map(|moment| moment.micros(now)),
        until: arguments.until.map(|moment| moment.micros(now)),
        ..filter.plan(Order::NewestFirst, None)
    };
    let mut found = Vec::new();
    let report = logs.walk(&plan, &mut |seen| {
        if let Seen::Line(line) = seen
            && let Some(fields) = filter.matches(line.text)
        {
            if found.len() == arguments.limit {
                return ControlFlow::Break(());
            }
            found.push((fields, arguments.json.then(|| line.text.to_vec())));
        }
        ControlFlow::Continue(())
    })?;
    tell_faults(&report.faults);
    if found.is_empty() {
        return Err(Failure::Other(format!("nothing is found in {}", directory.display())));
    }
    if !report.complete {
        console::complain(&format!("there is more than the last {} lines; --limit shows more", found.len()));
    }
    found.reverse();
    let mut output = BufWriter::new(io::stdout().lock());
    if arguments.trace {
        let id_of = |fields: &serde_json::Map<_, serde_json::Value>| {
            fields.get("trace_id")?.as_str().map(str::to_owned)
        };
        let traces: BTreeSet<String> = found.iter().filter_map(|(fields, _)| id_of(fields)).collect();
        for id in traces.iter().take(TRACES_MAX) {
            let trace = logs.trace(id, None)?;
            tell_faults(&trace.faults);
            log_lines::write_trace(&mut output, id, &trace)?;
        }
        if traces.len() > TRACES_MAX {
            console::complain(&format!("these are {TRACES_MAX} of {} traces", traces.len()));
        }
    } else {
        for (fields, line) in &found {
            match line {
                Some(line) => output.write_all(line).and_then(|()| output.write_all(b"\n"))?,
                None => log_lines::write_line(&mut output, fields)?,
            }
        }
    }
    Ok(output.flush()?)
}

fn tell_faults(faults: &[Fault]) {
    for Fault { file, what } in faults {
        console::complain(&format!("{file}: {what}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_how_long_ago() {
        let now: Timestamp = "2026-05-03T19:00:00Z".parse().unwrap();
        let micros = |text: &str| text.parse::<Moment>().unwrap().micros(now);
        assert_eq!(micros("2d"), micros("2026-05-01T19:00:00Z"));
        assert_eq!(micros("90m"), micros("2026-05-03T17:30:00Z"));
        for wrong in ["", "2", "d", "2w", "-2d", "yesterday", "99999999999999999999d"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}
