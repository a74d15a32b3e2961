//! What is told to whoever comes back after long, on a store in memory.

use uuid::Uuid;

use super::{News, REPLAY_MAX};
use crate::{
    domain::{Action, Facts, Kind, Verb},
    service::{
        Permit, Services,
        tests::{Venue, run},
    },
};

/// Records that nobody can be told of: of a thing that never was.
async fn pass(services: &Services, permit: &Permit, records: u64) {
    let mut left = records;
    while left > 0 {
        let now = left.min(500);
        let tenant = permit.tenant();
        let write = services.write(permit, move |transaction| {
            for _ in 0..now {
                transaction.record(tenant, Verb::Updated, (Kind::Event, Uuid::nil()), Facts::None, None)?;
            }
            Ok(())
        });
        write.await.unwrap();
        left -= now;
    }
}

#[test]
fn ten_thousand_records_are_told_again_and_more_are_not() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let permit = fair.permit(Action::UseAccount).await;
        let head = || fair.services.store().head(permit.tenant()).unwrap().sequence;
        let start = head();
        fair.create::<crate::domain::Event>(permit.tenant().uuid(), serde_json::json!({"name": "Told"}))
            .await
            .unwrap();
        pass(&fair.services, &permit, REPLAY_MAX - 1).await;
        let mut follower = fair.services.follow(&permit, Some(start)).unwrap();
        match fair.services.news(&mut follower).await.unwrap() {
            Some(News::Changes(told)) => assert_eq!(told.len(), 1),
            other => panic!("{other:?}"),
        }
        pass(&fair.services, &permit, 1).await;
        let mut late = fair.services.follow(&permit, Some(start)).unwrap();
        assert!(matches!(fair.services.news(&mut late).await.unwrap(), Some(News::Reset)));
        assert_eq!(late.after(), head(), "it goes on from the newest");
        let news = fair.services.news(&mut follower).await.unwrap();
        assert!(matches!(news, Some(News::Changes(told)) if told.is_empty()));
        assert_eq!(follower.after(), head(), "what nobody is told of is passed over at once");
    });
}

#[test]
fn whoever_waits_is_woken_by_a_change_of_the_own_tenant() {
    run(async {
        let fair = Venue::new();
        fair.set_up().await;
        let permit = fair.permit(Action::UseAccount).await;
        let mut follower = fair.services.follow(&permit, None).unwrap();
        let (moved, ()) = tokio::join!(follower.moved(), pass(&fair.services, &permit, 1));
        assert_eq!(moved, ());
        assert!(
            futures_util::FutureExt::now_or_never(follower.moved()).is_none(),
            "it waits again until the next"
        );
    });
}
