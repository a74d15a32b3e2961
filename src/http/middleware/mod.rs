//! What every request goes through, one concern a file, outermost first: its context and headers (`context`), the
//! record of how it went (`record`), the answer to whatever fails (`failures`), what is left of its body (`unread`), and the
//! answer to a handler that panics (`panics`).

pub mod context;
pub mod failures;
pub mod panics;
pub mod record;
pub mod unread;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use actix_web::{
        App, HttpResponse,
        body::MessageBody,
        dev::{Service, ServiceResponse},
        http::StatusCode,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web,
    };
    use futures_util::future::join_all;
    use serde_json::Value;
    use tokio::runtime::Builder;

    use super::{context, failures, panics, record};
    use crate::telemetry::{log::capture::captured, spawn::spawn};

    const REQUESTS: usize = 300;

    async fn panic() -> HttpResponse {
        panic!("unforeseen")
    }

    async fn with_a_task() -> HttpResponse {
        let task = spawn(async { tracing::info!("behind the answer") });
        task.await.map_or_else(|_| HttpResponse::BadGateway(), |()| HttpResponse::NoContent()).finish()
    }

    #[allow(clippy::disallowed_methods, reason = "the mistake that is to be found")]
    async fn with_a_task_of_nobody() -> HttpResponse {
        let task = tokio::spawn(async { tracing::info!("behind the answer") });
        task.await.map_or_else(|_| HttpResponse::BadGateway(), |()| HttpResponse::NoContent()).finish()
    }

    async fn server()
    -> impl Service<actix_http::Request, Response = ServiceResponse<impl MessageBody>, Error = actix_web::Error>
    {
        let app = App::new()
            .wrap(from_fn(failures::answer))
            .wrap(from_fn(record::observe))
            .wrap(from_fn(context::enter))
            .service(web::resource("/panic").to(panic).wrap(from_fn(panics::catch)))
            .service(web::resource("/task").to(with_a_task))
            .service(web::resource("/raw").to(with_a_task_of_nobody));
        init_service(app).await
    }

    fn block_on(work: impl Future<Output = ()>) {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    }

    /// Asks at these paths by turns, many at once: the ids that were told, and every line that was logged meanwhile.
    fn rush(paths: &[&str]) -> (BTreeSet<String>, Vec<Value>) {
        let mut told = BTreeSet::new();
        let lines = captured("info", || {
            block_on(async {
                let app = server().await;
                let ask = |path| call_service(&app, TestRequest::get().uri(path).to_request());
                let answers = join_all(paths.iter().cycle().take(REQUESTS).map(|path| ask(path))).await;
                let id = |answer: &ServiceResponse<_>| {
                    answer.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned()
                };
                told = answers.iter().map(id).collect();
            });
        });
        (told, lines)
    }

    /// Lines that no id leads to which was told.
    fn lost<'a>(told: &BTreeSet<String>, lines: &'a [Value]) -> Vec<&'a Value> {
        lines.iter().filter(|line| line["requestId"].as_str().is_none_or(|id| !told.contains(id))).collect()
    }

    #[test]
    fn whatever_is_done_for_a_request_is_found_under_the_id_it_was_told_even_if_its_handler_panics() {
        let (told, lines) = rush(&["/panic", "/task", "/nowhere"]);
        assert_eq!((told.len(), lost(&told, &lines)), (REQUESTS, Vec::new()));
        let with = |message: &str| lines.iter().filter(|line| line["message"] == message).count();
        assert_eq!((with("request"), with("behind the answer")), (REQUESTS, REQUESTS / 3));
    }

    #[test]
    fn a_task_that_was_started_past_the_request_is_noticed() {
        let (told, lines) = rush(&["/raw", "/task"]);
        let lost = lost(&told, &lines);
        assert_eq!(lost.len(), REQUESTS / 2);
        assert!(lost.iter().all(|line| line["message"] == "behind the answer"), "{lost:?}");
    }

    #[test]
    fn a_handler_that_panics_is_answered_with_a_problem_and_its_ids() {
        // With a log, as a place in the code that is first come to without one is taken for one that nobody listens to.
        captured("info", || block_on(a_panic_is_answered()));
    }

    async fn a_panic_is_answered() {
        let request = TestRequest::get().uri("/panic").insert_header(("x-request-id", "desk-7"));
        let response = call_service(&server().await, request.to_request()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        for header in ["x-request-id", "x-correlation-id"] {
            assert_eq!(response.headers().get(header).unwrap(), "desk-7");
        }
        let problem: Value = serde_json::from_slice(&read_body(response).await).unwrap();
        assert_eq!((&problem["code"], &problem["requestId"]), (&"internal".into(), &"desk-7".into()));
    }
}
