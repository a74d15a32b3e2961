//! Ids of another tenant in bodies and queries: each is answered as one that nobody has ever given away, so that
//! nothing tells whether it exists, and nothing is changed.

use serde_json::{Value, json};

use crate::support::{Client, Competition, id_of};

/// A question with an id of one's own in it: method, path and body, made for each id.
type Question = (&'static str, Box<dyn Fn(&str) -> (String, Value)>);

/// An id that nobody has.
const NOBODYS: &str = "01890000-0000-7000-8000-000000000000";

fn in_body(path: impl Into<String>, body: impl Fn(&str) -> Value + 'static) -> Question {
    let path = path.into();
    ("POST", Box::new(move |id| (path.clone(), body(id))))
}

fn in_bulk(operation: impl Fn(&str) -> Value + 'static) -> Question {
    in_body("/bulk", move |id| json!({"operations": [operation(id)]}))
}

/// Asks about an id; what the answer says, without what differs between any two requests.
fn told(client: &Client, (method, question): &Question, id: &str) -> (u16, String) {
    let (path, body) = question(id);
    let answer = client.send(method, &path, Some(&body));
    let mut said = answer.json();
    for own in ["requestId", "correlationId", "instance"] {
        said.as_object_mut().unwrap().remove(own);
    }
    (answer.status, said.to_string().replace(id, "the id"))
}

#[test]
fn a_foreign_id_in_a_body_is_answered_as_one_that_nobody_has() {
    let (mine, foreign) = (Competition::new(), Competition::new());
    let admin = mine.admin();
    let (contest, category) = (&mine.contest, &mine.category);
    let template =
        id_of(&admin.create(&format!("/categories/{category}/template"), &json!({"name": "Kept"})));
    let entries = format!("/contests/{contest}/entries");
    let seats = format!("/categories/{category}/assignments");
    let deductions = format!("/categories/{category}/deductions");
    let entrants = format!("/categories/{category}/entrants");
    let (judge, contestant) = (mine.judges[0].id.clone(), mine.contestants[0].clone());
    let role = |kind: &'static str| move |id: &str| json!([{"role": "ORGANIZER", "scope": {"type": kind, "id": id}}]);
    let user = |grants: Value| json!({"email": "new@it.example", "name": "New", "grants": grants});
    let of_event = role("event");
    let of_contest = role("contest");
    let tie_break = format!("/categories/{category}");
    let questions: Vec<(&str, Question)> = vec![
        (&foreign.contestants[0], in_body(&entries, |id| json!({"contestantId": id}))),
        (&foreign.judges[0].id, in_body(&seats, |id| json!({"judgeId": id}))),
        (
            &foreign.entries[0],
            in_body(&deductions, |id| json!({"entryId": id, "amount": "1", "reason": "late"})),
        ),
        (&foreign.entries[0], in_body(&entrants, |id| json!({"entryId": id}))),
        (
            &foreign.contestants[0],
            in_body("/conflicts", move |id| json!({"judgeId": judge, "contestantId": id, "reason": "kin"})),
        ),
        (
            &foreign.judges[0].id,
            in_body(
                "/conflicts",
                move |id| json!({"judgeId": id, "contestantId": contestant, "reason": "kin"}),
            ),
        ),
        (&foreign.judges[0].user, in_body("/judges", |id| json!({"name": "Jo", "userId": id}))),
        (&foreign.event, in_body("/users", move |id| user(of_event(id)))),
        (
            &foreign.contest,
            in_body("/tokens", move |id| json!({"name": "T", "grants": of_contest(id), "expiresInDays": 1})),
        ),
        (
            &foreign.contest,
            in_body("/imports", |id| json!({"what": "entries", "contestId": id, "csv": "name\nJo\n"})),
        ),
        (&foreign.contest, in_body(format!("/templates/{template}/apply"), |id| json!({"parent": id}))),
        (
            &foreign.contest,
            in_bulk(|id| json!({"op": "create", "type": "category", "parent": id, "body": {"name": "Mine"}})),
        ),
        (
            &foreign.event,
            in_bulk(|id| json!({"op": "update", "type": "event", "id": id, "body": {"name": "Mine"}})),
        ),
        (&foreign.entries[0], in_bulk(|id| json!({"op": "delete", "type": "entry", "id": id}))),
        (&foreign.judges[1].id, in_bulk(|id| json!({"op": "restore", "type": "judge", "id": id}))),
        (
            &foreign.criteria[0],
            (
                "PATCH",
                Box::new(move |id| {
                    (tie_break.clone(), json!({"tieBreaks": [{"type": "criterion", "criterionId": id}]}))
                }),
            ),
        ),
    ];
    foreign.admin().delete(&format!("/judges/{}", foreign.judges[1].id)).expect(204);
    let state =
        |competition: &Competition| competition.admin().get("/audit?limit=1").expect(200)["items"][0].clone();
    let before = (state(&mine), state(&foreign));
    for (id, question) in &questions {
        let (status, said) = told(admin, question, id);
        let path = (question.1)(id).0;
        assert!([404, 422].contains(&status), "{path}: {status} {said}");
        assert_eq!((status, said), told(admin, question, NOBODYS), "{path} tells that the id exists");
    }
    assert_eq!((state(&mine), state(&foreign)), before, "nothing was changed");
}

#[test]
fn a_foreign_number_in_the_trash_leads_nowhere() {
    let (mine, foreign) = (Competition::new(), Competition::new());
    let admin = foreign.admin();
    // Each tenant numbers its own changes: one that only this tenant has reached.
    for number in 0..10 {
        admin.create("/contestants", &json!({"name": format!("Contestant {number}")}));
    }
    admin.delete(&format!("/events/{}", foreign.event)).expect(204);
    let version = admin.get("/trash").expect(200)["items"][0]["version"].as_u64().unwrap();
    mine.admin().get(&format!("/trash/{version}/below")).expect_problem(404, "not_found");
    mine.admin()
        .post(&format!("/trash/{version}/purge"), &json!({"name": "Gala"}))
        .expect_problem(404, "not_found");
    let restored = mine
        .admin()
        .post("/trash/restore", &json!({"versions": [version]}))
        .expect_problem(422, "bulk_refused");
    assert!(!restored.to_string().contains(&foreign.event), "{restored}");
    assert_eq!(admin.get("/trash").expect(200)["items"][0]["version"], version);
}
