//! How much of a file holds rows: what was deleted leaves room in it, and does not make it smaller.

use super::{Check, RedbEngine, simulated_disk::SimulatedDisk};
use crate::store::engine::{Changes, Engine};

#[test]
fn pages_without_rows_are_not_counted_as_used() {
    let engine = RedbEngine::on(SimulatedDisk::default(), 1 << 20, Check::Repair).unwrap();
    let rows = |value: Option<Vec<u8>>| -> Changes {
        (0..5_000_u32).map(|number| (number.to_be_bytes().to_vec(), value.clone())).collect()
    };
    engine.commit(&Changes::new()).unwrap();
    let empty = engine.used_bytes().unwrap();
    engine.commit(&rows(Some(vec![7; 500]))).unwrap();
    let (full, size) = (engine.used_bytes().unwrap(), engine.size_bytes());
    assert!(full > 5_000 * 500 && full < size, "{full} of {size}");
    engine.commit(&rows(None)).unwrap();
    let (left, size) = (engine.used_bytes().unwrap(), engine.size_bytes());
    assert!(left < empty + 100_000 && size > full, "{left} of {size}, {empty} before");
}
