//! Dependencies between the rooms of `src/` point one way, and no file grows beyond reading.

use std::collections::BTreeSet;

use super::sources::rust_files;

/// Each room with what it may use beyond `domain`, and `config` (which every room but `domain` may use). Whatever a
/// room may use stands further down.
const ROOMS: [(&str, &[&str]); 15] = [
    ("main", &["cli"]),
    ("cli", &["appliance", "http", "service", "reports", "store", "security", "telemetry"]),
    (
        "appliance",
        &[
            "http",
            "jobs",
            "service",
            "reports",
            "integrations",
            "resilience",
            "store",
            "security",
            "text",
            "telemetry",
        ],
    ),
    ("http", &["service", "reports", "resilience", "telemetry"]),
    ("jobs", &["service", "integrations", "reports", "text", "resilience", "store", "telemetry"]),
    ("service", &["resilience", "store", "security", "text", "telemetry"]),
    ("reports", &[]),
    ("integrations", &["resilience", "telemetry"]),
    ("resilience", &["telemetry"]),
    ("store", &["telemetry"]),
    ("security", &[]),
    ("text", &[]),
    ("telemetry", &[]),
    ("config", &[]),
    ("domain", &[]),
];

/// Longest file, in lines.
const LINES_MAX: usize = 400;

#[test]
fn the_table_of_rooms_points_one_way() {
    for (index, (room, may_use)) in ROOMS.iter().enumerate() {
        for used in *may_use {
            let place = ROOMS.iter().position(|(other, _)| other == used);
            assert!(place.is_some_and(|place| place > index), "{room} -> {used}");
        }
    }
}

#[test]
fn the_code_map_says_of_each_room_what_it_may_use() {
    let map = std::fs::read_to_string("docs/ARCHITECTURE.md").unwrap();
    for (room, may_use) in ROOMS.iter().filter(|(room, _)| !matches!(*room, "main" | "appliance")) {
        let begins = format!("| `{room}/` |");
        let row = map.lines().find(|line| line.starts_with(&begins));
        let row = row.unwrap_or_else(|| panic!("the code map has no row {begins}"));
        let last = row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default();
        let said: BTreeSet<&str> =
            last.split('`').skip(1).step_by(2).filter(|name| *name != "config").collect();
        assert_eq!(said, may_use.iter().copied().collect(), "{room}");
    }
}

#[test]
fn every_room_uses_only_what_the_table_allows() {
    let mut forbidden = Vec::new();
    for (path, text) in rust_files("src") {
        let room = room_of(&path);
        if room == "lib" {
            continue;
        }
        let (_, allowed) = ROOMS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{path} is in no room of the table"));
        // Only the program itself names the library from outside.
        let text = if room == "main" { text.replace("event_manager::", "crate::") } else { text };
        for used in rooms_used(&text) {
            let granted = used == room
                || used == "domain"
                || (used == "config" && room != "domain")
                || allowed.contains(&used.as_str());
            if !granted {
                forbidden.push(format!("{path} uses {used}"));
            }
        }
    }
    assert!(forbidden.is_empty(), "{}", forbidden.join("\n"));
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let files =
        ["src", "tests", "benches"].into_iter().filter(|folder| super::sources::root().join(folder).is_dir());
    let long: Vec<String> = files
        .flat_map(rust_files)
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn uses_are_found_in_every_form_rust_has_for_them() {
    let text = "
        //! Nothing of crate::jobs.
        use crate::{
            config::{Config, Flags}, // not crate::text
            domain,
            store::{self, live::{a, b}},
        };
        pub(in crate::http) fn f(x: crate::service::X) { crate::cli::run(); }
    ";
    let found = rooms_used(text);
    let expected = ["cli", "config", "domain", "http", "service", "store"];
    assert_eq!(found, expected.map(ToOwned::to_owned).into());
}

fn room_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// The rooms a source file names, however it does.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut rooms = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(names_of(list)),
            None => rooms.extend(name(rest)),
        }
    }
    rooms
}

/// The first names of a `use` list, up to the brace that closes it.
fn names_of(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut expects) = (0_usize, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects = true,
            _ if expects && !c.is_whitespace() => {
                names.extend(name(&list[at..]));
                expects = false;
            }
            _ => {}
        }
    }
    names
}

/// The module a path begins with; what begins with a capital is no room.
fn name(path: &str) -> Option<String> {
    let name: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    name.starts_with(|c: char| c.is_lowercase()).then_some(name)
}

/// The crates that the customer has chosen.
const CHOSEN: [&str; 12] = [
    "tokio",
    "actix-web",
    "redb",
    "tracing",
    "tracing-appender",
    "uuid",
    "lettre",
    "ureq",
    "serde",
    "rmp-serde",
    "metrics",
    "metrics-exporter-prometheus",
];

#[test]
fn the_crates_that_the_customer_has_chosen_are_depended_on_and_used() {
    let manifest = super::sources::read("Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let sources = rust_files("src");
    for name in CHOSEN {
        assert!(dependencies.lines().any(|line| line.starts_with(&format!("{name} ="))), "{name}");
        let path = format!("{}::", name.replace('-', "_"));
        assert!(sources.iter().any(|(_, text)| text.contains(&path)), "{name} is not used");
    }
}
