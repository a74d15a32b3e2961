//! Random operations against a plain model, on both engines: whatever happens, the live view shows what the model
//! says, a failed or panicking operation leaves nothing, and the audit chain verifies.

mod constant_cost;
mod correlations;
mod counting;
mod doing;
mod forgotten;
mod golden;
mod integrity;
mod model;
mod purging;
mod steps;

use std::collections::BTreeMap;

pub(crate) use self::counting::Counts;
use futures_util::future::join_all;
use proptest::prelude::*;
use uuid::Uuid;

use self::{
    doing::{Refused, by_kind, delete, insert, place, restore, run, score, text},
    integrity::{agree_with_deleted, not_even_the_tenant_is_left, nothing_dangles, nothing_is_left},
    model::{Model, Planned, plan},
    steps::{Step, steps},
};
use super::*;
use crate::domain::{
    Actor, Category, EntryId, JudgeId, Kind, Noun, SYSTEM_TENANT, Settings, Tenant, TenantId, Timestamp,
    Verb, scoring::MarkOutcome,
};

const TENANT: TenantId = SYSTEM_TENANT;

fn stamp(number: u64) -> Stamp {
    Stamp {
        at: Timestamp::from_millis(i64::try_from(number).unwrap()),
        actor: Actor::System { os_user: None },
        request_id: format!("request-{number}"),
        correlation_id: "test".to_owned(),
        traceparent: String::new(),
        seed: [7; 16],
    }
}

fn find<N: Noun>(live: &Live<'_>, id: Uuid) -> bool {
    live.find::<N>(TENANT, id).unwrap().is_some()
}

fn listed<N: Noun>(live: &Live<'_>, place: &Place) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = live.children::<N>(place).unwrap().iter().map(LiveRow::id).collect();
    ids.sort_unstable();
    ids
}

/// The live view and the model agree on every row, every list and every sheet.
fn agree(store: &Store, model: &Model) {
    let snapshot = store.snapshot();
    let live = Live::new(&snapshot);
    for row in &model.rows {
        assert_eq!(by_kind!(row.kind, find(&live, row.id)), model.is_live(row.id), "{} {}", row.kind, row.id);
        let above = row.kind.parent().unwrap();
        if let Some(place) = place(&live, above, row.parent).unwrap() {
            let siblings =
                model.rows.iter().filter(|other| (other.kind, other.parent) == (row.kind, row.parent));
            let mut expected: Vec<Uuid> =
                siblings.map(|row| row.id).filter(|id| model.is_live(*id)).collect();
            expected.sort_unstable();
            assert_eq!(by_kind!(row.kind, listed(&live, &place)), expected);
        }
    }
    for (place, marks) in &model.sheets {
        let (category, judge, entry) = place;
        let Some(category) = live.find::<Category>(TENANT, *category).unwrap() else { continue };
        let found = live.sheet(&category, JudgeId::new(*judge), EntryId::new(*entry)).unwrap();
        let shown = marks.iter().filter(|(criterion, _)| model.is_live(**criterion));
        let shown = shown.map(|(criterion, value)| {
            (*criterion, MarkOutcome::Value(crate::domain::Decimal::from_integer(*value)))
        });
        let found: Option<BTreeMap<_, _>> = found
            .map(|sheet| sheet.marks.into_iter().map(|mark| (mark.criterion.uuid(), mark.outcome)).collect());
        assert_eq!(found, model.shows_sheet(*place).then(|| shown.collect()));
    }
    for place in model.deleted_sheets.keys().filter(|place| !model.sheets.contains_key(place)) {
        let (category, judge, entry) = place;
        let Some(category) = live.find::<Category>(TENANT, *category).unwrap() else { continue };
        assert_eq!(live.sheet(&category, JudgeId::new(*judge), EntryId::new(*entry)).unwrap(), None);
    }
    let report = store.verify_audit(TENANT, &mut |_| {}).unwrap();
    assert_eq!(report.fault, None);
}

/// Deletes and destroys all there is.
async fn clear(store: &Store, model: &mut Model, mut number: u64) {
    if model.tenant_deleted {
        number += 1;
        let restore = Planned::Restore { kind: Kind::Tenant, id: TENANT.uuid() };
        let operation = move |transaction: &mut Transaction<'_>| run(transaction, &restore);
        store.write::<_, Refused, _>(stamp(number), operation).await.unwrap();
        model.tenant_deleted = false;
    }
    while let Some(row) = model.rows.iter().find(|row| row.parent == TENANT.uuid()).cloned() {
        number += 1;
        let (kind, id) = (row.kind, row.id);
        let operation = move |transaction: &mut Transaction<'_>| {
            if !row.deleted {
                run(transaction, &Planned::Delete { kind, id })?;
            }
            run(transaction, &Planned::Purge { kind, id })
        };
        // What points at something that is deleted is out of sight, and goes with it.
        let is_hidden = !row.deleted && !model.is_live(id);
        if is_hidden {
            model.rows.rotate_left(1);
            continue;
        }
        store.write::<_, Refused, _>(stamp(number), operation).await.unwrap();
        model.purge(id);
    }
}

