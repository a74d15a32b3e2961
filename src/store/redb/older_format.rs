//! Data as an earlier program left it, kept in the repository with what is in it: this program opens it, and lifts it.
//! `UPDATE_GOLDEN=1` adds the data of a format that has none yet; it never changes what is there.

use std::{fs, path::PathBuf, sync::Arc};

use serde_json::{Value, json};

use super::{
    Check, RedbEngine,
    migration::{Content, STEPS, fill, look},
};
use crate::{
    domain::SYSTEM_TENANT,
    store::{
        Store, StoreLimits,
        engine::Engine,
        format::{self, FORMAT, MIGRATIONS},
        keys::Table,
    },
};

pub(super) fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// What is kept beside the data: what no migration may change. The second format has an index that the first one lacks.
fn told(content: &Content) -> Value {
    let mut rows = content.rows.clone();
    rows.remove(&(Table::Correlated as u8));
    json!({"rows": rows, "tombstones": content.tombstones, "head": content.head.to_string()})
}

fn keep_new_format() {
    let (data, beside) =
        (golden(&format!("format-{FORMAT}.redb.zst")), golden(&format!("format-{FORMAT}.json")));
    if data.exists() || std::env::var_os("UPDATE_GOLDEN").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("event-manager.redb");
    let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
    format::prepare(&engine, None, FORMAT, MIGRATIONS).unwrap();
    let store = Store::start(Arc::new(engine), None, StoreLimits::default()).unwrap();
    fill(&store);
    let (.., content) = look(&store.snapshot());
    drop(store);
    fs::write(data, zstd::encode_all(fs::File::open(&file).unwrap(), 19).unwrap()).unwrap();
    fs::write(beside, serde_json::to_string_pretty(&told(&content)).unwrap() + "\n").unwrap();
}

#[test]
fn data_of_every_format_there_was_is_opened_and_lifted_with_all_that_is_deleted() {
    keep_new_format();
    for format in 1..=FORMAT {
        let kept = fs::read(golden(&format!("format-{format}.redb.zst"))).unwrap();
        assert!(kept.len() < 200 * 1_024, "{} bytes", kept.len());
        let expected: Value =
            serde_json::from_slice(&fs::read(golden(&format!("format-{format}.json"))).unwrap()).unwrap();
        assert_ne!(expected["tombstones"], json!([]));

        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");
        fs::write(&file, zstd::decode_all(kept.as_slice()).unwrap()).unwrap();
        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        let (found, _, before) = look(engine.snapshot().unwrap().as_ref());
        assert_eq!((found, told(&before)), (format, expected.clone()));
        // To the format of this program, and to those of the next ones.
        format::prepare(&engine, Some(&file), FORMAT, MIGRATIONS).unwrap();
        format::prepare(&engine, Some(&file), FORMAT + 2, &STEPS).unwrap();
        let (found, lifted, after) = look(engine.snapshot().unwrap().as_ref());
        assert_eq!((found, lifted, told(&after)), (FORMAT + 2, 40, expected));

        let copy = file.with_extension(format!("format-{FORMAT}.redb"));
        let copy = RedbEngine::open(&copy, 1 << 20, Check::Everything).unwrap();
        let (.., copied) = look(copy.snapshot().unwrap().as_ref());
        assert_eq!(told(&copied), told(&before), "the copy is the data as it was");
        drop(copy);
        let store = Store::start(Arc::new(engine), None, StoreLimits::default()).unwrap();
        assert_eq!(store.verify_audit(SYSTEM_TENANT, &mut |_| {}).unwrap().fault, None);
    }
}
