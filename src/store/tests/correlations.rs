//! What belongs to a correlation ID is found by it, and by no other; so is what was written before there was an index.

use std::ops::ControlFlow;

use uuid::Uuid;

use super::{TENANT, stamp};
use crate::{
    domain::{
        Actor, Delivery, DeliveryId, DeliveryState, Facts, Job, JobId, JobState, Kind, Outgoing, Span, Task,
        TenantId, Timestamp, Urgency, Verb,
    },
    store::{
        CorrelatedChanges, InRequest, Live, Stamp, Store, StoreError, StoreLimits, Transaction, codec,
        engine::{Changes, Direction, Reader},
        format::{self, FORMAT},
        keys::{self, Table},
    },
};

const OTHER: TenantId = TenantId::new(Uuid::from_u128(7));
/// Two texts of one UUID, which share a place in the index.
const DASHED: &str = "01a21557-4caa-7072-8cdb-06ba3abc22b3";
const PLAIN: &str = "01a215574caa70728cdb06ba3abc22b3";

fn new_store() -> Store {
    Store::in_memory(StoreLimits::default()).unwrap()
}

fn write(
    store: &Store,
    stamp: Stamp,
    work: impl Fn(&mut Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.write(stamp, work)).unwrap();
}

fn correlated_with(correlation: &str, number: u64) -> Stamp {
    Stamp { correlation_id: correlation.to_owned(), ..stamp(number) }
}

fn change(transaction: &mut Transaction<'_>, tenant: TenantId) -> Result<(), StoreError> {
    transaction.record(tenant, Verb::Updated, (Kind::Event, Uuid::nil()), Facts::None, None)?;
    Ok(())
}

fn job(correlation: &str, number: u128) -> Job {
    Job {
        id: JobId::new(Uuid::from_u128(number)),
        task: Task::Retention { before: Timestamp::from_millis(0) },
        state: JobState::Waiting,
        by: Actor::System { os_user: None },
        request_id: "r".to_owned(),
        correlation_id: correlation.to_owned(),
        traceparent: String::new(),
        created_at: Timestamp::from_millis(0),
        started_at: None,
        finished_at: None,
        version: 1,
        done: 0,
        total: None,
        next: 0,
        faults: Vec::new(),
        faulty: 0,
        changes: Vec::new(),
        detail: None,
        undone_by: None,
    }
}

