//! The format of the stored data: a number in the file, migrations that lift it step by step, and the refusal of
//! data that a newer program wrote.

mod correlation_index;

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    StoreError, codec,
    copies::sync_directory_of,
    engine::{Engine, EngineError, Reader},
    keys::{self, Table},
    overlay::Overlay,
};

/// The format this program writes.
pub const FORMAT: u32 = 2;

/// A part of a step: from where the one before it left off, to where the next one goes on; nothing when that was the last.
pub type MigrationStep = fn(&mut Overlay<'_>, Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StoreError>;

/// One step from a format to the next, in as many transactions as it takes. From its first one on the data is of the next
/// format, with a mark that it is not whole, so that no older program takes it for its own. If a step is cut short it is begun
/// anew, so what is done twice must be the same as what is done once.
pub struct Migration {
    /// The format it starts from.
    pub from: u32,
    /// Changes a bounded part, from the place that the part before has returned on; returns nothing at the end.
    pub run: MigrationStep,
}

/// All steps that lead to [`FORMAT`].
pub const MIGRATIONS: &[Migration] = &[Migration { from: 1, run: correlation_index::index }];

fn key() -> Vec<u8> {
    keys::named(Table::Meta, "format")
}

/// From which format the data is being lifted, as long as that has not come to its end.
fn unfinished(reader: &dyn Reader) -> Result<Option<u32>, StoreError> {
    match reader.get(&keys::named(Table::Meta, "migrating"))? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}

fn stored(reader: &dyn Reader) -> Result<Option<u32>, StoreError> {
    match reader.get(&key())? {
        Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
        None => Ok(None),
    }
}

/// Whether this program can read the data.
///
/// # Errors
/// It has no format, or a newer one.
pub(super) fn ensure_known(reader: &dyn Reader) -> Result<(), StoreError> {
    match stored(reader)? {
        Some(found) if found > FORMAT => Err(StoreError::NewerFormat { found, known: FORMAT }),
        Some(_) => Ok(()),
        None => Err(codec::CodecError::new("it has no format").into()),
    }
}

/// Brings the data to the format `known`: marks new data with it, lifts older data after a verified copy beside
/// `file`, refuses newer data.
///
/// # Errors
/// Data of a newer format, a copy that fails or differs, a migration that fails: nothing is changed then.
pub(super) fn prepare(
    engine: &dyn Engine,
    file: Option<&Path>,
    known: u32,
    migrations: &[Migration],
) -> Result<(), StoreError> {
    let snapshot = engine.snapshot()?;
    let Some(found) = stored(snapshot.as_ref())? else {
        let mut overlay = Overlay::new(snapshot.as_ref());
        overlay.put(key(), codec::encode(&known)?);
        engine.commit(overlay.changes())?;
        return Ok(());
    };
    if found > known {
        return Err(StoreError::NewerFormat { found, known });
    }
    let unfinished = unfinished(snapshot.as_ref())?;
    let found = unfinished.unwrap_or(found);
    // What was being lifted was copied before, and is not any more what is worth a copy.
    if found < known
        && unfinished.is_none()
        && let Some(file) = file
    {
        let copy = file.with_extension(format!("format-{found}.redb"));
        tracing::info!(from = found, to = known, copy = %copy.display(), "copying the data before migrating it");
        copy_whole(engine, &copy)?;
    }
    for format in found..known {
        let step = migrations.iter().find(|step| step.from == format);
        let step = step.ok_or(StoreError::NoMigration { from: format })?;
        migrate(engine, step)?;
        tracing::info!(format = format + 1, "migrated the data");
    }
    Ok(())
}

fn migrate(engine: &dyn Engine, step: &Migration) -> Result<(), StoreError> {
    let mut place = None;
    loop {
        let snapshot = engine.snapshot()?;
        let mut overlay = Overlay::new(snapshot.as_ref());
        place = (step.run)(&mut overlay, place)?;
        overlay.put(key(), codec::encode(&(step.from + 1))?);
        let mark = keys::named(Table::Meta, "migrating");
        match place {
            Some(_) => overlay.put(mark, codec::encode(&step.from)?),
            None => overlay.delete(mark),
        }
        engine.commit(overlay.changes())?;
        if place.is_none() {
            return Ok(());
        }
    }
}

/// Copies the data under another name first: what is killed meanwhile leaves nothing that looks like a copy, and what it
/// leaves does not stand in the way of the next start. An older copy of the same format is replaced: the data has not
/// been lifted since.
fn copy_whole(engine: &dyn Engine, to: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| EngineError::Io(error.to_string());
    let begun = begun(to);
    match fs::remove_file(&begun) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error).into()),
        _ => {}
    }
    engine.copy_verified(&begun, &mut || ControlFlow::Continue(()))?;
    fs::rename(&begun, to).and_then(|()| sync_directory_of(to)).map_err(failed)?;
    Ok(())
}

