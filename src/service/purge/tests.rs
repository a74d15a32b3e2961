//! The box's own work on its trash, on a store in memory and a clock that the test moves.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::{Action, Actor, Contest, Event},
    service::{
        Deletion,
        tests::{Venue, run},
    },
    store::AuditPart,
    telemetry::context::RequestContext,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// An event with so many contests, in the trash from now on.
async fn deleted(venue: &Venue, contests: usize) -> Uuid {
    let permit = venue.permit(Action::ManageEvents).await;
    let event = venue.create::<Event>(permit.tenant().uuid(), json!({"name": "Gala"})).await.unwrap();
    for number in 0..contests {
        venue.create::<Contest>(event, json!({"name": format!("Contest {number}")})).await.unwrap();
    }
    let deletion = Deletion { reason: None, confirmed: true, expected: None };
    venue.services.delete::<Event>(&permit, event, deletion).await.unwrap();
    event
}

/// What lies in the trash.
async fn trash(venue: &Venue) -> BTreeSet<Uuid> {
    let permit = venue.permit(Action::ReadDeleted).await;
    let (lines, _) = venue.services.trash(&permit, None, None, 100).await.unwrap();
    lines.into_iter().map(|line| line.item.id).collect()
}

/// Whether the box begins with its work now.
async fn begins(venue: &Venue) -> bool {
    let context = RequestContext::system(venue.clock.clock(), "retention");
    let now = context.clock().now();
    venue.services.begin_retention(&context, now.minus(DAY), now.minus(KEPT)).await.unwrap()
}

/// Does the next piece of what is in the queue. Returns how many rows it destroyed; nothing if there is nothing to do.
async fn piece(venue: &Venue) -> Option<u64> {
    let queued = venue.services.queued_jobs(1).await.unwrap().pop()?;
    let job = venue.services.queued_job(queued).await.unwrap().unwrap();
    let context = RequestContext::system(venue.clock.clock(), "job");
    let after = venue.services.do_piece(context, queued.tenant, &job).await.unwrap();
    Some(after.done - job.done)
}

#[test]
fn what_lies_in_the_trash_for_too_long_is_destroyed_in_small_pieces_and_on_record() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        let old = deleted(&venue, 230).await;
        venue.clock.advance(DAY);
        let young = deleted(&venue, 1).await;
        venue.clock.advance(KEPT - DAY);
        assert!(begins(&venue).await);
        assert_eq!(piece(&venue).await, Some(0), "nothing lies there for longer than it is kept");
        assert_eq!(trash(&venue).await, BTreeSet::from([old, young]));

        venue.clock.advance(DAY);
        assert!(begins(&venue).await);
        assert_eq!(piece(&venue).await, Some(100));
        // Whatever is known of the work lies in the store: after a crash it goes on from there.
        let mut pieces = Vec::new();
        while let Some(gone) = piece(&venue).await {
            pieces.push(gone);
        }
        assert_eq!(pieces, [100, 31, 0], "an event and its contests");
        assert_eq!(trash(&venue).await, BTreeSet::from([young]));

        let tenant = venue.permit(Action::ReadAudit).await.tenant();
        let records =
            venue.services.store().audit_records(tenant, AuditPart::NewestBefore(None), 10).unwrap();
        let purged: Vec<_> = records
            .iter()
            .map(|(chained, _)| &chained.record)
            .filter(|record| record.action() == "event.purged")
            .map(|record| (record.id, &record.actor))
            .collect();
        assert_eq!(purged, [(old, &Actor::System { os_user: None })]);
        assert_eq!(venue.services.store().verify_audit(tenant, &mut |_| {}).unwrap().fault, None);
    });
}

#[test]
fn the_trash_is_gone_through_once_a_day() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        assert!(begins(&venue).await);
        venue.clock.advance(DAY - Duration::from_secs(1));
        assert!(!begins(&venue).await, "whoever looks again on the same day finds it begun");
        venue.clock.advance(Duration::from_secs(1));
        assert!(begins(&venue).await);
    });
}
