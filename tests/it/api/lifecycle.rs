//! The life of a thing, for every noun: created, read, listed, changed, deleted, restored.

use std::cmp::Reverse;

use event_manager::domain::{Kind, Role};
use serde_json::{Value, json};

use super::nouns::{NOUNS, NounCase};
use crate::support::{Competition, id_of};

/// Whether a list holds an id.
fn lists(list: &Value, id: &str) -> bool {
    list["items"].as_array().unwrap().iter().any(|item| item["id"] == id)
}

/// What the answer says of the thing itself, apart from the number of its last change.
fn apart_from_version(mut resource: Value) -> Value {
    resource.as_object_mut().unwrap().remove("version");
    resource
}

#[test]
fn what_is_created_is_read_back_and_listed() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let (manager, collection) = (noun.manager(&competition), (noun.collection)(&competition));
        let body = (noun.body)(&competition);
        let answer = manager.post(&collection, &body);
        let created = answer.expect(201);
        let id = id_of(&created);
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&created[field], value, "{field} of {created}");
        }
        assert_eq!(answer.header("location"), Some(format!("/api/v1{}", noun.item(&id)).as_str()));
        assert_eq!(answer.etag(), format!("\"{}\"", created["version"]));
        let read = manager.get(&noun.item(&id));
        assert_eq!(read.expect(200), created);
        assert_eq!(read.etag(), answer.etag());
        let list = manager.get(&format!("{collection}?limit=500")).expect(200);
        let listed = list["items"].as_array().unwrap().iter().find(|item| item["id"] == id.as_str());
        assert_eq!(listed, Some(&created), "a list says the same as a single read");
    }
}

#[test]
fn a_merge_patch_changes_what_it_names_and_nothing_else() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let (manager, created) = (noun.manager(&competition), noun.create(&competition));
        let (path, change) = (noun.item(&id_of(&created)), (noun.change)());
        let changed = manager.patch(&path, &change).expect(200);
        assert!(changed["version"].as_u64() > created["version"].as_u64(), "{changed}");
        let mut expected = created.clone();
        for (field, value) in change.as_object().unwrap() {
            expected[field] = value.clone();
        }
        expected["version"] = changed["version"].clone();
        expected["updatedAt"] = changed["updatedAt"].clone();
        assert_eq!(changed, expected);
        assert_eq!(manager.get(&path).expect(200), changed);
        assert_eq!(manager.patch(&path, &change).expect(200), changed, "the same again changes nothing");
    }
}

#[test]
fn what_is_deleted_is_out_of_sight_until_it_is_restored_exactly_as_it_was() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let (manager, collection) = (noun.manager(&competition), (noun.collection)(&competition));
        let created = noun.create(&competition);
        let (id, path) = (id_of(&created), noun.item(&id_of(&created)));
        let deleted = manager.delete(&format!("{path}?reason=a%20mistake"));
        assert!(deleted.expect(204).is_null());

        manager.get(&path).expect_problem(404, "not_found");
        manager.patch(&path, &(noun.change)()).expect_problem(404, "not_found");
        manager.delete(&path).expect_problem(404, "not_found");
        assert!(!lists(&manager.get(&format!("{collection}?limit=500")).expect(200), &id), "{path}");
        let with_deleted = manager.get(&format!("{collection}?limit=500&includeDeleted=true")).expect(200);
        let listed = with_deleted["items"].as_array().unwrap().iter().find(|item| item["id"] == id.as_str());
        let read = manager.get(&format!("{path}?includeDeleted=true")).expect(200);
        assert_eq!(listed, Some(&read));
        assert!(read["deletedAt"].is_string() && read["deletedBy"]["type"].is_string(), "{read}");

        let restored = manager.call(&format!("{path}/restore")).expect(200);
        assert_eq!(apart_from_version(restored.clone()), apart_from_version(created.clone()));
        assert!(restored["version"].as_u64() > created["version"].as_u64());
        assert_eq!(manager.get(&path).expect(200), restored);
        assert!(lists(&manager.get(&format!("{collection}?limit=500")).expect(200), &id), "{path}");
        assert_eq!(
            manager.call(&format!("{path}/restore")).expect(200),
            restored,
            "a live one stays as it is"
        );
    }
}

