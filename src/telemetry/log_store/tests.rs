//! The store on files as the log writes them.

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::*;
use crate::domain::Timestamp;

/// 1 May 2026, 19:00, in microseconds.
const EVENING: i64 = 1_777_662_000_000_000;

fn time(micros: i64) -> String {
    format!("{:.6}", jiff::Timestamp::from_microsecond(micros).unwrap())
}

fn line(micros: i64, id: &str, number: usize) -> String {
    let (level, status) = if number.is_multiple_of(50) { ("error", 503) } else { ("info", 200) };
    format!(
        "{{\"timestamp\":\"{}\",\"level\":\"{level}\",\"message\":\"request\",\"requestId\":\"{id}\",\
        \"status\":{status},\"number\":{number},\"padding\":\"{}\"}}\n",
        time(micros),
        "x".repeat(200)
    )
}

/// A log of so many lines, 0.1 seconds apart, a request of three lines each, in finished files and the one at work.
fn log(dir: &Path, lines: usize, files: usize) {
    let a_file = lines.div_ceil(files);
    for file in 0..files {
        let numbers = file * a_file..lines.min((file + 1) * a_file);
        let at = |number: usize| EVENING + i64::try_from(number).unwrap() * 100_000;
        let (first, last) = (at(numbers.start), at(numbers.end - 1));
        let text: String =
            numbers.map(|number| line(at(number), &format!("r-{}", number / 3), number)).collect();
        let compact = |micros| time(micros).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let name = if file + 1 == files {
            "active.jsonl".to_owned()
        } else {
            format!("em-{}-{}-0000.jsonl", compact(first), compact(last))
        };
        fs::write(dir.join(name), text).unwrap();
    }
}

fn number_of(line: &Line<'_>) -> usize {
    let line: serde_json::Value = serde_json::from_slice(line.text).unwrap();
    usize::try_from(line["number"].as_u64().unwrap()).unwrap()
}

/// The numbers of the lines of a walk, at most so many.
fn seen(store: &LogStore, plan: &Plan, most: usize) -> (Vec<usize>, Option<Place>, Report) {
    let (mut numbers, mut last) = (Vec::new(), None);
    let report = store
        .walk(plan, &mut |seen| {
            if let Seen::Line(line) = seen {
                if numbers.len() == most {
                    return ControlFlow::Break(());
                }
                numbers.push(number_of(&line));
                last = Some(line.place);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    (numbers, last, report)
}

fn of_id(id: &str) -> Plan {
    Plan { ids: vec![IdHash::of(id)], ..Plan::all(Order::NewestFirst) }
}

fn sealed_files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "zst"));
    files.sort();
    files
}

#[test]
fn lines_are_found_by_id_before_and_after_they_are_packed() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 9_000, 3);
    let store = LogStore::new(dir.path());
    let plan = of_id("r-700");
    let find = |store: &LogStore| {
        let (numbers, _, report) = seen(store, &plan, 1_000_000);
        assert!(report.blocks <= 2 && report.faults.is_empty() && report.complete, "{report:?}");
        let own = numbers.into_iter().filter(|number| number / 3 == 700).collect::<Vec<_>>();
        assert_eq!(own, [2_102, 2_101, 2_100]);
        assert!(seen(store, &of_id("nobody"), 1).0.is_empty());
    };
    find(&store);
    assert_eq!(store.seal().unwrap(), 2);
    assert_eq!(sealed_files(dir.path()).len(), 2);
    find(&store);
    find(&LogStore::new(dir.path()));
    assert_eq!(store.seal().unwrap(), 0);
}

#[test]
fn of_blocks_without_a_word_one_line_is_seen_and_behind_each_it_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 9_000, 3);
    let store = LogStore::new(dir.path());
    store.seal().unwrap();
    let all = seen(&store, &Plan::all(Order::OldestFirst), 1_000_000).2.blocks;
    assert!(all > 9, "{all} blocks");
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let words = vec![Needle::of("\"REQUESTID\":\"R-1400\"").unwrap()];
        let plan = Plan { words, ..Plan::all(order) };
        let (mut whole, _, report) = seen(&store, &plan, 1_000_000);
        assert_eq!(report.blocks, all);
        let (mut parts, mut after) = (Vec::new(), None);
        loop {
            let (numbers, last, report) = seen(&store, &Plan { after, ..plan.clone() }, 7);
            parts.extend(numbers);
            if report.complete {
                break;
            }
            after = last;
        }
        assert_eq!(parts, whole);
        whole.sort_unstable();
        assert!([4_200, 4_201, 4_202].iter().all(|number| whole.binary_search(number).is_ok()));
        assert!(whole.len() < 9_000 / 3, "{} lines were looked at", whole.len());
    }
}

