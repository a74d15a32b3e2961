//! Kills while the log is written and packed: what was in its files is found afterwards, each line once.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{Client, Options, Server, wait_until};

/// Kills that meet a file while it is packed, and most that are tried for it.
const MET: usize = 2;
const KILLS_MAX: usize = 10;
/// Longest wait until a file is packed.
const PACKED_WITHIN: Duration = Duration::from_secs(60);

/// Lines, and how often each is there.
type Lines = BTreeMap<String, usize>;

/// The names of the files of a log.
fn names(logs: &Path) -> Vec<String> {
    fs::read_dir(logs).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

fn is_being_packed(logs: &Path) -> bool {
    names(logs).iter().any(|name| name.starts_with("em-part-"))
}

/// The lines that lie in the files, but for one that was torn. A file that is packed and not yet removed counts once.
fn lying(logs: &Path) -> Lines {
    let (names, mut lines) = (names(logs), Lines::new());
    for name in &names {
        let bytes = || fs::read(logs.join(name)).unwrap();
        let text = match name.strip_suffix(".zst") {
            Some(plain) if names.iter().any(|other| other == plain) => continue,
            Some(_) => zstd::decode_all(&*bytes()).unwrap(),
            None if name.ends_with(".jsonl") => bytes(),
            None => continue,
        };
        let text = String::from_utf8(text).unwrap();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        for line in whole.filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            *lines.entry(line.to_string()).or_default() += 1;
        }
    }
    lines
}

/// The lines that a search finds.
fn found(client: &Client) -> Lines {
    let (mut lines, mut cursor) = (Lines::new(), String::new());
    loop {
        let page = client.get(&format!("/logs?order=oldest&limit=1000{cursor}")).expect(200);
        assert_eq!(page["faults"], json!([]));
        for item in page["items"].as_array().unwrap() {
            *lines.entry(item["fields"].to_string()).or_default() += 1;
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return lines,
        }
    }
}

/// Asks without a pause until told otherwise, and cares for no answer.
fn ask(url: &str, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let _ = ureq::get(url).call();
    }
}

#[test]
fn what_was_in_the_log_is_there_once_after_kills_while_it_is_written_and_packed() {
    let mut server = Server::with(Options::default().set("log.segment_mib", "1"));
    let (mut kills, mut met) = (0, 0);
    while met < MET {
        assert!(kills < KILLS_MAX, "only {met} of {kills} kills met a file while it was packed");
        kills += 1;
        let (url, logs) = (format!("http://{}/api/v1/me", server.address()), server.logs());
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| ask(&url, &is_over));
            }
            // Not by `wait_until`, which looks too seldom to meet it.
            let begun = Instant::now();
            while !is_being_packed(&logs) && begun.elapsed() < PACKED_WITHIN {
                thread::yield_now();
            }
            server.kill();
            is_over.store(true, Ordering::Relaxed);
        });
        met += usize::from(is_being_packed(&logs));
        let before = lying(&logs);
        assert!(before.len() > 1_000, "{} lines", before.len());

        server.start_again();
        let after = found(&server.operator("system"));
        for (line, times) in before {
            assert_eq!(after.get(&line), Some(&times), "{line}");
        }
        wait_until("nothing is left of what was cut short", || !is_being_packed(&logs));
    }
}
