//! Chains in parts, of things that began at the same moment, and of what was forgotten.

use std::time::Duration;

use super::*;
use crate::{
    domain::{Action, EventId, Grant, Outgoing, Role, Scope, Task, Urgency},
    service::{
        Authority, JobFilter, Principal,
        causing::{Cause, new_delivery},
        jobs::new_job,
        tests::{Venue, run},
    },
    telemetry::context::{Inbound, RequestContext},
};

const GALA: &str = "the-gala";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A permit for a request that belongs to the gala.
async fn in_gala(venue: &Venue, request: &str) -> Permit {
    let principal = venue.services.principal_of_operator(None, Some("fair")).await.unwrap();
    let inbound = Inbound { correlation_ids: &[GALA], request_ids: &[request], traceparents: &[] };
    let context = RequestContext::inbound(inbound, venue.clock.clock());
    venue.services.permit(context, principal, Action::ReadCorrelations).unwrap()
}

/// A request that changes something, begins a job and causes a delivery.
async fn everything(venue: &Venue, request: &str) {
    let permit = in_gala(venue, request).await;
    let job = new_job(&permit, Task::Retention { before: permit.context().clock().now() });
    venue.services.enqueue(&permit, job, Vec::new(), None).await.unwrap();
    let clock = permit.context().clock();
    let (queue, cause) = ("storage".to_owned(), Cause::of(permit.context()));
    let delivery = new_delivery(clock, Outgoing::StorageProbe, queue, Urgency::Soon, cause);
    venue.services.deliver(&permit, delivery).await.unwrap();
}

/// What a chain is, in a word each, and the request each came of.
fn told(chain: &Chain) -> Vec<(&'static str, String)> {
    let link = |link: &Link| {
        let cause = link.caused_by.clone().unwrap_or_else(|| link.request_id.clone());
        match link.what {
            Linked::Changes(_) => ("change", cause),
            Linked::Job(_) => ("job", cause),
            Linked::ForgottenJob(_) => ("forgotten job", cause),
            Linked::Delivery(_) => ("delivery", cause),
        }
    };
    chain.links.iter().map(link).collect()
}

#[test]
fn a_chain_in_parts_has_each_link_once_even_of_one_moment() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        for (request, later) in [("first", 0), ("second", 0), ("third", 5)] {
            venue.clock.advance(Duration::from_secs(later));
            everything(&venue, request).await;
        }
        let permit = in_gala(&venue, "looking").await;
        let whole = venue.services.chain(&permit, GALA, None, 100).await.unwrap();
        assert_eq!((whole.links.len(), whole.next), (9, None));
        let last = ["change", "job", "delivery"].map(|what| (what, "third".to_owned()));
        assert_eq!(told(&whole)[6..], last);
        for limit in 1..10 {
            let (mut parts, mut place) = (Vec::new(), None);
            loop {
                let part = venue.services.chain(&permit, GALA, place, limit).await.unwrap();
                assert!(part.links.len() <= limit);
                parts.extend(told(&part));
                place = part.next;
                if place.is_none() {
                    break;
                }
            }
            let mut expected = told(&whole);
            parts.sort_unstable();
            expected.sort_unstable();
            assert_eq!(parts, expected, "in parts of {limit}");
        }
    });
}

#[test]
fn what_is_kept_no_more_is_told() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        everything(&venue, "first").await;
        let permit = in_gala(&venue, "looking").await;
        let job = venue.services.jobs(&permit, JobFilter::default(), None, 9).await.unwrap();
        let job = job.items.into_iter().next().unwrap();
        venue.services.cancel_job(&permit, job.id, None).await.unwrap();
        let fresh = venue.services.chain(&permit, GALA, None, 100).await.unwrap();
        assert!(!fresh.forgotten.may_concern);

        venue.clock.advance(401 * DAY);
        assert_eq!(venue.services.forget_old_jobs(&venue.context()).await.unwrap(), 1);
        let permit = in_gala(&venue, "looking again").await;
        let old = venue.services.chain(&permit, GALA, None, 100).await.unwrap();
        assert!(old.forgotten.may_concern && old.forgotten.jobs_before > job.created_at);
        let link = old.links.iter().find(|link| matches!(link.what, Linked::ForgottenJob(_))).unwrap();
        assert_eq!((&link.request_id, link.at), (&job.own_request_id(), job.created_at));
        assert_eq!(
            told(&old).iter().filter(|(what, _)| *what == "change").count(),
            2,
            "changes are kept for ever"
        );
    });
}

#[test]
fn whoever_has_a_role_in_one_event_only_sees_no_chain() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        let permit = in_gala(&venue, "looking").await;
        let event = EventId::new(Uuid::from_u128(9));
        let scope = Scope::Event { id: event };
        let grant = Grant { role: Role::Auditor, scope };
        let authority = Authority::Grants(vec![grant]);
        let principal = Principal { authority, ..permit.principal().clone() };
        let context = permit.context().clone();
        let permit = venue.services.permit(context, principal, Action::ReadCorrelations).unwrap();
        let refused = venue.services.chain(&permit, GALA, None, 9).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(Action::ReadCorrelations))));
    });
}
