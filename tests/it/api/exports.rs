//! Tables and whole events as files: what the caller may see, nothing that is deleted, and what an import reads again.

use std::collections::BTreeMap;

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Competition, Tenant, id_of};

/// A row of a CSV file, by its headings.
type Record = BTreeMap<String, String>;

fn records(answer: &Answer) -> Vec<Record> {
    assert_eq!(answer.status, 200, "{}", answer.describe());
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    let text = answer.text();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn names(client: &Client, path: &str) -> Vec<String> {
    records(&client.get(path)).into_iter().map(|mut record| record.remove("name").unwrap()).collect()
}

fn export_of(competition: &Competition, what: &str) -> String {
    match what {
        "entries" => format!("/exports/entries?contestId={}", competition.contest),
        "results" | "sheets" => format!("/exports/{what}?categoryId={}", competition.category),
        _ => format!("/exports/{what}"),
    }
}

const TABLES: [&str; 6] = ["contestants", "judges", "users", "entries", "results", "sheets"];

#[test]
fn every_table_is_there_as_csv_and_as_json_with_the_same_rows() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    for (what, count) in TABLES.into_iter().zip([3, 2, 3, 3, 3, 6]) {
        let path = export_of(&competition, what);
        let csv = records(&admin.get(&path));
        assert_eq!(csv.len(), count, "{what}");
        let separator = if path.contains('?') { '&' } else { '?' };
        let json = admin.get(&format!("{path}{separator}format=json")).expect(200);
        for (record, item) in csv.iter().zip(json["items"].as_array().unwrap()) {
            let told: BTreeMap<String, String> = item
                .as_object()
                .unwrap()
                .iter()
                .map(|(heading, cell)| {
                    let text = match cell {
                        Value::Null => String::new(),
                        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
                        Value::String(text) => text.clone(),
                        other => other.to_string(),
                    };
                    (heading.clone(), text)
                })
                .collect();
            assert_eq!(record, &told, "{what}");
        }
    }
    let results = records(&admin.get(&export_of(&competition, "results")));
    let best: Vec<&str> =
        ["place", "number", "name", "total", "Jo", "Kim"].map(|heading| results[0][heading].as_str()).into();
    assert_eq!(best, ["1", "1", "Ann", "36", "18", "18"]);
    let sheets = records(&admin.get(&export_of(&competition, "sheets")));
    let of_ben: Vec<&Record> = sheets.iter().filter(|sheet| sheet["name"] == "Ben").collect();
    assert_eq!(of_ben.len(), 2);
    assert!(of_ben.iter().all(|sheet| sheet["Technique"] == "8" && sheet["state"] == "submitted"));
}

#[test]
fn a_file_says_what_is_in_it() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.patch(&format!("/contests/{}", competition.contest), &json!({"name": "Süd/West"})).expect(200);
    let answer = admin.get(&export_of(&competition, "entries"));
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment; filename=\"sud-west-entries-20"), "{name}");
    assert!(
        name.contains("filename*=UTF-8''S%C3%BCd%2DWest%20entries%2020") && name.ends_with(".csv"),
        "{name}"
    );
}

#[test]
fn nothing_that_is_deleted_is_exported_until_it_is_back() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    let all = || TABLES.map(|what| admin.get(&export_of(&competition, what)).text());
    let whole = format!("/exports/events/{}", competition.event);
    let (before, event) = (all(), admin.get(&whole).expect(200));
    for (path, hidden, id) in [
        (format!("/contestants/{}", competition.contestants[1]), "Ben", &competition.contestants[1]),
        (format!("/judges/{}", competition.judges[1].id), "Kim", &competition.judges[1].id),
    ] {
        admin.delete(&format!("{path}?confirm=true")).expect(204);
        for (what, text) in TABLES.iter().zip(all()) {
            assert!(!text.contains(hidden) && !text.contains(id.as_str()), "{what}: {text}");
        }
        let text = admin.get(&whole).expect(200).to_string();
        assert!(!text.contains(hidden) && !text.contains(id.as_str()), "{text}");
        admin.call(&format!("{path}/restore")).expect(200);
        assert_eq!(all(), before);
        assert_eq!(admin.get(&whole).expect(200), event);
    }
    let user = &competition.judges[0].user;
    admin.delete(&format!("/users/{user}")).expect(204);
    assert!(!admin.get("/exports/users").text().contains(user.as_str()));
    let category = format!("/categories/{}", competition.category);
    admin.delete(&category).expect(204);
    for what in ["results", "sheets"] {
        admin.get(&export_of(&competition, what)).expect_problem(404, "not_found");
    }
    assert!(!admin.get(&whole).expect(200).to_string().contains(&competition.category));
    admin.delete(&format!("/events/{}", competition.event)).expect(204);
    admin.get(&whole).expect_problem(404, "not_found");
    admin.get(&export_of(&competition, "entries")).expect_problem(404, "not_found");
}

