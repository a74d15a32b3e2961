//! The steps of the model as operations of the store.

use uuid::Uuid;

use super::{
    TENANT, find,
    model::{ModelRow, Planned},
};
use crate::{
    domain::{
        ActionHook, Assignment, Category, ConflictOfInterest, Contest, Contestant, Criterion, CustomField,
        Deduction, Entrant, Entry, Event, File, Judge, Kind, Mark, Noun, Sheet, SheetState, Template,
        Timestamp, User, UserId, Verb, Webhook, Wording, scoring::MarkOutcome,
    },
    store::{
        Lineage, Live, Place, Purged, SheetKey, StoreError, Transaction, keys, remains::first_keys,
        trash::trash_holder,
    },
};

/// What a test's operation can fail with.
#[derive(Debug)]
pub(super) enum Refused {
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

pub(super) fn text<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(super) fn insert<N: Noun>(
    transaction: &mut Transaction<'_>,
    place: &Place,
    id: Uuid,
    body: N,
) -> Result<(), Refused> {
    transaction.insert(place, id, body).map(drop).map_err(|_| Refused::Row)
}

pub(super) fn place(live: &Live<'_>, kind: Kind, id: Uuid) -> Result<Option<Place>, StoreError> {
    Ok(match kind {
        Kind::Tenant => live.tenant(TENANT)?.map(|row| row.place()),
        Kind::Event => live.find::<Event>(TENANT, id)?.map(|row| row.place()),
        Kind::Contest => live.find::<Contest>(TENANT, id)?.map(|row| row.place()),
        _ => live.find::<Category>(TENANT, id)?.map(|row| row.place()),
    })
}

pub(super) fn create(transaction: &mut Transaction<'_>, row: &ModelRow) -> Result<(), Refused> {
    use serde_json::json;
    let ModelRow { id, kind, parent, points_at, value: unique, .. } = row.clone();
    let value = unique.unwrap_or_default();
    let above = kind.parent().unwrap();
    let place = place(&transaction.live(), above, parent)?.ok_or(Refused::Absent)?;
    for at in &points_at {
        let pointed_at = kind_of(transaction, *at)?;
        if !by_kind!(pointed_at, find(&transaction.live(), *at)) {
            return Err(Refused::Absent);
        }
    }
    let named = json!({"name": id.to_string()});
    match kind {
        Kind::Event => insert(transaction, &place, id, text::<Event>(named)),
        Kind::Contest => insert(transaction, &place, id, text::<Contest>(named)),
        Kind::Category => insert(transaction, &place, id, text::<Category>(named)),
        Kind::Criterion => insert(transaction, &place, id, text::<Criterion>(named)),
        Kind::Contestant => insert(transaction, &place, id, text::<Contestant>(named)),
        Kind::Judge => {
            let body = json!({"name": id.to_string(), "userId": unique.map(account)});
            insert(transaction, &place, id, text::<Judge>(body))
        }
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
        Kind::File => {
            let about = about(kind_of(transaction, points_at[0])?, points_at[0]);
            insert(transaction, &place, id, text::<File>(about))
        }
        Kind::Wording => {
            let body = json!({"kind": "test", "language": language(value), "subject": "A test"});
            insert(transaction, &place, id, text::<Wording>(body))
        }
        Kind::Webhook => {
            let body = json!({"name": "Club", "url": "https://club.example/hook", "events": ["*"]});
            insert(transaction, &place, id, text::<Webhook>(body))
        }
        Kind::Action => {
            let body = json!({"name": "Chat", "url": "https://chat.example/say", "events": ["*"]});
            insert(transaction, &place, id, text::<ActionHook>(body))
        }
        Kind::Conflict => {
            let body = json!({"judgeId": points_at[0], "contestantId": points_at[1], "reason": "kin"});
            insert(transaction, &place, id, text::<ConflictOfInterest>(body))
        }
        _ => {
            let body = json!({"judgeId": points_at[0], "headJudge": unique.is_some()});
            insert(transaction, &place, id, text::<Assignment>(body))
        }
    }
}

/// A file about something.
fn about(kind: Kind, id: Uuid) -> serde_json::Value {
    serde_json::json!({
        "name": "Rules", "purpose": "document", "about": {"kind": kind.word(), "id": id}, "bytes": 1,
        "sha256": "ab".repeat(32), "mediaType": "text/plain", "scan": {"state": "clean"},
    })
}

fn kind_of(transaction: &Transaction<'_>, id: Uuid) -> Result<Kind, Refused> {
    Ok(Lineage::locate(transaction.reader(), id)?.ok_or(Refused::Absent)?.kind())
}

pub(super) fn delete<N: Noun>(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Refused> {
    let row = transaction.live().find::<N>(TENANT, id)?.ok_or(Refused::Absent)?;
    transaction.delete(row, Some("by mistake")).map(drop).map_err(Refused::from)
}

pub(super) fn restore<N: Noun>(transaction: &mut Transaction<'_>, id: Uuid) -> Result<(), Refused> {
    let found = transaction.with_deleted().find::<N>(TENANT, id)?.ok_or(Refused::Absent)?;
    match transaction.restore::<N>(&found.lineage).map_err(|_| Refused::Restore)? {
        Some(_) => Ok(()),
        None => Err(Refused::Absent),
    }
}

fn address(value: u8) -> String {
    format!("user{value}@it.example")
}

/// The language of a wording.
fn language(value: u8) -> String {
    format!("en-x-{value}")
}

/// The account of a judge.
fn account(value: u8) -> Uuid {
    Uuid::from_u128(value.into())
}

/// Gives another unique value to a live row.
fn update(
    transaction: &mut Transaction<'_>,
    kind: Kind,
    id: Uuid,
    unique: Option<u8>,
) -> Result<(), Refused> {
    let value = unique.unwrap_or_default();
    match kind {
        Kind::Assignment => change::<Assignment>(transaction, id, |assignment| Assignment {
            head_judge: unique.is_some(),
            ..assignment
        }),
        Kind::Entry => {
            change::<Entry>(transaction, id, |entry| Entry { number: Some(value.into()), ..entry })
        }
        Kind::Judge => change::<Judge>(transaction, id, |judge| Judge {
            user_id: Some(UserId::new(account(value))),
            ..judge
        }),
        Kind::Wording => change::<Wording>(transaction, id, |wording| Wording {
            language: text(language(value).into()),
            ..wording
        }),
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

/// Marks what is deleted as being destroyed; false if it is not in the trash.
pub(super) fn begin_purge(transaction: &mut Transaction<'_>, lineage: &Lineage) -> Result<bool, StoreError> {
    let holder = trash_holder(lineage);
    let items = transaction.with_deleted().trash(holder, None, usize::MAX, |kind| kind == lineage.kind())?;
    match items.iter().find(|item| item.lineage == *lineage) {
        Some(item) => transaction.begin_purge(holder, item.version),
        None => Ok(false),
    }
}

/// Destroys what is deleted.
pub(super) fn purge(transaction: &mut Transaction<'_>, kind: Kind, id: Uuid) -> Result<(), Refused> {
    let lineage = transaction.with_deleted().lineage(TENANT, kind, id)?.ok_or(Refused::Absent)?;
    if !begin_purge(transaction, &lineage)? {
        return Err(Refused::Absent);
    }
    while let Purged::Some(gone) = transaction.purge_some(&lineage)? {
        assert!(gone > 0, "it does not come to an end");
    }
    Ok(())
}

/// Destroys the sheet or the mark that was deleted first under a key.
fn purge_row(transaction: &mut Transaction<'_>, live_key: &[u8]) -> Result<(), Refused> {
    let buried = first_keys(transaction.reader(), &keys::trash_of(live_key), 1, |_| true)?;
    let change = buried.first().and_then(|key| keys::number_of(key)).ok_or(Refused::Absent)?;
    if transaction.purge_row_deleted_by(TENANT, change)? { Ok(()) } else { Err(Refused::Absent) }
}

/// Calls a generic function with the noun type of a kind.
macro_rules! by_kind {
    ($kind:expr, $function:ident $arguments:tt) => {
        crate::domain::with_noun!($kind, N => $function::<N> $arguments, otherwise panic!("it has no rows"))
    };
}
pub(super) use by_kind;

pub(super) fn run(transaction: &mut Transaction<'_>, planned: &Planned) -> Result<(), Refused> {
    match planned {
        Planned::Create(row) => create(transaction, row),
        Planned::Update { kind, id, value } => update(transaction, *kind, *id, *value),
        Planned::Purge { kind, id } => purge(transaction, *kind, *id),
        Planned::Delete { kind, id } => by_kind!(kind, delete(transaction, *id)),
        Planned::Restore { kind, id } => by_kind!(kind, restore(transaction, *id)),
        Planned::Score { key, criterion, value } => score(transaction, key, *criterion, *value),
        Planned::DeleteSheet { key } => delete_sheet(transaction, key),
        Planned::RestoreSheet { key } => restore_sheet(transaction, key),
        Planned::PurgeTrash => {
            while transaction.purge_deleted_before(TENANT, Timestamp::from_millis(i64::MAX))?.rows > 0 {}
            Ok(())
        }
        Planned::PurgeSheet { key } => purge_row(transaction, &key.bytes()),
        Planned::PurgeMark { key, criterion } => {
            purge_row(transaction, &keys::mark(&key.bytes(), criterion.uuid()))
        }
        Planned::DeleteMark { key, criterion } => {
            let sheet = stored_sheet(transaction, key)?;
            let left = transaction.delete_mark(key, sheet, *criterion, "a mark".to_owned(), None)?;
            left.map(drop).ok_or(Refused::Absent)
        }
        Planned::RestoreMark { key, criterion } => {
            let sheet = stored_sheet(transaction, key)?;
            transaction
                .restore_mark(key, sheet, *criterion)
                .map_err(|_| Refused::Restore)?
                .map(drop)
                .ok_or(Refused::Absent)
        }
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

pub(super) fn score(
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

fn delete_sheet(transaction: &mut Transaction<'_>, key: &SheetKey) -> Result<(), Refused> {
    let live = transaction.live();
    let category = live.find::<Category>(TENANT, key.category.uuid())?.ok_or(Refused::Absent)?;
    let sheet = live.sheet(&category, key.judge, key.entry)?.ok_or(Refused::Absent)?;
    Ok(transaction.delete_sheet(key, &sheet, "a sheet".to_owned(), None)?)
}

/// A sheet that can be seen, marks of deleted criteria included.
fn stored_sheet(transaction: &Transaction<'_>, key: &SheetKey) -> Result<Sheet, Refused> {
    let live = transaction.live();
    let category = live.find::<Category>(TENANT, key.category.uuid())?.ok_or(Refused::Absent)?;
    let seen = live.sheet(&category, key.judge, key.entry)?;
    seen.and(live.stored_sheet(key)?).ok_or(Refused::Absent)
}

fn restore_sheet(transaction: &mut Transaction<'_>, key: &SheetKey) -> Result<(), Refused> {
    let category = transaction.live().find::<Category>(TENANT, key.category.uuid())?;
    category.ok_or(Refused::Absent)?;
    transaction.restore_sheet(key).map_err(|_| Refused::Restore)?.map(drop).ok_or(Refused::Absent)
}
