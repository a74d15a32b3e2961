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
    use actix_web::{
        App, HttpResponse,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web,
    };

    use super::{context, failures, panics, record};

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_with_a_problem_and_its_ids() {
        async fn panic() -> HttpResponse {
            panic!("unforeseen")
        }
        let resource = web::resource("/").to(panic).wrap(from_fn(panics::catch));
        let app = App::new()
            .wrap(from_fn(failures::answer))
            .wrap(from_fn(record::observe))
            .wrap(from_fn(context::enter))
            .service(resource);
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/").insert_header(("x-request-id", "desk-7"));
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status(), 500);
        for header in ["x-request-id", "x-correlation-id"] {
            assert_eq!(response.headers().get(header).unwrap(), "desk-7");
        }
        let problem: serde_json::Value = serde_json::from_slice(&read_body(response).await).unwrap();
        assert_eq!((&problem["code"], &problem["requestId"]), (&"internal".into(), &"desk-7".into()));
    }
}
