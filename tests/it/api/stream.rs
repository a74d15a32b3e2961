//! The event stream: every change that the caller may read, as it comes, and again after a gap.

use std::{sync::Arc, time::Instant};

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{
    Client, Competition, EventStream, Options, PASSWORD, Server, StreamEvent, Tenant, fresh, id_of,
};

fn actions(events: &[StreamEvent]) -> Vec<&str> {
    events.iter().map(|event| event.data["action"].as_str().unwrap()).collect()
}

/// What a caller is told behind a change, up to a new event that the ADMIN makes now.
pub(super) fn told(client: &Client, admin: &Client, after: u64) -> Vec<StreamEvent> {
    let end = id_of(&admin.create("/events", &json!({"name": "The end"})));
    let mut stream = EventStream::after(client, after);
    std::iter::from_fn(|| stream.next()).take_while(|event| event.data["id"] != end.as_str()).collect()
}

fn newest_change(client: &Client) -> u64 {
    client.get("/audit?limit=1").expect(200)["items"][0]["sequence"].as_u64().unwrap()
}

#[test]
fn a_change_is_told_as_it_comes_in_ids_without_values() {
    let competition = Competition::new();
    let mut stream = EventStream::open(competition.admin());
    for header in ["content-type: text/event-stream", "x-accel-buffering: no", "no-transform"] {
        assert!(stream.headers.contains(header), "{header}: {}", stream.headers);
    }
    let category = format!("/categories/{}", competition.category);
    competition.admin().patch(&category, &json!({"name": "Secret"})).expect(200);
    let event = stream.next().unwrap();
    assert_eq!(event.name, "change");
    assert_eq!(event.id, event.data["version"].as_u64());
    let at = event.data["at"].clone();
    assert!(at.as_str().is_some_and(|at| at.ends_with('Z')));
    assert_eq!(
        event.data,
        json!({
            "version": event.id, "action": "category.updated", "type": "category", "id": competition.category,
            "eventId": competition.event, "contestId": competition.contest, "categoryId": competition.category,
            "at": at,
        })
    );
    let updated = competition.admin().get(&category).expect(200);
    assert_eq!(event.data["version"], updated["version"]);
    competition.submit(1, 2, &["5", "5"]).expect(201);
    let event = stream.next().unwrap();
    assert_eq!(event.data["action"], "sheet.submitted");
    assert_eq!(event.data["id"], json!(competition.entries[2]));
    assert_eq!(event.data["categoryId"], json!(competition.category));
}

#[test]
fn another_tenant_is_told_nothing() {
    let (mine, foreign) = (Competition::new(), Tenant::new());
    let mut stream = EventStream::open(&foreign.admin);
    mine.submit_all();
    mine.admin().delete(&format!("/events/{}", mine.event)).expect(204);
    let own = foreign.admin.create("/events", &json!({"name": "Own"}));
    assert_eq!(stream.next().unwrap().data["id"], own["id"]);
    let replayed = told(&foreign.admin, &foreign.admin, 0);
    let text = replayed.iter().map(|event| event.data.to_string()).collect::<String>();
    for id in [&mine.event, &mine.contest, &mine.category, &mine.entries[0]] {
        assert!(!text.contains(id.as_str()), "{id} in {text}");
    }
}

