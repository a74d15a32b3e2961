//! The traces of the log as a Jaeger shows them, for reading: the JSON that Jaeger's own pages and Grafana ask for, and the
//! newer one that is OTLP. Parts of the program are services of their own, so that a waterfall tells them apart by colour.
//! <https://www.jaegertracing.io/docs/latest/architecture/apis/>. Uses use cases.

mod otlp;
mod render;
mod search;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header::HeaderName},
    web::{self, Data},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{
    content_coding,
    log_view::{Parameters, View, wrong},
    page::Page,
    problem::Failure,
};
use crate::{
    domain::Timestamp,
    service::{LogReader, Services, SoFar},
    telemetry::{log_store::LAYERS, logql::APP, otlp::kind_of},
};

/// What can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Question {
    Services,
    Operations,
    Traces,
    Trace,
    Dependencies,
    NewerServices,
    NewerOperations,
    NewerTraces,
    NewerTrace,
}

impl Question {
    /// Whether it is one of the newer interface.
    const fn is_newer(self) -> bool {
        matches!(self, Self::NewerServices | Self::NewerOperations | Self::NewerTraces | Self::NewerTrace)
    }
}

/// Each address with what can be asked there.
const QUESTIONS: [(&str, Question); 9] = [
    ("/jaeger/api/services", Question::Services),
    // Its name has a slash, which comes as it is or not.
    ("/jaeger/api/services/{service:.+}/operations", Question::Operations),
    ("/jaeger/api/traces", Question::Traces),
    ("/jaeger/api/traces/{id}", Question::Trace),
    ("/jaeger/api/dependencies", Question::Dependencies),
    ("/jaeger/api/v3/services", Question::NewerServices),
    ("/jaeger/api/v3/operations", Question::NewerOperations),
    ("/jaeger/api/v3/traces", Question::NewerTraces),
    ("/jaeger/api/v3/traces/{id}", Question::NewerTrace),
];

/// Where it can be asked.
pub fn pages() -> Vec<Page> {
    let asked = |(path, question): (&'static str, Question)| {
        let handler = move |request: HttpRequest, payload: web::Payload| answer(question, request, payload);
        Page::at(path).answering(Method::GET, handler)
    };
    QUESTIONS.into_iter().map(asked).collect()
}

async fn answer(question: Question, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let answer = match Asked::of(&request, payload).await {
        Ok(asked) => asked.answer(question).await,
        Err(failure) => Err(failure),
    };
    match answer {
        Ok((body, known_from)) => {
            let mut response = content_coding::json(&request, &body);
            if let Some(from) = known_from.and_then(|from| from.to_string().parse().ok()) {
                response.headers_mut().insert(HeaderName::from_static(COMPLETE_FROM), from);
            }
            response
        }
        Err(failure) => refused(question, &failure),
    }
}

/// The header of an answer that could not be of all that was asked for: from when on it is.
const COMPLETE_FROM: &str = "x-complete-from";

/// A failure as Jaeger tells one.
fn refused(question: Question, failure: &Failure) -> HttpResponse {
    let (status, message) = failure.told();
    let body = if question.is_newer() {
        json!({"error": {"httpCode": status.as_u16(), "message": message}})
    } else {
        let errors = json!([{"code": status.as_u16(), "msg": message}]);
        json!({"data": null, "total": 0, "limit": 0, "offset": 0, "errors": errors})
    };
    failure.answer_as(status, "application/json", body.to_string())
}

/// What was found, in what Jaeger wraps everything in. That it is not complete is no failure; it stands beside it.
fn wrapped(data: Vec<Value>, known_from: Option<Timestamp>) -> Value {
    let errors = known_from.map(|from| {
        let message = format!("not all of the log was read in time: this is complete from {from} on");
        json!([{"code": StatusCode::PARTIAL_CONTENT.as_u16(), "msg": message}])
    });
    json!({"data": data, "total": data.len(), "limit": 0, "offset": 0, "errors": errors})
}

fn no_such_trace() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, super::problem::code::NOT_FOUND, "trace not found")
}

/// What somebody asks.
struct Asked {
    services: Data<Services>,
    reader: LogReader,
    parameters: Parameters,
    /// The parameter of the address, `{service}` or `{id}`.
    named: String,
    now: Timestamp,
}

/// How far back it is looked for what calls what, in microseconds, if nothing is said.
const DAY: i64 = 86_400_000_000;

