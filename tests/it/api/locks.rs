//! Locks and archives: what is locked changes in nothing, by no way round; what is archived is there for reading.

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Client, Competition, id_of};

/// The frame of a competition: path and kind, outermost first.
fn frame(competition: &Competition) -> [(String, Kind); 3] {
    [
        (format!("/events/{}", competition.event), Kind::Event),
        (format!("/contests/{}", competition.contest), Kind::Contest),
        (format!("/categories/{}", competition.category), Kind::Category),
    ]
}

/// The kinds that lie in a category; with these the lock of any of the frame is felt.
const IN_CATEGORY: [Kind; 4] = [Kind::Criterion, Kind::Entrant, Kind::Assignment, Kind::Deduction];

#[test]
fn locking_and_archiving_can_be_seen_and_undone() {
    let competition = Competition::new();
    let admin = competition.admin();
    for (path, _) in frame(&competition) {
        for (on, off, field) in [("lock", "unlock", "lockedAt"), ("archive", "unarchive", "archivedAt")] {
            let locked = admin.call(&format!("{path}/{on}")).expect(200);
            assert!(locked[field].is_string(), "{locked}");
            assert_eq!(
                admin.call(&format!("{path}/{on}")).expect(200),
                locked,
                "a second time changes nothing"
            );
            assert_eq!(admin.get(&path).expect(200), locked);
            let open = admin.call(&format!("{path}/{off}")).expect(200);
            assert!(open[field].is_null(), "{open}");
        }
    }
}

#[test]
fn in_what_is_locked_nothing_is_created_changed_deleted_or_restored() {
    let competition = Competition::new();
    let admin = competition.admin();
    for (path, locked) in frame(&competition) {
        for noun in NOUNS.iter().filter(|noun| IN_CATEGORY.contains(&noun.kind)) {
            let (live, deleted) = (noun.create(&competition), noun.create(&competition));
            let (live, deleted) = (noun.item(&id_of(&live)), noun.item(&id_of(&deleted)));
            let body = (noun.body)(&competition);
            admin.delete(&deleted).expect(204);
            admin.call(&format!("{path}/lock")).expect(200);
            let code = format!("{}_locked", locked.word());
            for refused in [
                admin.post(&(noun.collection)(&competition), &body),
                admin.patch(&live, &(noun.change)()),
                admin.delete(&live),
                admin.call(&format!("{deleted}/restore")),
            ] {
                let problem = refused.expect_problem(409, &code);
                assert!(path.ends_with(problem["id"].as_str().unwrap()), "{problem}");
            }
            admin.call(&format!("{path}/unlock")).expect(200);
            admin.patch(&live, &(noun.change)()).expect(200);
            admin.call(&format!("{deleted}/restore")).expect(200);
        }
    }
}

#[test]
fn nothing_above_a_locked_category_can_be_deleted() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [(event, _), (contest, _), (category, _)] = frame(&competition);
    admin.call(&format!("{category}/lock")).expect(200);
    admin.delete(&category).expect_problem(409, "category_locked");
    for (above, word) in [(&contest, "contest"), (&event, "event")] {
        let problem = admin.delete(above).expect_problem(409, "locked_beneath");
        assert_eq!((&problem["kind"], &problem["id"]), (&json!("category"), &json!(competition.category)));
        assert_eq!(problem["detail"], format!("a category of the {word} is locked: Talent"));
    }
    admin.call(&format!("{contest}/lock")).expect(200);
    admin.delete(&contest).expect_problem(409, "contest_locked");
    let problem = admin.delete(&event).expect_problem(409, "locked_beneath");
    assert_eq!(
        problem["detail"], "a contest of the event is locked: Solo",
        "the topmost is to be unlocked first"
    );
    admin.call(&format!("{contest}/unlock")).expect(200);
    admin.call(&format!("{category}/unlock")).expect(200);
    admin.delete(&event).expect(204);
    admin.call(&format!("{event}/restore")).expect(200);
}

#[test]
fn the_counters_of_what_is_locked_follow_every_lock() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [(event, _), (contest, _), (category, _)] = frame(&competition);
    let other = admin.create(&format!("{contest}/categories"), &json!({"name": "Interview"}));
    let other = format!("/categories/{}", id_of(&other));
    for path in [&category, &other, &category] {
        admin.call(&format!("{path}/lock")).expect(200);
    }
    admin.call(&format!("{category}/unlock")).expect(200);
    admin.call(&format!("{category}/unlock")).expect(200);
    let problem = admin.delete(&event).expect_problem(409, "locked_beneath");
    assert!(other.ends_with(problem["id"].as_str().unwrap()), "{problem}");
    admin.delete(&category).expect(204);
    admin.call(&format!("{category}/restore")).expect(200);
    admin.delete(&contest).expect_problem(409, "locked_beneath");
    admin.call(&format!("{other}/unlock")).expect(200);
    admin.delete(&contest).expect(204);
}

