//! Stored forms of what leaves the box, and of those who are told.

use serde_json::json;

use super::{Golden, id, time, user};
use crate::domain::{
    ActionHook, ActionHookId, Attempt, AttemptEnd, BlobAct, BlobHash, BlobMove, BlobPlace, Delivery,
    DeliveryId, DeliveryReport, DeliveryState, Facts, FileId, Language, MessageKind, OutboundService,
    Outcome, Outgoing, OutgoingMessage, Recipient, ReportedStatus, Stopped, StoppedWhy, StoredBlob,
    SuppressedWhy, Suppression, Task, Tenant, TenantId, Urgency, Webhook, WebhookHealth, WebhookId, Wording,
};

/// What audit records say about deliveries.
pub fn facts() -> [(&'static str, Facts); 1] {
    let (title, class) = ("contest.created".to_owned(), "status".to_owned());
    [("record of a dead letter", Facts::Delivery { service: OutboundService::Webhook, title, class })]
}

fn attempt(outcome: Outcome) -> Attempt {
    let end = AttemptEnd {
        took_ms: 12,
        outcome,
        class: "status".to_owned(),
        status: Some(503),
        detail: "busy".to_owned(),
        via: Some("192.0.2.1:443".to_owned()),
    };
    Attempt { at: time(), request_id: "attempt".to_owned(), end: Some(end) }
}

fn delivery(what: Outgoing) -> Delivery {
    let outcomes = [
        Outcome::Arrived,
        Outcome::Failed { after_ms: Some(5) },
        Outcome::Paused { for_ms: 9 },
        Outcome::Refused,
        Outcome::Unknown,
        Outcome::Interrupted,
    ];
    Delivery {
        id: DeliveryId::new(id(1)),
        what,
        queue: "example.org:443".to_owned(),
        urgency: Urgency::Now,
        state: DeliveryState::Dead,
        due_at: time(),
        by: user(),
        request_id: "request".to_owned(),
        correlation_id: "correlation".to_owned(),
        traceparent: "trace".to_owned(),
        created_at: time(),
        finished_at: Some(time()),
        attempts: outcomes.map(attempt).into(),
        made: 7,
        counted: 6,
        paused_at: Some(time()),
        ambiguous: true,
        replay_of: Some(DeliveryId::new(id(2))),
        origin: Some(DeliveryId::new(id(3))),
        replayed_by: Some(DeliveryId::new(id(4))),
        edited: false,
        taken_over_by: None,
        report: None,
        version: 8,
    }
}

/// Deliveries, webhooks and actions.
pub fn deliveries(golden: &mut Golden) {
    let (event, body) = (|| "contest.created".to_owned(), || "{}".to_owned());
    let webhook = WebhookId::new(id(5));
    golden.value(
        "delivery to a webhook",
        &delivery(Outgoing::Webhook { webhook, event: event(), body: body() }),
    );
    let action = ActionHookId::new(id(6));
    golden
        .value("delivery to an action", &delivery(Outgoing::Action { action, event: event(), body: body() }));
    let message = |kind: MessageKind| {
        let recipient = |address: &str| Recipient { name: "Ann".to_owned(), address: address.to_owned() };
        Box::new(OutgoingMessage {
            to: recipient("ann@example.org"),
            kind,
            language: Some(Language::GERMAN),
            sealed: vec![1, 200, 3],
            bulk: true,
            or_mail: Some(recipient("ann@example.com")),
        })
    };
    golden.value("delivery of a mail", &delivery(Outgoing::Mail(message(MessageKind::Test))));
    golden.value("delivery of a text message", &delivery(Outgoing::Sms(message(MessageKind::JudgeLink))));
    let upload = Outgoing::Upload { backup: "event-manager-20260501T190000Z.embackup".to_owned() };
    golden.value("delivery of a backup", &delivery(upload));
    let (tenant, blob) = (TenantId::new(id(8)), BlobHash([7; 32]));
    for (name, act) in
        [("storing", BlobAct::Store), ("fetching", BlobAct::Fetch), ("deleting", BlobAct::Delete)]
    {
        golden.value(&format!("delivery {name} a content"), &delivery(Outgoing::Blob { act, tenant, blob }));
    }
    let stored = StoredBlob {
        moved: Some(BlobMove { act: BlobAct::Store, delivery: DeliveryId::new(id(2)) }),
        fetched_by: Some(DeliveryId::new(id(3))),
        kept: Some(BlobPlace { target: "s3:bucket".to_owned(), at: time() }),
    };
    golden.value("content in object storage", &stored);
    golden.value("task of object storage", &Task::Storage { after: Some((tenant, blob, id(9))) });
    let (tenants, reason) = (vec![tenant], "they asked for it".to_owned());
    let after = Some("em-20260501T190000000000Z-20260501T193000250123Z-0000.jsonl".to_owned());
    golden.value("task of an erasure", &Task::Erasure { tenants, reason, after, lines: 12, bytes: 4_096 });
    golden.value("delivery of a probe", &delivery(Outgoing::StorageProbe));
    golden.value("delivery of a probe of the scanner", &delivery(Outgoing::ScanProbe));
    golden.value("delivery of a probe of Redis", &delivery(Outgoing::RedisProbe));
    let report = DeliveryReport {
        status: ReportedStatus::Undelivered,
        at: time(),
        code: Some("30003".to_owned()),
        request_id: None,
    };
    let reported = Delivery {
        taken_over_by: Some(DeliveryId::new(id(7))),
        report: Some(report.clone()),
        ..delivery(Outgoing::Sms(message(MessageKind::JudgeLink)))
    };
    golden.value("delivery of a text message that was reported and taken over", &reported);
    let report = Some(DeliveryReport { request_id: Some("request".to_owned()), ..report });
    golden
        .value("delivery of a text message that was reported in a request", &Delivery { report, ..reported });
    golden.value("delivery of a file to a scanner", &delivery(Outgoing::Scan { file: FileId::new(id(7)) }));
    let suppression = Suppression {
        address: "ann@example.org".to_owned(),
        why: SuppressedWhy::Bounced,
        at: time(),
        detail: "550".to_owned(),
    };
    golden.value("suppression", &suppression);
    let health = WebhookHealth {
        secret: 2,
        previous_until: Some(time()),
        arrived_at: Some(time()),
        failing_since: Some(time()),
        failed: 3,
        stopped: Some(Stopped { at: time(), why: StoppedWhy::Gone }),
    };
    golden.value("health of a webhook", &health);
    golden
        .row::<Webhook>(json!({"name": "Club", "url": "https://club.example/hook", "events": ["contest.*"]}));
    golden.row::<ActionHook>(json!({
        "name": "Chat", "url": "https://chat.example/say", "method": "PUT", "events": ["*"], "enabled": false,
        "headers": [{"name": "X-Room", "value": "jury"}], "body": {"text": "{{ event.type }}"},
    }));
    golden.row::<Wording>(json!({"kind": "judge_link", "language": "de-AT", "subject": "Los: {{ event }}"}));
    golden.row_named::<Tenant>(
        "tenant with a language",
        json!({"name": "Harbour Fair", "slug": "harbour-fair", "settings": {"language": "de-AT"}}),
    );
}