impl Asked {
    async fn of(request: &HttpRequest, payload: web::Payload) -> Result<Self, Failure> {
        let View { services, reader, parameters, now } = View::open(request, payload.into_inner()).await?;
        let path = request.match_info();
        let named = path.get("service").or(path.get("id")).unwrap_or_default();
        let named = percent_decode_str(named).decode_utf8_lossy().into_owned();
        Ok(Self { services, reader, parameters, named, now })
    }

    /// The answer, and from when on it is complete, if not all was read.
    async fn answer(&self, question: Question) -> Result<(Value, Option<Timestamp>), Failure> {
        if !matches!(question, Question::Services | Question::NewerServices) {
            let what = if self.named.is_empty() { "traces" } else { &self.named };
            self.services.note_log_reading(&self.reader, &format!("Jaeger: {what}")).await?;
        }
        let whole = |body| Ok((body, None));
        match question {
            Question::Services => whole(wrapped(service_names().map(Value::from).collect(), None)),
            Question::Operations => {
                let names = self.operations(&self.named).await?;
                whole(wrapped(names.into_iter().map(|(_, name)| Value::from(name)).collect(), None))
            }
            Question::Traces => {
                let SoFar { found, known_from } = self.traces(&search::NAMES).await?;
                let known_from = known_from.map(Timestamp::from_micros);
                let traces = found.into_iter().map(|(id, trace)| render::trace(&id, trace));
                Ok((wrapped(traces.collect(), known_from), known_from))
            }
            Question::Trace => {
                let (id, trace) = self.trace(&self.named).await?;
                whole(wrapped(vec![render::trace(&id, trace)], None))
            }
            Question::Dependencies => self.dependencies().await,
            Question::NewerServices => whole(json!({"services": service_names().collect::<Vec<_>>()})),
            Question::NewerOperations => {
                let names = self.operations(self.parameters.required("service")?).await?.into_iter();
                let told = names.map(|(layer, name)| json!({"name": name, "spanKind": kind_of(layer).1}));
                whole(json!({"operations": told.collect::<Vec<_>>()}))
            }
            Question::NewerTraces => {
                let SoFar { found, known_from } = self.traces(&search::NEWER_NAMES).await?;
                Ok((otlp::traces(found), known_from.map(Timestamp::from_micros)))
            }
            Question::NewerTrace => whole(otlp::traces(vec![self.trace(&self.named).await?])),
        }
    }

    /// What was done lately by a service, with its part of the program.
    async fn operations(&self, service: &str) -> Result<Vec<(&'static str, String)>, Failure> {
        let Some(layer) = layer_of(service) else { return Ok(Vec::new()) };
        let all = self.services.operations(&self.reader).await?;
        Ok(all.into_iter().filter(|(own, _)| layer.is_none_or(|layer| layer == *own)).collect())
    }

    /// How often the parts of the program called each other.
    async fn dependencies(&self) -> Result<(Value, Option<Timestamp>), Failure> {
        let until = self.parameters.time("endTs")?.unwrap_or(self.now.micros());
        let back =
            self.parameters.number::<i64>("lookback")?.map_or(DAY, |millis| millis.saturating_mul(1_000));
        let SoFar { found, known_from } =
            self.services.calls(&self.reader, (until.saturating_sub(back), until)).await?;
        let known_from = known_from.map(Timestamp::from_micros);
        let told = found.into_iter().map(|((above, beneath), count)| {
            json!({"parent": service_of(above), "child": service_of(beneath), "callCount": count})
        });
        Ok((wrapped(told.collect(), known_from), known_from))
    }
}

/// The names of services: the program as a whole, and each of its parts.
fn service_names() -> impl Iterator<Item = String> {
    std::iter::once(APP.to_owned()).chain(LAYERS.into_iter().map(service_of))
}

fn service_of(layer: &str) -> String {
    format!("{APP}/{layer}")
}

/// The part of the program that a service is; nothing within for all of it, nothing at all for another program.
fn layer_of(service: &str) -> Option<Option<&str>> {
    match service.strip_prefix(APP)? {
        "" => Some(None),
        rest => rest.strip_prefix('/').filter(|layer| LAYERS.contains(layer)).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_not_complete_says_from_when_on_it_is_and_what_was_found_all_the_same() {
        let from = "2026-05-01T19:00:00.000Z".parse().unwrap();
        let told = wrapped(vec![json!("a trace")], Some(from));
        assert_eq!((&told["data"], &told["total"]), (&json!(["a trace"]), &json!(1)));
        let message =
            "not all of the log was read in time: this is complete from 2026-05-01T19:00:00.000Z on";
        assert_eq!(told["errors"], json!([{"code": 206, "msg": message}]));
        assert_eq!(wrapped(Vec::new(), None)["errors"], Value::Null);
    }
}