#[test]
fn a_judge_is_told_of_the_own_sheets_and_categories_and_of_no_other_judges() {
    let competition = Competition::new();
    let admin = competition.admin();
    let judge = &competition.judges[0];
    let mut stream = EventStream::open(&judge.client);
    competition.submit(1, 0, &["5", "5"]).expect(201);
    let other = id_of(&admin.create("/events", &json!({"name": "Elsewhere"})));
    admin.create(&format!("/events/{other}/contests"), &json!({"name": "Elsewhere"}));
    let categories = format!("/contests/{}/categories", competition.contest);
    let unjudged = id_of(&admin.create(&categories, &json!({"name": "Not mine"})));
    admin.patch(&format!("/judges/{}", competition.judges[1].id), &json!({"name": "Kim II"})).expect(200);
    admin.delete(&competition.sheet(0, 1)).expect(204);
    competition.submit(0, 1, &["5", "5"]).expect(201);
    let event = stream.next().unwrap();
    assert_eq!(event.data["action"], "sheet.submitted");
    assert_eq!(event.data["id"], json!(competition.entries[1]));

    admin.patch(&format!("/categories/{}", competition.category), &json!({"name": "Mine"})).expect(200);
    admin
        .patch(&format!("/contestants/{}", competition.contestants[0]), &json!({"name": "Anna"}))
        .expect(200);
    admin.call(&format!("/events/{}/lock", competition.event)).expect(200);
    let events = stream.until("event.locked");
    assert_eq!(actions(&events), ["category.updated", "contestant.updated", "event.locked"]);
    admin.call(&format!("/events/{}/unlock", competition.event)).expect(200);
    admin.create(&format!("/categories/{unjudged}/assignments"), &json!({"judgeId": judge.id}));
    admin.delete(&format!("/assignments/{}?confirm=true", judge.assignment)).expect(204);
    let events = stream.until("assignment.deleted");
    assert_eq!(actions(&events), ["event.unlocked", "assignment.created", "assignment.deleted"]);
}

#[test]
fn each_role_is_told_what_it_may_read() {
    let competition = Competition::new();
    let admin = competition.admin();
    let before = newest_change(admin);
    admin.patch(&format!("/contests/{}", competition.contest), &json!({"name": "Duo"})).expect(200);
    competition.submit(0, 0, &["5", "5"]).expect(201);
    let deduction = json!({"entryId": competition.entries[0], "amount": "1", "reason": "late"});
    admin.create(&format!("/categories/{}/deductions", competition.category), &deduction);
    admin.create("/tokens", &json!({"name": "T", "grants": [{"role": "EMCEE"}], "expiresInDays": 1}));
    competition.tenant.user(&json!([]));
    let emcee = competition.tenant.with_role(Role::Emcee);
    let told_to = |client: &Client| {
        let events = told(client, admin, before);
        actions(&events).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        told_to(&emcee)[..1],
        ["contest.updated"],
        "beside it, an emcee is told of the own account only"
    );
    assert!(told_to(&emcee).iter().all(|action| !action.starts_with("sheet.")));
    let tally = competition.tenant.with_role(Role::TallyMaster);
    assert_eq!(told_to(&tally)[..3], ["contest.updated", "sheet.submitted", "deduction.created"]);
    assert!(told_to(&tally).iter().all(|action| !action.starts_with("token.")));
    assert!(told_to(admin).contains(&"token.created".to_owned()));
    assert!(told_to(admin).contains(&"user.created".to_owned()));
    let contestant = competition.tenant.with_role(Role::Contestant);
    let mut stream = EventStream::after(&contestant, before);
    competition.submit(0, 1, &["5", "5"]).expect(201);
    contestant.call("/auth/logout").expect(204);
    let own: Vec<StreamEvent> = std::iter::from_fn(|| stream.next()).collect();
    assert!(actions(&own).iter().all(|action| action.starts_with("user.")), "{own:?}");
}

#[test]
fn a_grant_for_one_event_is_told_of_that_event_only() {
    let competition = Competition::new();
    let admin = competition.admin();
    let scope = json!({"type": "event", "id": competition.event});
    let organizer = competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    let mut stream = EventStream::open(&organizer);
    let other = id_of(&admin.create("/events", &json!({"name": "Other"})));
    admin.create(&format!("/events/{other}/contests"), &json!({"name": "Other"}));
    admin.delete(&format!("/events/{other}")).expect(204);
    competition.submit(0, 0, &["5", "5"]).expect(201);
    assert_eq!(stream.next().unwrap().data["action"], "sheet.submitted");
}