#[test]
fn packed_files_are_plain_lines_to_any_zstd_tool() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 6_000, 2);
    let plain = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let plain =
        plain.filter(|path| !path.ends_with("active.jsonl")).map(|path| fs::read(path).unwrap()).next();
    LogStore::new(dir.path()).seal().unwrap();
    let packed = fs::read(&sealed_files(dir.path())[0]).unwrap();
    assert!(packed.len() * 5 < plain.as_ref().unwrap().len());
    assert_eq!(zstd::decode_all(&*packed).unwrap(), plain.unwrap());
}

#[test]
fn pages_neither_skip_nor_repeat_a_line_while_files_are_finished_and_packed() {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 4_000, 4);
        let store = LogStore::new(dir.path());
        let (mut all, mut after, mut page) = (Vec::new(), None, 0);
        loop {
            let (numbers, last, _) = seen(&store, &Plan { after, ..Plan::all(order) }, 333);
            if numbers.is_empty() {
                break;
            }
            all.extend(numbers);
            after = last.map(|place| place.to_string().parse::<Place>().unwrap());
            page += 1;
            if page == 2 {
                let compact =
                    |micros| time(micros).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
                let name = format!(
                    "em-{}-{}-0000.jsonl",
                    compact(EVENING + 300_000_000),
                    compact(EVENING + 399_900_000)
                );
                fs::rename(dir.path().join("active.jsonl"), dir.path().join(name)).unwrap();
            } else if page == 4 {
                assert_eq!(store.seal().unwrap(), 4);
            }
        }
        if order == Order::NewestFirst {
            all.reverse();
        }
        assert_eq!(all, (0..4_000).collect::<Vec<_>>());
    }
}

#[test]
fn time_and_levels_leave_out_what_cannot_be_meant() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 9_000, 3);
    let store = LogStore::new(dir.path());
    store.seal().unwrap();
    let plan = Plan {
        from: Some(EVENING + 1_000_000),
        until: Some(EVENING + 2_000_000),
        ..Plan::all(Order::OldestFirst)
    };
    let (numbers, _, report) = seen(&store, &plan, 1_000);
    assert_eq!(numbers, (10..20).collect::<Vec<_>>());
    assert_eq!(report.blocks, 1);
    let plan = Plan { levels: Some(Levels::of(&[Level::Trace])), ..Plan::all(Order::NewestFirst) };
    assert_eq!(seen(&store, &plan, 1_000).2.blocks, 0);
}

#[test]
fn lines_are_found_as_soon_as_they_are_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = LogStore::new(dir.path());
    assert!(seen(&store, &of_id("r-0"), 1).0.is_empty(), "nothing is there yet");
    let (path, first) = (dir.path().join("active.jsonl"), line(EVENING, "r-0", 0));
    fs::write(&path, &first).unwrap();
    assert_eq!(seen(&store, &of_id("r-0"), 9).0, [0]);
    let second = line(EVENING + 1, "r-1", 1);
    fs::write(&path, format!("{first}{}", second.get(..40).unwrap())).unwrap();
    assert!(seen(&store, &of_id("r-1"), 9).0.is_empty());
    fs::write(&path, format!("{first}{second}")).unwrap();
    assert_eq!(seen(&store, &of_id("r-1"), 9).0, [0, 1].into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn a_lost_or_damaged_index_is_made_anew_and_hides_nothing() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 6_000, 2);
    LogStore::new(dir.path()).seal().unwrap();
    let index = sealed_files(dir.path())[0].with_extension("idx");
    let whole = fs::read(&index).unwrap();
    let finds = |store: &LogStore| {
        let (numbers, _, report) = seen(store, &of_id("r-700"), 1_000_000);
        assert!(report.faults.is_empty(), "{report:?}");
        assert!([2_100, 2_101, 2_102].iter().all(|number| numbers.contains(number)));
        assert_eq!(fs::read(&index).unwrap(), whole, "it is as it was");
    };
    fs::remove_file(&index).unwrap();
    finds(&LogStore::new(dir.path()));
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut changed = whole.clone();
        changed[at] ^= 16;
        fs::write(&index, changed).unwrap();
        let store = LogStore::new(dir.path());
        let (numbers, _, report) = seen(&store, &of_id("r-700"), 1_000_000);
        assert!(report.faults.is_empty() && numbers.contains(&2_100), "byte {at}: {report:?}");
    }
}

