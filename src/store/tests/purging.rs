//! What is destroyed takes along what nobody else needs, and nothing that somebody else does.

use std::ops::ControlFlow;

use serde_json::json;

use super::{doing::begin_purge, model::ModelRow, *};
use crate::domain::{
    ApiToken, CategoryId, CriterionId, Grant, Job, JobId, JobState, Role, Scope, Task, TokenId, User, UserId,
};
use crate::store::{
    engine::{Direction, Reader},
    keys::Table,
    trash::RestoreError,
};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Runs operations one after the other in a store that has the tenant.
fn store_after(operations: Vec<Box<Operation>>) -> Store {
    let store = Store::in_memory(StoreLimits::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tenant = doing(|transaction| {
        let tenant =
            Tenant { name: "Test".to_owned(), slug: "test".to_owned(), settings: Settings::default() };
        insert(transaction, &Place::of_tenant(TENANT), TENANT.uuid(), tenant)
    });
    for (number, operation) in std::iter::once(tenant).chain(operations).enumerate() {
        let written =
            store.write::<_, Refused, _>(stamp(number as u64), move |transaction| operation(transaction));
        runtime.block_on(written).unwrap();
    }
    store
}

type Operation = dyn Fn(&mut Transaction<'_>) -> Result<(), Refused> + Send;

fn doing(run: impl Fn(&mut Transaction<'_>) -> Result<(), Refused> + Send + 'static) -> Box<Operation> {
    Box::new(run)
}

fn planned(planned: Planned) -> Box<Operation> {
    doing(move |transaction| run(transaction, &planned))
}

fn row(kind: Kind, number: u128, parent: u128, points_at: &[u128]) -> Box<Operation> {
    let parent = if parent == 0 { TENANT.uuid() } else { id(parent) };
    let points_at = points_at.iter().copied().map(id).collect();
    planned(Planned::Create(ModelRow {
        id: id(number),
        kind,
        parent,
        points_at,
        value: Some(1),
        deleted: false,
    }))
}

fn deleted(kind: Kind, number: u128) -> Box<Operation> {
    planned(Planned::Delete { kind, id: id(number) })
}

fn purged(kind: Kind, number: u128) -> Box<Operation> {
    planned(Planned::Purge { kind, id: id(number) })
}

fn count(store: &Store, prefix: u8) -> usize {
    let mut count = 0;
    let take = &mut |_: &[u8], _: &[u8]| {
        count += 1;
        ControlFlow::Continue(())
    };
    let prefix = [prefix];
    store.snapshot().range(&prefix, &keys::end_of(&prefix), Direction::Forward, take).unwrap();
    count
}

fn sheet_key() -> SheetKey {
    let (category, judge, entry) = (CategoryId::new(id(12)), JudgeId::new(id(6)), EntryId::new(id(5)));
    SheetKey { tenant: TENANT, category, judge, entry }
}

/// An evening with one judge (6) on seat 7, who has given the entry 5 a sheet.
fn evening() -> Vec<Box<Operation>> {
    vec![
        row(Kind::Event, 10, 0, &[]),
        row(Kind::Contest, 11, 10, &[]),
        row(Kind::Category, 12, 11, &[]),
        row(Kind::Criterion, 13, 12, &[]),
        row(Kind::Contestant, 4, 0, &[]),
        row(Kind::Entry, 5, 11, &[4]),
        row(Kind::Judge, 6, 0, &[]),
        row(Kind::Assignment, 7, 12, &[6]),
        planned(Planned::Score { key: sheet_key(), criterion: id(13), value: 9 }),
    ]
}

#[test]
fn an_earlier_seat_is_destroyed_without_the_sheets_of_the_judge_who_sits_there_again() {
    let mut operations = evening();
    operations.push(deleted(Kind::Assignment, 7));
    operations.push(row(Kind::Assignment, 8, 12, &[6]));
    operations.push(purged(Kind::Assignment, 7));
    let store = store_after(operations);
    assert_eq!(count(&store, Kind::Sheet as u8), 1, "the sheet is the judge's still");
    let mut operations = evening();
    operations.extend([deleted(Kind::Assignment, 7), purged(Kind::Assignment, 7)]);
    assert_eq!(count(&store_after(operations), Kind::Sheet as u8), 0, "nobody sits there any more");
}

/// What has been deleted last.
fn newest_in_trash(transaction: &Transaction<'_>) -> Result<u64, Refused> {
    let items = transaction.with_deleted().trash(TENANT, None, 1, |_| true)?;
    items.first().map(|item| item.version).ok_or(Refused::Absent)
}

#[test]
fn neither_a_sheet_nor_a_mark_comes_back_once_its_destruction_is_asked_for() {
    let mut operations = evening();
    operations.push(doing(|transaction| {
        let (key, criterion) = (sheet_key(), CriterionId::new(id(13)));
        let sheet = transaction.live().stored_sheet(&key)?.unwrap();
        let sheet = transaction.delete_mark(&key, sheet, criterion, "a mark".to_owned(), None)?.unwrap();
        let mark = newest_in_trash(transaction)?;
        assert!(transaction.begin_purge(TENANT, mark)?);
        let restored = transaction.restore_mark(&key, sheet.clone(), criterion);
        assert!(matches!(restored, Err(RestoreError::Purging)), "{restored:?}");
        transaction.delete_sheet(&key, &sheet, "a sheet".to_owned(), None)?;
        let sheet = newest_in_trash(transaction)?;
        assert!(transaction.begin_purge(TENANT, sheet)?);
        let restored = transaction.restore_sheet(&key);
        assert!(matches!(restored, Err(RestoreError::Purging)), "{restored:?}");
        assert!(transaction.purge_row_deleted_by(TENANT, sheet)?);
        assert!(transaction.purge_row_deleted_by(TENANT, mark)?);
        Ok(())
    }));
    let store = store_after(operations);
    assert_eq!(count(&store, Table::TrashIndex as u8), 0);
}

#[test]
fn with_a_sheet_or_a_mark_that_lies_in_the_trash_for_too_long_goes_nothing_else() {
    let mut operations = evening();
    operations.push(doing(|transaction| {
        let (key, criterion) = (sheet_key(), CriterionId::new(id(13)));
        let sheet = transaction.live().stored_sheet(&key)?.unwrap();
        let sheet = transaction.delete_mark(&key, sheet, criterion, "a mark".to_owned(), None)?.unwrap();
        Ok(transaction.delete_sheet(&key, &sheet, "a sheet".to_owned(), None)?)
    }));
    operations.push(doing(|transaction| {
        assert_eq!(transaction.purge_deleted_before(TENANT, at(i64::MAX))?.rows, 2);
        Ok(())
    }));
    let store = store_after(operations);
    assert_eq!(count(&store, Table::TrashIndex as u8), 0);
    let things = [Kind::Entry, Kind::Criterion, Kind::Judge, Kind::Assignment].map(|kind| kind as u8);
    assert_eq!(things.map(|kind| count(&store, kind)), [1; 4], "the entry and the criterion stay");
    let records = store.audit_records(TENANT, AuditPart::NewestBefore(None), 2).unwrap();
    let told: Vec<_> =
        records.iter().map(|(chained, _)| (chained.record.action(), chained.record.id)).collect();
    assert_eq!(told, [("sheet.purged".to_owned(), id(5)), ("mark.purged".to_owned(), id(13))]);
}

#[test]
fn with_a_criterion_go_its_marks_in_the_trash() {
    let mut operations = evening();
    operations.push(doing(|transaction| {
        let key = sheet_key();
        let sheet = transaction.live().stored_sheet(&key)?.unwrap();
        transaction.delete_mark(&key, sheet, CriterionId::new(id(13)), "a mark".to_owned(), None)?;
        Ok(())
    }));
    operations.extend([deleted(Kind::Criterion, 13), purged(Kind::Criterion, 13)]);
    let store = store_after(operations);
    assert_eq!((count(&store, Kind::Mark as u8 + 64), count(&store, Table::TrashIndex as u8)), (0, 0));
}

#[test]
fn with_a_user_goes_all_that_could_let_it_in() {
    let (user, hash) = (UserId::new(id(3)), [5; 32]);
    let store = store_after(vec![
        row(Kind::User, 3, 0, &[]),
        doing(move |transaction| {
            let factor =
                SecondFactor::Active { sealed: vec![1], since: at(1), last_step: 1, recovery: Vec::new() };
            transaction.set_second_factor(user, Some(&factor))?;
            transaction.open_reset_link(hash, &ResetLink { tenant: TENANT, user, expires_at: at(9) })?;
            Ok(())
        }),
        deleted(Kind::User, 3),
        purged(Kind::User, 3),
    ]);
    let tables = [Table::SecondFactor, Table::ResetLink, Table::UserReset];
    assert_eq!(tables.map(|table| count(&store, table as u8)), [0, 0, 0]);
}

#[test]
fn with_a_tenant_go_its_tokens_and_its_waiting_jobs() {
    let other = TenantId::new(id(2));
    let lineage = move || Lineage::of_tenant(other);
    let store = store_after(vec![
        doing(move |transaction| {
            let tenant =
                Tenant { name: "Other".to_owned(), slug: "other".to_owned(), settings: Settings::default() };
            insert(transaction, &Place::of_tenant(other), other.uuid(), tenant)?;
            let user = text::<User>(json!({"email": "a@it.example", "name": "Ann", "grants": []}));
            let place = transaction.live().tenant(other)?.unwrap().place();
            insert(transaction, &place, id(3), user)?;
            let token = ApiToken {
                id: TokenId::new(id(4)),
                name: "Display".to_owned(),
                grants: vec![Grant { role: Role::Emcee, scope: Scope::Tenant {} }],
                owner: None,
                created_at: at(1),
                expires_at: at(9),
                revoked_at: None,
            };
            transaction.put_token(other, &token, Some(&[7; 32]))?;
            let job = Job {
                id: JobId::new(id(5)),
                task: Task::Retention { before: at(1) },
                state: JobState::Waiting,
                by: Actor::System { os_user: None },
                request_id: "r".to_owned(),
                correlation_id: "c".to_owned(),
                traceparent: String::new(),
                created_at: at(1),
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
            };
            transaction.add_job(other, &job)?;
            transaction.put_job_input(other, job.id, 0, vec![1]);
            Ok(())
        }),
        doing(move |transaction| {
            let row = transaction.live().tenant(other)?.unwrap();
            transaction.delete(row, None)?;
            assert!(begin_purge(transaction, &lineage())?);
            while let Purged::Some(_) = transaction.purge_some(&lineage())? {}
            Ok(())
        }),
    ]);
    let tables = [Table::TokenSecret, Table::JobQueue, Table::JobInput].map(|table| table as u8);
    let kinds = [Kind::Token, Kind::Job, Kind::User].map(|kind| kind as u8);
    assert_eq!(tables.map(|table| count(&store, table)), [0, 0, 0]);
    assert_eq!(kinds.map(|kind| count(&store, kind)), [0, 0, 0]);
}
