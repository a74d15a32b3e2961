//! Taking back what a job did, for every noun: what it created, changed, deleted and restored.

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::{NOUNS, NounCase};
use crate::support::{Client, Competition, after_job, id_of};

/// Makes one change as a job.
fn done(admin: &Client, operation: Value) -> Value {
    admin.post("/bulk", &json!({"operations": [operation], "confirm": true})).expect(200)
}

/// Takes back what a job did.
fn undo(admin: &Client, done: &Value) {
    let path = format!("/jobs/{}/undo?confirm=true", id_of(&done["job"]));
    let undone = after_job(admin, &admin.call(&path).expect(202));
    assert_eq!((&undone["state"], &undone["failed"]), (&json!("done"), &json!(0)), "{undone}");
}

/// What is told of a thing, without what any change leaves on it.
fn told(admin: &Client, path: &str) -> Value {
    let mut told = admin.get(path).expect(200);
    told.as_object_mut().unwrap().retain(|name, _| !["version", "updatedAt"].contains(&name.as_str()));
    told
}

/// Operators have no jobs in the tenants that they make.
fn nouns() -> impl Iterator<Item = &'static NounCase> {
    NOUNS.iter().filter(|noun| noun.kind != Kind::Tenant)
}

#[test]
fn what_was_created_is_gone_and_comes_back_when_that_is_undone_too() {
    let competition = Competition::new();
    let admin = competition.admin();
    for noun in nouns() {
        let body = (noun.body)(&competition);
        let collection = (noun.collection)(&competition);
        let parent = collection.split('/').nth(2);
        let operation = json!({"op": "create", "type": noun.kind.word(), "parent": parent, "body": body});
        let done = done(admin, operation);
        let path = noun.item(&id_of(&done["results"][0]));
        let created = told(admin, &path);
        undo(admin, &done);
        admin.get(&path).expect_problem(404, "not_found");
        admin.call(&noun.confirmed(format!("{path}/restore"))).expect(200);
        assert_eq!(told(admin, &path), created, "{}", noun.kind);
    }
}

#[test]
fn what_was_changed_is_as_it_was() {
    let competition = Competition::new();
    let admin = competition.admin();
    for noun in nouns() {
        let id = id_of(&noun.create(&competition));
        let (path, body) = (noun.item(&id), (noun.change)());
        let before = told(admin, &path);
        let done = done(admin, json!({"op": "update", "type": noun.kind.word(), "id": id, "body": body}));
        assert_ne!(told(admin, &path), before, "{}", noun.kind);
        undo(admin, &done);
        assert_eq!(told(admin, &path), before, "{}", noun.kind);
    }
}

#[test]
fn what_was_deleted_is_back_and_what_was_restored_is_in_the_trash_again() {
    let competition = Competition::new();
    let admin = competition.admin();
    for noun in nouns() {
        let id = id_of(&noun.create(&competition));
        let path = noun.item(&id);
        let before = told(admin, &path);
        let deleted = done(admin, json!({"op": "delete", "type": noun.kind.word(), "id": id}));
        admin.get(&path).expect_problem(404, "not_found");
        undo(admin, &deleted);
        assert_eq!(told(admin, &path), before, "{}", noun.kind);

        admin.delete(&path).expect(204);
        let restored = done(admin, json!({"op": "restore", "type": noun.kind.word(), "id": id}));
        assert_eq!(told(admin, &path), before, "{}", noun.kind);
        undo(admin, &restored);
        admin.get(&path).expect_problem(404, "not_found");
        assert!(told(admin, &format!("{path}?includeDeleted=true"))["deletedAt"].is_string());
    }
}
