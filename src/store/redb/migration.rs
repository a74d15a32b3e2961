//! A migration in the life of a box: data of an older format with things in the trash is lifted after a verified copy,
//! and whatever moment the power goes at, the data is of one format or of the other.

use std::{collections::BTreeMap, ops::ControlFlow, path::Path, sync::Arc};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Check, RedbEngine,
    simulated_disk::{SimulatedDisk, add, add_tenant, runtime, stamp, store_on},
};
use crate::{
    domain::{Contestant, Kind, Row, SYSTEM_TENANT, Timestamp, Tombstone},
    store::{
        Head, Room, RowError, Store, StoreError, StoreLimits, StorePlace, Transaction, audit, codec,
        engine::{Direction, Engine, Reader},
        format::{self, FORMAT, Migration},
        keys::{self, EVERYTHING, Table},
        overlay::Overlay,
        rows::Buried,
    },
};

const CONTESTANTS: u128 = 40;
const LIFTED: &str = "of the next format";
pub(super) const STEPS: [Migration; 2] =
    [Migration { from: FORMAT, run: lift }, Migration { from: FORMAT + 1, run: |_, _| Ok(None) }];

/// Writes every contestant anew, the deleted ones, too.
pub(super) fn lift(overlay: &mut Overlay<'_>, _: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError> {
    let lifted = |row: &[u8]| -> Result<Vec<u8>, StoreError> {
        let mut row: Row<Contestant> = codec::decode(row)?;
        row.body.description = Some(LIFTED.to_owned());
        Ok(codec::encode(&row)?)
    };
    for (key, value) in all(overlay) {
        if key[0] == Kind::Contestant as u8 {
            overlay.put(key, lifted(&value)?);
        } else if keys::kind_of(&key) == Some(Kind::Contestant) && keys::tenant_of_trash(&key).is_some() {
            let buried: Buried = codec::decode(&value)?;
            let row = lifted(&buried.row)?;
            overlay.put(key, codec::encode(&Buried { row, ..buried })?);
        }
    }
    Ok(None)
}

/// Every row there is.
pub(super) fn all(reader: &dyn Reader) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut found = BTreeMap::new();
    let take = &mut |key: &[u8], value: &[u8]| {
        found.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    };
    reader.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, take).unwrap();
    found
}

/// What no migration may change: the rows of each table, the tombstones, and the end of the audit chain.
#[derive(PartialEq, Debug)]
pub(super) struct Content {
    pub(super) rows: BTreeMap<u8, usize>,
    pub(super) tombstones: Vec<Tombstone>,
    pub(super) head: Head,
}

/// The format, how many contestants are of the next one, and the content.
pub(super) fn look(reader: &dyn Reader) -> (u32, usize, Content) {
    let (mut lifted, mut rows, mut tombstones) = (0, BTreeMap::new(), Vec::new());
    for (key, value) in all(reader) {
        *rows.entry(key[0]).or_default() += 1;
        let row = if keys::tenant_of_trash(&key).is_some() {
            let buried: Buried = codec::decode(&value).unwrap();
            tombstones.push(buried.tombstone);
            buried.row
        } else {
            value
        };
        if key[0] < Table::Meta as u8 && keys::kind_of(&key) == Some(Kind::Contestant) {
            let row: Row<Contestant> = codec::decode(&row).unwrap();
            lifted += usize::from(row.body.description.as_deref() == Some(LIFTED));
        }
    }
    let format = reader.get(&keys::named(Table::Meta, "format")).unwrap().unwrap();
    let head = audit::head(reader, SYSTEM_TENANT).unwrap();
    (codec::decode(&format).unwrap(), lifted, Content { rows, tombstones, head })
}

/// Contestants, every third of them deleted.
pub(super) fn fill(store: &Store) {
    runtime().block_on(async {
        store.write::<_, RowError, _>(stamp(), add_tenant).await.unwrap();
        for id in (1..=CONTESTANTS).map(Uuid::from_u128) {
            let operation = move |transaction: &mut Transaction<'_>| {
                add(transaction, id)?;
                if id.as_u128().is_multiple_of(3) {
                    let row = transaction.live().find::<Contestant>(SYSTEM_TENANT, id)?.unwrap();
                    transaction.delete(row, Some("by mistake"))?;
                }
                Ok(())
            };
            store.write::<_, RowError, _>(stamp(), operation).await.unwrap();
        }
    });
}

#[test]
fn older_data_is_lifted_with_all_that_is_deleted_and_its_audit_log_after_a_copy_that_opens() {
    let directory = tempfile::tempdir().unwrap();
    let (file, copies) = (directory.path().join("event-manager.redb"), directory.path().join("copies"));
    let open = |file: &Path| {
        let room = Room::new(directory.path(), 0, 0);
        let (check, now) = (Check::Everything, Timestamp::from_millis(0));
        Store::open(
            StorePlace { file, copies: &copies, cache_bytes: 1 << 20, check, room, now },
            StoreLimits::default(),
        )
    };
    let store = open(&file).unwrap();
    fill(&store);
    let before = look(&store.snapshot());
    assert_eq!(before.2.tombstones.len(), 13);
    drop(store);

    let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
    format::prepare(&engine, Some(&file), FORMAT + 2, &STEPS).unwrap();
    let store = Store::start(Arc::new(engine), None, StoreLimits::default()).unwrap();
    let after = look(&store.snapshot());
    assert_eq!((after.0, after.1), (FORMAT + 2, 40));
    assert_eq!(after.2, before.2);
    assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
    let trash =
        runtime().block_on(store.read_with_deleted(|view| view.trash(SYSTEM_TENANT, None, 100, |_| true)));
    assert_eq!(trash.unwrap().len(), 13);
    drop(store);

    let copy = open(&directory.path().join(format!("event-manager.format-{FORMAT}.redb"))).unwrap();
    assert_eq!(look(&copy.snapshot()), before, "the copy is the data as it was");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_power_cut_during_a_migration_leaves_one_format_or_the_other(
        left in 0_u32..60,
        seed in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let disk = SimulatedDisk::default();
        let store = store_on(&disk);
        fill(&store);
        let before = look(&store.snapshot());
        drop(store);
        // The copy is made on a disk of its own, which stays.
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");

        disk.state().left = Some(left);
        if let Ok(engine) = RedbEngine::on(disk.clone(), 1 << 20, Check::Everything) {
            drop(format::prepare(&engine, Some(&file), FORMAT + 2, &STEPS));
        }
        let engine = RedbEngine::on(disk.after_power_cut(&seed), 1 << 20, Check::Everything).unwrap();
        let (format, lifted, content) = look(engine.snapshot().unwrap().as_ref());
        prop_assert_eq!(lifted, if format == FORMAT { 0 } else { 40 }, "format {}", format);
        prop_assert_eq!(&content, &before.2);
        let copy = directory.path().join(format!("event-manager.format-{FORMAT}.redb"));
        prop_assert!(format == FORMAT || copy.exists(), "lifted without a copy");

        format::prepare(&engine, Some(&file), FORMAT + 2, &STEPS).unwrap();
        let (format, lifted, content) = look(engine.snapshot().unwrap().as_ref());
        prop_assert_eq!((format, lifted, &content), (FORMAT + 2, 40, &before.2));
        let copy = RedbEngine::open(&copy, 1 << 20, Check::Everything).unwrap();
        prop_assert_eq!(look(copy.snapshot().unwrap().as_ref()), before, "the copy is the data as it was");
    }
}
