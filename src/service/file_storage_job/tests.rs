//! The job: how far it goes at a time, and that it does nothing twice.

use std::fs;

use super::*;
use crate::{
    domain::{Action, Job, OutboundService},
    service::{
        DeliveryFilter, FileStorage,
        file_storage::tests::{stored, upload},
        tests::{Venue, run},
    },
    telemetry::context::Inbound,
};

/// The job, newest first if there are several.
async fn jobs(venue: &Venue) -> Vec<Job> {
    let permit = Permit::of_the_box(venue.context(), SYSTEM_TENANT);
    venue.services.jobs(&permit, Default::default(), None, 50).await.unwrap().items
}

async fn piece(venue: &Venue, job: &Job) -> Job {
    let context = RequestContext::inbound(Inbound::default(), venue.clock.clock());
    venue.services.do_piece(context, SYSTEM_TENANT, job).await.unwrap()
}

#[test]
fn the_job_goes_on_where_it_was_and_begins_nothing_twice() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        for number in 0..AT_ONCE + 4 {
            upload(&venue, &permit, &format!("No. {number}")).await;
        }
        let venue = stored(venue);
        assert!(venue.services.begin_storing_files(&venue.context()).await.unwrap());
        assert!(!venue.services.begin_storing_files(&venue.context()).await.unwrap(), "it is under way");
        let job = jobs(&venue).await.remove(0);
        let half = piece(&venue, &job).await;
        assert_eq!((half.state, half.done), (JobState::Running, AT_ONCE as u64));
        let done = piece(&venue, &half).await;
        assert_eq!((done.state, done.done), (JobState::Done, AT_ONCE as u64 + 4));
        assert!(!venue.services.begin_storing_files(&venue.context()).await.unwrap(), "all is on its way");
        let filter = DeliveryFilter { service: Some(OutboundService::Storage), ..Default::default() };
        let caused = venue.services.deliveries(&permit, &filter, None, 500).await.unwrap().items;
        assert_eq!(caused.len(), AT_ONCE + 4);
    });
}

#[test]
fn what_is_missing_is_fetched_back_if_it_was_ever_stored() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let (_, before) = upload(&venue, &permit, "before").await;
        let venue = stored(venue);
        let (_, after) = upload(&venue, &permit, "after").await;
        for file in [&before, &after] {
            let (path, _) = venue.services.files.blobs.find(permit.tenant(), file.sha256).unwrap().unwrap();
            fs::remove_file(path).unwrap();
        }
        assert!(venue.services.begin_storing_files(&venue.context()).await.unwrap());
        let done = piece(&venue, &jobs(&venue).await.remove(0)).await;
        assert_eq!((done.state, done.done), (JobState::Done, 1));
        let state = |file| venue.services.file_storage(permit.tenant(), file);
        assert!(matches!(state(&after).await.unwrap(), FileStorage::Fetching(_)));
        assert_eq!(state(&before).await.unwrap(), FileStorage::Waiting(None));
    });
}
