//! Contestants and judges as people: what may be said about them, and how to reach them, which is not for everybody.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Competition, id_of};

/// Roles that see addresses and numbers.
const REACHERS: [Role; 3] = [Role::Admin, Role::Organizer, Role::TallyMaster];

/// Roles that see people without them.
const READERS: [Role; 3] = [Role::Auditor, Role::Board, Role::Emcee];

fn person(name: &str) -> Value {
    json!({"name": name, "pronouns": "they/them", "bio": "Sings\nsince 1999.",
           "contactEmail": "p@example.org", "contactPhone": "+43 (0)1 23-45"})
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

#[test]
fn contact_data_is_for_those_who_run_the_evening() {
    let competition = Competition::new();
    let admin = competition.admin();
    for collection in ["/contestants", "/judges"] {
        let made = admin.create(collection, &person("Pat"));
        assert_eq!(made["contactEmail"], "p@example.org");
        let item = format!("{collection}/{}", id_of(&made));
        for role in REACHERS {
            let seen = competition.tenant.with_role(role).get(&item).expect(200);
            assert_eq!(seen["contactPhone"], "+43 (0)1 23-45", "{role}");
            assert_eq!(seen["contactEmail"], "p@example.org", "{role}");
        }
        for role in READERS {
            let client = competition.tenant.with_role(role);
            let listed = client.get(collection).expect(200);
            let listed = items(&listed).iter().find(|found| found["id"] == made["id"]).unwrap().clone();
            for seen in [client.get(&item).expect(200), listed] {
                assert!(seen.get("contactEmail").is_none() && seen.get("contactPhone").is_none(), "{seen}");
                assert_eq!((&seen["name"], &seen["pronouns"]), (&json!("Pat"), &json!("they/them")));
                assert_eq!(seen["bio"], "Sings\nsince 1999.", "{role}");
            }
        }
    }
}

#[test]
fn the_audit_log_shows_nobody_more_of_a_person_than_the_person_itself_does() {
    let competition = Competition::new();
    let admin = competition.admin();
    let made = admin.create("/contestants", &person("Pat"));
    admin.patch(&format!("/contestants/{}", id_of(&made)), &json!({"contactPhone": "112"})).expect(200);
    let seen = admin.get("/audit?limit=2").expect(200);
    assert_eq!(items(&seen)[0]["detail"]["after"]["contactPhone"], "112");
    let auditor = competition.tenant.with_role(Role::Auditor).get("/audit?limit=50").expect(200);
    let changed = items(&auditor).iter().find(|line| line["action"] == "contestant.updated").unwrap();
    assert_eq!(changed["detail"]["after"]["name"], "Pat");
    let text = auditor.to_string();
    assert!(!text.contains("p@example.org") && !text.contains("\"112\""), "{text}");
}

#[test]
fn a_reader_who_cannot_see_a_contact_cannot_take_it_away_unseen() {
    let competition = Competition::new();
    let made = competition.admin().create("/judges", &person("Pat"));
    let item = format!("/judges/{}", id_of(&made));
    let organizer = competition.tenant.with_role(Role::Organizer);
    let changed = organizer.patch(&item, &json!({"bio": null, "contactEmail": null})).expect(200);
    assert!(changed.get("bio").is_none() && changed.get("contactEmail").is_none(), "{changed}");
    assert_eq!(changed["contactPhone"], "+43 (0)1 23-45");
}

#[test]
fn only_a_team_has_members() {
    let competition = Competition::new();
    let admin = competition.admin();
    let members = json!([{"name": "Ann", "role": "bass"}, {"name": "Bo"}]);
    let team = admin.create("/contestants", &json!({"name": "Duo", "form": "team", "members": members}));
    assert_eq!(team["members"], members);
    let refused = admin.post("/contestants", &json!({"name": "Solo", "members": members}));
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/members"]);
    let refused = admin.patch(&format!("/contestants/{}", id_of(&team)), &json!({"form": "person"}));
    assert_eq!(refused.pointers(), ["/members"]);
    let nameless =
        admin.post("/contestants", &json!({"name": "X", "form": "team", "members": [{"name": ""}]}));
    assert_eq!(nameless.pointers(), ["/members/0/name"]);
}

#[test]
fn an_address_or_number_that_is_none_is_refused_at_its_place() {
    let competition = Competition::new();
    let body = json!({"name": "Pat", "contactEmail": "pat", "contactPhone": "call me"});
    let refused = competition.admin().post("/contestants", &body);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/contactEmail", "/contactPhone"]);
}

#[test]
fn a_panel_has_one_head_judge() {
    let competition = Competition::new();
    let admin = competition.admin();
    let assignment = |judge: usize| format!("/assignments/{}", competition.judges[judge].assignment);
    let head = admin.patch(&assignment(0), &json!({"headJudge": true})).expect(200);
    assert_eq!(head["headJudge"], true);
    let refused = admin.patch(&assignment(1), &json!({"headJudge": true}));
    let problem = refused.expect_problem(409, "taken");
    assert_eq!(problem["detail"], "the head judge is somebody else here");
    assert_eq!(refused.pointers(), ["/headJudge"]);
    admin.patch(&assignment(0), &json!({"headJudge": false})).expect(200);
    admin.patch(&assignment(1), &json!({"headJudge": true})).expect(200);
}
