//! What is kept of somebody beside the own row goes with it when it is destroyed.

use uuid::Uuid;

use super::{Refused, TENANT, delete, doing::begin_purge, insert, stamp, text};
use crate::{
    domain::{
        Judge, JudgeId, JudgeLink, JudgeLinkId, Kind, LinkHold, Noun, Settings, Tenant, Timestamp, User,
        UserId,
    },
    store::{
        Credential, JudgeLinkAddress, Lineage, Live, Origin, Place, Purged, ResetLink, SecondFactor, Session,
        SessionHolder, Store, StoreLimits, Transaction,
    },
};

const ID: Uuid = Uuid::from_u128(3);
const AT: Timestamp = Timestamp::from_millis(0);

fn write(store: &Store, number: u64, work: fn(&mut Transaction<'_>) -> Result<(), Refused>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(store.write(stamp(number), work)).unwrap();
}

fn session(holder: SessionHolder) -> Session {
    Session {
        tenant: TENANT,
        holder,
        csrf: String::new(),
        created_at: AT,
        last_used_at: AT,
        expires_at: AT,
        acting: None,
        origin: Origin::default(),
    }
}

fn keep_of_user(transaction: &mut Transaction<'_>) -> Result<(), Refused> {
    let user = UserId::new(ID);
    transaction.set_credential(user, &Credential { hash: String::new(), set_at: AT, must_change: false })?;
    transaction.set_second_factor(user, Some(&SecondFactor::Begun { sealed: vec![1] }))?;
    transaction.open_reset_link([1; 32], &ResetLink { tenant: TENANT, user, expires_at: AT })?;
    transaction.put_session(&[2; 32], &session(SessionHolder::User(user)))?;
    Ok(())
}

fn keep_of_judge(transaction: &mut Transaction<'_>) -> Result<(), Refused> {
    let judge = JudgeId::new(ID);
    let link = JudgeLink {
        id: JudgeLinkId::new(Uuid::from_u128(4)),
        judge,
        secret: [1; 32],
        pin: String::new(),
        created_at: AT,
        expires_at: AT,
        revoked_at: None,
        last_used_at: None,
        wrong_pins: 0,
        hold: Some(LinkHold { session: [2; 32], since: AT }),
    };
    transaction.put_session(&[2; 32], &session(SessionHolder::JudgeLink { id: link.id, judge }))?;
    transaction.add_judge_link(TENANT, &link)?;
    Ok(())
}

fn of_user(live: &Live<'_>) -> [bool; 5] {
    let user = UserId::new(ID);
    [
        live.credential(user).unwrap().is_some(),
        live.second_factor(user).unwrap().is_some(),
        live.reset_link(&[1; 32]).unwrap().is_some(),
        live.user_reset(user).unwrap().link.is_some(),
        live.session(&[2; 32]).unwrap().is_some(),
    ]
}

fn of_judge(live: &Live<'_>) -> [bool; 4] {
    let (judge, id) = (JudgeId::new(ID), JudgeLinkId::new(Uuid::from_u128(4)));
    let address = JudgeLinkAddress { tenant: TENANT, judge, id };
    [
        live.judge_link(&address).unwrap().is_some(),
        live.judge_link_by_id(TENANT, id).unwrap().is_some(),
        live.judge_link_address(&[1; 32]).unwrap().is_some(),
        live.session(&[2; 32]).unwrap().is_some(),
    ]
}

fn destroy<N: Noun>(transaction: &mut Transaction<'_>) -> Result<(), Refused> {
    delete::<N>(transaction, ID)?;
    let lineage = Lineage::of_tenant(TENANT).child(N::KIND, ID);
    assert!(begin_purge(transaction, &lineage)?);
    assert_eq!(transaction.purge_some(&lineage)?, Purged::All(1));
    Ok(())
}

fn with_tenant() -> Store {
    let store = Store::in_memory(StoreLimits::default()).unwrap();
    write(&store, 1, |transaction| {
        let tenant =
            Tenant { name: "Test".to_owned(), slug: "test".to_owned(), settings: Settings::default() };
        insert(transaction, &Place::of_tenant(TENANT), TENANT.uuid(), tenant)
    });
    store
}

fn create<N: Noun>(transaction: &mut Transaction<'_>, body: serde_json::Value) -> Result<(), Refused> {
    let place = super::place(&transaction.live(), Kind::Tenant, TENANT.uuid())?.ok_or(Refused::Absent)?;
    insert(transaction, &place, ID, text::<N>(body))
}

#[test]
fn with_a_user_goes_every_way_to_sign_in() {
    let store = with_tenant();
    write(&store, 2, |transaction| {
        let body = serde_json::json!({"email": "a@it.example", "name": "A", "grants": []});
        create::<User>(transaction, body)?;
        keep_of_user(transaction)
    });
    assert_eq!(of_user(&Live::new(&store.snapshot())), [true; 5]);
    write(&store, 3, destroy::<User>);
    assert_eq!(of_user(&Live::new(&store.snapshot())), [false; 5]);
}

#[test]
fn with_a_judge_go_the_links_and_the_sessions_by_them() {
    let store = with_tenant();
    write(&store, 2, |transaction| {
        create::<Judge>(transaction, serde_json::json!({"name": "Lea"}))?;
        keep_of_judge(transaction)
    });
    assert_eq!(of_judge(&Live::new(&store.snapshot())), [true; 4]);
    write(&store, 3, destroy::<Judge>);
    assert_eq!(of_judge(&Live::new(&store.snapshot())), [false; 4]);
}
