//! Charts: what the key metrics were over the last hours and weeks.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Timestamp, permission::permissions},
    http::{
        answer::Answer,
        extract::{Can, Query},
        problem::Failure,
        route::Endpoint,
    },
    telemetry::{
        charts::{ChartRange, ChartSeries, Charts, Points, Unit},
        spawn,
    },
};

/// Which time.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct ChartsQuery {
    /// How long: an hour, six, a day, a week or thirty days.
    #[serde(default)]
    range: RangeIn,
    /// When it ends; now, if at no time.
    #[serde(default)]
    until: Option<Timestamp>,
}

/// How long the time is.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
enum RangeIn {
    #[default]
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "6h")]
    SixHours,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
}

impl From<RangeIn> for ChartRange {
    fn from(range: RangeIn) -> Self {
        match range {
            RangeIn::Hour => Self::Hour,
            RangeIn::SixHours => Self::SixHours,
            RangeIn::Day => Self::Day,
            RangeIn::Week => Self::Week,
            RangeIn::Month => Self::Month,
        }
    }
}

/// What the metrics were, in equal steps of time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChartsOut {
    /// When the first step begins.
    from: Timestamp,
    /// When the last step ends, which may have just begun.
    until: Timestamp,
    /// How long a step is, in seconds. Of what is longer ago, less is kept.
    step_s: u64,
    series: Vec<ChartSeriesOut>,
}

/// One line of a chart.
#[derive(Serialize, JsonSchema)]
struct ChartSeriesOut {
    /// The chart and the line, such as `requests.failed`.
    name: &'static str,
    /// `count` (of states: 0 closed, 1 half open, 2 open), `bytes`, `seconds`, `perSecond`, `perMinute`, or `share`, of a processor.
    unit: &'static str,
    /// A number for each step: of what is counted its rate, of times what so many percent did not exceed, of levels the worst.
    /// None where nobody looked, as the box was off, or where there was nothing.
    values: Vec<Option<f64>>,
}

impl From<ChartSeries> for ChartSeriesOut {
    fn from(ChartSeries { name, unit, values }: ChartSeries) -> Self {
        let unit = match unit {
            Unit::Count => "count",
            Unit::Bytes => "bytes",
            Unit::Seconds => "seconds",
            Unit::PerSecond => "perSecond",
            Unit::PerMinute => "perMinute",
            Unit::Share => "share",
        };
        Self { name, unit, values }
    }
}

async fn charts(
    _can: Can<permissions::ReadAlerts>,
    charts: Data<Charts>,
    query: Query<ChartsQuery>,
) -> Result<Answer<ChartsOut>, Failure> {
    let ChartsQuery { range, until } = query.0;
    let read = move || {
        // Whoever looks sees what is now; that it cannot be kept is told by who keeps it.
        let _ = charts.look();
        charts.points(range.into(), until)
    };
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "charts cannot be read");
        Failure::internal()
    };
    let read = spawn::spawn_blocking(read).await.map_err(|error| failed(&error))?;
    let Points { from, until, step_s, series } = read.map_err(|error| failed(&error))?;
    let series = series.into_iter().map(ChartSeriesOut::from).collect();
    Ok(Answer(ChartsOut { from, until, step_s, series }))
}

/// The endpoint of charts.
pub fn endpoints() -> Vec<Endpoint> {
    let summary = "What the key metrics of the box were: requests, circuits, deliveries, the log, disks, memory, commits.";
    vec![Endpoint::new(Method::GET, "/charts", ("alerts", "getCharts", summary), charts)]
}