#[test]
fn a_damaged_piece_is_told_and_hides_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 12_000, 2);
    LogStore::new(dir.path()).seal().unwrap();
    let packed = &sealed_files(dir.path())[0];
    let mut bytes = fs::read(packed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(packed, &bytes).unwrap();
    let all = |store: &LogStore| {
        let (numbers, _, report) = seen(store, &Plan::all(Order::OldestFirst), 1_000_000);
        assert!(numbers.len() > 10_000 && numbers.len() < 12_000, "{}", numbers.len());
        (numbers, report)
    };
    let (numbers, report) = all(&LogStore::new(dir.path()));
    assert_eq!(report.faults.len(), 1, "{report:?}");
    // Without its index, too, and still when it has been made anew.
    fs::remove_file(packed.with_extension("idx")).unwrap();
    for _ in 0..2 {
        let (again, report) = all(&LogStore::new(dir.path()));
        assert_eq!((again, report.faults.len()), (numbers.clone(), 1), "{report:?}");
    }
    // A file that was cut gives what is left of it.
    fs::remove_file(packed.with_extension("idx")).unwrap();
    fs::write(packed, &bytes[..middle / 2]).unwrap();
    let (numbers, _, report) = seen(&LogStore::new(dir.path()), &Plan::all(Order::OldestFirst), 1_000_000);
    assert!(numbers.len() > 6_000 && numbers.starts_with(&[0, 1, 2]), "{}", numbers.len());
    assert_eq!(report.faults.len(), 1, "{report:?}");
}

#[test]
fn whatever_a_kill_has_left_every_line_is_there_once() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 6_000, 2);
    let plain = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let plain = plain.filter(|path| !path.ends_with("active.jsonl")).collect::<Vec<_>>().remove(0);
    let content = fs::read(&plain).unwrap();
    let store = LogStore::new(dir.path());
    let every_line_once = |when: &str| {
        let (numbers, _, report) =
            seen(&LogStore::new(dir.path()), &Plan::all(Order::OldestFirst), 1_000_000);
        assert_eq!(numbers, (0..6_000).collect::<Vec<_>>(), "{when}");
        assert!(report.faults.is_empty(), "{when}");
    };
    // A part of the packed file.
    fs::write(dir.path().join("em-part-abc"), "half").unwrap();
    every_line_once("a part");
    store.seal().unwrap();
    assert!(!dir.path().join("em-part-abc").exists());
    every_line_once("packed");
    // The packed file, and the plain one still.
    fs::write(&plain, &content).unwrap();
    every_line_once("both");
    store.seal().unwrap();
    assert!(!plain.exists());
    // The index, and no packed file yet.
    fs::write(&plain, &content).unwrap();
    fs::remove_file(&sealed_files(dir.path())[0]).unwrap();
    every_line_once("an index alone");
    store.seal().unwrap();
    every_line_once("packed again");
}

#[test]
fn the_volume_counts_every_line_in_its_minute() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path(), 9_000, 3);
    let store = LogStore::new(dir.path());
    let volume = |store: &LogStore| {
        let Volume { bars, faults, complete } = store.volume(EVENING, EVENING + 900_000_000, 5).unwrap();
        assert!(faults.is_empty() && complete);
        bars.iter().map(|bar| ((bar.from - EVENING) / 60_000_000, bar.levels, bar.failed)).collect::<Vec<_>>()
    };
    let expected = [0, 5, 10].map(|minute| (minute, [60, 0, 2_940, 0, 0], 60));
    assert_eq!(volume(&store), expected);
    store.seal().unwrap();
    assert_eq!(volume(&LogStore::new(dir.path())), expected);
}

#[test]
fn the_oldest_files_go_by_age_by_size_and_for_free_space() {
    let at = |seconds: i64| Timestamp::from_millis(EVENING / 1_000 + seconds * 1_000);
    let forever = Kept { since: at(0), bytes: u64::MAX, lacking: 0, fresh: at(86_400) };
    let none = Removed::default();
    let limits: BTreeMap<&str, (Kept, Removed)> = BTreeMap::from([
        ("nothing", (forever, none)),
        ("age", (Kept { since: at(400), ..forever }, Removed { age: 1, ..none })),
        ("size", (Kept { bytes: 0, ..forever }, Removed { size: 3, ..none })),
        ("space", (Kept { lacking: u64::MAX, ..forever }, Removed { disk: 3, ..none })),
        (
            "space, but what is fresh",
            (Kept { lacking: u64::MAX, fresh: at(700), ..forever }, Removed { disk: 2, ..none }),
        ),
    ]);
    for (what, (kept, removed)) in limits {
        let gone = usize::try_from(removed.files()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 12_000, 4);
        let store = LogStore::new(dir.path());
        store.seal().unwrap();
        assert_eq!(store.taken().unwrap().files, 4);
        let (told, outcome) = store.prune(kept);
        assert_eq!((told, outcome.is_ok()), (removed, true), "{what}");
        assert_eq!(store.taken().unwrap().files, 4 - removed.files(), "{what}: the one at work stays");
        let left = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(left, 1 + 2 * (3 - gone), "{what}: indexes go with their files");
        let (numbers, _, _) = seen(&LogStore::new(dir.path()), &Plan::all(Order::OldestFirst), 1_000_000);
        assert_eq!(numbers.len(), 12_000 - gone * 3_000, "{what}");
    }
}
