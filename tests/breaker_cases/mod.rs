//! Runs every worked case of how a circuit breaker behaves, in `tests/cases/breaker` and in the directory that
//! `BREAKER_CASES_DIR` names, through the production breaker on a clock that is moved by hand.

mod case;
mod stage;

use std::{
    fs,
    path::{Path, PathBuf},
};

use case::File;
use stage::Stage;

#[test]
fn breaker_cases() {
    let mut failures = Vec::new();
    let mut cases = 0;
    for path in case_files() {
        let file = path.display();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let File { format, cases: listed, .. } =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(format, "breaker-cases/1", "{file}");
        assert!(!listed.is_empty(), "{file} holds no case");
        for case in listed {
            cases += 1;
            let mut stage = Stage::set(&case);
            for (number, step) in case.steps.iter().enumerate() {
                let wrong = stage.play(step);
                failures.extend(wrong.into_iter().map(|wrong| {
                    format!("{file}: {}: step {}: {wrong} (it shows that {})", case.id, number + 1, case.why)
                }));
            }
            assert!(stage.compared > 0, "{file}: {} expects nothing", case.id);
        }
    }
    assert!(cases >= 47, "only {cases} cases were found");
    assert!(
        failures.is_empty(),
        "{} of {cases} cases' steps differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn case_files() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/breaker");
    let more = std::env::var_os("BREAKER_CASES_DIR").map(PathBuf::from);
    let mut files = Vec::new();
    for directory in [Some(own), more].into_iter().flatten() {
        let entries =
            fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        let paths = entries.map(|entry| entry.unwrap().path());
        files.extend(paths.filter(|path| path.extension().is_some_and(|ending| ending == "json")));
    }
    files.sort();
    files
}
