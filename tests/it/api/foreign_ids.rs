//! Ids of another tenant, in every place of the API that takes one: each is answered as one that nobody has ever given
//! away, so that nothing tells whether it exists, and nothing is changed.

use std::collections::BTreeSet;

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::{
    allowed::{Callers, Request},
    fixtures::fixture,
    nouns::NOUNS,
    outbox_fixtures::hook_with_dead_delivery,
};
use crate::support::{Answer, Client, Competition, Operation, id_of, operations, upload_photo};

/// An id that nobody has.
pub const NOBODYS: &str = "01890000-0000-7000-8000-000000000000";

/// What an answer tells: its status, which headers it has, and what it says.
pub fn told(answer: &Answer, id: &str) -> (u16, BTreeSet<String>, String) {
    let headers = answer.headers.iter().map(|(name, _)| name.clone()).collect();
    (answer.status, headers, answer.said().replace(id, "the id"))
}

/// The newest change of a tenant.
pub fn state(admin: &Client) -> Value {
    admin.get("/audit?limit=1").expect(200)["items"][0].clone()
}

/// Operations whose paths name what belongs to the operators, who see all of it.
fn is_of_operators(operation: &Operation) -> bool {
    operation.action().is_some_and(|action| {
        ["tenants.", "backups.", "alerts."].iter().any(|group| action.word().starts_with(group))
    })
}

/// How something that nobody has is refused in these places of a path. Who gives a sheet finds the own category, in which
/// whoever is named does not take part.
fn refusal(operation: &Operation, replaced: &[String]) -> (u16, &'static str) {
    let is_sheet = operation.name() == "submitSheet" && replaced == ["entryId"];
    if is_sheet { (422, "not_entered") } else { (404, "not_found") }
}

#[test]
fn a_foreign_id_in_a_path_is_answered_as_one_that_nobody_has() {
    let (mine, foreign) = (Callers::new(), Competition::new());
    for operation in operations() {
        let names: Vec<String> = operation
            .parameters("path")
            .into_iter()
            .filter(|(_, schema)| schema["format"] == "uuid")
            .map(|(name, _)| name.to_owned())
            .collect();
        if names.is_empty() || is_of_operators(&operation) {
            continue;
        }
        let request = mine.request(operation);
        let (theirs, _) = fixture(&foreign, foreign.admin(), request.operation.name());
        let before = (state(mine.competition.admin()), state(foreign.admin()));
        let each = names.iter().map(std::slice::from_ref);
        for replaced in each.chain([names.as_slice()]) {
            let with = |value: &dyn Fn(&str) -> String| {
                let replaced = replaced.iter();
                replaced.fold(request.path.clone(), |path, name| request.replaced(&path, name, &value(name)))
            };
            let seen = request.send_to(&with(&|name| request.parameter(&theirs, name)), &[]);
            let (status, code) = refusal(&request.operation, replaced);
            seen.expect_problem(status, code);
            assert!(seen.pointers().iter().all(String::is_empty), "no body is to blame: {}", seen.describe());
            let nobodys = request.send_to(&with(&|_| NOBODYS.to_owned()), &[]);
            assert_eq!(told(&seen, NOBODYS), told(&nobodys, NOBODYS), "{}", seen.describe());
        }
        let after = (state(mine.competition.admin()), state(foreign.admin()));
        assert_eq!(after, before, "{} changed nothing", request.operation.name());
    }
}

/// Makes something that can be named.
pub type Named = fn(&Competition) -> String;

