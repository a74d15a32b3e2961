//! What follows of the ends of deliveries about contents, whatever became of their files meanwhile.

use super::*;
use crate::{
    domain::{Action, AttemptEnd, FilePurpose, Kind, MediaType, Outcome, SYSTEM_TENANT, Tenant},
    service::{
        Beginning, Deletion, DeliveryFilter, Ending, NewFile, OutsideSetUp, Permit,
        tests::{Venue, run},
    },
    store::{Lineage, Purged},
};

/// A venue whose files are kept in a bucket, too.
pub(in crate::service) async fn with_storage() -> Venue {
    let venue = Venue::new();
    venue.set_up().await;
    stored(venue)
}

/// The same venue, once storage is set up.
pub(in crate::service) fn stored(mut venue: Venue) -> Venue {
    let targets = [(OutboundService::Storage, vec!["s3:bucket".to_owned()])].into();
    let outside = OutsideSetUp { targets, files_stored: true, ..OutsideSetUp::default() };
    venue.services = venue.services.with_outside(outside);
    venue
}

/// Uploads a text.
pub(in crate::service) async fn upload(venue: &Venue, permit: &Permit, text: &str) -> (uuid::Uuid, File) {
    let new = NewFile {
        name: "Rules".to_owned(),
        purpose: FilePurpose::Document,
        about: None,
        media_type: MediaType::Text,
    };
    let mut upload = venue.services.begin_upload(permit, &new, None).await.unwrap();
    venue.services.receive(&mut upload, text.as_bytes()).await.unwrap();
    let made = venue.services.finish_upload(permit, new, upload, None).await.unwrap().made;
    (made.row.id, made.row.body)
}

/// The deliveries to storage of the organisation or, with nobody's permit, of the operator; newest first.
async fn deliveries(venue: &Venue, permit: &Permit) -> Vec<Delivery> {
    let filter = DeliveryFilter { service: Some(OutboundService::Storage), ..DeliveryFilter::default() };
    venue.services.deliveries(permit, &filter, None, 500).await.unwrap().items
}

async fn operator(venue: &Venue) -> Permit {
    Permit::of_the_box(venue.context(), SYSTEM_TENANT)
}

/// Begins the attempt of a delivery.
async fn begin_attempt(venue: &Venue, tenant: TenantId, id: DeliveryId) {
    let beginning = Beginning { tenant, id, request_id: "attempt".to_owned() };
    let begun = venue.services.begin_attempts(&venue.clock.clock(), vec![beginning]).await.unwrap();
    assert_eq!(begun.len(), 1);
}

/// Ends it.
async fn end_attempt(venue: &Venue, tenant: TenantId, id: DeliveryId, outcome: Outcome) {
    let end = AttemptEnd {
        took_ms: 1,
        outcome,
        class: "ok".to_owned(),
        status: None,
        detail: String::new(),
        via: Some("s3:bucket".to_owned()),
    };
    let ending = Ending { tenant, id, end, chance: 0.0 };
    venue.services.end_attempts(&venue.clock.clock(), vec![ending]).await.unwrap();
}

async fn attempt(venue: &Venue, tenant: TenantId, id: DeliveryId, outcome: Outcome) {
    begin_attempt(venue, tenant, id).await;
    end_attempt(venue, tenant, id, outcome).await;
}

/// Destroys a file for good. Returns how much is deleted in storage because of it.
async fn destroy(venue: &Venue, permit: &Permit, id: uuid::Uuid) -> usize {
    venue.services.delete::<File>(permit, id, Deletion::default()).await.unwrap();
    let tenant = permit.tenant();
    let purge = move |transaction: &mut Transaction<'_>| {
        let lineage = transaction.with_deleted().lineage(tenant, Kind::File, id)?;
        transaction.purge_some(&lineage.unwrap())?;
        Ok(())
    };
    venue.services.write(permit, purge).await.unwrap();
    venue.services.delete_unused_contents(&venue.context()).await.unwrap()
}

#[test]
fn what_comes_again_while_it_is_deleted_is_stored_afterwards() {
    run(async {
        let venue = with_storage().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let tenant = permit.tenant();
        let (id, file) = upload(&venue, &permit, "Come early.").await;
        let stored = deliveries(&venue, &permit).await.remove(0);
        assert_eq!(
            venue.services.file_storage(tenant, &file).await.unwrap(),
            FileStorage::Waiting(Some(stored.id))
        );
        attempt(&venue, tenant, stored.id, Outcome::Arrived).await;
        let kept = venue.services.file_storage(tenant, &file).await.unwrap();
        assert!(matches!(&kept, FileStorage::Kept(place) if place.target == "s3:bucket"), "{kept:?}");

        assert_eq!(destroy(&venue, &permit, id).await, 1);
        assert_eq!(venue.services.delete_unused_contents(&venue.context()).await.unwrap(), 0, "once");
        let operator = operator(&venue).await;
        let deletion = deliveries(&venue, &operator).await.remove(0);
        begin_attempt(&venue, SYSTEM_TENANT, deletion.id).await;
        let (_, again) = upload(&venue, &permit, "Come early.").await;
        assert_eq!(deliveries(&venue, &permit).await.len(), 1, "it is being deleted");
        assert_eq!(venue.services.file_storage(tenant, &again).await.unwrap(), FileStorage::Waiting(None));
        end_attempt(&venue, SYSTEM_TENANT, deletion.id, Outcome::Arrived).await;
        let stored = deliveries(&venue, &permit).await.remove(0);
        assert_eq!(stored.state, DeliveryState::Waiting);
        attempt(&venue, tenant, stored.id, Outcome::Arrived).await;
        let kept = venue.services.file_storage(tenant, &again).await.unwrap();
        assert!(matches!(kept, FileStorage::Kept(_)), "{kept:?}");
        assert_eq!(deliveries(&venue, &operator).await.len(), 1);
    });
}

