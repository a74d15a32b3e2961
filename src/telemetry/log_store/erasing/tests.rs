//! Erasing on files as the log writes them: what goes, and that nothing else moves by a byte.

use std::{collections::BTreeMap, fs, ops::ControlFlow, path::Path};

use super::*;
use crate::telemetry::log_store::{Place, Seen};

const EVENING: i64 = 1_777_662_000_000_000;
const THEIRS: &str = "0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a57";
const OTHERS: &str = "0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a58";
const ROOM: u64 = u64::MAX;

fn time(number: usize) -> String {
    let at = EVENING + i64::try_from(number).unwrap() * 100_000;
    format!("{:.6}", jiff::Timestamp::from_microsecond(at).unwrap())
}

/// A line of a request that has three: the first one tells not yet whose it is.
fn line(number: usize) -> String {
    let request = number / 3;
    let whose = if request.is_multiple_of(3) { THEIRS } else { OTHERS };
    let tenant = if number.is_multiple_of(3) { String::new() } else { format!(",\"tenantId\":\"{whose}\"") };
    let padding = "x".repeat(200);
    format!(
        "{{\"timestamp\":\"{}\",\"level\":\"info\",\"message\":\"m\",\"requestId\":\"r-{request}\",\"correlationId\":\"c-{request}\"\
         {tenant},\"number\":{number},\"padding\":\"{padding}\"}}\n",
        time(number)
    )
}

fn is_theirs(number: usize) -> bool {
    (number / 3).is_multiple_of(3)
}

/// A log of so many lines in packed files, which end in the middle of requests.
fn packed(dir: &Path, lines: usize, files: usize) -> LogStore {
    for file in 0..files {
        let numbers = file * lines / files..(file + 1) * lines / files;
        let compact = |number| time(number).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let name = format!("em-{}-{}-0000.jsonl", compact(numbers.start), compact(numbers.end - 1));
        fs::write(dir.join(name), numbers.map(line).collect::<String>()).unwrap();
    }
    let store = LogStore::new(dir);
    assert_eq!(store.seal().unwrap(), files);
    store
}

/// Erases to the end. Returns how many lines went, and how many files were rewritten.
fn erase_all(store: &LogStore) -> (u64, u64) {
    let (mut behind, mut lines, mut rewritten) = (None, 0, 0);
    loop {
        let part = store.erase(&[THEIRS.to_owned()], behind.as_deref(), ROOM).unwrap();
        assert_eq!(part.faults, []);
        lines += part.lines;
        rewritten += u64::from(part.lines > 0);
        behind = part.last.or(behind);
        if part.left == 0 {
            return (lines, rewritten);
        }
    }
}