/// Places in bodies where something is named: the operation, the place in its body, what can be named there, and the fields
/// that the body of its fixture needs besides.
pub fn in_bodies(mine: &Competition) -> Vec<(&'static str, &'static str, Named, Value)> {
    let operation = |operation: Value| json!({"operations": [operation]});
    let of_category = json!({"op": "create", "type": "category", "body": {"name": "New"}});
    let seat = json!({"op": "create", "type": "assignment", "parent": mine.category, "body": {}});
    let update = json!({"op": "update", "type": "event", "body": {"name": "New"}});
    let organizer_of = |kind: &str| json!({"grants": [{"role": "ORGANIZER", "scope": {"type": kind}}]});
    let tie_break = json!({"tieBreaks": [{"type": "criterion"}]});
    vec![
        ("createEntry", "/contestantId", contestant, json!({})),
        ("updateEntry", "/contestantId", contestant, json!({})),
        ("createAssignment", "/judgeId", judge, json!({})),
        ("updateAssignment", "/judgeId", judge, json!({})),
        ("createDeduction", "/entryId", entry, json!({})),
        ("updateDeduction", "/entryId", entry, json!({})),
        ("createEntrant", "/entryId", entry, json!({})),
        ("updateEntrant", "/entryId", entry, json!({})),
        ("createConflict", "/contestantId", contestant, json!({})),
        ("updateConflict", "/contestantId", contestant, json!({})),
        ("createConflict", "/judgeId", judge, json!({})),
        ("updateConflict", "/judgeId", judge, json!({})),
        ("createJudge", "/userId", user, json!({})),
        ("updateJudge", "/userId", user, json!({})),
        ("createCategory", "/tieBreaks/*/criterionId", criterion, tie_break.clone()),
        ("updateCategory", "/tieBreaks/*/criterionId", criterion, tie_break),
        ("submitSheet", "/scores/*/criterionId", criterion, json!({})),
        ("createUser", "/grants/*/scope/id", event, organizer_of("event")),
        ("updateUser", "/grants/*/scope/id", contest, organizer_of("contest")),
        ("createToken", "/grants/*/scope/id", contest, organizer_of("contest")),
        ("applyTemplate", "/parent", event, json!({})),
        ("importTable", "/contestId", contest, json!({"what": "entries"})),
        ("updateFile", "/about/id", contestant, json!({"about": {"kind": "contestant"}})),
        ("updateFile", "/uploadedBy/id", user, json!({"uploadedBy": {"type": "user"}})),
        ("updateFile", "/uploadedBy/judge", judge, json!({"uploadedBy": {"type": "judgeLink"}})),
        ("updateFile", "/uploadedBy/owner", user, json!({"uploadedBy": {"type": "apiToken", "id": NOBODYS}})),
        ("writeMessage", "/to/users/*", user, json!({"to": {"users": []}})),
        ("writeMessage", "/to/judges/*", reachable_judge, json!({"to": {"judges": []}})),
        ("writeMessage", "/to/contestants/*", reachable_contestant, json!({"to": {"contestants": []}})),
        ("mailCategoryResults", "/to/users/*", user, json!({"to": {"users": []}})),
        ("mailCategoryResults", "/to/judges/*", reachable_judge, json!({"to": {"judges": []}})),
        (
            "mailCategoryResults",
            "/to/contestants/*",
            reachable_contestant,
            json!({"to": {"contestants": []}}),
        ),
        ("mailContestResults", "/to/users/*", user, json!({"to": {"users": []}})),
        ("mailContestResults", "/to/judges/*", reachable_judge, json!({"to": {"judges": []}})),
        ("mailContestResults", "/to/contestants/*", reachable_contestant, json!({"to": {"contestants": []}})),
        ("replayDeliveries", "/hook", hook_with_dead_delivery, json!({})),
        ("runBulk", "/operations/*/id", event, operation(update)),
        ("runBulk", "/operations/*/id", entry, operation(json!({"op": "delete", "type": "entry"}))),
        ("runBulk", "/operations/*/id", deleted_judge, operation(json!({"op": "restore", "type": "judge"}))),
        ("runBulk", "/operations/*/parent", contest, operation(of_category)),
        ("runBulk", "/operations/*/body/judgeId", judge, operation(seat)),
    ]
}

/// Places in bodies that hold the same for ever, or nothing from elsewhere: not even something of one's own can be named.
const FIXED: [&str; 11] = [
    "updateEntry /contestantId",
    "updateAssignment /judgeId",
    "updateDeduction /entryId",
    "updateEntrant /entryId",
    "updateConflict /contestantId",
    "updateConflict /judgeId",
    "createCategory /tieBreaks/*/criterionId",
    "updateCategory /tieBreaks/*/criterionId",
    "updateFile /uploadedBy/id",
    "updateFile /uploadedBy/judge",
    "updateFile /uploadedBy/owner",
];

/// Places in queries where something is named: the operation, the parameter, what can be named there, and where to ask.
pub const IN_QUERIES: [(&str, &str, Named, &str); 7] = [
    ("listDeliveries", "hook", hook_with_dead_delivery, "/deliveries?hook="),
    ("exportDeliveries", "hook", hook_with_dead_delivery, "/deliveries/export?hook="),
    ("listFile", "aboutId", contestant_with_photo, "/files?aboutKind=contestant&aboutId="),
    ("uploadFile", "aboutId", contestant, "/files?name=A&purpose=document&aboutKind=contestant&aboutId="),
    ("exportTable", "contestId", contest, "/exports/entries?contestId="),
    ("exportTable", "categoryId", category, "/exports/sheets?categoryId="),
    ("exportTable", "categoryId", category, "/exports/results?categoryId="),
];

fn made(competition: &Competition, kind: Kind) -> String {
    let noun = NOUNS.iter().find(|noun| noun.kind == kind).unwrap();
    id_of(&noun.create(competition))
}

fn judge(competition: &Competition) -> String {
    made(competition, Kind::Judge)
}

fn contestant(competition: &Competition) -> String {
    made(competition, Kind::Contestant)
}

fn entry(competition: &Competition) -> String {
    made(competition, Kind::Entry)
}

fn user(competition: &Competition) -> String {
    made(competition, Kind::User)
}

fn criterion(competition: &Competition) -> String {
    competition.criteria[0].clone()
}

