//! redb with group commit and nothing else: for each write one row at a random key and two at the end, as large as a sheet,
//! its audit record and its place in the index of correlation IDs. What a durable write could cost at least.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use redb::{Database, Durability, Table, TableDefinition};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Bytes of a score sheet and of its audit record.
const SHEET_BYTES: usize = 330;
const RECORD_BYTES: usize = 620;

/// Rows of one transaction when the file is filled beforehand.
const FILLED_AT_ONCE: usize = 4_096;

/// What is written: keys as ours are made, at random and ascending.
struct Writes {
    random: u64,
    written: u64,
    sheet: Vec<u8>,
    record: Vec<u8>,
}

impl Writes {
    fn new() -> Self {
        let (sheet, record) = (vec![7_u8; SHEET_BYTES], vec![9_u8; RECORD_BYTES]);
        Self { random: 0x9E37_79B9_7F4A_7C15, written: 0, sheet, record }
    }

    fn put(&mut self, table: &mut Table<'_, &[u8], &[u8]>) {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = [&[13_u8][..], &self.random.to_be_bytes().repeat(8)].concat();
        table.insert(key.as_slice(), self.sheet.as_slice()).unwrap();
        let key = [&[133_u8][..], &[1; 16], &self.written.to_be_bytes()].concat();
        table.insert(key.as_slice(), self.record.as_slice()).unwrap();
        let key = [
            &[193_u8][..],
            &[1; 16],
            &self.written.to_be_bytes().repeat(2),
            &[1],
            &self.written.to_be_bytes(),
        ];
        table.insert(key.concat().as_slice(), [1_u8, 0xCD, 1, 1].as_slice()).unwrap();
        self.written += 1;
    }

    /// Brings the file to so many sheets, without waiting for the disk.
    fn fill(&mut self, database: &Database, sheets: usize) {
        for at in (0..sheets).step_by(FILLED_AT_ONCE) {
            let mut transaction = database.begin_write().unwrap();
            transaction.set_durability(Durability::None).unwrap();
            {
                let mut table = transaction.open_table(ROWS).unwrap();
                (at..sheets.min(at + FILLED_AT_ONCE)).for_each(|_| self.put(&mut table));
            }
            transaction.commit().unwrap();
        }
        database.begin_write().unwrap().commit().unwrap();
    }
}

/// Durable writes per second from so many producers, into a file that holds so many sheets.
pub fn writes_per_second(producers: usize, span: Duration, sheets: usize) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let database =
        Database::builder().set_cache_size(64 << 20).create(directory.path().join("raw.redb")).unwrap();
    let mut writes = Writes::new();
    writes.fill(&database, sheets);
    let (sender, receiver) = mpsc::sync_channel::<mpsc::SyncSender<()>>(1_024);
    let stop = Arc::new(AtomicBool::new(false));
    let producers: Vec<_> = (0..producers)
        .map(|_| {
            let (sender, stop) = (sender.clone(), Arc::clone(&stop));
            thread::spawn(move || {
                let (done, wait) = mpsc::sync_channel(1);
                while !stop.load(Ordering::Relaxed) {
                    if sender.send(done.clone()).is_err() || wait.recv().is_err() {
                        break;
                    }
                }
            })
        })
        .collect();
    drop(sender);
    let (begun, before) = (Instant::now(), writes.written);
    while begun.elapsed() < span {
        let mut batch = vec![receiver.recv().unwrap()];
        while batch.len() < 256 {
            match receiver.try_recv() {
                Ok(next) => batch.push(next),
                Err(_) => break,
            }
        }
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(ROWS).unwrap();
            batch.iter().for_each(|_| writes.put(&mut table));
        }
        transaction.commit().unwrap();
        for done in batch {
            let _ = done.send(());
        }
    }
    let rate = (writes.written - before) as f64 / begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    // Each producer ends after its answer; the queue closes when all have.
    while let Ok(done) = receiver.recv() {
        let _ = done.send(());
    }
    for producer in producers {
        let _ = producer.join();
    }
    rate
}
