//! Every operation on what lies in an event, asked by everybody who may do it in another event of the same tenant: it is
//! answered as if there were nothing.

use std::collections::{BTreeMap, BTreeSet};

use event_manager::domain::{Action, Role, permission::Relation};
use serde_json::json;

use super::{
    allowed::{Callers, Request},
    foreign_ids::{self, NOBODYS, state, told},
};
use crate::support::{Answer, Client, Competition, Operation, id_of, operations, upload_photo};

/// What lies in an event, as paths begin that name it.
const IN_EVENTS: [&str; 9] = [
    "/events/{",
    "/contests/{",
    "/categories/{",
    "/criteria/{",
    "/entries/{",
    "/entrants/{",
    "/assignments/{",
    "/deductions/{",
    "/exports/events/{",
];

/// Operations that are about more than one thing, or about judges, who are the tenant's: what they answer to whom nothing of
/// the event is. All others name a thing, and find none.
const APART: [(&str, Answered); 19] = [
    ("listEvent", Answered::Less),
    ("listJobs", Answered::Less),
    ("listTrash", Answered::Less),
    ("listOwnCategories", Answered::Less),
    ("restoreMany", Answered::Less),
    ("createEvent", Answered::Refused(404, "not_found")),
    ("listAudit", Answered::Refused(403, "forbidden")),
    ("verifyAudit", Answered::Refused(403, "forbidden")),
    ("getCorrelation", Answered::Refused(403, "forbidden")),
    ("searchLogs", Answered::Refused(403, "forbidden")),
    ("getLogVolume", Answered::Refused(403, "forbidden")),
    ("followLogs", Answered::Refused(403, "forbidden")),
    ("summarizeRequests", Answered::Refused(403, "forbidden")),
    ("getTrace", Answered::Refused(403, "forbidden")),
    ("listJudgeLinks", Answered::Refused(403, "out_of_scope")),
    ("createJudgeLink", Answered::Refused(403, "out_of_scope")),
    ("revokeJudgeLink", Answered::Refused(403, "out_of_scope")),
    ("releaseJudgeLink", Answered::Refused(403, "out_of_scope")),
    ("setJudgeLinkPin", Answered::Refused(403, "out_of_scope")),
];

/// What is answered to a request that is apart.
#[derive(Clone, Copy)]
enum Answered {
    /// What can be reached; nothing of the event.
    Less,
    /// It needs a grant that reaches further.
    Refused(u16, &'static str),
}

/// People who may do everything that their roles may, in another event than the competition's.
struct Elsewhere {
    callers: Callers,
    by_role: BTreeMap<Role, Client>,
}

impl Elsewhere {
    fn new() -> Self {
        let callers = Callers::new();
        let competition = &callers.competition;
        let event = id_of(&competition.admin().create("/events", &json!({"name": "Other"})));
        let grants = |role: Role| json!([{"role": role, "scope": {"type": "event", "id": event}}]);
        let client = |role| match role {
            // One who has a seat on the category all the same.
            Role::Judge => {
                let seat = &competition.judges[1];
                let path = format!("/users/{}", seat.user);
                competition.admin().patch(&path, &json!({"grants": grants(role)})).expect(200);
                seat.client.clone()
            }
            role => competition.tenant.with_grants(&grants(role)),
        };
        // Those two hold for a whole tenant.
        let wide = [Role::SuperAdmin, Role::Admin];
        let roles = Role::ALL.into_iter().filter(|role| !wide.contains(role));
        let by_role = roles.map(|role| (role, client(role))).collect();
        Self { callers, by_role }
    }