fn delivery(correlation: &str, number: u128) -> Delivery {
    Delivery {
        id: DeliveryId::new(Uuid::from_u128(number)),
        what: Outgoing::StorageProbe,
        queue: "storage".to_owned(),
        urgency: Urgency::Soon,
        state: DeliveryState::Waiting,
        due_at: Timestamp::from_millis(0),
        by: Actor::System { os_user: None },
        request_id: "r".to_owned(),
        correlation_id: correlation.to_owned(),
        traceparent: String::new(),
        created_at: Timestamp::from_millis(0),
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

/// Where the changes of a correlation ID are, behind a number.
fn spans(store: &Store, tenant: TenantId, correlation: &str, behind: u64, limit: usize) -> Vec<(u64, u64)> {
    let snapshot = store.snapshot();
    let found = Live::new(&snapshot).correlated_changes(tenant, correlation, behind, limit).unwrap();
    let span = |CorrelatedChanges { changes: Span { first, last }, .. }| (first, last);
    found.into_iter().map(span).collect()
}

#[test]
fn changes_made_at_once_are_one_row_for_each_tenant_and_what_was_taken_back_is_none() {
    let store = new_store();
    write(&store, correlated_with("gala", 1), |transaction| {
        change(transaction, TENANT)?;
        let refused: Result<(), ()> = transaction.attempt(|part| {
            change(part, TENANT).unwrap();
            Err(())
        });
        assert!(refused.is_err());
        transaction.attempt(|part| change(part, TENANT))?;
        change(transaction, TENANT)?;
        change(transaction, OTHER)
    });
    write(&store, correlated_with("another", 2), |transaction| change(transaction, TENANT));
    write(&store, correlated_with("gala", 3), |transaction| change(transaction, TENANT));
    assert_eq!(spans(&store, TENANT, "gala", 0, 9), [(1, 3), (5, 5)]);
    assert_eq!(spans(&store, TENANT, "gala", 0, 1), [(1, 3)]);
    assert_eq!(spans(&store, TENANT, "gala", 1, 9), [(5, 5)]);
    assert_eq!(spans(&store, OTHER, "gala", 0, 9), [(1, 1)]);
}

#[test]
fn what_is_written_down_for_another_request_belongs_to_that_one() {
    let store = new_store();
    write(&store, correlated_with("outbox", 1), |transaction| {
        change(transaction, TENANT)?;
        let request = InRequest { request_id: "r", correlation_id: "gala", traceparent: "t" };
        let what = (Kind::Delivery, Uuid::nil());
        transaction.record_of(TENANT, Verb::Died, what, Facts::None, request)?;
        change(transaction, TENANT)
    });
    assert_eq!(spans(&store, TENANT, "gala", 0, 9), [(2, 2)]);
    assert_eq!(spans(&store, TENANT, "outbox", 0, 9), [(1, 1), (3, 3)]);
}

#[test]
fn ids_that_share_a_place_find_only_what_is_their_own() {
    let store = new_store();
    for (number, correlation) in [(1, DASHED), (2, PLAIN), (3, DASHED)] {
        write(&store, correlated_with(correlation, number), move |transaction| {
            change(transaction, TENANT)?;
            transaction.add_job(TENANT, &job(correlation, number.into()))?;
            transaction.add_delivery(TENANT, &delivery(correlation, number.into()))
        });
    }
    let snapshot = store.snapshot();
    let live = Live::new(&snapshot);
    for (correlation, own) in [(DASHED, vec![1, 3]), (PLAIN, vec![2])] {
        let numbers: Vec<u64> = own.clone();
        assert_eq!(
            spans(&store, TENANT, correlation, 0, 9),
            own.iter().map(|n| (*n, *n)).collect::<Vec<_>>()
        );
        let ids: Vec<Uuid> = numbers.iter().map(|number| Uuid::from_u128((*number).into())).collect();
        let nil = Uuid::nil();
        let jobs = live.correlated_jobs(TENANT, correlation, JobId::new(nil), 9).unwrap();
        assert_eq!(jobs.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>(), ids);
        let deliveries = live.correlated_deliveries(TENANT, correlation, DeliveryId::new(nil), 9).unwrap();
        assert_eq!(deliveries.iter().map(|delivery| delivery.id.uuid()).collect::<Vec<_>>(), ids);
        assert_eq!(live.deliveries_of_correlation(TENANT, correlation, 9).unwrap().len(), ids.len());
    }
}

#[test]
fn of_a_job_that_is_forgotten_its_id_stays_and_of_a_delivery_nothing() {
    let store = new_store();
    write(&store, correlated_with("gala", 1), |transaction| {
        let over = Some(Timestamp::from_millis(1));
        let job = Job { state: JobState::Done, finished_at: over, ..job("gala", 1) };
        transaction.add_job(TENANT, &job)?;
        let waiting = delivery("gala", 2);
        transaction.add_delivery(TENANT, &waiting)?;
        let done = Delivery { state: DeliveryState::Done, finished_at: over, ..waiting.clone() };
        transaction.put_delivery(TENANT, &waiting, &done)
    });
    write(&store, stamp(2), |transaction| {
        let later = Timestamp::from_millis(2);
        assert_eq!(transaction.forget_jobs(TENANT, later, 9)?, 1);
        assert_eq!(transaction.forget_deliveries(TENANT, later, later, 9)?, 1);
        Ok(())
    });
    let snapshot = store.snapshot();
    let live = Live::new(&snapshot);
    let jobs = live.correlated_jobs(TENANT, "gala", JobId::new(Uuid::nil()), 9).unwrap();
    assert_eq!(jobs, [(JobId::new(Uuid::from_u128(1)), None)]);
    let deliveries = live.correlated_deliveries(TENANT, "gala", DeliveryId::new(Uuid::nil()), 9).unwrap();
    assert_eq!(deliveries, []);
}

#[test]
fn what_has_arrived_and_what_is_dead_are_each_kept_for_a_time_of_their_own_whichever_is_longer() {
    let kept = |over_before: i64, dead_before: i64| {
        let store = new_store();
        write(&store, correlated_with("gala", 1), |transaction| {
            // Four deliveries, two of each kind, that ended ten after they were caused.
            for (number, state) in [
                (1, DeliveryState::Done),
                (2, DeliveryState::Dead),
                (3, DeliveryState::Done),
                (4, DeliveryState::Dead),
            ] {
                let caused = i64::try_from(number).unwrap_or(0) * 100;
                let waiting =
                    Delivery { created_at: Timestamp::from_millis(caused), ..delivery("gala", number) };
                transaction.add_delivery(TENANT, &waiting)?;
                let over = Some(Timestamp::from_millis(caused + 10));
                let ended = Delivery { state, finished_at: over, ..waiting.clone() };
                transaction.put_delivery(TENANT, &waiting, &ended)?;
            }
            Ok(())
        });
        write(&store, stamp(2), move |transaction| {
            let [over, dead] = [over_before, dead_before].map(Timestamp::from_millis);
            transaction.forget_deliveries(TENANT, over, dead, 9).map(drop)
        });
        let snapshot = store.snapshot();
        let left =
            Live::new(&snapshot).correlated_deliveries(TENANT, "gala", DeliveryId::new(Uuid::nil()), 9);
        left.unwrap().iter().map(|delivery| delivery.id.uuid().as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(kept(500, 0), [2, 4], "dead letters are kept for longer");
    assert_eq!(kept(0, 500), [1, 3], "dead letters are kept for less");
    assert_eq!(kept(200, 300), [3, 4], "those that are old enough of each");
    assert_eq!(kept(110, 210), [1, 2, 3, 4], "one that ends at the limit is kept");
}

/// The rows of a table.
fn rows(reader: &dyn Reader, table: u8) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    reader
        .range(&[table], &keys::end_of(&[table]), Direction::Forward, &mut |key, value| {
            rows.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

#[test]
fn what_was_written_in_format_1_is_indexed_as_if_it_was_written_now() {
    let store = new_store();
    for number in 1..5_000 {
        let tenant = if number % 3 == 0 { OTHER } else { TENANT };
        let correlation = ["gala", DASHED, PLAIN][usize::try_from(number % 3).unwrap()];
        write(&store, correlated_with(correlation, number), move |transaction| {
            (0..number % 2 + 1).try_for_each(|_| change(transaction, tenant))?;
            if number < 4 {
                transaction.add_job(tenant, &job(correlation, number.into()))?;
                transaction.add_delivery(tenant, &delivery(correlation, number.into()))?;
            }
            Ok(())
        });
    }
    let engine = store.engine.as_ref();
    let index = Table::Correlated as u8;
    let written = rows(engine.snapshot().unwrap().as_ref(), index);
    assert_eq!(written.len(), 5_005, "changes made at once are one row");

    let mut older = Changes::new();
    older.extend(written.iter().map(|(key, _)| (key.clone(), None)));
    older.insert([&[185][..], &[1; 48]].concat(), Some(Vec::new()));
    older.insert(keys::named(Table::Meta, "format"), Some(codec::encode(&1_u32).unwrap()));
    engine.commit(&older).unwrap();
    format::prepare(engine, None, FORMAT, format::MIGRATIONS).unwrap();
    let lifted = engine.snapshot().unwrap();
    assert_eq!(rows(lifted.as_ref(), 185), []);
    let (found, expected) = (rows(lifted.as_ref(), index), written);
    // Where a part of the work ends, what was changed at once may have become two rows.
    let missing = expected.iter().filter(|row| !found.contains(row)).count();
    assert!(missing <= 2 && found.len() - expected.len() <= 2, "{missing}, {}", found.len());
}
