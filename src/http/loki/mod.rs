//! The log as a Grafana Loki shows it, for reading: lines and numbers by LogQL, labels, fields, and the log as it is written.
//! <https://grafana.com/docs/loki/latest/reference/loki-http-api/>. Uses use cases.

mod fields;
mod labels;
mod queries;
mod render;
mod span;
mod tail;
mod volume;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{self, Data},
};
use serde_json::{Value, json};

use super::{
    content_coding,
    log_view::{Parameters, View, reader_of, wrong},
    page::Page,
    problem::Failure,
};
use crate::{
    domain::Timestamp,
    service::{LogReader, Services},
    telemetry::logql::{LogQuery, Query, parse},
};

/// The version of Loki whose interface this is.
const BUILD_INFO: &str = r#"{"version": "3.6.0-compat", "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""}"#;
/// What of Logs Drilldown there is.
const DRILLDOWN_LIMITS: &str = r#"{"limits": {"volume_enabled": true, "retention_period": "0s", "discover_log_levels": true},
    "pattern_ingester_enabled": false, "version": "v3.6.0-compat"}"#;

/// What can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Query,
    QueryRange,
    FormatQuery,
    Labels,
    LabelValues,
    Series,
    Stats,
    Volume,
    VolumeRange,
    DetectedFields,
    DetectedFieldValues,
    DetectedLabels,
    Patterns,
    DrilldownLimits,
    BuildInfo,
}

/// Each address with what can be asked there.
const QUESTIONS: [(&str, Question); 15] = [
    ("/loki/api/v1/query", Question::Query),
    ("/loki/api/v1/query_range", Question::QueryRange),
    ("/loki/api/v1/format_query", Question::FormatQuery),
    ("/loki/api/v1/labels", Question::Labels),
    ("/loki/api/v1/label/{name}/values", Question::LabelValues),
    ("/loki/api/v1/series", Question::Series),
    ("/loki/api/v1/index/stats", Question::Stats),
    ("/loki/api/v1/index/volume", Question::Volume),
    ("/loki/api/v1/index/volume_range", Question::VolumeRange),
    ("/loki/api/v1/detected_fields", Question::DetectedFields),
    ("/loki/api/v1/detected_field/{name}/values", Question::DetectedFieldValues),
    ("/loki/api/v1/detected_labels", Question::DetectedLabels),
    ("/loki/api/v1/patterns", Question::Patterns),
    ("/loki/api/v1/drilldown-limits", Question::DrilldownLimits),
    ("/loki/api/v1/status/buildinfo", Question::BuildInfo),
];

/// Where it can be asked.
pub fn pages() -> Vec<Page> {
    let asked = |(path, question): (&'static str, Question)| {
        let handler = move |request: HttpRequest, payload: web::Payload| answer(question, request, payload);
        Page::at(path).answering(Method::GET, handler).answering(Method::POST, handler)
    };
    let ready = |path| Page::at(path).answering(Method::GET, ready);
    let tail = Page::at("/loki/api/v1/tail").answering(Method::GET, tail::tail);
    QUESTIONS.into_iter().map(asked).chain([tail, ready("/loki/ready"), ready("/ready")]).collect()
}

async fn ready() -> &'static str {
    "ready\n"
}

async fn answer(question: Question, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    match Asked::of(&request, payload).await {
        Ok(asked) => match asked.answer(question).await {
            Ok(body) => content_coding::json(&request, &body),
            Err(failure) => refused(&failure),
        },
        Err(failure) => refused(&failure),
    }
}

/// A failure as Loki tells one.
fn refused(failure: &Failure) -> HttpResponse {
    let (status, message) = failure.told();
    let kind = match status {
        StatusCode::BAD_REQUEST => "bad_data",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        _ => "internal",
    };
    let body = json!({"status": "error", "errorType": kind, "message": message, "error": message});
    failure.answer_as(status, "application/json", body.to_string())
}

/// What somebody asks.
struct Asked {
    services: Data<Services>,
    reader: LogReader,
    parameters: Parameters,
    /// The parameter `{name}` of the address.
    name: String,
    now: Timestamp,
    /// Whether labels are wanted apart by where they come from.
    categorized: bool,
}

/// The flag by which labels are wanted apart, and by which it is said that they are.
const CATEGORIZE: &str = "categorize-labels";

impl Asked {
    async fn of(request: &HttpRequest, payload: web::Payload) -> Result<Self, Failure> {
        let View { services, reader, parameters, now } = View::open(request, payload.into_inner()).await?;
        let flags = request.headers().get("x-loki-response-encoding-flags");
        let flags = flags.and_then(|flags| flags.to_str().ok()).unwrap_or_default();
        Ok(Self {
            services,
            reader,
            parameters,
            name: request.match_info().get("name").unwrap_or_default().to_owned(),
            now,
            categorized: flags.split(',').any(|flag| flag.trim() == CATEGORIZE),
        })
    }

    async fn answer(&self, question: Question) -> Result<Value, Failure> {
        if !matches!(question, Question::FormatQuery | Question::BuildInfo | Question::DrilldownLimits) {
            let what = self.parameters.get("query").or(self.parameters.get("match[]")).unwrap_or("labels");
            self.services.note_log_reading(&self.reader, &format!("Loki: {what}")).await?;
        }
        match question {
            Question::Query => self.query().await,
            Question::QueryRange => self.query_range().await,
            Question::FormatQuery => {
                let query = self.parameters.required("query")?;
                self.parsed()?;
                Ok(json!({"status": "success", "data": query}))
            }
            Question::Labels => self.labels().await,
            Question::LabelValues => self.label_values().await,
            Question::Series => self.series().await,
            Question::Stats => self.stats().await,
            Question::Volume | Question::VolumeRange => self.volume(question).await,
            Question::DetectedFields => self.detected_fields().await,
            Question::DetectedFieldValues => self.detected_field_values().await,
            Question::DetectedLabels => self.detected_labels().await,
            Question::Patterns => fixed(r#"{"status": "success", "data": []}"#),
            Question::DrilldownLimits => fixed(DRILLDOWN_LIMITS),
            Question::BuildInfo => fixed(BUILD_INFO),
        }
    }

    fn parsed(&self) -> Result<Query, Failure> {
        parsed(self.parameters.required("query")?)
    }

    /// The query, which must be one for lines.
    fn log_query(&self) -> Result<LogQuery, Failure> {
        log_query(self.parameters.required("query")?)
    }
}

/// An answer that is the same always.
fn fixed(answer: &str) -> Result<Value, Failure> {
    serde_json::from_str(answer).map_err(|_| Failure::internal())
}

fn parsed(query: &str) -> Result<Query, Failure> {
    parse(query).map_err(|error| wrong(error.to_string()))
}

/// A query that must be one for lines.
fn log_query(query: &str) -> Result<LogQuery, Failure> {
    match parsed(query)? {
        Query::Log(log) => Ok(log),
        Query::Metric(_) => Err(wrong("a query for lines is expected here, not one for numbers".to_owned())),
    }
}