fn category(competition: &Competition) -> String {
    competition.category.clone()
}

fn contest(competition: &Competition) -> String {
    competition.contest.clone()
}

fn event(competition: &Competition) -> String {
    competition.event.clone()
}

fn deleted_judge(competition: &Competition) -> String {
    let judge = judge(competition);
    competition.admin().delete(&format!("/judges/{judge}")).expect(204);
    judge
}

fn contestant_with_photo(competition: &Competition) -> String {
    let contestant = contestant(competition);
    upload_photo(competition.admin(), "contestant", &contestant, 10);
    contestant
}

fn reachable_judge(competition: &Competition) -> String {
    let body = json!({"name": "Fay", "contactEmail": "fay@it.example"});
    id_of(&competition.admin().create("/judges", &body))
}

fn reachable_contestant(competition: &Competition) -> String {
    let body = json!({"name": "Fay", "contactEmail": "fay@it.example"});
    id_of(&competition.admin().create("/contestants", &body))
}

/// Writes an id to a place of a body; `*` is the first item of a list.
fn write(body: &mut Value, at: &str, id: &str) {
    let mut place = body;
    for step in at.split('/').skip(1) {
        place = match place {
            Value::Array(items) => {
                if items.is_empty() {
                    items.push(Value::Null);
                }
                &mut items[0]
            }
            place => &mut place[step],
        };
    }
    *place = json!(id);
}

/// Sends a request with further fields in its body, and an id at a place of it.
pub fn send_naming(request: &Request, with: &Value, at: &str, id: &str) -> Answer {
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    for (name, value) in with.as_object().unwrap() {
        body[name] = value.clone();
    }
    write(&mut body, at, id);
    request.send_json(body.to_string().as_bytes())
}

pub fn request_of(callers: &Callers, operation: &str) -> Request {
    let operation = operations().into_iter().find(|found| found.name() == operation);
    callers.request(operation.unwrap())
}

/// That a foreign id is answered as nobody's, and changes nothing, while one's own id is worth something.
fn assert_told_alike(
    callers: &Callers,
    foreign: &Competition,
    place: &str,
    named: Named,
    ask: &dyn Fn(&str) -> Answer,
) {
    let (own, theirs) = (named(&callers.competition), named(foreign));
    let states = || (state(callers.competition.admin()), state(foreign.admin()));
    let before = states();
    let (seen, nobodys) = (ask(&theirs), ask(NOBODYS));
    assert_eq!(told(&seen, &theirs), told(&nobodys, NOBODYS), "{place} tells that the id exists");
    assert_eq!(states(), before, "{place}: nothing was changed");
    let own_answer = ask(&own);
    if FIXED.contains(&place) {
        assert_eq!(own_answer.status, 422, "{}", own_answer.describe());
    } else {
        assert!(own_answer.status < 300, "{}", own_answer.describe());
        assert_ne!(told(&own_answer, &own), told(&nobodys, NOBODYS), "{place}");
    }
}

#[test]
fn every_place_that_takes_an_id_is_in_the_tables() {
    let all: BTreeSet<String> = operations()
        .iter()
        .flat_map(|operation| {
            operation.ids().into_iter().map(|at| format!("{} {at}", operation.name())).collect::<Vec<_>>()
        })
        .collect();
    let bodies =
        in_bodies(&Competition::new()).into_iter().map(|(operation, at, ..)| format!("{operation} {at}"));
    let queries = IN_QUERIES.into_iter().map(|(operation, at, ..)| format!("{operation} {at}"));
    let listed: BTreeSet<String> = bodies.chain(queries).collect();
    assert_eq!(all.difference(&listed).collect::<Vec<_>>(), [] as [&String; 0]);
    let unknown: Vec<_> = FIXED.iter().filter(|place| !all.contains(**place)).collect();
    assert_eq!(unknown, [] as [&&str; 0]);
}

#[test]
fn a_foreign_id_in_a_body_is_answered_as_one_that_nobody_has() {
    let (mine, foreign) = (Callers::new(), Competition::new());
    for (operation, at, named, with) in in_bodies(&mine.competition) {
        let request = request_of(&mine, operation);
        let ask = |id: &str| send_naming(&request, &with, at, id);
        assert_told_alike(&mine, &foreign, &format!("{operation} {at}"), named, &ask);
    }
}

#[test]
fn a_foreign_id_in_a_query_is_answered_as_one_that_nobody_has() {
    let (mine, foreign) = (Callers::new(), Competition::new());
    for competition in [&mine.competition, &foreign] {
        competition.submit_all();
    }
    for (operation, at, named, path) in IN_QUERIES {
        let request = request_of(&mine, operation);
        let ask = |id: &str| request.send_to(&format!("{path}{id}"), &[]);
        assert_told_alike(&mine, &foreign, &format!("{operation} {at}"), named, &ask);
    }
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