    /// Everybody who may do an operation where their grant reaches: on whatever lies in an event, or where the permission has
    /// to reach what it is about.
    fn who_may(&self, operation: &Operation) -> Vec<(Role, &Client)> {
        let in_event = IN_EVENTS.iter().any(|begin| operation.path.starts_with(begin));
        let rule = operation.action().map_or(&[][..], Action::rule);
        let scoped = rule.iter().filter(|(_, relation)| in_event || *relation != Relation::Any);
        scoped.filter_map(|(role, _)| Some((*role, self.by_role.get(role)?))).collect()
    }
}

/// That an answer shows nothing of a competition.
fn assert_shows_nothing(answer: &Answer, competition: &Competition) {
    let text = answer.text();
    let seats = competition.judges.iter().map(|seat| &seat.assignment);
    let ids = [&competition.event, &competition.contest, &competition.category];
    for id in ids.into_iter().chain(&competition.criteria).chain(&competition.entries).chain(seats) {
        assert!(!text.contains(id), "{id} in {}", answer.describe());
    }
}

#[test]
fn a_grant_for_another_event_reaches_nothing_by_any_operation() {
    let elsewhere = Elsewhere::new();
    let competition = &elsewhere.callers.competition;
    let mut tried = BTreeSet::new();
    for operation in operations() {
        let who = elsewhere.who_may(&operation);
        if who.is_empty() {
            continue;
        }
        let request = elsewhere.callers.request(operation);
        let name = request.operation.name();
        let apart = APART.iter().find(|(operation, _)| *operation == name);
        let before = state(competition.admin());
        for (role, client) in who {
            let request = Request { client: client.clone(), ..request.clone() };
            let answer = request.send();
            match apart {
                Some((_, Answered::Less)) => assert!(answer.status < 300, "{role} {}", answer.describe()),
                Some((_, Answered::Refused(status, code))) => drop(answer.expect_problem(*status, code)),
                None => {
                    answer.expect_problem(404, "not_found");
                    assert_eq!(told(&answer, NOBODYS), told(&of_nobody(&request), NOBODYS), "{role} {name}");
                }
            }
            if apart.is_some() {
                assert_shows_nothing(&answer, competition);
            }
        }
        assert_eq!(state(competition.admin()), before, "{name} changed nothing");
        tried.insert(name.to_owned());
    }
    let unknown: Vec<_> =
        APART.iter().filter(|(name, _)| !tried.contains(*name)).map(|(name, _)| name).collect();
    assert_eq!(unknown, [] as [&&str; 0]);
    assert!(tried.len() > 100, "{} operations", tried.len());
}

/// The answer to the same about something that nobody has.
fn of_nobody(request: &Request) -> Answer {
    let names =
        request.operation.parameters("path").into_iter().filter(|(_, schema)| schema["format"] == "uuid");
    let path = names.fold(request.path.clone(), |path, (name, _)| request.replaced(&path, name, NOBODYS));
    request.send_to(&path, &[])
}

#[test]
fn no_list_shows_a_grant_for_another_event_what_lies_in_this_one() {
    let elsewhere = Elsewhere::new();
    let competition = &elsewhere.callers.competition;
    competition.submit(0, 0, &["9", "9"]).expect(201);
    upload_photo(competition.admin(), "entry", &competition.entries[0], 10);
    let is_list = |operation: &Operation| operation.method == "GET" && !operation.path.contains('{');
    for operation in operations().into_iter().filter(is_list).filter(|operation| operation.action().is_some())
    {
        let request = elsewhere.callers.request(operation);
        let more: &[&str] = match request.operation.name() {
            "search" => &["/search?q=gala", "/search?q=solo", "/search?q=talent"],
            "listEvent" => &["/events?archived=false"],
            _ => &[],
        };
        for (role, client) in elsewhere.by_role.iter().filter(|(role, _)| request.operation.allows(**role)) {
            let request = Request { client: client.clone(), ..request.clone() };
            for path in more.iter().copied().chain([&*request.path]) {
                let answer = request.send_to(path, &[]);
                assert!([200, 403].contains(&answer.status), "{role} {}", answer.describe());
                assert_shows_nothing(&answer, competition);
            }
        }
    }
}

/// Whether an id is one of something that lies in an event; people are the tenant's.
fn lies_in_an_event(competition: &Competition, id: &str) -> bool {
    let nouns = IN_EVENTS.iter().filter(|begin| begin.matches('/').count() == 2);
    nouns.into_iter().any(|begin| competition.admin().get(&begin.replace('{', id)).status == 200)
}

#[test]
fn nothing_of_this_event_can_be_named_with_a_grant_for_another_one() {
    let elsewhere = Elsewhere::new();
    let competition = &elsewhere.callers.competition;
    let client = &elsewhere.by_role[&Role::Organizer];
    let request_of = |operation: &str| {
        let request = foreign_ids::request_of(&elsewhere.callers, operation);
        request.operation.allows(Role::Organizer).then(|| Request { client: client.clone(), ..request })
    };
    let mut tried = Vec::new();
    let mut assert_unknown = |place: String, named: foreign_ids::Named, ask: &dyn Fn(&str) -> Answer| {
        let own = named(competition);
        if lies_in_an_event(competition, &own) {
            let (seen, nobodys) = (ask(&own), ask(NOBODYS));
            assert_eq!(told(&seen, &own), told(&nobodys, NOBODYS), "{place} tells that the id exists");
            tried.push(place);
        }
    };
    for (operation, at, named, with) in foreign_ids::in_bodies(competition) {
        let Some(request) = request_of(operation) else { continue };
        let ask = |id: &str| foreign_ids::send_naming(&request, &with, at, id);
        assert_unknown(format!("{operation} {at}"), named, &ask);
    }
    for (operation, at, named, path) in foreign_ids::IN_QUERIES {
        let Some(request) = request_of(operation) else { continue };
        let ask = |id: &str| request.send_to(&format!("{path}{id}"), &[]);
        assert_unknown(format!("{operation} {at}"), named, &ask);
    }
    let all = [
        "applyTemplate /parent",
        "importTable /contestId",
        "runBulk /operations/*/id",
        "runBulk /operations/*/parent",
        "exportTable contestId",
        "exportTable categoryId",
    ];
    assert!(all.iter().all(|place| tried.iter().any(|tried| tried == place)), "{tried:?}");
}
