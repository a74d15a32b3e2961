//! Custom fields: which values they take, who sees them, and what becomes of values whose field is deleted.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Competition, id_of};

/// Creates a field of contestants and gives its path.
fn field(competition: &Competition, key: &str, more: &Value) -> String {
    let mut body = json!({"entity": "contestant", "key": key, "label": key, "rule": {"type": "text"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("/fields/{}", id_of(&competition.admin().create("/fields", &body)))
}

fn contestant(competition: &Competition, custom: &Value) -> Value {
    competition.admin().create("/contestants", &json!({"name": "Dan", "custom": custom}))
}

#[test]
fn values_are_held_against_the_live_fields_with_every_fault_at_its_place() {
    let competition = Competition::new();
    field(
        &competition,
        "size",
        &json!({"rule": {"type": "select", "options": ["S", "M"]}, "required": true}),
    );
    field(&competition, "born", &json!({"rule": {"type": "date", "max": "2020-12-31"}}));
    field(&competition, "vegan", &json!({"rule": {"type": "boolean"}}));
    let wrong = json!({"name": "Dan", "custom": {"born": "2021-01-01", "vegan": "yes", "colour": "red"}});
    let refused = competition.admin().post("/contestants", &wrong);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/custom/born", "/custom/colour", "/custom/vegan", "/custom/size"]);
    let typeless = json!({"name": "Dan", "custom": {"size": 5}});
    let refused = competition.admin().post("/contestants", &typeless);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/custom/size"]);
    let right = json!({"size": "M", "born": "2001-02-03", "vegan": true});
    let made = contestant(&competition, &right);
    assert_eq!(made["custom"], right);
    let item = format!("/contestants/{}", id_of(&made));
    let changed = competition.admin().patch(&item, &json!({"custom": {"size": "S", "vegan": null}}));
    assert_eq!(changed.expect(200)["custom"], json!({"size": "S", "born": "2001-02-03"}));
    let refused = competition.admin().patch(&item, &json!({"custom": {"size": null}}));
    assert_eq!(refused.pointers(), ["/custom/size"]);
    competition
        .admin()
        .patch(&format!("/contestants/{}", competition.contestants[0]), &json!({"name": "A"}))
        .expect(200);
}

#[test]
fn each_kind_of_thing_has_fields_of_its_own() {
    let competition = Competition::new();
    let admin = competition.admin();
    let things = [
        ("contestant", format!("/contestants/{}", competition.contestants[0])),
        ("judge", format!("/judges/{}", competition.judges[0].id)),
        ("entry", format!("/entries/{}", competition.entries[0])),
        ("event", format!("/events/{}", competition.event)),
    ];
    for (entity, item) in &things {
        let value = json!({"custom": {"note": "x"}});
        assert_eq!(admin.patch(item, &value).pointers(), ["/custom/note"]);
        field(&competition, "note", &json!({"entity": entity}));
        assert_eq!(admin.patch(item, &value).expect(200)["custom"]["note"], "x", "{entity}");
    }
    let taken = admin
        .post("/fields", &json!({"entity": "judge", "key": "note", "label": "N", "rule": {"type": "url"}}));
    taken.expect_problem(409, "taken");
}

#[test]
fn values_are_seen_and_given_by_the_roles_that_a_field_names() {
    let competition = Competition::new();
    let admin = competition.admin();
    field(&competition, "song", &json!({"visibility": ["EMCEE", "ORGANIZER"]}));
    field(&competition, "allergy", &json!({"visibility": [], "required": true}));
    let made = contestant(&competition, &json!({"song": "Aria", "allergy": "nuts"}));
    let item = format!("/contestants/{}", id_of(&made));
    let seen_by = |role: Role| competition.tenant.with_role(role).get(&item).expect(200)["custom"].clone();
    assert_eq!(seen_by(Role::Admin), json!({"song": "Aria", "allergy": "nuts"}));
    assert_eq!(seen_by(Role::Emcee), json!({"song": "Aria"}));
    assert_eq!(seen_by(Role::Board), Value::Null);
    let organizer = competition.tenant.with_role(Role::Organizer);
    for hidden in [json!("soy"), Value::Null] {
        let sent = organizer.patch(&item, &json!({"custom": {"allergy": hidden}}));
        // What is not seen is not there to be taken away, and unknown if it is given.
        if hidden.is_null() {
            assert_eq!(sent.expect(200)["custom"], json!({"song": "Aria"}));
        } else {
            assert_eq!(sent.pointers(), ["/custom/allergy"]);
        }
    }
    let changed = organizer.patch(&item, &json!({"custom": {"song": "Blues"}})).expect(200);
    assert_eq!(changed["custom"], json!({"song": "Blues"}));
    assert_eq!(seen_by(Role::Admin), json!({"song": "Blues", "allergy": "nuts"}));
    organizer.post("/contestants", &json!({"name": "Eve"})).expect(201);
    let auditor = competition.tenant.with_role(Role::Auditor).get("/audit?limit=20").expect(200).to_string();
    assert!(auditor.contains("contestant.updated"), "{auditor}");
    assert!(!auditor.contains("nuts") && !auditor.contains("Blues"), "{auditor}");
    let of_admin = admin.get("/audit?limit=20").expect(200).to_string();
    assert!(of_admin.contains("nuts") && of_admin.contains("Blues"));
}

#[test]
fn values_of_a_deleted_field_are_out_of_sight_until_it_is_back() {
    let competition = Competition::new();
    let admin = competition.admin();
    let song = field(&competition, "song", &json!({"required": true}));
    field(&competition, "size", &json!({}));
    let item =
        format!("/contestants/{}", id_of(&contestant(&competition, &json!({"song": "Aria", "size": "M"}))));
    let seen = admin.get(&item);
    admin.delete(&song).expect(204);
    let again = admin.with_header("if-none-match", seen.etag()).get(&item).expect(200);
    assert_eq!(again["custom"], json!({"size": "M"}), "although the contestant has not changed");
    admin.patch(&item, &json!({"custom": {"size": "L"}})).expect(200);
    admin.patch(&item, &json!({"custom": {"song": null}})).expect(200);
    assert_eq!(admin.patch(&item, &json!({"custom": {"song": "Blues"}})).pointers(), ["/custom/song"]);
    admin.call(&format!("{song}/restore")).expect(200);
    assert_eq!(admin.get(&item).expect(200)["custom"], json!({"song": "Aria", "size": "L"}));
}

#[test]
fn what_values_are_stored_under_never_changes() {
    let competition = Competition::new();
    let admin = competition.admin();
    let item = field(&competition, "song", &json!({}));
    for (change, pointer) in [
        (json!({"entity": "judge"}), "/entity"),
        (json!({"key": "tune"}), "/key"),
        (json!({"rule": {"type": "longText"}}), "/rule/type"),
    ] {
        let refused = admin.patch(&item, &change);
        refused.expect_problem(422, "immutable");
        assert_eq!(refused.pointers(), [pointer]);
    }
    let refused = admin.patch(&item, &json!({"rule": {"pattern": "("}}));
    assert_eq!(refused.pointers(), ["/rule/pattern"]);
    // A rule that becomes stricter leaves what is stored alone, and holds for what is sent.
    let kept = format!("/contestants/{}", id_of(&contestant(&competition, &json!({"song": "Aria in D"}))));
    admin.patch(&item, &json!({"rule": {"maxLength": 4}})).expect(200);
    admin.patch(&kept, &json!({"name": "Other"})).expect(200);
    assert_eq!(admin.patch(&kept, &json!({"custom": {"song": "Blues"}})).pointers(), ["/custom/song"]);
}
