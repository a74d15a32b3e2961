//! A program that is killed with SIGKILL while it migrates, in each of the steps: the data is of one format or the other,
//! and the next start goes on from there. The program is this test's own, run once more.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Check, RedbEngine,
    migration::{STEPS, all, fill, lift, look},
    older_format::golden,
};
use crate::store::{
    Store, StoreError, StoreLimits,
    engine::Engine,
    format::{self, FORMAT, MIGRATIONS, Migration},
    keys::{self, Table},
    overlay::Overlay,
};

/// Which file the killed program migrates, and in which step it waits to be killed.
const FILE: &str = "MIGRATED_FILE";
const STEP: &str = "MIGRATION_WAITS_IN";
const REACHED: &str = "reached";

/// Says that a step is reached if it is the one, and waits for the end.
fn wait_in(step: &str) {
    if env::var(STEP).is_ok_and(|wanted| wanted == step) {
        writeln!(io::stderr(), "{REACHED}").unwrap();
        let _ = io::stdin().read(&mut [0]);
    }
}

fn first(overlay: &mut Overlay<'_>, from: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError> {
    let next = lift(overlay, from)?;
    wait_in("the first");
    Ok(next)
}

fn second(_: &mut Overlay<'_>, _: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError> {
    wait_in("the second");
    Ok(None)
}

#[test]
#[ignore = "run by the test that kills it"]
fn migrates_until_it_is_killed() {
    let Some(file) = env::var_os(FILE) else { return };
    let engine = RedbEngine::open(Path::new(&file), 1 << 20, Check::Everything).unwrap();
    let steps = [Migration { from: FORMAT, run: first }, Migration { from: FORMAT + 1, run: second }];
    format::prepare(&engine, Some(Path::new(&file)), FORMAT + 2, &steps).unwrap();
}

/// The step from the first format to the second, which has a part for each table that it goes through.
fn first_to_second(overlay: &mut Overlay<'_>, from: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError> {
    static PARTS: AtomicUsize = AtomicUsize::new(1);
    wait_in(&format!("part {}", PARTS.fetch_add(1, Ordering::Relaxed)));
    (MIGRATIONS[0].run)(overlay, from)
}

#[test]
#[ignore = "run by the test that kills it"]
fn lifts_the_first_format_until_it_is_killed() {
    let Some(file) = env::var_os(FILE) else { return };
    let engine = RedbEngine::open(Path::new(&file), 1 << 20, Check::Everything).unwrap();
    let steps = [Migration { from: 1, run: first_to_second }];
    format::prepare(&engine, Some(Path::new(&file)), 2, &steps).unwrap();
}

/// This program once more, as one of the tests that are to be killed.
fn migrating(test: &str, file: &Path, step: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("store::redb::killed_migration::{test}"))
        .env(FILE, file)
        .env(STEP, step)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn await_reached(child: &mut Child, step: &str) {
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == REACHED), "{step}");
}

#[test]
fn a_migration_that_is_killed_leaves_one_format_or_the_other_and_goes_on_at_the_next_start() {
    for (step, formats) in [
        ("the copy", FORMAT..=FORMAT + 2),
        ("the first", FORMAT..=FORMAT),
        ("the second", FORMAT + 1..=FORMAT + 1),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");
        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        format::prepare(&engine, None, FORMAT, MIGRATIONS).unwrap();
        let store = Store::start(Arc::new(engine), None, StoreLimits::default()).unwrap();
        fill(&store);
        let (.., before) = look(&store.snapshot());
        drop(store);

        let mut child = migrating("migrates_until_it_is_killed", &file, step);
        if step == "the copy" {
            // It may get further until it is killed.
            let begun = file.with_extension(format!("format-{FORMAT}.begun"));
            while !begun.exists() && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
        } else {
            await_reached(&mut child, step);
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        let (format, lifted, content) = look(engine.snapshot().unwrap().as_ref());
        assert!(formats.contains(&format), "killed in {step}: {format}");
        assert_eq!(lifted, if format == FORMAT { 0 } else { 40 }, "killed in {step}");
        assert_eq!(content, before, "killed in {step}");
        format::prepare(&engine, Some(&file), FORMAT + 2, &STEPS).unwrap();
        let (format, lifted, content) = look(engine.snapshot().unwrap().as_ref());
        assert_eq!((format, lifted, content), (FORMAT + 2, 40, before), "killed in {step}");
    }
}

#[test]
fn a_step_that_is_killed_between_its_parts_leaves_the_older_data_or_goes_on_to_the_newer() {
    for name in ["evening-of-format-1.redb.zst", "trash-of-format-1.redb.zst"] {
        let packed = fs::read(golden(name)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let unpacked = |name: &str| {
            let file = directory.path().join(name);
            fs::write(&file, zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
            file
        };
        let open = |file: &Path| RedbEngine::open(file, 1 << 20, Check::Everything).unwrap();
        let untouched = open(&unpacked("untouched.redb"));
        let older = all(untouched.snapshot().unwrap().as_ref());
        format::prepare(&untouched, None, 2, MIGRATIONS).unwrap();
        let newer = all(untouched.snapshot().unwrap().as_ref());

        for part in 1..=4 {
            let (file, step) = (unpacked(&format!("killed-{part}.redb")), format!("part {part}"));
            let mut child = migrating("lifts_the_first_format_until_it_is_killed", &file, &step);
            await_reached(&mut child, &step);
            child.kill().unwrap();
            child.wait().unwrap();

            let engine = open(&file);
            let snapshot = engine.snapshot().unwrap();
            if part == 1 {
                assert!(all(snapshot.as_ref()) == older, "{name}: nothing was changed yet");
            } else {
                let mark = snapshot.contains(&keys::named(Table::Meta, "migrating")).unwrap();
                assert_eq!((look(snapshot.as_ref()).0, mark), (2, true), "{name}, {step}");
                let refused = format::prepare(&engine, Some(&file), 1, &[]).unwrap_err();
                assert!(matches!(refused, StoreError::NewerFormat { found: 2, known: 1 }), "{refused}");
            }
            drop(snapshot);
            format::prepare(&engine, Some(&file), 2, MIGRATIONS).unwrap();
            let lifted = all(engine.snapshot().unwrap().as_ref());
            assert!(lifted == newer, "{name}, {step}: as if it had not been killed");
            let copy = open(&file.with_extension("format-1.redb"));
            assert!(all(copy.snapshot().unwrap().as_ref()) == older, "{name}, {step}: the copy");
        }
    }
}