/// All lines by where they stand.
fn places(store: &LogStore) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let plan = Plan::all(Order::OldestFirst);
    let report = store
        .walk(&plan, &mut |seen| {
            if let Seen::Line(line) = seen {
                all.insert(line.place.to_string(), line.text.to_vec());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(report.faults, []);
    all
}

fn number_of(line: &[u8]) -> usize {
    let fields: serde_json::Value = serde_json::from_slice(line).unwrap();
    usize::try_from(fields["number"].as_u64().unwrap()).unwrap()
}

fn files(dir: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

#[test]
fn the_lines_of_a_tenant_go_and_no_other_moves_by_a_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = packed(dir.path(), 9_000, 7);
    let mut expected = places(&store);
    expected.retain(|_, line| !is_theirs(number_of(line)));
    let sizes = |dir: &Path| -> Vec<usize> {
        files(dir, "zst")
            .iter()
            .map(|path| zstd::decode_all(&*fs::read(path).unwrap()).unwrap().len())
            .collect()
    };
    let before = sizes(dir.path());

    assert_eq!(erase_all(&store), (9_000 - expected.len() as u64, 7));
    // By the index as it was written, by one that is made anew, and by the tools that read such files.
    for lost in [false, true] {
        if lost {
            files(dir.path(), "idx").iter().for_each(|index| fs::remove_file(index).unwrap());
        }
        for store in [&store, &LogStore::new(dir.path())] {
            assert_eq!(places(store), expected);
        }
    }
    assert_eq!(sizes(dir.path()), before);
    for path in files(dir.path(), "zst") {
        assert!(!has_text(&zstd::decode_all(&*fs::read(path).unwrap()).unwrap(), THEIRS.as_bytes()));
    }
    let minutes: u64 = store
        .volume(EVENING, EVENING + 3_600_000_000, 1)
        .unwrap()
        .bars
        .iter()
        .map(|bar| bar.levels.iter().sum::<u64>())
        .sum();
    assert_eq!(minutes, expected.len() as u64);
    let theirs = Plan { ids: vec![IdHash::of("r-0")], ..Plan::all(Order::NewestFirst) };
    assert_eq!(store.walk(&theirs, &mut |_| ControlFlow::Continue(())).unwrap().blocks, 0);
    assert_eq!(erase_all(&store), (0, 0), "nothing is left to erase");
}

#[test]
fn pages_go_on_where_they_were_while_lines_are_erased() {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let dir = tempfile::tempdir().unwrap();
        let store = packed(dir.path(), 4_000, 4);
        let (mut numbers, mut after, mut page) = (Vec::new(), None::<Place>, 0);
        loop {
            let before = numbers.len();
            let plan = Plan { after, ..Plan::all(order) };
            store
                .walk(&plan, &mut |seen| {
                    let Seen::Line(line) = seen else { return ControlFlow::Continue(()) };
                    if numbers.len() == before + 333 {
                        return ControlFlow::Break(());
                    }
                    numbers.push(number_of(line.text));
                    after = Some(line.place);
                    ControlFlow::Continue(())
                })
                .unwrap();
            if numbers.len() == before {
                break;
            }
            page += 1;
            if page == 2 {
                erase_all(&store);
            }
        }
        let mut seen: Vec<_> = numbers.iter().copied().filter(|number| !is_theirs(*number)).collect();
        if order == Order::NewestFirst {
            seen.reverse();
        }
        assert_eq!(seen, (0..4_000).filter(|number| !is_theirs(*number)).collect::<Vec<_>>());
        assert_eq!(
            numbers.iter().filter(|number| is_theirs(**number)).count(),
            222,
            "of the first two pages"
        );
    }
}

#[test]
fn a_walk_that_has_begun_reads_a_file_that_is_rewritten_under_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = packed(dir.path(), 6_000, 2);
    let (mut numbers, mut first) = (Vec::new(), true);
    let report = store
        .walk(&Plan::all(Order::OldestFirst), &mut |seen| {
            if std::mem::take(&mut first) {
                // The file is listed, and its index open.
                erase_all(&store);
            }
            if let Seen::Line(line) = seen {
                numbers.push(number_of(line.text));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(report.faults.is_empty() && report.complete, "{report:?}");
    assert_eq!(numbers, (0..6_000).filter(|number| !is_theirs(*number)).collect::<Vec<_>>());
}

#[test]
fn whatever_a_kill_leaves_one_of_both_is_there_and_the_rest_is_done_later() {
    let all: Vec<_> = (0..3_000).filter(|number| !is_theirs(*number)).collect();
    let dir = tempfile::tempdir().unwrap();
    let store = packed(dir.path(), 3_000, 1);
    let (packed, index) = (files(dir.path(), "zst").remove(0), files(dir.path(), "idx").remove(0));
    let (old_packed, old_index) = (fs::read(&packed).unwrap(), fs::read(&index).unwrap());
    erase_all(&store);
    let (new_packed, new_index) = (fs::read(&packed).unwrap(), fs::read(&index).unwrap());
    let states = [
        ("a part was written", &old_packed, &old_index),
        ("only the index is new", &old_packed, &new_index),
        ("only the lines are new", &new_packed, &old_index),
        ("both are new", &new_packed, &new_index),
    ];
    for (when, in_packed, in_index) in states {
        fs::write(&packed, in_packed).unwrap();
        fs::write(&index, in_index).unwrap();
        fs::write(dir.path().join("em-part-abc"), "half").unwrap();
        let store = LogStore::new(dir.path());
        let found: Vec<_> = places(&store).values().map(|line| number_of(line)).collect();
        let is_old = in_packed == &old_packed;
        assert_eq!(found.len(), if is_old { 3_000 } else { all.len() }, "{when}");
        store.seal().unwrap();
        assert!(!dir.path().join("em-part-abc").exists());
        erase_all(&store);
        for store in [&store, &LogStore::new(dir.path())] {
            let mut found: Vec<_> = places(store).values().map(|line| number_of(line)).collect();
            found.sort_unstable();
            assert_eq!(found, all, "{when}");
        }
    }
}

#[test]
fn what_cannot_be_read_stays_and_is_told_and_hides_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = packed(dir.path(), 12_000, 1);
    let (packed, index) = (files(dir.path(), "zst").remove(0), files(dir.path(), "idx").remove(0));
    let mut bytes = fs::read(&packed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&packed, &bytes).unwrap();
    let mut broken = fs::read(&index).unwrap();
    broken[40] ^= 1;
    fs::write(&index, broken).unwrap();
    drop(store);

    let store = LogStore::new(dir.path());
    let erased = store.erase(&[THEIRS.to_owned()], None, ROOM).unwrap();
    assert!(erased.lines > 2_500 && erased.left == 0, "{erased:?}");
    for store in [&store, &LogStore::new(dir.path())] {
        let mut numbers = Vec::new();
        let report = store
            .walk(&Plan::all(Order::OldestFirst), &mut |seen| {
                if let Seen::Line(line) = seen {
                    numbers.push(number_of(line.text));
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(report.faults.len(), 1, "{report:?}");
        assert!(numbers.len() > 6_000 && numbers.iter().all(|number| !is_theirs(*number)));
    }
}

#[test]
fn seals_of_the_audit_log_stay_and_torn_lines_go() {
    let seal = format!(
        "{{\"timestamp\":\"{}\",\"level\":\"info\",\"message\":\"audit head\",\"tenantId\":\"{THEIRS}\"}}\n",
        time(1)
    );
    let torn = format!("{{\"timestamp\":\"{}\",\"level\":\"info\",\"tenantId\":\"{THEIRS}\",\"na\n", time(2));
    let text = [seal.as_str(), &torn, &line(1), &line(4)].concat();
    let theirs = Theirs { tenants: &[THEIRS.to_owned()], requests: HashSet::new() };
    let blanked = blanked(text.as_bytes(), |line| theirs.has(line));
    let blank = " ".repeat(torn.len() + line(1).len() - 1) + "\n";
    assert_eq!(String::from_utf8(blanked.text).unwrap(), [seal, blank, line(4)].concat());
    assert_eq!(blanked.lines, 2);
}

#[test]
fn without_room_on_the_disk_nothing_changes_and_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = packed(dir.path(), 3_000, 1);
    let before = fs::read(&files(dir.path(), "zst")[0]).unwrap();
    let refused = store.erase(&[THEIRS.to_owned()], None, before.len() as u64).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs::read(&files(dir.path(), "zst")[0]).unwrap(), before);
    assert_eq!(places(&store).len(), 3_000);
}