/// The name of a copy that is not whole yet.
fn begun(copy: &Path) -> PathBuf {
    copy.with_extension("begun")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        memory::MemoryEngine,
        redb::{Check, RedbEngine},
    };

    type Place = Option<Vec<u8>>;

    fn put(overlay: &mut Overlay<'_>, _: Place) -> Result<Place, StoreError> {
        overlay.put(vec![200], vec![1]);
        Ok(None)
    }

    fn put_in_parts(overlay: &mut Overlay<'_>, place: Place) -> Result<Place, StoreError> {
        let part = place.map_or(200, |place| place[0]);
        overlay.put(vec![part], vec![1]);
        Ok((part < 202).then(|| vec![part + 1]))
    }

    fn fail_in_its_second_part(overlay: &mut Overlay<'_>, place: Place) -> Result<Place, StoreError> {
        if place.is_some() { Err(EngineError::Closed.into()) } else { put_in_parts(overlay, place) }
    }

    fn fail(_: &mut Overlay<'_>, _: Place) -> Result<Place, StoreError> {
        Err(EngineError::Closed.into())
    }

    fn format_of(engine: &dyn Engine) -> Option<u32> {
        stored(engine.snapshot().unwrap().as_ref()).unwrap()
    }

    #[test]
    fn new_data_gets_the_known_format() {
        let engine = MemoryEngine::default();
        prepare(&engine, None, 3, &[]).unwrap();
        assert_eq!(format_of(&engine), Some(3));
    }

    #[test]
    fn newer_data_is_refused_with_what_to_install() {
        let engine = MemoryEngine::default();
        prepare(&engine, None, 3, &[]).unwrap();
        let error = prepare(&engine, None, 2, &[]).unwrap_err();
        assert!(error.to_string().contains("install"), "{error}");
        assert_eq!(format_of(&engine), Some(3));
    }

    #[test]
    fn older_data_is_copied_then_lifted_step_by_step() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");
        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        prepare(&engine, Some(&file), 1, &[]).unwrap();
        let steps = [Migration { from: 1, run: put }, Migration { from: 2, run: |_, _| Ok(None) }];
        prepare(&engine, Some(&file), 3, &steps).unwrap();
        assert_eq!(format_of(&engine), Some(3));
        assert!(engine.snapshot().unwrap().contains(&[200]).unwrap());

        let copy = RedbEngine::open(
            &directory.path().join("event-manager.format-1.redb"),
            1 << 20,
            Check::Everything,
        )
        .unwrap();
        assert_eq!(format_of(&copy), Some(1));
        assert!(!copy.snapshot().unwrap().contains(&[200]).unwrap());
    }

    #[test]
    fn a_copy_that_a_killed_start_left_half_done_does_not_stand_in_the_way() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");
        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        prepare(&engine, Some(&file), 1, &[]).unwrap();
        let copy = directory.path().join("event-manager.format-1.redb");
        for left in [&copy, &begun(&copy)] {
            fs::write(left, b"half a copy").unwrap();
        }
        prepare(&engine, Some(&file), 2, &[Migration { from: 1, run: put }]).unwrap();
        assert_eq!(format_of(&engine), Some(2));
        let copy = RedbEngine::open(&copy, 1 << 20, Check::Everything).unwrap();
        assert_eq!(format_of(&copy), Some(1));
    }

    #[test]
    fn a_failing_migration_leaves_the_format_it_started_from() {
        let engine = MemoryEngine::default();
        prepare(&engine, None, 1, &[]).unwrap();
        let steps = [Migration { from: 1, run: put }, Migration { from: 2, run: fail }];
        assert!(prepare(&engine, None, 3, &steps).is_err());
        assert_eq!(format_of(&engine), Some(2), "the first step stands, the second left nothing");
    }

    #[test]
    fn a_migration_that_was_cut_short_is_done_from_the_beginning_and_the_copy_stays() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("event-manager.redb");
        let engine = RedbEngine::open(&file, 1 << 20, Check::Everything).unwrap();
        prepare(&engine, Some(&file), 1, &[]).unwrap();
        let cut_short = Migration { from: 1, run: fail_in_its_second_part };
        assert!(prepare(&engine, Some(&file), 2, &[cut_short]).is_err());
        let older = prepare(&engine, Some(&file), 1, &[]).unwrap_err();
        assert!(
            matches!(older, StoreError::NewerFormat { found: 2, known: 1 }),
            "half lifted, it is no older data"
        );

        prepare(&engine, Some(&file), 2, &[Migration { from: 1, run: put_in_parts }]).unwrap();
        let snapshot = engine.snapshot().unwrap();
        assert!([200, 201, 202].iter().all(|part| snapshot.contains(&[*part]).unwrap()));
        assert_eq!((format_of(&engine), unfinished(snapshot.as_ref()).unwrap()), (Some(2), None));
        let copy = directory.path().join("event-manager.format-1.redb");
        let copy = RedbEngine::open(&copy, 1 << 20, Check::Everything).unwrap();
        assert_eq!(format_of(&copy), Some(1));
        assert!(!copy.snapshot().unwrap().contains(&[200]).unwrap(), "the copy is of the data as it was");
    }
}