#[test]
fn what_came_before_a_deletion_is_told_no_more_only_the_deletion() {
    let competition = Competition::new();
    let admin = competition.admin();
    competition.submit_all();
    let contest = format!("/contests/{}", competition.contest);
    admin.patch(&contest, &json!({"name": "Renamed"})).expect(200);
    admin.delete(&competition.sheet(0, 0)).expect(204);
    let gone = |events: &[StreamEvent], id: &str| -> Vec<Value> {
        events.iter().filter(|event| event.data["id"] == id).map(|event| event.data.clone()).collect()
    };
    let events = told(admin, admin, 0);
    let entry = &competition.entries[0];
    let of_entry: Vec<Value> = gone(&events, entry);
    let of_sheets: Vec<&str> = of_entry.iter().filter_map(|data| data["action"].as_str()).collect();
    assert_eq!(
        of_sheets,
        ["entry.created", "sheet.submitted", "sheet.deleted"],
        "the other judge's sheet and the deletion of the first"
    );
    let keys: Vec<&String> = of_entry[2].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["action", "at", "id", "type", "version"], "a deletion tells nothing but itself");

    admin.delete(&contest).expect(204);
    let events = told(admin, admin, 0);
    let of_contest = gone(&events, &competition.contest);
    assert_eq!(of_contest.len(), 1);
    assert_eq!(of_contest[0]["action"], "contest.deleted");
    for id in [&competition.category, &competition.entries[0], &competition.criteria[0]] {
        assert!(events.iter().all(|event| !event.data.to_string().contains(id.as_str())), "{id}");
    }
    admin.call(&format!("{contest}/restore")).expect(200);
    let events = told(admin, admin, 0);
    assert_eq!(gone(&events, &competition.category).len(), 1, "it can be seen again");
}

#[test]
fn the_links_of_a_deleted_judge_are_told_of_no_more_until_the_judge_is_back() {
    let competition = Competition::new();
    let admin = competition.admin();
    let judge = format!("/judges/{}", competition.judges[0].id);
    let link = id_of(&admin.create(&format!("{judge}/links"), &json!({})));
    let told_of_link = || told(admin, admin, 0).iter().filter(|event| event.data["id"] == *link).count();
    assert_eq!(told_of_link(), 1);
    admin.delete(&format!("{judge}?confirm=true")).expect(204);
    assert_eq!(told_of_link(), 0);
    admin.call(&format!("{judge}/restore")).expect(200);
    assert_eq!(told_of_link(), 1);
}

#[test]
fn a_stream_that_goes_on_after_a_restart_misses_nothing_and_repeats_nothing() {
    let server = Arc::new(Server::start());
    let admin = server.admin();
    let mut stream = EventStream::after(&admin, 0);
    let event = |n: usize| admin.create("/events", &json!({"name": format!("Event {n}")}));
    (0..5).for_each(|n| drop(event(n)));
    let seen: Vec<u64> = std::iter::from_fn(|| stream.next())
        .filter(|event| event.data["action"] == "event.created")
        .take(3)
        .map(|event| event.id.unwrap())
        .collect();
    (5..8).for_each(|n| drop(event(n)));
    drop(stream);
    let mut server = Arc::into_inner(server).unwrap();
    assert!(server.stop().success());
    server.start_again();
    let admin = server.admin();
    let last = seen[2];
    let rest = told(&admin, &admin, last);
    let created: Vec<u64> =
        rest.iter().filter(|event| event.data["type"] == "event").map(|event| event.id.unwrap()).collect();
    let log = admin.get("/audit?limit=500&after=0").expect(200);
    let expected: Vec<u64> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| record["action"] == "event.created")
        .map(|record| record["sequence"].as_u64().unwrap())
        .collect();
    assert_eq!([seen, created].concat(), expected[..8]);

    let mut by_query = EventStream::open_at(&admin, &format!("/api/v1/stream?after={last}"), &[]);
    assert_eq!(by_query.next().unwrap().id, rest[0].id);
    let newest = newest_change(&admin);
    let path = format!("/api/v1/stream?after={last}");
    let mut by_header = EventStream::open_at(&admin, &path, &[("last-event-id", &newest.to_string())]);
    admin.create("/judges", &json!({"name": "Last"}));
    assert_eq!(by_header.next().unwrap().data["action"], "judge.created", "the header comes first");
}

