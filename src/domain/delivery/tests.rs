//! How a delivery goes from one state to the next.

use uuid::Uuid;

use super::{
    ATTEMPTS_KEPT, AttemptEnd, AttemptLimits, Delivery, DeliveryId, DeliveryReport, DeliveryState, Outcome,
    Outgoing, OutgoingMessage, ReportedStatus, Urgency,
};
use crate::domain::{Actor, MessageKind, Recipient, Timestamp, WebhookId};

const HOUR: i64 = 60 * 60 * 1_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn webhook() -> Delivery {
    let webhook = WebhookId::new(Uuid::nil());
    let body = "{}".to_owned();
    Delivery {
        id: DeliveryId::new(Uuid::from_u128(1)),
        what: Outgoing::Webhook { webhook, event: "contest.created".to_owned(), body },
        queue: "example.org:443".to_owned(),
        urgency: Urgency::Soon,
        state: DeliveryState::Waiting,
        due_at: at(0),
        by: Actor::Setup,
        request_id: "r".to_owned(),
        correlation_id: "c".to_owned(),
        traceparent: String::new(),
        created_at: at(0),
        finished_at: None,
        attempts: Vec::new(),
        made: 0,
        counted: 0,
        paused_at: None,
        ambiguous: false,
        replay_of: None,
        origin: None,
        replayed_by: None,
        edited: false,
        taken_over_by: None,
        report: None,
        version: 1,
    }
}

fn end(outcome: Outcome) -> AttemptEnd {
    let (class, detail) = ("test".to_owned(), String::new());
    AttemptEnd { took_ms: 1, outcome, class, status: None, detail, via: None }
}

fn tried(delivery: &mut Delivery, outcome: Outcome, now: i64) {
    delivery.begin(at(now), format!("attempt-{now}"));
    delivery.settle(end(outcome), at(now), 0.0, AttemptLimits::default());
}

const FAILED: Outcome = Outcome::Failed { after_ms: None };

#[test]
fn one_that_arrives_is_over() {
    let mut delivery = webhook();
    delivery.begin(at(5), "a".to_owned());
    assert_eq!((delivery.state, delivery.version), (DeliveryState::Running, 2));
    delivery.settle(end(Outcome::Arrived), at(7), 0.0, AttemptLimits::default());
    assert_eq!((delivery.state, delivery.finished_at, delivery.made), (DeliveryState::Done, Some(at(7)), 1));
    assert_eq!(delivery.attempts[0].end.as_ref().unwrap().outcome, Outcome::Arrived);
}

#[test]
fn one_that_fails_is_tried_again_until_its_attempts_are_used_up() {
    let mut delivery = webhook();
    for attempt in 1..10 {
        tried(&mut delivery, FAILED, attempt);
        assert_eq!(delivery.state, DeliveryState::Waiting, "{attempt}");
    }
    tried(&mut delivery, FAILED, 10);
    assert_eq!((delivery.state, delivery.counted), (DeliveryState::Dead, 10));
}

#[test]
fn it_waits_as_long_as_the_schedule_says_or_the_service_if_that_is_longer() {
    let mut delivery = webhook();
    tried(&mut delivery, FAILED, 0);
    assert_eq!(delivery.due_at, at(5_000));
    let mut delivery = webhook();
    tried(&mut delivery, Outcome::Failed { after_ms: Some(60_000) }, 0);
    assert_eq!(delivery.due_at, at(60_000));
    let mut delivery = webhook();
    tried(&mut delivery, Outcome::Failed { after_ms: Some(1) }, 0);
    assert_eq!(delivery.due_at, at(5_000), "never earlier than the schedule");
}

#[test]
fn a_pause_that_the_service_asks_for_costs_an_attempt_at_most_once_an_hour() {
    let mut delivery = webhook();
    let paused = Outcome::Paused { for_ms: 60_000 };
    tried(&mut delivery, paused, 0);
    assert_eq!((delivery.counted, delivery.due_at), (0, at(60_000)));
    tried(&mut delivery, paused, HOUR / 2);
    assert_eq!((delivery.made, delivery.counted), (2, 1), "within the hour it counts");
    tried(&mut delivery, paused, 2 * HOUR);
    assert_eq!((delivery.made, delivery.counted), (3, 1));
}

#[test]
fn one_whose_end_nobody_knows_is_marked_and_sent_again_if_the_receiver_can_tell() {
    let mut delivery = webhook();
    tried(&mut delivery, Outcome::Unknown, 0);
    assert_eq!((delivery.state, delivery.ambiguous), (DeliveryState::Waiting, true));
}

#[test]
fn one_that_was_under_way_when_the_program_ended_is_marked_and_due_at_once() {
    let mut delivery = webhook();
    delivery.begin(at(0), "a".to_owned());
    delivery.void(at(9), 1.0, AttemptLimits::default());
    assert_eq!((delivery.state, delivery.due_at), (DeliveryState::Waiting, at(9)));
    assert!(delivery.ambiguous);
    assert_eq!(delivery.attempts[0].end.as_ref().unwrap().outcome, Outcome::Interrupted);
}