#[test]
fn each_table_needs_the_permission_to_read_it_and_shows_what_the_list_shows() {
    let competition = Competition::new();
    let admin = competition.admin();
    let contestant = format!("/contestants/{}", competition.contestants[0]);
    admin.patch(&contestant, &json!({"contactEmail": "ann@it.example"})).expect(200);
    for (key, roles) in [("size", json!(["ADMIN", "AUDITOR"])), ("pay", json!(["ADMIN"]))] {
        let rule = json!({"type": "text"});
        admin.create(
            "/fields",
            &json!({"entity": "contestant", "key": key, "label": key, "rule": rule, "visibility": roles}),
        );
    }
    admin.patch(&contestant, &json!({"custom": {"size": "38", "pay": "none"}})).expect(200);
    let tally = competition.tenant.with_role(Role::TallyMaster);
    let problem = tally.get("/exports/users").expect_problem(403, "forbidden");
    assert_eq!(problem["action"], "users.read");
    competition.tenant.with_role(Role::Emcee).get("/exports/contestants").expect_problem(403, "forbidden");

    let ann = |client: &Client| records(&client.get("/exports/contestants")).remove(0);
    let seen = ann(admin);
    assert_eq!(
        [&seen["contactEmail"], &seen["custom.size"], &seen["custom.pay"]],
        ["ann@it.example", "38", "none"]
    );
    let seen = ann(&competition.tenant.with_role(Role::Auditor));
    assert_eq!((&*seen["contactEmail"], &*seen["custom.size"]), ("", "38"));
    assert!(!seen.contains_key("custom.pay"), "{seen:?}");
}

#[test]
fn an_organizer_of_one_contest_exports_that_contest_and_no_other() {
    let competition = Competition::new();
    let admin = competition.admin();
    let contests = format!("/events/{}/contests", competition.event);
    let other = id_of(&admin.create(&contests, &json!({"name": "Other"})));
    let scope = json!({"type": "contest", "id": competition.contest});
    let client = competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    assert_eq!(names(&client, &export_of(&competition, "entries")), ["Ann", "Ben", "Cem"]);
    client.get(&format!("/exports/entries?contestId={other}")).expect_problem(404, "not_found");
    client.get(&format!("/exports/events/{}", competition.event)).expect_problem(404, "not_found");
}