#[test]
fn whoever_comes_back_with_a_number_of_another_chain_is_told_to_begin_anew() {
    let tenant = Tenant::new();
    let newest = newest_change(&tenant.admin);
    let mut stream = EventStream::after(&tenant.admin, newest + 1_000);
    let reset = stream.next().unwrap();
    assert_eq!((reset.name.as_str(), reset.id), ("reset", Some(newest)));
    assert_eq!(reset.data, json!({"version": newest}));
    tenant.admin.create("/events", &json!({"name": "Next"}));
    assert_eq!(stream.next().unwrap().data["action"], "event.created", "and goes on from there");
}

#[test]
fn a_number_that_is_none_is_refused_and_heads_are_answered() {
    let admin = Tenant::new().admin;
    for value in ["x", "-1", "1.5", "99999999999999999999"] {
        let answer = admin.with_header("last-event-id", value).get("/stream");
        answer.expect_problem(400, "bad_request");
    }
    admin.get("/stream?after=x").expect_problem(400, "bad_request");
    let head = admin.raw("HEAD", "/api/v1/stream", &[], &[]);
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
}

#[test]
fn a_stream_ends_as_soon_as_the_authority_does() {
    let tenant = Tenant::new();
    let ended = |mut stream: EventStream| {
        let last = std::iter::from_fn(|| stream.next()).last();
        assert!(last.as_ref().is_none_or(|event| event.data["type"] != "event"), "{last:?}");
    };
    let leaving = tenant.with_role(Role::Auditor);
    let stream = EventStream::open(&leaving);
    leaving.call("/auth/logout").expect(204);
    ended(stream);

    let program = tenant.token(&json!([{"role": "AUDITOR"}]));
    let stream = EventStream::open(&program);
    let tokens = tenant.admin.get("/tokens").expect(200);
    tenant.admin.delete(&format!("/tokens/{}", tokens["items"][0]["id"].as_str().unwrap())).expect(204);
    ended(stream);

    let user = tenant.user(&json!([{"role": "AUDITOR"}]));
    let demoted = tenant.server.sign_in(&tenant.slug, user["email"].as_str().unwrap());
    let stream = EventStream::open(&demoted);
    tenant.admin.patch(&format!("/users/{}", id_of(&user)), &json!({"grants": []})).expect(200);
    tenant.admin.create("/events", &json!({"name": "Not for them"}));
    ended(stream);
}

#[test]
fn who_acts_in_a_tenant_follows_it_until_that_ends() {
    let server = Arc::new(Server::start());
    let tenant = Tenant::on(Arc::clone(&server));
    let (first, second) = (server.super_admin(), server.super_admin());
    first.post("/auth/act-as", &json!({"tenant": tenant.slug, "reason": "a look"})).expect(200);
    let mut stream = EventStream::open(&first);
    tenant.admin.create("/events", &json!({"name": "Seen"}));
    assert_eq!(stream.next().unwrap().data["action"], "event.created");
    let me = second.get("/me").expect(200);
    let grants = json!([{"role": "SUPER_ADMIN"}]);
    let others =
        json!({"email": "other@it.example", "name": "Other", "password": PASSWORD, "grants": grants});
    server.operator("system").create("/users", &others);
    server.operator("system").delete(&format!("/users/{}", me["user"]["id"].as_str().unwrap())).expect(204);
    assert!(stream.next().is_none(), "the role lies in the operators' tenant");
}

#[test]
fn a_stream_with_nothing_to_tell_shows_that_it_lives() {
    let tenant = Tenant::new();
    let mut stream = EventStream::open(&tenant.admin);
    let started = Instant::now();
    let sign = stream.next_block().unwrap();
    assert!(sign.comment.is_some() && sign.name.is_empty(), "{sign:?}");
    assert_eq!(sign.id, Some(newest_change(&tenant.admin)), "it keeps the place in the chain");
    assert!(started.elapsed().as_secs() >= 14);
}