#[test]
fn one_that_is_stopped_stays_so_whatever_becomes_of_its_attempt() {
    let mut delivery = webhook();
    delivery.begin(at(0), "a".to_owned());
    delivery.cancel(at(1));
    delivery.note(end(Outcome::Arrived));
    assert_eq!(delivery.state, DeliveryState::Cancelled);
    assert_eq!(delivery.attempts[0].end.as_ref().unwrap().outcome, Outcome::Arrived);
}

#[test]
fn one_that_is_sent_once_more_begins_anew_under_the_name_of_the_first() {
    let mut first = webhook();
    tried(&mut first, Outcome::Refused, 0);
    let again = |of: &Delivery, number| {
        let id = DeliveryId::new(Uuid::from_u128(number));
        of.again(id, Actor::Setup, at(50), "r2".to_owned(), String::new())
    };
    let second = again(&first, 2);
    let third = again(&second, 3);
    assert_eq!((second.state, second.due_at, second.made), (DeliveryState::Waiting, at(50), 0));
    assert_eq!((second.replay_of, third.replay_of), (Some(first.id), Some(second.id)));
    assert_eq!(first.message_id(), third.message_id());
    assert_eq!((third.correlation_id.as_str(), third.request_id.as_str()), ("c", "r2"));
}

#[test]
fn the_last_attempts_are_kept_and_all_are_counted() {
    let mut delivery = webhook();
    for attempt in 0..40 {
        tried(&mut delivery, Outcome::Paused { for_ms: 1 }, attempt * 2 * HOUR);
    }
    assert_eq!((delivery.attempts.len(), delivery.made), (ATTEMPTS_KEPT, 40));
    assert_eq!(delivery.attempts[0].at, at(16 * 2 * HOUR));
}

/// A text message that may go by mail instead.
fn text() -> Delivery {
    let person = |address: &str| Recipient { name: "Lea".to_owned(), address: address.to_owned() };
    let message = OutgoingMessage {
        to: person("+4915112345678"),
        kind: MessageKind::JudgeLink,
        language: None,
        sealed: vec![7],
        bulk: false,
        or_mail: Some(person("lea@example.org")),
    };
    Delivery { what: Outgoing::Sms(Box::new(message)), ..webhook() }
}

fn instead(delivery: &Delivery) -> Option<Delivery> {
    delivery.as_mail(DeliveryId::new(Uuid::from_u128(9)), "mail", at(50))
}

#[test]
fn a_text_message_that_was_refused_goes_by_mail_with_the_same_content_and_a_name_of_its_own() {
    let mut refused = text();
    tried(&mut refused, Outcome::Refused, 5);
    let mail = instead(&refused).unwrap();
    let Outgoing::Mail(message) = &mail.what else { panic!("{:?}", mail.what) };
    assert_eq!((message.to.address.as_str(), message.sealed.as_slice()), ("lea@example.org", &[7][..]));
    assert_eq!((mail.state, mail.due_at, mail.queue.as_str()), (DeliveryState::Waiting, at(50), "mail"));
    assert_eq!((mail.correlation_id.as_str(), mail.made, mail.replay_of), ("c", 0, None));
    assert_ne!(mail.message_id(), refused.message_id());
}

#[test]
fn a_text_message_goes_by_mail_once_and_never_if_it_may_have_arrived() {
    let mut unknown = text();
    tried(&mut unknown, Outcome::Unknown, 5);
    assert_eq!((unknown.state, instead(&unknown)), (DeliveryState::Dead, None), "it may have arrived");
    let mut refused = text();
    assert_eq!(instead(&refused), None, "it is not over");
    tried(&mut refused, Outcome::Refused, 5);
    refused.taken_over_by = Some(DeliveryId::new(Uuid::from_u128(9)));
    assert_eq!(instead(&refused), None, "it went by mail already");
    let id = DeliveryId::new(Uuid::from_u128(10));
    let mut again = refused.again(id, Actor::Setup, at(9), "r2".to_owned(), String::new());
    tried(&mut again, Outcome::Refused, 10);
    assert_eq!((again.state, instead(&again)), (DeliveryState::Dead, None), "somebody sent it by hand");
}

#[test]
fn what_lets_somebody_sign_in_is_forgotten_once_it_has_arrived_and_all_else_can_be_sent_again() {
    let sealed = |kind: MessageKind| {
        let mut delivery = text();
        if let Outgoing::Sms(message) = &mut delivery.what {
            message.kind = kind;
        }
        delivery.forget_secrets();
        assert_eq!(delivery.what.message().unwrap().sealed, [7], "it has not arrived");
        tried(&mut delivery, Outcome::Arrived, 5);
        delivery.forget_secrets();
        delivery.what.message().unwrap().sealed.clone()
    };
    assert!(sealed(MessageKind::JudgeLink).is_empty());
    assert!(sealed(MessageKind::PasswordReset).is_empty());
    assert_eq!(sealed(MessageKind::Results), [7]);
}

#[test]
fn the_first_report_of_an_end_stays() {
    let mut sent = text();
    tried(&mut sent, Outcome::Arrived, 5);
    let report = |status| DeliveryReport { status, at: at(60), code: None, request_id: None };
    assert!(sent.reported(report(ReportedStatus::Delivered)));
    assert!(!sent.reported(report(ReportedStatus::Failed)));
    assert_eq!(sent.report, Some(report(ReportedStatus::Delivered)));
    assert_eq!(ReportedStatus::of_word("sent"), None, "another report comes");
}
