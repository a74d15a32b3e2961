//! A large log, made of a small one: its lines again and again, with other ids and at other times.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use rustix::fs::{Advice, fadvise};

/// Bytes of a file, as the product has them.
const FILE_BYTES: usize = 64 << 20;
/// Bytes of a line before its time, and of the time.
const TIME: std::ops::Range<usize> = 14..41;
/// The fields whose values are other ones in each copy; the last digits are.
const IDS: [&str; 5] = ["requestId", "correlationId", "trace_id", "span_id", "parent_span_id"];
/// Digits that are other ones.
const DIGITS: usize = 12;

/// What was made.
pub struct Material {
    pub lines: u64,
    pub bytes: u64,
    pub files: usize,
    /// Request ids of lines all over it.
    pub sought: Vec<String>,
}

/// A line, and where the ends of its ids stand in it.
struct Template {
    line: Vec<u8>,
    ids: Vec<usize>,
    request: Option<std::ops::Range<usize>>,
}

impl Material {
    /// Fills the directory of a log with files of so many bytes together, and another one with the same files, which stay as
    /// they are.
    pub fn make(logs: &Path, plain: &Path, bytes: u64, span: Duration, sought: usize) -> Self {
        let templates = templates(&fs::read_to_string(logs.join("active.jsonl")).unwrap());
        fs::create_dir(plain).unwrap();
        let until = Timestamp::try_from(SystemTime::now()).unwrap().as_microsecond() - 60_000_000;
        let each: u64 = templates.iter().map(|template| template.line.len() as u64).sum();
        let lines = bytes * templates.len() as u64 / each;
        let step = span.as_micros() as f64 / lines as f64;
        let begin = until - span.as_micros() as i64;
        let mut made = Self { lines, bytes: 0, files: 0, sought: Vec::new() };
        let mut file = Vec::with_capacity(FILE_BYTES + (1 << 16));
        let mut first = String::new();
        for number in 0..lines {
            let template = &templates[(number % templates.len() as u64) as usize];
            let copy = number / templates.len() as u64;
            let time = Timestamp::from_microsecond(begin + (step * number as f64) as i64).unwrap();
            let time = format!("{time:.6}");
            if file.is_empty() {
                first.clone_from(&time);
            }
            let at = file.len();
            file.extend_from_slice(&template.line);
            file[at + TIME.start..at + TIME.end].copy_from_slice(time.as_bytes());
            for end in &template.ids {
                put(&mut file[at + end - DIGITS..at + end], copy);
            }
            let every = lines / sought as u64;
            if number >= every * made.sought.len() as u64
                && let Some(request) = &template.request
                && made.sought.len() < sought
            {
                let id = &file[at + request.start..at + request.end];
                made.sought.push(String::from_utf8(id.to_vec()).unwrap());
            }
            if file.len() >= FILE_BYTES || number + 1 == lines {
                made.put(logs, plain, &file, &first, &time);
                file.clear();
            }
        }
        made
    }

    fn put(&mut self, logs: &Path, plain: &Path, lines: &[u8], first: &str, last: &str) {
        let in_name = |time: &str| time.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let name = format!("em-{}-{}-0000.jsonl", in_name(first), in_name(last));
        let mut file = File::create(plain.join(&name)).unwrap();
        file.write_all(lines).unwrap();
        file.sync_all().unwrap();
        // The product removes its own name of the file once it is packed.
        fs::hard_link(plain.join(&name), logs.join(&name)).unwrap();
        self.bytes += lines.len() as u64;
        self.files += 1;
    }
}

fn templates(lines: &str) -> Vec<Template> {
    let of_requests = lines.lines().filter(|line| line.contains("\"kind\":\"http\""));
    let all: Vec<_> = of_requests
        .map(|line| {
            let value = |name: &str| {
                let key = format!("\"{name}\":\"");
                let start = line.find(&key)? + key.len();
                Some(start..start + line[start..].find('"')?)
            };
            let ids = IDS.iter().filter_map(|name| value(name)).map(|value| value.end).collect();
            Template { line: format!("{line}\n").into_bytes(), ids, request: value("requestId") }
        })
        .collect();
    assert!(all.len() > 1_000, "{} lines are too few to look like an evening", all.len());
    all
}

/// Other digits in each copy, the same ones for the same digits, so that lines of a request stay together.
fn put(digits: &mut [u8], copy: u64) {
    let was = u64::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    // A bijection of the digits, with an odd factor.
    let mixed = (was ^ copy.wrapping_mul(0x9e37_79b9_7f4b)).wrapping_mul(0x5851_f42d_4c95) & 0xffff_ffff_ffff;
    digits.copy_from_slice(format!("{mixed:012x}").as_bytes());
}

/// Has the kernel forget what it has read of the files of a directory.
pub fn evict(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_file() {
            let file = File::open(path).unwrap();
            file.sync_all().unwrap();
            fadvise(&file, 0, None, Advice::DontNeed).unwrap();
        }
    }
}
