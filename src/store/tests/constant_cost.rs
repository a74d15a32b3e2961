//! Deleting and restoring cost the same however much hangs beneath: counted in rows that the engine reads and writes.

use serde_json::json;
use uuid::Uuid;

use super::{super::*, TENANT, delete, insert, restore, score, stamp, text};
use crate::domain::{
    Assignment, Category, CategoryId, Contest, Contestant, Criterion, Entry, EntryId, Event, Judge, JudgeId,
    Kind, Settings, Tenant,
};

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const EVENT: Uuid = id(1);
const CONTEST: Uuid = id(2);
const CATEGORY: Uuid = id(3);
const CRITERION: Uuid = id(4);
const JUDGE: Uuid = id(5);
const SEAT: Uuid = id(6);

/// One category of one contest of one event, with a judge and a criterion.
fn set_up(transaction: &mut Transaction<'_>) -> Result<(), super::Refused> {
    let tenant = Tenant { name: "Test".to_owned(), slug: "test".to_owned(), settings: Settings::default() };
    let place = Place::of_tenant(TENANT);
    insert(transaction, &place, TENANT.uuid(), tenant)?;
    let named = || json!({"name": "Test"});
    insert(transaction, &place, JUDGE, text::<Judge>(named()))?;
    insert(transaction, &place, EVENT, text::<Event>(named()))?;
    let event = super::place(&transaction.live(), Kind::Event, EVENT)?.unwrap();
    insert(transaction, &event, CONTEST, text::<Contest>(named()))?;
    let contest = super::place(&transaction.live(), Kind::Contest, CONTEST)?.unwrap();
    insert(transaction, &contest, CATEGORY, text::<Category>(named()))?;
    let category = super::place(&transaction.live(), Kind::Category, CATEGORY)?.unwrap();
    insert(transaction, &category, CRITERION, text::<Criterion>(named()))?;
    insert(transaction, &category, SEAT, text::<Assignment>(json!({"judgeId": JUDGE})))
}

/// An entry with a contestant and a mark.
fn enter(transaction: &mut Transaction<'_>, number: u128) -> Result<(), super::Refused> {
    let (contestant, entry) = (id(1_000_000 + number), id(2_000_000 + number));
    insert(transaction, &Place::of_tenant(TENANT), contestant, text::<Contestant>(json!({"name": "Ann"})))?;
    let contest = super::place(&transaction.live(), Kind::Contest, CONTEST)?.unwrap();
    insert(transaction, &contest, entry, text::<Entry>(json!({"contestantId": contestant})))?;
    let key = SheetKey {
        tenant: TENANT,
        category: CategoryId::new(CATEGORY),
        judge: JudgeId::new(JUDGE),
        entry: EntryId::new(entry),
    };
    score(transaction, &key, CRITERION, 5)
}

/// Rows read and written by deleting and by restoring, of things above so many marks.
async fn costs(marks: u128) -> Vec<[(usize, usize); 2]> {
    let (store, counts) = Store::counted();
    store.write::<_, super::Refused, _>(stamp(1), set_up).await.unwrap();
    for first in (0..marks).step_by(100) {
        let enter = move |transaction: &mut Transaction<'_>| {
            (first..marks.min(first + 100)).try_for_each(|number| enter(transaction, number))
        };
        store.write::<_, super::Refused, _>(stamp(2), enter).await.unwrap();
    }
    let mut costs = Vec::new();
    macro_rules! cost_of {
        ($($noun:ty, $id:expr);+) => {$({
            counts.take();
            let gone = |transaction: &mut Transaction<'_>| delete::<$noun>(transaction, $id);
            store.write::<_, super::Refused, _>(stamp(3), gone).await.unwrap();
            let deleting = counts.take();
            let back = |transaction: &mut Transaction<'_>| restore::<$noun>(transaction, $id);
            store.write::<_, super::Refused, _>(stamp(4), back).await.unwrap();
            costs.push([deleting, counts.take()]);
        })+};
    }
    cost_of!(Event, EVENT; Contest, CONTEST; Category, CATEGORY; Criterion, CRITERION; Judge, JUDGE; Assignment, SEAT);
    costs
}

#[tokio::test]
async fn deleting_and_restoring_read_and_write_as_much_above_many_marks_as_above_few() {
    let few = costs(100).await;
    let many = if std::env::var_os("EVENT_MANAGER_LONG").is_some() { 1_000_000 } else { 10_000 };
    assert_eq!(costs(many).await, few);
    assert!(few.iter().flatten().all(|(read, written)| *read < 30 && *written < 10), "{few:?}");
}
