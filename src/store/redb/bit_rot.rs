//! Bit rot: single bits of a closed file turn over. Either the file opens with everything as it was written, or it is
//! refused; never is anything else read from it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    Check, RedbEngine,
    ledger::Ledger,
    simulated_disk::{SimulatedDisk, add_tenant, runtime, stamp, store_on},
};
use crate::store::{
    RowError,
    engine::{Direction, Engine, EngineError},
    keys::EVERYTHING,
};

/// A closed file with some work in it, and its rows.
fn closed() -> (Vec<u8>, BTreeMap<Vec<u8>, Vec<u8>>) {
    let disk = SimulatedDisk::default();
    let store = store_on(&disk);
    runtime().block_on(async {
        store.write::<_, RowError, _>(stamp(), add_tenant).await.unwrap();
        let (mut ledger, choices) = (Ledger::default(), Vec::from_iter(0..40));
        for _ in 0..20 {
            ledger.write(&store, &choices).await;
        }
    });
    drop(store);
    let rows = rows(&RedbEngine::on(disk.clone(), 1 << 20, Check::Everything).unwrap()).unwrap();
    let image = disk.state().live.clone();
    (image, rows)
}

fn rows<D: super::Disk>(engine: &RedbEngine<D>) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, EngineError> {
    let mut rows = BTreeMap::new();
    engine.snapshot()?.range(EVERYTHING.0, EVERYTHING.1, Direction::Forward, &mut |key, value| {
        rows.insert(key.to_vec(), value.to_vec());
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn a_file_with_a_turned_bit_is_whole_or_refused(
        bits in proptest::collection::vec(any::<(u64, u8)>(), 200),
    ) {
        let (image, written) = closed();
        let (mut whole, mut refused) = (0, 0);
        for (place, bit) in bits {
            let place = usize::try_from(place % image.len() as u64).unwrap();
            let disk = SimulatedDisk::default();
            disk.state().live.clone_from(&image);
            disk.state().live[place] ^= 1 << (bit % 8);
            match RedbEngine::on(disk, 1 << 20, Check::Everything) {
                Ok(engine) => {
                    whole += 1;
                    prop_assert!(rows(&engine).unwrap() == written, "a bit at {} changes what is read", place);
                }
                Err(EngineError::Damaged(_) | EngineError::UnknownLayout(_)) => refused += 1,
                Err(other) => prop_assert!(false, "a bit at {}: {}", place, other),
            }
        }
        prop_assert!(whole > 0 && refused > 0, "{} were whole and {} refused", whole, refused);
    }
}