/// Deletes and destroys the tenant with all there is in it, a piece at a time.
async fn clear_tenant(store: &Store, model: &Model, number: u64) {
    let lineage = Lineage::of_tenant(TENANT);
    let (begun, is_deleted) = (lineage.clone(), model.tenant_deleted);
    let begin = move |transaction: &mut Transaction<'_>| {
        if !is_deleted {
            delete::<Tenant>(transaction, TENANT.uuid())?;
        }
        Ok(doing::begin_purge(transaction, &begun)?)
    };
    assert!(store.write::<_, Refused, _>(stamp(number), begin).await.unwrap().0);
    loop {
        let lineage = lineage.clone();
        let piece = move |transaction: &mut Transaction<'_>| Ok(transaction.purge_some(&lineage)?);
        let (gone, _) = store.write::<_, Refused, _>(stamp(number), piece).await.unwrap();
        match gone {
            Purged::Some(rows) => assert!(rows > 0, "it does not come to an end"),
            Purged::All(_) => break,
        }
    }
}

fn play(store: &Store, batches: &[Vec<Step>]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut model = Model::default();
        let tenant = |transaction: &mut Transaction<'_>| {
            let settings = Settings::default();
            let tenant = Tenant { name: "Test".to_owned(), slug: "test".to_owned(), settings };
            insert(transaction, &Place::of_tenant(TENANT), TENANT.uuid(), tenant)
        };
        store.write::<_, Refused, _>(stamp(0), tenant).await.unwrap();
        let mut number = 1;
        for batch in batches {
            let mut planned = Vec::new();
            for step in batch {
                number += 1;
                planned.extend(plan(&mut model, step, Uuid::from_u128(u128::from(number) << 64)));
            }
            let writes = planned.iter().map(|(planned, _)| {
                let planned = planned.clone();
                store.write::<_, Refused, _>(stamp(number), move |transaction| run(transaction, &planned))
            });
            let outcomes = join_all(writes).await;
            for (outcome, (_, succeeds)) in outcomes.iter().zip(&planned) {
                assert_eq!(outcome.is_ok(), *succeeds, "{outcome:?}");
            }
            agree(store, &model);
            agree_with_deleted(store, &model);
            nothing_dangles(store);
        }
        if batches.len().is_multiple_of(2) {
            clear(store, &mut model, number).await;
            nothing_is_left(store);
        } else {
            clear_tenant(store, &model, number).await;
            not_even_the_tenant_is_left(store);
        }
    });
}

#[test]
#[allow(clippy::disallowed_methods, reason = "clients of a test have no request to belong to")]
fn a_number_told_while_reading_is_that_of_the_state_that_is_read() {
    let store = Store::in_memory(StoreLimits::default()).unwrap();
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let change = |number| {
        let operation = |transaction: &mut Transaction<'_>| {
            transaction.record(
                TENANT,
                Verb::Updated,
                (Kind::Event, Uuid::nil()),
                crate::domain::Facts::None,
                None,
            )
        };
        run().block_on(store.write::<_, StoreError, _>(stamp(number), operation)).unwrap();
    };
    change(1);
    let read = store.read_stamped(|live, stamps| {
        std::thread::scope(|scope| scope.spawn(|| change(2)).join().unwrap());
        Ok::<_, StoreError>((live.newest_change(TENANT)?, stamps.settled(TENANT)?))
    });
    assert_eq!(run().block_on(read).unwrap(), (1, 1), "whatever is committed meanwhile");
    assert_eq!(store.settled(TENANT).unwrap(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn the_live_view_agrees_with_a_plain_model_in_memory(batches in steps()) {
        play(&Store::in_memory(StoreLimits::default()).unwrap(), &batches);
    }

    #[test]
    fn the_live_view_agrees_with_a_plain_model_on_redb(batches in steps()) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("test.redb");
        let place = StorePlace {
            file: &file,
            copies: &directory.path().join("copies"),
            cache_bytes: 1 << 20,
            check: Check::Everything,
            room: Room::new(directory.path(), 0, 0),
            now: Timestamp::from_millis(0),
        };
        let store = Store::open(place, StoreLimits::default()).unwrap();
        play(&store, &batches);
    }
}