#[test]
fn what_was_exported_is_imported_again() {
    let competition = Competition::new();
    let admin = competition.admin();
    for name in ["=HYPERLINK(\"x\")", "O'Neill, \"Zoë\"", "'-quoted"] {
        let body = json!({"name": name, "description": "two\nlines", "form": "exhibit"});
        let contestant = id_of(&admin.create("/contestants", &body));
        let entries = format!("/contests/{}/entries", competition.contest);
        admin.create(&entries, &json!({"contestantId": contestant, "position": -1}));
    }
    for (entity, label) in [("contestant", "Home town"), ("judge", "Club"), ("entry", "Song")] {
        let body = json!({"entity": entity, "key": "extra", "label": label, "rule": {"type": "text"}});
        admin.create("/fields", &body);
    }
    let whole = json!({"pronouns": "she/her", "bio": "sings;\ndances", "contactEmail": "ann@a.example",
        "contactPhone": "+43 1 2", "custom": {"extra": "Graz, Österreich"}});
    let team = json!({"name": "Reds", "form": "team", "members": [{"name": "Ann"}, {"name": "Bo", "role": "captain"}]});
    for (path, mut body) in [("/contestants", team), ("/judges", json!({"name": "Uma"}))] {
        body.as_object_mut().unwrap().extend(whole.as_object().unwrap().clone());
        let id = id_of(&admin.create(path, &body));
        if path == "/contestants" {
            let entry = json!({"contestantId": id, "eligible": false, "custom": {"extra": "Aida"}});
            admin.create(&format!("/contests/{}/entries", competition.contest), &entry);
        }
    }
    let text = admin.get("/exports/contestants").text();
    assert!(text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains(",''-quoted,"), "{text}");

    let elsewhere = Tenant::new();
    let event = id_of(&elsewhere.admin.create("/events", &json!({"name": "Copy"})));
    let contests = format!("/events/{event}/contests");
    let contest = id_of(&elsewhere.admin.create(&contests, &json!({"name": "Copy"})));
    for (entity, label) in [("contestant", "Home town"), ("judge", "Club"), ("entry", "Song")] {
        let body = json!({"entity": entity, "key": "extra", "label": label, "rule": {"type": "text"}});
        elsewhere.admin.create("/fields", &body);
    }
    let import = |what: &str, csv: String, contest: Option<&str>| {
        let mut body = json!({"what": what, "csv": csv});
        if let Some(contest) = contest {
            body["contestId"] = json!(contest);
        }
        elsewhere.admin.post("/imports", &body).expect(200)
    };
    for what in ["contestants", "judges", "users"] {
        import(what, admin.get(&format!("/exports/{what}")).text(), None);
    }
    import("entries", admin.get(&export_of(&competition, "entries")).text(), Some(&contest));

    let told = |client: &Client, path: &str, columns: &[&str]| -> Vec<Vec<String>> {
        let pick = |record: Record| columns.iter().map(|column| record[*column].clone()).collect();
        records(&client.get(path)).into_iter().map(pick).collect()
    };
    let person = ["name", "description", "pronouns", "bio", "contactEmail", "contactPhone", "custom.extra"];
    let contestant = [&person[..], &["form", "members"]].concat();
    for (what, columns) in [("contestants", &contestant[..]), ("judges", &person)] {
        let path = format!("/exports/{what}");
        assert_eq!(told(&elsewhere.admin, &path, columns), told(admin, &path, columns), "{what}");
    }
    let columns = ["number", "name", "position", "eligible", "custom.extra"];
    assert_eq!(
        told(&elsewhere.admin, &format!("/exports/entries?contestId={contest}"), &columns),
        told(admin, &export_of(&competition, "entries"), &columns)
    );
    let users = told(admin, "/exports/users", &["name", "email", "roles"]);
    let copied = told(&elsewhere.admin, "/exports/users", &["name", "email", "roles"]);
    assert!(users.iter().all(|user| copied.contains(user)), "{users:?}\n{copied:?}");
}

#[test]
fn roles_for_one_event_stand_apart_so_that_an_import_does_not_widen_them() {
    let competition = Competition::new();
    let scope = json!({"type": "event", "id": competition.event});
    let user = competition.tenant.user(&json!([{"role": "ORGANIZER", "scope": scope}, {"role": "EMCEE"}]));
    let users = records(&competition.admin().get("/exports/users"));
    let seen = users.iter().find(|record| record["id"] == user["id"]).unwrap();
    assert_eq!(seen["roles"], "EMCEE");
    assert_eq!(seen["scopedRoles"], format!("ORGANIZER in event {}", competition.event));
}

#[test]
fn a_whole_event_is_told_in_the_forms_in_which_its_parts_are_read() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    let deductions = format!("/categories/{}/deductions", competition.category);
    admin.create(&deductions, &json!({"entryId": competition.entries[0], "amount": "1", "reason": "Late"}));
    let whole = admin.get(&format!("/exports/events/{}", competition.event)).expect(200);
    let read = |path: String| admin.get(&path).expect(200);
    assert_eq!(whole["event"], read(format!("/events/{}", competition.event)));
    let contest = &whole["contests"][0];
    assert_eq!(contest["contest"], read(format!("/contests/{}", competition.contest)));
    assert_eq!(contest["entries"], read(format!("/contests/{}/entries", competition.contest))["items"]);
    let category = &contest["categories"][0];
    assert_eq!(category["category"], read(format!("/categories/{}", competition.category)));
    for list in ["criteria", "entrants", "assignments", "deductions", "sheets"] {
        let read = read(format!("/categories/{}/{list}", competition.category));
        assert_eq!(category[list], read["items"], "{list}");
    }
}

#[test]
fn what_is_no_table_or_lacks_its_place_is_refused() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.get("/exports/secrets").expect_problem(404, "not_found");
    admin.get("/exports/judges?format=pdf").expect_problem(400, "bad_request");
    for (path, pointer) in [
        ("/exports/entries".to_owned(), "/contestId"),
        ("/exports/results".to_owned(), "/categoryId"),
        (format!("/exports/sheets?contestId={}", competition.contest), "/contestId"),
        (format!("/exports/users?categoryId={}", competition.category), "/categoryId"),
    ] {
        let answer = admin.get(&path);
        answer.expect_problem(422, "invalid");
        assert_eq!(answer.pointers(), [pointer], "{path}");
    }
}
