//! Webhooks and actions: what is sent, to where, and what the answer means for them. Both are named in a way that lets the
//! receiver tell when the same comes again.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::carrier::{Passage, arrived, failed, ids_of, refused};
use crate::{
    domain::{ActionHookId, AttemptEnd, Delivery, TenantId, WEBHOOK_TEST, WebhookId, with_every_field},
    integrations::{
        Blame, Failure, HttpAnswer, HttpClient, HttpRequest, Next, Reach, failure_of_status, retry_after,
    },
    jobs::call::call,
    service::{Services, Unaddressed},
    telemetry::{context::RequestContext, spawn},
    text::render_json,
};

/// Longest wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for the answer, as the Standard Webhooks specification recommends.
const CALL_LIMIT: Duration = Duration::from_secs(15);
/// Most bytes of an answer that are read and kept.
const ANSWER_BYTES_MAX: usize = 1_024;

/// What is sent and to where, once it is known.
struct Call {
    method: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: String,
}

/// Tells a webhook.
pub async fn carry_webhook(
    http: &HttpClient,
    services: &Services,
    context: &RequestContext,
    (tenant, delivery): (TenantId, &Delivery),
    (webhook, body): (WebhookId, &str),
    passage: Passage,
) -> AttemptEnd {
    let signed = services.signed_webhook(context.clock(), tenant, webhook, delivery, body).await;
    let signed = match signed {
        Ok(Ok(signed)) => signed,
        Ok(Err(why)) => return unaddressed(why),
        Err(error) => return unread(&error),
    };
    let headers = signed.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let request = Call { method: "POST", url: signed.url, headers, body: body.to_owned() };
    // A subscriber that refuses may have been set wrong for a while: by the specification it is tried again.
    send(http, context, ("webhook", request), passage, |failure| match (failure.next, failure.status) {
        (Next::GiveUp, Some(status)) if status != 410 => Failure { next: Next::Retry, ..failure },
        _ => failure,
    })
    .await
}

/// Calls an action.
pub async fn carry_action(
    http: &HttpClient,
    services: &Services,
    context: &RequestContext,
    (tenant, delivery): (TenantId, &Delivery),
    (action, event): (ActionHookId, &str),
    passage: Passage,
) -> AttemptEnd {
    let is_a_test = delivery.what.title() == WEBHOOK_TEST;
    let found = match services.action_call(tenant, action, is_a_test).await {
        Ok(Ok(found)) => found,
        Ok(Err(why)) => return unaddressed(why),
        Err(error) => return unread(&error),
    };
    let body = match &found.action.body {
        None => event.to_owned(),
        Some(template) => match rendered(template, event) {
            Ok(body) => body,
            Err(why) => return refused("template", &why),
        },
    };
    let given = found.action.headers.into_iter().map(|header| (header.name, header.value));
    let mut headers: Vec<(String, String)> = given.collect();
    headers.push(("Idempotency-Key".to_owned(), delivery.message_id()));
    headers.extend(found.authorization.map(|value| ("Authorization".to_owned(), value)));
    let request = Call { method: found.action.method.word(), url: found.action.url, headers, body };
    send(http, context, ("action", request), passage, |failure| failure).await
}

fn rendered(template: &Value, event: &str) -> Result<String, String> {
    let event: Value = serde_json::from_str(event).map_err(|error| error.to_string())?;
    let data = json!({"event": with_every_field(event)});
    let body = render_json(template, &data).map_err(|fault| fault.to_string())?;
    Ok(body.to_string())
}

/// Sends it on a thread that may block, where the permit goes along: a call that nobody waits for any more still takes its
/// place in the circuit until it ends.
async fn send(
    http: &HttpClient,
    context: &RequestContext,
    (operation, request): (&'static str, Call),
    passage: Passage,
    judge: impl Fn(Failure) -> Failure + Send + 'static,
) -> AttemptEnd {
    let Ok(url) = Url::parse(&request.url) else { return refused("address", "this is no address") };
    let mut headers = request.headers;
    let names_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if !names_type {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let request = HttpRequest {
        method: request.method,
        url,
        headers,
        body: request.body.into_bytes(),
        reach: Reach::Tenant,
        connect_limit: CONNECT_LIMIT,
        total_limit: CALL_LIMIT,
        answer_limit: ANSWER_BYTES_MAX,
    };
    let (http, ids, now) = (http.clone(), ids_of(context), context.clock().now());
    let Some(permit) = passage.permit else { return refused("not_set_up", "there is no way out") };
    let made = spawn::spawn_blocking(move || {
        let mut answer = None;
        let ask = || {
            // The receiver can tell that it is the same, so it may be sent again. Whether it had arrived is still unknown.
            let given = http.send(&request, &ids).map_err(|fault| judge(Failure::from(fault)))?;
            let failure = failure_of_status(given.status, retry_after(&given.headers, now.millis()));
            answer = Some(given);
            failure.map_or(Ok(()), |failure| Err(judge(failure)))
        };
        let failure = call(permit, operation, ask).err();
        (answer, failure)
    });
    let Ok((answer, failure)) = made.await else {
        let failure =
            Failure::new(Blame::Call, Next::Retry, "panic", "the program failed while it was sending this");
        return failed(&failure, None);
    };
    let via = answer.as_ref().and_then(|answer| answer.address).map(|address| address.to_string());
    match failure {
        Some(failure) => failed(&with_answer(failure, answer.as_ref()), via),
        None => {
            let status = answer.as_ref().map(|answer| answer.status);
            arrived(status, answer.as_ref().map(said).unwrap_or_default(), via)
        }
    }
}

/// What was answered, as far as it is text.
fn said(answer: &HttpAnswer) -> String {
    let text: String = String::from_utf8_lossy(&answer.body).chars().take(ANSWER_BYTES_MAX).collect();
    text.replace(char::is_control, " ")
}

/// The failure, with what the answer said of it.
fn with_answer(failure: Failure, answer: Option<&HttpAnswer>) -> Failure {
    match answer.map(said).filter(|said| !said.trim().is_empty()) {
        Some(said) => {
            let detail = format!("{}; it said: {said}", failure.detail);
            let again = Failure::new(failure.blame, failure.next, failure.class, detail);
            Failure { status: failure.status, ..again }
        }
        None => failure,
    }
}

fn unaddressed(why: Unaddressed) -> AttemptEnd {
    match why {
        Unaddressed::Deleted => refused("deleted", "the webhook or action was deleted"),
        Unaddressed::Disabled => refused("disabled", "the webhook or action is switched off"),
        Unaddressed::Stopped => refused(
            "stopped",
            "the webhook was stopped because nothing arrived for long; a test that arrives starts it again",
        ),
        Unaddressed::Sealed => {
            refused("sealed", "the authorization was sealed under another key; set it again")
        }
    }
}

/// Nothing outside is at fault: it is tried again.
fn unread(error: &dyn std::fmt::Display) -> AttemptEnd {
    failed(&Failure::new(Blame::Call, Next::Retry, "store", error.to_string()), None)
}
