//! The log's files on disks that are full, broken or tampered with.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{RETRY_AFTER, SegmentSettings, SegmentWriter};
use crate::{
    domain::Timestamp,
    telemetry::{
        clock::ManualClock,
        log::{progress::Progress, segment_name::ACTIVE},
        metrics,
    },
};

const DAY: Duration = Duration::from_secs(86_400);

/// A writer on a directory and a clock of its own.
struct Log {
    dir: tempfile::TempDir,
    clock: ManualClock,
    writer: SegmentWriter,
    progress: Arc<Progress>,
}

impl Log {
    fn new(adapt: impl FnOnce(&mut SegmentSettings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at("2026-05-01T19:00:00Z".parse().unwrap());
        Self::on(dir, clock, adapt)
    }

    fn on(dir: tempfile::TempDir, clock: ManualClock, adapt: impl FnOnce(&mut SegmentSettings)) -> Self {
        let mut settings =
            SegmentSettings { dir: dir.path().join("logs"), max_bytes: 1_000_000, max_age: DAY };
        adapt(&mut settings);
        let progress = Arc::new(Progress::default());
        let writer = SegmentWriter::new(settings, clock.clock(), Arc::clone(&progress));
        Self { dir, clock, writer, progress }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("logs")
    }

    fn write(&mut self, message: &str) {
        let time = jiff::Timestamp::from_microsecond(self.clock.clock().unix_micros()).unwrap();
        let line = format!("{{\"timestamp\":\"{time:.6}\",\"message\":\"{message}\"}}\n");
        self.progress.hand_over();
        self.writer.write_all(line.as_bytes()).unwrap();
        self.writer.flush().unwrap();
        assert!(self.progress.wait(Duration::ZERO), "a line is settled, whatever became of it");
    }

    fn files(&self) -> Vec<String> {
        names(&self.path())
    }

    fn messages(&self) -> Vec<String> {
        let read = |name: &String| fs::read_to_string(self.path().join(name)).unwrap();
        let text: String = finished_first(&self.files()).iter().map(read).collect();
        assert!(text.is_empty() || text.ends_with('\n'));
        let message = |line: &str| line.split('"').nth(7).unwrap_or("torn").to_owned();
        text.lines().map(message).collect()
    }
}

fn names(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

fn finished_first(names: &[String]) -> Vec<String> {
    let (mut finished, active): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| name != ACTIVE);
    finished.extend(active);
    finished
}

fn count(rendered: &str, series: &str) -> u64 {
    let line = rendered.lines().find_map(|line| line.strip_prefix(series)).unwrap();
    line.trim().parse().unwrap()
}

#[test]
fn a_full_file_is_finished_under_the_times_it_covers() {
    let mut log = Log::new(|settings| settings.max_bytes = 150);
    for message in ["a", "b", "c"] {
        log.write(message);
        log.clock.advance(Duration::from_micros(1_500_001));
    }
    assert_eq!(log.files(), [ACTIVE, "em-20260501T190000000000Z-20260501T190001500001Z-0000.jsonl"],);
    assert_eq!(log.messages(), ["a", "b", "c"]);
}

#[test]
fn an_old_file_is_finished_before_the_next_line() {
    let mut log = Log::new(|settings| settings.max_age = Duration::from_secs(60));
    log.write("a");
    log.clock.advance(Duration::from_secs(59));
    log.write("b");
    assert_eq!(log.files().len(), 1);
    log.clock.advance(Duration::from_secs(1));
    log.write("c");
    assert_eq!(log.files().len(), 2);
    assert_eq!(log.messages(), ["a", "b", "c"]);
}

#[test]
fn files_of_the_same_moment_do_not_replace_each_other() {
    let mut log = Log::new(|settings| settings.max_bytes = 1);
    for message in ["a", "b", "c", "d"] {
        log.write(message);
    }
    assert_eq!(log.files().len(), 4);
    assert_eq!(log.messages(), ["a", "b", "c", "d"]);
}

#[test]
fn a_file_left_by_an_earlier_run_is_continued_and_its_torn_line_closed() {
    let mut log = Log::new(|_| ());
    log.write("a");
    let Log { dir, clock, .. } = log;
    let active = dir.path().join("logs").join(ACTIVE);
    let whole = fs::read_to_string(&active).unwrap();
    fs::write(&active, format!("{whole}{{\"timestamp\":\"2026-0")).unwrap();
    clock.advance(DAY);
    let mut log = Log::on(dir, clock, |settings| settings.max_age = 2 * DAY);
    log.write("b");
    assert_eq!(log.messages(), ["a", "torn", "b"]);
    log.clock.advance(DAY);
    log.write("c");
    let finished = &finished_first(&log.files())[0];
    assert_eq!(finished, "em-20260501T190000000000Z-20260502T190000000000Z-0000.jsonl");
}

#[test]
fn a_directory_that_is_deleted_is_made_anew() {
    let mut log = Log::new(|_| ());
    log.write("a");
    fs::remove_dir_all(log.path()).unwrap();
    log.write("b");
    assert_eq!(log.messages(), ["b"]);
}

#[test]
fn what_a_full_disk_does_not_take_is_counted_and_writing_goes_on_later() {
    let rendered = metrics::rendered_after(|| {
        let mut log = Log::new(|_| ());
        fs::create_dir(log.path()).unwrap();
        symlink("/dev/full", log.path().join(ACTIVE)).unwrap();
        log.write("a");
        log.write("b");
        fs::remove_file(log.path().join(ACTIVE)).unwrap();
        log.write("c");
        log.clock.advance(RETRY_AFTER);
        log.write("d");
        assert_eq!(log.messages(), ["d"]);
    });
    assert_eq!(count(&rendered, "log_events_dropped_total{reason=\"disk\"}"), 3);
    assert_eq!(count(&rendered, "log_write_errors_total"), 1);
    assert_eq!(count(&rendered, "log_events_persisted_total"), 1);
}

#[test]
fn a_place_that_cannot_be_a_directory_stops_nothing() {
    let mut log = Log::new(|_| ());
    log.write("a");
    fs::remove_dir_all(log.path()).unwrap();
    fs::write(log.path(), "in the way").unwrap();
    log.write("b");
    fs::remove_file(log.path()).unwrap();
    log.clock.advance(RETRY_AFTER);
    log.write("c");
    assert_eq!(log.messages(), ["c"]);
}

#[test]
fn a_clock_that_is_set_back_neither_ends_nor_loses_a_file() {
    let mut log = Log::new(|_| ());
    log.write("a");
    log.clock.set(Timestamp::from_millis(0));
    log.write("b");
    assert_eq!((log.files().len(), log.messages()), (1, vec!["a".to_owned(), "b".to_owned()]));
}
