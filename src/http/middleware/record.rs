//! The one record of a request that ends: what was asked, how it was answered, how long it took. The same figures go
//! to the metrics, under the route's template, never the raw path.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};

use crate::{
    http::router::route_of,
    http::steps::Steps,
    telemetry::{
        answered::AnsweredIds,
        clock::Stopwatch,
        context::{REQUEST_TARGET, RequestContext},
        metrics::{self, ExemplarIds, MetricsHandle},
    },
};

/// From how long on a request is slow, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct SlowRequest(pub u64);

/// A request until it is answered. If whoever asked goes away, or the server stops, the work is dropped in the middle:
/// then its record says that nobody was answered.
struct UnderWay {
    method: Method,
    path: String,
    watch: Stopwatch,
    answered: bool,
}

impl UnderWay {
    fn start(request: &ServiceRequest) -> Self {
        ::metrics::gauge!(metrics::HTTP_ACTIVE_REQUESTS).increment(1.0);
        let (method, path) = (request.method().clone(), request.path().to_owned());
        Self { method, path, watch: Stopwatch::start(), answered: false }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        ::metrics::gauge!(metrics::HTTP_ACTIVE_REQUESTS).decrement(1.0);
        if !self.answered {
            let (method, path) = (self.method.as_str(), self.path.as_str());
            let duration_us = in_micros(self.watch.elapsed());
            tracing::info!(
                target: REQUEST_TARGET, method, path, durationUs = duration_us, aborted = true, "request"
            );
        }
    }
}

fn in_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Runs a request and writes its record.
///
/// # Errors
/// Whatever lies within fails with.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut under_way = UnderWay::start(&request);
    let slow = request.app_data::<Data<SlowRequest>>().map_or(u64::MAX, |slow| slow.0);
    let response = next.call(request).await?;
    under_way.answered = true;
    let (method, path, elapsed) = (&under_way.method, under_way.path.as_str(), under_way.watch.elapsed());
    let status = response.status();
    let route = route_of(response.request());
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let duration_us = in_micros(elapsed);
    let is_slow = u128::from(slow) <= elapsed.as_millis();
    let fields = (method.as_str(), status.as_u16(), duration_us);
    let steps = response.request().extensions().get::<Steps>().map(|steps| steps.json(&under_way.watch));
    let spans = steps.as_deref().map(str::as_bytes);
    if status.is_server_error() || is_slow {
        tracing::warn!(
            target: REQUEST_TARGET, method = fields.0, path, route = &*route, status = fields.1, durationUs = fields.2, bytes,
            spans, slow = is_slow, "request"
        );
    } else {
        tracing::info!(
            target: REQUEST_TARGET, method = fields.0, path, route = &*route, status = fields.1, durationUs = fields.2, bytes,
            spans, "request"
        );
    }
    let extensions = response.request().extensions();
    let context = extensions.get::<RequestContext>();
    let exemplars = response.request().app_data::<Data<MetricsHandle>>().zip(context);
    count(method, (&route, status.as_u16()), elapsed.as_secs_f64(), bytes, exemplars);
    let told = response.request().app_data::<Data<AnsweredIds>>();
    if let (Some(told), Some(context)) = (told, context) {
        told.note(context.request_id());
    }
    drop(extensions);
    Ok(response)
}

fn count(
    method: &Method,
    (route, status): (&str, u16),
    seconds: f64,
    bytes: u64,
    exemplars: Option<(&Data<MetricsHandle>, &RequestContext)>,
) {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let method = if known.contains(method) { method.as_str() } else { "_OTHER" };
    let code = status.to_string();
    if let Some((metrics, context)) = exemplars {
        let (trace, request) = (context.trace().trace_id().to_string(), context.request_id().as_str());
        let ids = ExemplarIds { trace: &trace, request };
        metrics.note_exemplar([method, route, &code], seconds, ids, context.clock().now().millis());
    }
    ::metrics::histogram!(
        metrics::HTTP_REQUEST_DURATION,
        "method" => method.to_owned(), "route" => route.to_owned(), "code" => code
    )
    .record(seconds);
    // A body of 2^53 bytes and more would lose digits; there are none.
    #[allow(clippy::cast_precision_loss, reason = "a body is far smaller than 2^53 bytes")]
    ::metrics::histogram!(metrics::HTTP_RESPONSE_BODY_BYTES, "route" => route.to_owned())
        .record(bytes as f64);
}