/// Deletes and restores a thing that shows in a locked category, which must both fail.
fn is_held_by_the_lock(admin: &Client, thing: &str, lock: &str) {
    admin.call(&format!("{lock}/lock")).expect(200);
    let refused = admin.delete(&format!("{thing}?confirm=true"));
    assert_eq!(refused.status, 409, "delete {thing}: {}", refused.describe());
    admin.call(&format!("{lock}/unlock")).expect(200);
    admin.delete(&format!("{thing}?confirm=true")).expect(204);
    admin.call(&format!("{lock}/lock")).expect(200);
    let refused = admin.call(&format!("{thing}/restore"));
    assert_eq!(refused.status, 409, "restore {thing}: {}", refused.describe());
    let code = refused.json()["code"].clone();
    assert!(code == "category_locked" || code == "locked_beneath", "{}", refused.describe());
    admin.call(&format!("{lock}/unlock")).expect(200);
    admin.call(&format!("{thing}/restore")).expect(200);
}

#[test]
fn who_shows_in_a_locked_category_is_neither_deleted_nor_restored() {
    let competition = Competition::new();
    competition.submit_all();
    let [_, _, (category, _)] = frame(&competition);
    for thing in [
        format!("/entries/{}", competition.entries[0]),
        format!("/contestants/{}", competition.contestants[0]),
        format!("/judges/{}", competition.judges[0].id),
        format!("/assignments/{}", competition.judges[0].assignment),
        format!("/criteria/{}", competition.criteria[0]),
    ] {
        is_held_by_the_lock(competition.admin(), &thing, &category);
    }
}

#[test]
fn no_entry_joins_or_changes_while_a_category_of_its_contest_is_locked() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [_, (contest, _), (category, _)] = frame(&competition);
    let body = json!({"contestantId": id_of(&admin.create("/contestants", &json!({"name": "Late"})))});
    admin.call(&format!("{category}/lock")).expect(200);
    let entry = format!("/entries/{}", competition.entries[0]);
    for refused in
        [admin.post(&format!("{contest}/entries"), &body), admin.patch(&entry, &json!({"eligible": false}))]
    {
        let problem = refused.expect_problem(409, "locked_beneath");
        assert_eq!(problem["detail"], "a category of the contest is locked: Talent");
    }
}

#[test]
fn inside_a_locked_event_nothing_is_locked_or_unlocked() {
    let competition = Competition::new();
    let admin = competition.admin();
    let [(event, _), (contest, _), (category, _)] = frame(&competition);
    admin.call(&format!("{category}/lock")).expect(200);
    admin.call(&format!("{event}/lock")).expect(200);
    admin.call(&format!("{category}/unlock")).expect_problem(409, "event_locked");
    admin.call(&format!("{contest}/lock")).expect_problem(409, "event_locked");
    admin.call(&format!("{event}/archive")).expect_problem(409, "event_locked");
    admin.patch(&event, &json!({"name": "Other"})).expect_problem(409, "event_locked");
    admin.delete(&event).expect_problem(409, "event_locked");
}

#[test]
fn what_is_archived_takes_no_changes_and_can_still_be_deleted_and_restored() {
    let competition = Competition::new();
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let admin = competition.admin();
    for (path, archived) in frame(&competition) {
        admin.call(&format!("{path}/archive")).expect(200);
        let code = format!("{}_archived", archived.word());
        for noun in NOUNS.iter().filter(|noun| matches!(noun.kind, Kind::Criterion | Kind::Deduction)) {
            let body = (noun.body)(&competition);
            admin.post(&(noun.collection)(&competition), &body).expect_problem(409, &code);
        }
        competition.submit(0, 1, &["5", "5"]).expect_problem(409, &code);
        let before: Value = admin.get(&path).expect(200);
        admin.delete(&path).expect(204);
        let mut restored = admin.call(&format!("{path}/restore")).expect(200);
        restored["version"] = before["version"].clone();
        assert_eq!(restored, before, "it is archived still");
        admin.call(&format!("{path}/unarchive")).expect(200);
    }
}

#[test]
fn a_locked_category_that_lists_its_entrants_bars_no_new_entry() {
    let competition = Competition::new();
    let admin = competition.admin();
    let category = format!("/categories/{}", competition.category);
    let enter = |name: &str| {
        let contestant = id_of(&admin.create("/contestants", &json!({"name": name})));
        let entries = format!("/contests/{}/entries", competition.contest);
        admin.post(&entries, &json!({"contestantId": contestant}))
    };
    admin.patch(&category, &json!({"entrants": "listed"})).expect(200);
    admin.call(&format!("{category}/lock")).expect(200);
    enter("Dan").expect(201);
    admin.call(&format!("{category}/unlock")).expect(200);
    admin.patch(&category, &json!({"entrants": "all"})).expect(200);
    admin.call(&format!("{category}/lock")).expect(200);
    enter("Eve").expect_problem(409, "locked_beneath");
}