#[test]
fn the_trash_tells_who_deleted_what_when_and_why_and_in_which_request() {
    let competition = Competition::new();
    for noun in &NOUNS {
        let manager = match noun.kind {
            Kind::Tenant => competition.tenant.with_role(Role::SuperAdmin),
            _ => competition.admin().clone(),
        };
        let manager = manager.with_header("x-correlation-id", "the-great-clean-up");
        let id = id_of(&noun.create(&competition));
        let deleted = manager.delete(&format!("{}?reason=a%20mistake", noun.item(&id)));
        let trash = manager.get(&format!("/trash?kind={}", noun.kind.word())).expect(200);
        let items = trash["items"].as_array().unwrap();
        assert!(items.is_sorted_by_key(|item| Reverse(item["deletedAt"].as_str())), "newest first: {trash}");
        let item = items.iter().find(|item| item["id"] == id.as_str()).unwrap();
        assert_eq!(item["kind"], noun.kind.word());
        assert_eq!(item["path"], format!("/api/v1{}", noun.item(&id)));
        assert_eq!(item["reason"], "a mistake");
        assert_eq!(item["requestId"].as_str(), deleted.header("x-request-id"));
        assert_eq!(item["correlationId"], "the-great-clean-up");
        assert_eq!(item["deletedBy"]["type"], "user");
        assert_eq!(item["deletedBy"]["name"], "Somebody");
        assert_eq!((&item["restorable"], &item["blockedBy"]), (&json!(true), &Value::Null));
        manager.call(&format!("{}/restore", noun.item(&id))).expect(200);
        let trash = manager.get(&format!("/trash?kind={}", noun.kind.word())).expect(200);
        assert!(!lists(&trash, &id), "{trash}");
    }
}

/// Everything that can be seen of the competition.
fn sight(competition: &Competition) -> Value {
    let (event, contest, category) = (&competition.event, &competition.contest, &competition.category);
    let paths = [
        "/events".to_owned(),
        format!("/events/{event}/contests"),
        format!("/contests/{contest}/categories"),
        format!("/contests/{contest}/entries"),
        format!("/categories/{category}/criteria"),
        format!("/categories/{category}/entrants"),
        format!("/categories/{category}/assignments"),
        format!("/categories/{category}/deductions"),
        format!("/categories/{category}/sheets"),
        "/contestants".to_owned(),
        "/judges".to_owned(),
        "/users".to_owned(),
    ];
    let mut seen: Value =
        paths.into_iter().map(|path| (path.clone(), competition.admin().get(&path).expect(200))).collect();
    let mut results = competition.results();
    results.as_object_mut().unwrap().remove("asOf");
    seen["results"] = results;
    seen
}

/// The same sight with the version of one thing taken out, which a restore counts on.
fn apart_from_version_of(mut sight: Value, id: &str) -> Value {
    for list in sight.as_object_mut().unwrap().values_mut() {
        for item in list["items"].as_array_mut().into_iter().flatten().filter(|item| item["id"] == id) {
            item.as_object_mut().unwrap().remove("version");
        }
    }
    sight
}

#[test]
fn deleting_and_restoring_anything_brings_back_all_that_hung_on_it() {
    let competition = Competition::new();
    let admin = competition.admin();
    let category = &competition.category;
    let entry = json!({"entryId": competition.entries[1]});
    let entrant = admin.create(&format!("/categories/{category}/entrants"), &entry);
    let deduction = json!({"entryId": competition.entries[0], "amount": "1", "reason": "Over time"});
    let deduction = admin.create(&format!("/categories/{category}/deductions"), &deduction);
    competition.submit_all();
    let things = [
        (Kind::Event, competition.event.clone()),
        (Kind::Contest, competition.contest.clone()),
        (Kind::Category, category.clone()),
        (Kind::Criterion, competition.criteria[0].clone()),
        (Kind::Contestant, competition.contestants[0].clone()),
        (Kind::Entry, competition.entries[1].clone()),
        (Kind::Entrant, id_of(&entrant)),
        (Kind::Judge, competition.judges[0].id.clone()),
        (Kind::Assignment, competition.judges[1].assignment.clone()),
        (Kind::Deduction, id_of(&deduction)),
    ];
    for (kind, id) in things {
        let (path, before) = (format!("/{}/{id}", kind.plural()), sight(&competition));
        admin.delete(&format!("{path}?confirm=true")).expect(204);
        admin.get(&path).expect_problem(404, "not_found");
        admin.call(&format!("{path}/restore")).expect(200);
        let after = sight(&competition);
        assert_eq!(apart_from_version_of(after, &id), apart_from_version_of(before, &id), "{path}");
    }
}

#[test]
fn what_never_was_is_neither_deleted_nor_restored() {
    let competition = Competition::new();
    let nobody = "00000000-0000-7000-8000-00000000beef";
    for noun in &NOUNS {
        let NounCase { kind, .. } = noun;
        let manager = noun.manager(&competition);
        for path in [nobody, "no-id"].map(|id| noun.item(id)) {
            manager.get(&path).expect_problem(404, "not_found");
            manager.delete(&path).expect_problem(404, "not_found");
            manager.call(&format!("{path}/restore")).expect_problem(404, "not_found");
        }
        let beneath = (noun.collection)(&competition);
        if kind.parent() != Some(Kind::Tenant) && *kind != Kind::Tenant {
            let (parent, _) = beneath.rsplit_once('/').unwrap();
            let (parents, _) = parent.rsplit_once('/').unwrap();
            let path = format!("{parents}/{nobody}/{}", kind.plural());
            manager.get(&path).expect_problem(404, "not_found");
            manager.post(&path, &(noun.body)(&competition)).expect_problem(404, "not_found");
        }
    }
}
