//! redb with group commit and nothing else: for each write one row at a random key and one at the end, as large as a
//! sheet and its audit record. What a durable write could cost at least.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use redb::{Database, TableDefinition};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

/// Durable writes per second from so many producers.
pub fn writes_per_second(producers: usize, span: Duration, sheet_bytes: usize, record_bytes: usize) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let database =
        Database::builder().set_cache_size(64 << 20).create(directory.path().join("raw.redb")).unwrap();
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
    let (sheet, record) = (vec![7_u8; sheet_bytes], vec![9_u8; record_bytes]);
    let (begun, mut written, mut random) = (Instant::now(), 0_u64, 0x9E37_79B9_7F4A_7C15_u64);
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
            for _ in &batch {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = [&[13_u8][..], &random.to_be_bytes().repeat(8)].concat();
                table.insert(key.as_slice(), sheet.as_slice()).unwrap();
                let key = [&[133_u8][..], &[1; 16], &written.to_be_bytes()].concat();
                table.insert(key.as_slice(), record.as_slice()).unwrap();
                written += 1;
            }
        }
        transaction.commit().unwrap();
        for done in batch {
            let _ = done.send(());
        }
    }
    let rate = written as f64 / begun.elapsed().as_secs_f64();
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
