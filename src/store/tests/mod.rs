//! Random operations against a plain model, on both engines: whatever happens, the live view shows what the model
//! says, a failed or panicking operation leaves nothing, and the audit chain verifies.

mod correlations;
mod forgotten;
mod golden;
mod integrity;
mod model;
mod purging;

use futures_util::future::join_all;
use proptest::prelude::*;
use uuid::Uuid;

use self::{
    integrity::{agree_with_deleted, nothing_dangles, nothing_is_left},
    model::{Model, ModelRow, Planned, Step, about, plan, steps},
};
use super::*;
use crate::domain::{
    Actor, Assignment, Category, ConflictOfInterest, Contest, Contestant, Criterion, CustomField, Deduction,
    Entrant, Entry, EntryId, Event, File, Judge, JudgeId, Kind, Mark, Noun, SYSTEM_TENANT, Settings, Sheet,
    SheetState, Template, Tenant, Timestamp, User, Verb, scoring::MarkOutcome,
};

const TENANT: TenantId = SYSTEM_TENANT;

/// What a test's operation can fail with.
#[derive(Debug)]
enum Refused {
    Row,
    Restore,
    Absent,
    OnPurpose,
    Store(#[allow(dead_code, reason = "shown when a test fails")] StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn text<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn insert<N: Noun>(
    transaction: &mut Transaction<'_>,
    place: &Place,
    id: Uuid,
    body: N,
) -> Result<(), Refused> {
    transaction.insert(place, id, body).map(drop).map_err(|_| Refused::Row)
}

fn place(live: &Live<'_>, kind: Kind, id: Uuid) -> Result<Option<Place>, StoreError> {
    Ok(match kind {
        Kind::Tenant => live.tenant(TENANT)?.map(|row| row.place()),
        Kind::Event => live.find::<Event>(TENANT, id)?.map(|row| row.place()),
        Kind::Contest => live.find::<Contest>(TENANT, id)?.map(|row| row.place()),
        _ => live.find::<Category>(TENANT, id)?.map(|row| row.place()),
    })
}

fn create(transaction: &mut Transaction<'_>, row: &ModelRow) -> Result<(), Refused> {
    use serde_json::json;
    let ModelRow { id, kind, parent, points_at, value, .. } = row.clone();
    let value = value.unwrap_or_default();
    let above = kind.parent().unwrap();
    let place = place(&transaction.live(), above, parent)?.ok_or(Refused::Absent)?;
    let target_live = match (kind, points_at.as_slice()) {
        (Kind::Entrant | Kind::Deduction, [at]) => transaction.live().find::<Entry>(TENANT, *at)?.is_some(),
        (Kind::Entry, [at]) => transaction.live().find::<Contestant>(TENANT, *at)?.is_some(),
        (Kind::Assignment, [at]) => transaction.live().find::<Judge>(TENANT, *at)?.is_some(),
        (Kind::File, [at]) => transaction.live().find::<Category>(TENANT, *at)?.is_some(),
        (Kind::Conflict, [judge, contestant]) => {
            transaction.live().find::<Judge>(TENANT, *judge)?.is_some()
                && transaction.live().find::<Contestant>(TENANT, *contestant)?.is_some()
        }
        _ => true,
    };
    if !target_live {
        return Err(Refused::Absent);
    }
    let named = json!({"name": id.to_string()});
    match kind {
        Kind::Event => insert(transaction, &place, id, text::<Event>(named)),
        Kind::Contest => insert(transaction, &place, id, text::<Contest>(named)),
        Kind::Category => insert(transaction, &place, id, text::<Category>(named)),
        Kind::Criterion => insert(transaction, &place, id, text::<Criterion>(named)),
        Kind::Contestant => insert(transaction, &place, id, text::<Contestant>(named)),
        Kind::Judge => insert(transaction, &place, id, text::<Judge>(named)),
        Kind::Entry => {
            let body = json!({"contestantId": points_at[0], "number": value});
            insert(transaction, &place, id, text::<Entry>(body))
        }
        Kind::Entrant => insert(transaction, &place, id, text::<Entrant>(json!({"entryId": points_at[0]}))),
        Kind::Deduction => {
            let body = json!({"entryId": points_at[0], "amount": "1", "reason": "late"});
            insert(transaction, &place, id, text::<Deduction>(body))
        }
        Kind::Template => {
            let parts = json!([{"type": "category", "body": {"name": "Talent"}}]);
            insert(transaction, &place, id, text::<Template>(json!({"name": "Rubric", "parts": parts})))
        }
        Kind::Field => {
            let rule = json!({"type": "text", "maxLength": 80});
            let body = json!({"entity": "judge", "key": value.to_string(), "label": "Song", "rule": rule});
            insert(transaction, &place, id, text::<CustomField>(body))
        }
        Kind::User => {
            let body = json!({"email": address(value), "name": "Ann", "grants": []});
            insert(transaction, &place, id, text::<User>(body))
        }
        Kind::File => insert(transaction, &place, id, text::<File>(about(points_at[0]))),
        Kind::Conflict => {
            let body = json!({"judgeId": points_at[0], "contestantId": points_at[1], "reason": "kin"});
            insert(transaction, &place, id, text::<ConflictOfInterest>(body))
        }
        _ => insert(transaction, &place, id, text::<Assignment>(json!({"judgeId": points_at[0]}))),
    }
}

fn delete<N: Noun>(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Refused> {
    let row = transaction.live().find::<N>(TENANT, id)?.ok_or(Refused::Absent)?;
    transaction.delete(row, Some("by mistake")).map(drop).map_err(Refused::from)
}

fn restore<N: Noun>(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Refused> {
    let found = transaction.with_deleted().find::<N>(TENANT, id)?.ok_or(Refused::Absent)?;
    match transaction.restore::<N>(&found.lineage).map_err(|_| Refused::Restore)? {
        Some(_) => Ok(()),
        None => Err(Refused::Absent),
    }
}

fn address(value: u8) -> String {
    format!("user{value}@it.example")
}

/// Gives another unique value to a live row.
fn update(transaction: &mut Transaction<'_>, kind: Kind, id: Uuid, value: u8) -> Result<(), Refused> {
    match kind {
        Kind::Entry => {
            change::<Entry>(transaction, id, |entry| Entry { number: Some(value.into()), ..entry })
        }
        Kind::User => {
            change::<User>(transaction, id, |user| User { email: text(address(value).into()), ..user })
        }
        _ => change::<CustomField>(transaction, id, |field| CustomField { key: value.to_string(), ..field }),
    }
}

fn change<N: Noun>(
    transaction: &mut Transaction<'_>,
    id: Uuid,
    change: impl FnOnce(N) -> N,
) -> Result<(), Refused> {
    let row = transaction.live().find::<N>(TENANT, id)?.ok_or(Refused::Absent)?;
    let body = change(row.body().clone());
    transaction.update(row, body).map(drop).map_err(|_| Refused::Row)
}

/// Destroys what is deleted.
fn purge(transaction: &mut Transaction<'_>, kind: Kind, id: Uuid) -> Result<(), Refused> {
    let lineage = transaction.with_deleted().lineage(TENANT, kind, id)?.ok_or(Refused::Absent)?;
    if !transaction.begin_purge(&lineage)? {
        return Err(Refused::Absent);
    }
    while let Purged::Some(gone) = transaction.purge_some(&lineage)? {
        assert!(gone > 0, "it does not come to an end");
    }
    Ok(())
}

/// Calls a generic function with the noun type of a kind.
macro_rules! by_kind {
    ($kind:expr, $function:ident $arguments:tt) => {
        crate::domain::with_noun!($kind, N => $function::<N> $arguments, otherwise panic!("it has no rows"))
    };
}
use by_kind;

fn run(transaction: &mut Transaction<'_>, planned: &Planned) -> Result<(), Refused> {
    match planned {
        Planned::Create(row) => create(transaction, row),
        Planned::Update { kind, id, value } => update(transaction, *kind, *id, *value),
        Planned::Purge { kind, id } => purge(transaction, *kind, *id),
        Planned::Delete { kind, id } => by_kind!(kind, delete(transaction, *id)),
        Planned::Restore { kind, id } => by_kind!(kind, restore(transaction, *id)),
        Planned::Score { key, criterion, value } => score(transaction, key, *criterion, *value),
        Planned::Fail { id } => {
            transaction.overlay().delete(keys::locator(*id));
            transaction.record(
                TENANT,
                Verb::Updated,
                (Kind::Event, *id),
                crate::domain::Facts::None,
                None,
            )?;
            Err(Refused::OnPurpose)
        }
        Planned::Panic { id } => {
            transaction.overlay().delete(keys::locator(*id));
            std::panic::resume_unwind(Box::new("on purpose"))
        }
    }
}

fn score(
    transaction: &mut Transaction<'_>,
    key: &SheetKey,
    criterion: Uuid,
    value: i32,
) -> Result<(), Refused> {
    let live = transaction.live();
    let category = live.find::<Category>(TENANT, key.category.uuid())?.ok_or(Refused::Absent)?;
    live.assignment(&category, key.judge)?.ok_or(Refused::Absent)?;
    live.find::<Entry>(TENANT, key.entry.uuid())?.ok_or(Refused::Absent)?;
    let outcome = MarkOutcome::Value(crate::domain::Decimal::from_integer(value));
    let sheet = Sheet {
        version: 0,
        state: SheetState::Submitted,
        submitted_at: Timestamp::from_millis(0),
        marks: vec![Mark { criterion: crate::domain::CriterionId::new(criterion), outcome }],
        comment: None,
        reopening: None,
    };
    transaction.put_sheet(key, Verb::Submitted, sheet, None)?;
    Ok(())
}

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
    for ((category, judge, entry), value) in &model.sheets {
        let Some(category) = live.find::<Category>(TENANT, *category).unwrap() else { continue };
        let found = live.sheet(&category, JudgeId::new(*judge), EntryId::new(*entry)).unwrap();
        let seat = model.rows.iter().find(|row| {
            row.kind == Kind::Assignment
                && row.parent == category.id()
                && row.points_at == [*judge]
                && !row.deleted
        });
        let visible = seat.is_some_and(|seat| model.is_live(seat.id)) && model.is_live(*entry);
        assert_eq!(found.is_some(), visible);
        let marks = found.map(|sheet| sheet.marks).unwrap_or_default();
        let value = MarkOutcome::Value(crate::domain::Decimal::from_integer(*value));
        assert!(marks.iter().all(|mark| mark.outcome == value && model.is_live(mark.criterion.uuid())));
    }
    let report = store.verify_audit(TENANT, &mut |_| {}).unwrap();
    assert_eq!(report.fault, None);
}

/// Deletes and destroys all there is.
async fn clear(store: &Store, model: &mut Model, mut number: u64) {
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
        clear(store, &mut model, number).await;
        nothing_is_left(store);
    });
}

#[test]
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