#[test]
fn what_is_destroyed_on_its_way_is_deleted_when_it_has_arrived_and_forgotten_then() {
    run(async {
        let venue = with_storage().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let (id, file) = upload(&venue, &permit, "Come early.").await;
        let stored = deliveries(&venue, &permit).await.remove(0);
        begin_attempt(&venue, permit.tenant(), stored.id).await;
        assert_eq!(destroy(&venue, &permit, id).await, 0, "it is on its way");
        end_attempt(&venue, permit.tenant(), stored.id, Outcome::Arrived).await;
        let deletion = deliveries(&venue, &operator(&venue).await).await.remove(0);
        assert_eq!(deletion.correlation_id, stored.correlation_id);
        attempt(&venue, SYSTEM_TENANT, deletion.id, Outcome::Arrived).await;
        let tenant = permit.tenant();
        let known = venue.services.store.read(|view| view.stored_blob(tenant, file.sha256)).await.unwrap();
        assert_eq!(known, None);
    });
}

#[test]
fn what_an_organisation_had_is_deleted_when_it_is_destroyed_itself() {
    run(async {
        let venue = with_storage().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let tenant = permit.tenant();
        upload(&venue, &permit, "Come early.").await;
        let stored = deliveries(&venue, &permit).await.remove(0);
        attempt(&venue, tenant, stored.id, Outcome::Arrived).await;
        let operator = operator(&venue).await;
        venue.services.delete::<Tenant>(&operator, tenant.uuid(), Deletion::default()).await.unwrap();
        assert_eq!(
            venue.services.delete_unused_contents(&venue.context()).await.unwrap(),
            0,
            "it may come back"
        );
        let purge = move |transaction: &mut Transaction<'_>| {
            while let Purged::Some(_) = transaction.purge_some(&Lineage::of_tenant(tenant))? {}
            Ok(())
        };
        venue.services.write(&operator, purge).await.unwrap();
        assert_eq!(venue.services.delete_unused_contents(&venue.context()).await.unwrap(), 1);
        let deletion = deliveries(&venue, &operator).await.remove(0);
        attempt(&venue, SYSTEM_TENANT, deletion.id, Outcome::Arrived).await;
        let left = venue.services.store.read(|view| view.stored_blobs(None, AT_ONCE)).await.unwrap();
        assert_eq!(left, []);
    });
}

#[test]
fn what_was_given_up_is_told_and_waits_for_somebody_who_sends_it_once_more() {
    run(async {
        let venue = with_storage().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let tenant = permit.tenant();
        let (_, file) = upload(&venue, &permit, "Come early.").await;
        let stored = deliveries(&venue, &permit).await.remove(0);
        attempt(&venue, tenant, stored.id, Outcome::Refused).await;
        let state = || venue.services.file_storage(tenant, &file);
        assert_eq!(state().await.unwrap(), FileStorage::Failed(stored.id));
        upload(&venue, &permit, "Come early.").await;
        assert!(!venue.services.begin_storing_files(&venue.context()).await.unwrap());
        let again = venue.services.replay_delivery(&permit, stored.id).await.unwrap();
        assert_eq!(state().await.unwrap(), FileStorage::Waiting(Some(again.id)));
        attempt(&venue, tenant, again.id, Outcome::Arrived).await;
        assert!(matches!(state().await.unwrap(), FileStorage::Kept(_)));
        assert_eq!(deliveries(&venue, &permit).await.len(), 2);
    });
}

#[test]
fn without_storage_for_files_nothing_is_caused_and_nothing_is_promised() {
    run(async {
        let venue = Venue::new();
        venue.set_up().await;
        let permit = venue.permit(Action::ManageFiles).await;
        let (_, file) = upload(&venue, &permit, "Come early.").await;
        let off = venue.services.file_storage(permit.tenant(), &file).await.unwrap();
        assert_eq!((off, deliveries(&venue, &permit).await.len()), (FileStorage::Off, 0));
        assert!(!venue.services.begin_storing_files(&venue.context()).await.unwrap());
    });
}