#[test]
fn streams_end_first_when_the_server_stops() {
    let mut server = Server::with(Options::default().set("server.shutdown_grace_s", "60"));
    let mut streams: Vec<EventStream> = (0..4).map(|_| EventStream::open(&server.admin())).collect();
    let started = Instant::now();
    assert!(server.stop().success());
    assert!(started.elapsed().as_secs() < 30, "it did not wait for those who follow");
    assert!(streams.iter_mut().all(|stream| std::iter::from_fn(|| stream.next()).count() <= 4));
}

#[test]
fn more_streams_than_may_be_open_are_refused_until_one_ends() {
    let server = Server::with(Options::default().set("server.max_streams", "1"));
    let (first, second) = (server.admin(), server.admin());
    let stream = EventStream::open(&first);
    let refused = second.get("/stream");
    refused.expect_problem(503, "too_many_streams");
    assert!(refused.header("retry-after").is_some());
    first.call("/auth/logout").expect(204);
    drop(stream);
    assert!((0..1_000).any(|_| second.get("/stream").status == 200), "the place is free again");
}

#[test]
fn a_judge_by_a_link_is_told_what_one_with_an_account_is_until_the_link_is_taken() {
    let competition = Competition::new();
    let admin = competition.admin();
    let judge = &competition.judges[0];
    let link = admin.create(&format!("/judges/{}/links", judge.id), &json!({}));
    let by_link = competition.tenant.server.sign_in_by_link(&link);
    let before = newest_change(admin);
    by_link.put(&competition.own_sheet(1), &competition.marks(&["5", "5"])).expect(201);
    competition.submit(1, 0, &["5", "5"]).expect(201);
    admin.patch(&format!("/judges/{}", competition.judges[1].id), &json!({"name": "Kim II"})).expect(200);
    admin.patch(&format!("/categories/{}", competition.category), &json!({"name": "Mine"})).expect(200);
    let tally = competition.tenant.with_role(Role::TallyMaster);
    admin.call(&format!("/contests/{}/lock", competition.contest)).expect(200);
    let seen = |client: &Client| {
        let mut stream = EventStream::after(client, before);
        stream.until("contest.locked").iter().map(|event| event.data.clone()).collect::<Vec<_>>()
    };
    let own = seen(&by_link);
    assert_eq!(own, seen(&judge.client));
    let own: Vec<&Value> = own.iter().map(|data| &data["action"]).collect();
    assert_eq!(own, ["sheet.submitted", "category.updated", "contest.locked"]);

    let mut stream = EventStream::open(&by_link);
    tally.call(&format!("/judge-links/{}/release", id_of(&link))).expect(200);
    assert_eq!(stream.next().map(|event| event.data), None, "the link is free, and the stream is over");
    let mut told_to_officials = EventStream::after(&tally, before);
    let released = told_to_officials.until("judgeLink.released").pop().unwrap();
    assert_eq!(released.data["id"], link["id"]);
}

#[test]
fn what_is_stopped_or_opened_is_told_to_those_who_may_read_it_although_it_is_no_noun() {
    let tenant = Tenant::new();
    let before = newest_change(&tenant.admin);
    let hook = json!({"name": "Hook", "url": "https://hook.invalid/", "events": ["user.purged"]});
    let webhook = id_of(&tenant.admin.create("/webhooks", &hook));
    let sent = id_of(&tenant.admin.call(&format!("/webhooks/{webhook}/test")).expect(202));
    tenant.admin.call(&format!("/deliveries/{sent}/cancel")).expect(200);
    let of_delivery = |client: &Client| {
        let events = told(client, &tenant.admin, before);
        events.iter().any(|event| event.data["type"] == "delivery" && event.data["id"] == sent.as_str())
    };
    assert!(of_delivery(&tenant.with_role(Role::Auditor)));
    assert!(!of_delivery(&tenant.with_role(Role::Organizer)), "an ORGANIZER sees no deliveries");

    let operator = tenant.server.super_admin();
    let mut stream = EventStream::open(&operator);
    operator.post("/breakers/trip", &json!({"service": "redis", "key": fresh("cache")})).expect(200);
    let types = std::iter::from_fn(|| stream.next()).map(|event| event.data["type"].clone());
    assert!(types.take(20).any(|kind| kind == "breaker"));
}
