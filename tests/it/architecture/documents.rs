//! What the documents say about the code is so. `UPDATE_DOCS=1` rewrites the generated parts instead of comparing.

use std::{collections::BTreeSet, fs};

use event_manager::domain::{Action, permission::Relation};

use super::sources::{read, root, rust_files};

const API: &str = "docs/api.md";
const REQUIREMENTS: &str = "docs/requirements.md";

/// What paths from the root of the repository begin with.
const FOLDERS: [&str; 6] = [".ci/", "benches/", "docs/", "packaging/", "static/", "tests/"];

#[test]
fn the_permission_table_of_the_api_document_is_the_one_that_is_enforced() {
    let document = read(API);
    let (start, end) = ("<!-- permissions -->\n", "<!-- /permissions -->");
    let (before, rest) = document.split_once(start).unwrap_or_else(|| panic!("{API} has no {start}"));
    let (printed, after) = rest.split_once(end).unwrap_or_else(|| panic!("{API} has no {end}"));
    let table = permission_table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(API), [before, start, &table, end, after].concat()).unwrap();
    } else {
        assert_eq!(printed.trim(), table.trim(), "run the tests with UPDATE_DOCS=1 to renew {API}");
    }
}

#[test]
fn the_requirements_name_only_tests_that_exist() {
    let tests: Vec<(String, String)> = ["src", "tests"]
        .into_iter()
        .flat_map(rust_files)
        .flat_map(|(path, text)| tests_in(&text).into_iter().map(move |name| (path.clone(), name)))
        .collect();
    let named = tests_named(&read(REQUIREMENTS));
    assert!(!named.is_empty(), "{REQUIREMENTS} has no column of tests such as `module::test_name`");
    let unknown: Vec<_> =
        named.iter().filter(|name| !tests.iter().any(|test| is_named(test, name))).collect();
    assert!(unknown.is_empty(), "{REQUIREMENTS} names tests that do not exist: {unknown:#?}");
}

#[test]
fn the_requirements_name_only_files_that_exist() {
    let document = read(REQUIREMENTS);
    let quoted = document.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let files: BTreeSet<&str> =
        quoted.filter(|text| FOLDERS.iter().any(|folder| text.starts_with(folder))).collect();
    assert!(files.iter().any(|file| file.ends_with(".mjs")), "{REQUIREMENTS} names no story of the browser");
    let unknown: Vec<_> = files.iter().filter(|file| !root().join(file).exists()).collect();
    assert!(unknown.is_empty(), "{REQUIREMENTS} names files that do not exist: {unknown:#?}");
}

/// One row an action, in the order of the table in the code.
fn permission_table() -> String {
    let mut table = "| action | roles |\n|---|---|\n".to_owned();
    for action in Action::ALL {
        let roles: Vec<String> = action
            .rule()
            .iter()
            .map(|(role, relation)| {
                let relation = match relation {
                    Relation::Any => "any",
                    Relation::Within => "within",
                    Relation::Own => "own",
                };
                format!("{} {relation}", serde_json::to_value(role).unwrap().as_str().unwrap())
            })
            .collect();
        table.push_str(&format!("| {} | {} |\n", action.word(), roles.join(", ")));
    }
    table
}

/// The functions with an attribute that makes them tests.
fn tests_in(text: &str) -> Vec<String> {
    let mut tests = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        let function = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        match function {
            Some(rest) => {
                if is_test {
                    tests.extend(rest.split(['(', '<']).next().map(ToOwned::to_owned));
                }
                is_test = false;
            }
            None if line.starts_with("#[") && line.contains("test") && !line.contains("cfg") => {
                is_test = true
            }
            None => {}
        }
    }
    tests
}

/// The names such as `module::test_name` in the table columns whose head speaks of tests.
fn tests_named(document: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut column = None;
    for line in document.lines() {
        let Some(row) = line.trim().strip_prefix('|') else {
            column = None;
            continue;
        };
        let cells: Vec<&str> = row.split('|').collect();
        match column {
            None => column = Some(cells.iter().position(|cell| cell.to_lowercase().contains("test"))),
            Some(Some(column)) => {
                let cell: &str = cells.get(column).copied().unwrap_or_default();
                let quoted = cell.split('`').skip(1).step_by(2).filter(|text| text.contains("::"));
                named.extend(quoted.map(ToOwned::to_owned));
            }
            Some(None) => {}
        }
    }
    named
}

/// Whether a test is meant by `module::test_name`: the modules stand, in their order, in its path.
fn is_named((path, test): &(String, String), name: &str) -> bool {
    let mut parts: Vec<&str> = name.split("::").collect();
    if parts.pop() != Some(test.as_str()) {
        return false;
    }
    let path = path.trim_end_matches(".rs");
    let mut folders = path.split('/');
    parts.iter().filter(|part| **part != "tests").all(|part| folders.any(|folder| folder == *part))
}

#[test]
fn a_test_is_known_by_the_end_of_its_path() {
    let test = ("src/store/redb/power_loss.rs".to_owned(), "nothing_is_lost".to_owned());
    assert!(is_named(&test, "power_loss::nothing_is_lost"));
    assert!(is_named(&test, "store::redb::power_loss::tests::nothing_is_lost"));
    assert!(!is_named(&test, "memory::nothing_is_lost"));
    assert!(!is_named(&test, "power_loss::nothing"));
    let table =
        "| criterion | where | test |\n|---|---|---|\n| a | `store::x` | `m::t`, `n::u` |\n\n`other::thing`";
    assert_eq!(tests_named(table), ["m::t", "n::u"].map(ToOwned::to_owned).into());
    assert_eq!(
        tests_in("#[test]\n#[ignore]\nfn one() {}\nfn two() {}\n#[tokio::test]\nasync fn three() {}"),
        ["one", "three"]
    );
}
