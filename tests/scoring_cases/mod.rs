//! Runs every worked case of published rules, in `tests/cases/scoring` and in the directory that
//! `SCORING_CASES_DIR` names, through the engine. Their `method` is on one of two lists; a case on neither
//! fails.

mod averages;
mod case;
mod ranks;
mod totals;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use case::Comparison;

/// Everything a case expects, beside what the engine makes of it.
type Check = fn(&Value) -> Vec<Comparison>;

/// Methods the engine has, by the name cases give them.
const SUPPORTED: [(&str, Check); 7] = [
    ("borda", ranks::borda),
    ("positional-points", ranks::positional_points),
    ("rank-sum-drop-high-low", ranks::rank_sum_drop),
    ("rank-then-average-ties", ranks::rank_then_average_ties),
    ("standard-competition-ranking", ranks::competition_ranking),
    ("trimmed-mean-with-missing", averages::trimmed_mean_with_missing),
    ("weighted-sum", totals::weighted_sum),
];

/// Methods the engine does not have yet.
const PENDING: [&str; 11] = [
    "advancement",
    "best-of-majority and one-by-one",
    "callback-count-with-cutoff",
    "skating-multi-dance",
    "skating-single-dance",
    "skating-validation",
    // Its marks are counts only, which decide one of its two expected orders and leave the other open.
    "tiebreak-countback",
    "trim-k-sum-times-difficulty",
    "trimmed-mean-of-deductions",
    "trimmed-mean-percent-of-base",
    "trimmed-mean-sum-weighted",
];

/// The variant of `trimmed-mean-with-missing` in which failed attempts count as the worst: not yet.
const PENDING_ATTEMPTS: &str = "trimmed-mean-with-missing, of attempts";

#[test]
fn scoring_cases() {
    let mut failures = Vec::new();
    let mut seen = BTreeSet::new();
    for path in case_files() {
        let file = path.display();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let case: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let method = method(&case);
        seen.insert(method.to_owned());
        let check = SUPPORTED.iter().find(|(name, _)| *name == method).map(|(_, check)| check);
        match check {
            Some(check) => {
                println!("checking {file}");
                let comparisons = check(&case);
                if comparisons.is_empty() {
                    failures.push(format!("{file}: expects nothing that could be compared"));
                }
                let different =
                    comparisons.iter().filter(|comparison| comparison.expected != comparison.computed);
                failures.extend(different.map(|comparison| format!("{file}: {comparison}")));
            }
            None if PENDING.contains(&method) || method == PENDING_ATTEMPTS => println!("pending  {file}"),
            None => failures.push(format!("{file}: the method {method:?} is neither supported nor pending")),
        }
    }
    println!("supported: {}", SUPPORTED.map(|(name, _)| name).join("; "));
    println!("pending: {}; {PENDING_ATTEMPTS}", PENDING.join("; "));
    for name in SUPPORTED.iter().map(|(name, _)| *name).chain(PENDING).chain([PENDING_ATTEMPTS]) {
        if !seen.contains(name) {
            failures.push(format!("no case for {name}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The method of a case; one name stands for two methods, which the marks tell apart.
fn method(case: &Value) -> &str {
    match case["method"].as_str() {
        Some("trimmed-mean-with-missing") if case["marks"][0].get("attempts").is_some() => PENDING_ATTEMPTS,
        method => method.unwrap_or_default(),
    }
}

/// All case files by name; `index.json` only lists them.
fn case_files() -> Vec<PathBuf> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/scoring");
    let more = std::env::var_os("SCORING_CASES_DIR").map(PathBuf::from);
    let mut files: Vec<PathBuf> = [Some(ours), more]
        .into_iter()
        .flatten()
        .flat_map(|directory| {
            let entries =
                fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
            entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| path.file_name().is_some_and(|name| name != "index.json"))
        .collect();
    files.sort();
    files
}
