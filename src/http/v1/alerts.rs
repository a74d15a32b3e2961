//! Alerts: what is wrong with the box and was, saying that one looks after it, and keeping some of it silent.

use actix_web::{http::Method, web::Data};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::representation::PageOut;
use crate::{
    domain::{
        Acknowledgement, Actor, AlertId, AlertRecord, AlertRule, AlertSeverity, OutboundService, Silence,
        SilenceId, Timestamp, permission::permissions,
    },
    http::{
        answer::{Answer, Created, Digested, Done},
        extract::{Body, Can, CursorText, Item, Once, Query, place_of},
        problem::Failure,
        route::Endpoint,
    },
    service::{AlertFilter, Creation, Services},
};

/// Which alerts.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct AlertsQuery {
    /// Those that are not over (true), or those that are.
    #[serde(default)]
    firing: Option<bool>,
    /// Those of a rule.
    #[serde(default)]
    rule: Option<AlertRule>,
    /// Most alerts of a page.
    #[serde(default = "fifty")]
    #[garde(range(min = 1, max = 500))]
    limit: u16,
    /// Where the page starts: `nextCursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

const fn fifty() -> u16 {
    50
}

/// An alert.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AlertOut {
    id: AlertId,
    rule: AlertRule,
    severity: AlertSeverity,
    /// In a few words.
    title: &'static str,
    /// With which part, such as a circuit; empty for the box.
    subject: String,
    /// The service outside that is concerned.
    service: Option<OutboundService>,
    /// What exactly, in a sentence.
    what: String,
    /// What helps.
    remedy: &'static str,
    /// Where the runbook has it.
    runbook: String,
    /// Since when it is wrong.
    since: Timestamp,
    fired_at: Timestamp,
    /// When somebody was told last; never, if it is silenced.
    told_at: Option<Timestamp>,
    acknowledged: Option<AcknowledgedOut>,
    resolved_at: Option<Timestamp>,
    correlation_id: String,
}

/// Who looks after an alert.
#[derive(Serialize, JsonSchema)]
struct AcknowledgedOut {
    by: Actor,
    at: Timestamp,
    note: Option<String>,
}

impl From<AlertRecord> for AlertOut {
    fn from(alert: AlertRecord) -> Self {
        let rule = alert.rule;
        let out = |Acknowledgement { by, at, note }| AcknowledgedOut { by, at, note };
        Self {
            id: alert.id,
            rule,
            severity: rule.severity(),
            title: rule.title(),
            subject: alert.subject,
            service: alert.service,
            what: alert.what,
            remedy: rule.remedy(),
            // Headings have their ids in small letters.
            runbook: format!("/docs/runbook#{}", rule.word().to_lowercase()),
            since: alert.since,
            fired_at: alert.fired_at,
            told_at: alert.told_at,
            acknowledged: alert.acknowledged.map(out),
            resolved_at: alert.resolved_at,
            correlation_id: alert.correlation_id,
        }
    }
}

/// Saying that one looks after an alert.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct AcknowledgeIn {
    /// What one has to say.
    #[serde(default)]
    #[garde(inner(length(chars, min = 1, max = 1_000)))]
    note: Option<String>,
}

/// Keeping alerts silent.
#[derive(Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
struct SilenceIn {
    /// Of which rule; of all, if of none.
    #[serde(default)]
    rule: Option<AlertRule>,
    /// Of which part, such as a circuit; of all, if of none.
    #[serde(default)]
    #[garde(inner(length(chars, min = 1, max = 500)))]
    subject: Option<String>,
    /// Until when.
    until: Timestamp,
    /// Why.
    #[garde(length(chars, min = 1, max = 1_000))]
    reason: String,
}

/// That nobody is told of some alerts for a while.
#[derive(Serialize, JsonSchema)]
struct SilenceOut {
    id: SilenceId,
    rule: Option<AlertRule>,
    /// What the rule watches, in a few words.
    title: Option<&'static str>,
    subject: Option<String>,
    until: Timestamp,
    reason: String,
    by: Actor,
    at: Timestamp,
}

impl From<Silence> for SilenceOut {
    fn from(Silence { id, rule, subject, until, reason, by, at }: Silence) -> Self {
        Self { id, rule, title: rule.map(AlertRule::title), subject, until, reason, by, at }
    }
}

async fn list(
    can: Can<permissions::ReadAlerts>,
    services: Data<Services>,
    query: Query<AlertsQuery>,
) -> Result<Digested<PageOut<AlertOut>>, Failure> {
    let AlertsQuery { firing, rule, limit, cursor } = query.0;
    let after = place_of(cursor.as_deref())?;
    let page = services.alerts(&can, AlertFilter { firing, rule }, after, usize::from(limit)).await?;
    let next_cursor = page.next.as_ref().map(CursorText::to_text);
    Ok(Digested(PageOut { items: page.items.into_iter().map(AlertOut::from).collect(), next_cursor }))
}

async fn acknowledge(
    can: Can<permissions::ManageAlerts>,
    services: Data<Services>,
    Item(id): Item,
    Body(body): Body<AcknowledgeIn>,
) -> Result<Answer<AlertOut>, Failure> {
    Ok(Answer(services.acknowledge_alert(&can, AlertId::new(id), body.note).await?.into()))
}

async fn silences(
    can: Can<permissions::ReadAlerts>,
    services: Data<Services>,
) -> Result<Digested<PageOut<SilenceOut>>, Failure> {
    let items = services.silences(&can).await?.into_iter().map(SilenceOut::from).collect();
    Ok(Digested(PageOut { items, next_cursor: None }))
}

async fn silence(
    can: Can<permissions::ManageAlerts>,
    services: Data<Services>,
    Once(key): Once,
    Body(body): Body<SilenceIn>,
) -> Result<Created<SilenceOut>, Failure> {
    let SilenceIn { rule, subject, until, reason } = body;
    let asked = services.silence_alerts(&can, (rule, subject), until, reason, key.as_ref());
    let Creation { made, replayed } = asked.await?;
    let location = format!("/api/v1/silences/{}", made.id);
    Ok(Created { value: made.into(), version: 1, location, replayed })
}

async fn end_silence(
    can: Can<permissions::ManageAlerts>,
    services: Data<Services>,
    Item(id): Item,
) -> Result<Done, Failure> {
    services.end_silence(&can, SilenceId::new(id)).await?;
    Ok(Done)
}

/// The endpoints of alerts.
pub fn endpoints() -> Vec<Endpoint> {
    let about = |name: &'static str, summary: &'static str| ("alerts", name, summary);
    vec![
        Endpoint::new(
            Method::GET,
            "/alerts",
            about(
                "listAlerts",
                "What is wrong with the box and with what it reaches, and what was, newest first.",
            ),
            list,
        ),
        Endpoint::new(
            Method::POST,
            "/alerts/{id}/acknowledge",
            about("acknowledgeAlert", "Says that one looks after an alert: nobody is told of it again."),
            acknowledge,
        ),
        Endpoint::new(
            Method::GET,
            "/silences",
            about("listSilences", "Which alerts nobody is told of at present, and why."),
            silences,
        ),
        Endpoint::new(
            Method::POST,
            "/silences",
            about("silenceAlerts", "Keeps alerts from being told until a time; they are noted all the same."),
            silence,
        ),
        Endpoint::new(Method::DELETE, "/silences/{id}", about("endSilence", "Ends a silence."), end_silence),
    ]
}
