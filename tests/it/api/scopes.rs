//! How far a caller reaches: never into another tenant, and with a scoped grant only into one event or contest.

use event_manager::domain::Kind;
use serde_json::json;

use crate::support::{Client, Competition, id_of};

#[test]
fn another_tenants_things_are_in_no_list() {
    let (mine, foreign) = (Competition::new(), Competition::new());
    let admin = mine.admin();
    let conflict =
        json!({"judgeId": mine.judges[0].id, "contestantId": mine.contestants[0], "reason": "kin"});
    let conflict = id_of(&admin.create("/conflicts", &conflict));
    let template = format!("/events/{}/template", mine.event);
    let template = id_of(&admin.create(&template, &json!({"name": "Gala"})));
    let token = json!({"name": "Gala", "grants": [{"role": "EMCEE"}], "expiresInDays": 1});
    let token = id_of(&admin.create("/tokens", &token));
    let operation = json!({"op": "create", "type": "judge", "body": {"name": "Gala"}});
    let job = admin.post("/bulk", &json!({"operations": [operation]})).expect(200)["job"].clone();
    admin.delete(&format!("/events/{}", mine.event)).expect(204);
    let paths = [
        "/events",
        "/users",
        "/judges",
        "/contestants",
        "/conflicts",
        "/templates",
        "/tokens",
        "/files",
        "/files?includeDeleted=true",
        "/jobs",
        "/events?includeDeleted=true",
        "/trash",
        "/audit",
        "/search?q=gala",
        "/search?q=ann",
    ];
    for path in paths {
        let seen = foreign.admin().get(path).expect(200).to_string();
        let (judge, job) = (&mine.judges[0], id_of(&job));
        for id in [
            &mine.event,
            &mine.tenant.id,
            &judge.id,
            &judge.user,
            &mine.contestants[0],
            &conflict,
            &template,
            &token,
            &job,
        ] {
            assert!(!seen.contains(id), "{path} shows {id}");
        }
    }
}

/// Two events of one tenant, and who is an organizer of one event or contest only.
struct Scoped {
    reached: Competition,
    /// Event, contest and category that are out of reach.
    other: [String; 3],
    client: Client,
}

fn organizer_of(kind: Kind) -> Scoped {
    let reached = Competition::new();
    let admin = reached.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Other"})));
    let contest = id_of(&admin.create(&format!("/events/{event}/contests"), &json!({"name": "Other"})));
    let category =
        id_of(&admin.create(&format!("/contests/{contest}/categories"), &json!({"name": "Other"})));
    let scope = match kind {
        Kind::Event => json!({"type": "event", "id": reached.event}),
        _ => json!({"type": "contest", "id": reached.contest}),
    };
    let client = reached.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    Scoped { reached, other: [event, contest, category], client }
}

#[test]
fn a_grant_for_one_event_reaches_that_event_and_all_it_holds() {
    let Scoped { reached, client, .. } = organizer_of(Kind::Event);
    let category = &reached.category;
    client.patch(&format!("/events/{}", reached.event), &json!({"location": "Hall"})).expect(200);
    client.create(&format!("/events/{}/contests", reached.event), &json!({"name": "Duo"}));
    client.create(&format!("/categories/{category}/criteria"), &json!({"name": "Poise"}));
    client.get(&format!("/categories/{category}/results")).expect(200);
    client.call(&format!("/categories/{category}/lock")).expect(200);
}

#[test]
fn a_grant_for_one_event_reaches_no_other() {
    let Scoped { reached, other: [event, contest, category], client } = organizer_of(Kind::Event);
    let events = client.get("/events").expect(200);
    let ids: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| &event["id"]).collect();
    assert_eq!(ids, [&json!(reached.event)]);
    let with_deleted = client.get("/events?includeDeleted=true").expect(200);
    assert_eq!(with_deleted["items"].as_array().unwrap().len(), 1);
    for path in [
        format!("/events/{event}"),
        format!("/events/{event}?includeDeleted=true"),
        format!("/events/{event}/contests"),
        format!("/contests/{contest}/entries"),
        format!("/categories/{category}/criteria"),
        format!("/categories/{category}/assignments"),
        format!("/categories/{category}/sheets"),
        format!("/categories/{category}/results"),
        format!("/contests/{contest}/results"),
        format!("/events/{event}/progress"),
        format!("/contests/{contest}/progress"),
        format!("/categories/{category}/progress"),
        format!("/events/{event}/contests?includeDeleted=true"),
    ] {
        client.get(&path).expect_problem(404, "not_found");
    }
    client.patch(&format!("/events/{event}"), &json!({"name": "Mine"})).expect_problem(404, "not_found");
    client.delete(&format!("/contests/{contest}")).expect_problem(404, "not_found");
    client.call(&format!("/categories/{category}/lock")).expect_problem(404, "not_found");
    client.call(&format!("/events/{event}/restore")).expect_problem(404, "not_found");
    let contest = client.post(&format!("/events/{event}/contests"), &json!({"name": "Mine"}));
    contest.expect_problem(404, "not_found");
    client.post("/events", &json!({"name": "New"})).expect_problem(404, "not_found");
}

#[test]
fn the_trash_shows_a_grant_for_one_event_nothing_of_another() {
    let Scoped { reached, other: [event, ..], client } = organizer_of(Kind::Event);
    reached.admin().delete(&format!("/criteria/{}", reached.criteria[0])).expect(204);
    reached.admin().delete(&format!("/events/{event}")).expect(204);
    let trash = client.get("/trash").expect(200);
    let ids: Vec<_> = trash["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&json!(reached.criteria[0])], "{trash}");
    let hidden = reached.admin().get("/trash").expect(200)["items"][0].clone();
    client.get(&format!("/trash/{}/below", hidden["version"])).expect_problem(404, "not_found");
}

#[test]
fn the_audit_log_is_of_the_whole_tenant_and_opens_to_no_grant_for_one_event() {
    let competition = Competition::new();
    let scope = json!({"type": "event", "id": competition.event});
    let auditor = competition.tenant.with_grants(&json!([{"role": "AUDITOR", "scope": scope}]));
    auditor.get(&format!("/categories/{}/results", competition.category)).expect(200);
    for path in ["/audit", "/audit/verify"] {
        auditor.get(path).expect_problem(403, "forbidden");
    }
}

#[test]
fn a_grant_for_one_contest_reaches_neither_its_event_nor_its_neighbours() {
    let Scoped { reached, client, .. } = organizer_of(Kind::Contest);
    let neighbour = format!("/events/{}/contests", reached.event);
    let neighbour = id_of(&reached.admin().create(&neighbour, &json!({"name": "Duo"})));
    client.patch(&format!("/contests/{}", reached.contest), &json!({"description": "x"})).expect(200);
    let contests = client.get(&format!("/events/{}/contests", reached.event)).expect(200);
    let ids: Vec<_> = contests["items"].as_array().unwrap().iter().map(|contest| &contest["id"]).collect();
    assert_eq!(ids, [&json!(reached.contest)]);
    client.get(&format!("/contests/{neighbour}")).expect_problem(404, "not_found");
    client
        .patch(&format!("/events/{}", reached.event), &json!({"name": "x"}))
        .expect_problem(404, "not_found");
    client.call(&format!("/events/{}/lock", reached.event)).expect_problem(404, "not_found");
}

#[test]
fn a_judge_with_a_grant_for_another_event_does_not_score_here() {
    let competition = Competition::new();
    let other = id_of(&competition.admin().create("/events", &json!({"name": "Other"})));
    let judge = &competition.judges[0];
    let grants = json!({"grants": [{"role": "JUDGE", "scope": {"type": "event", "id": other}}]});
    competition.admin().patch(&format!("/users/{}", judge.user), &grants).expect(200);
    competition.submit(0, 0, &["9", "9"]).expect_problem(404, "not_found");
    assert_eq!(judge.client.get("/me/categories").expect(200)["items"], json!([]));
}

#[test]
fn who_takes_part_elsewhere_is_out_of_reach_of_a_grant_for_one_event() {
    let Scoped { reached, other: [_, contest, category], client } = organizer_of(Kind::Event);
    let admin = reached.admin();
    let assigned = json!({"judgeId": reached.judges[0].id});
    admin.create(&format!("/categories/{category}/assignments"), &assigned);
    let entered = json!({"contestantId": reached.contestants[0]});
    admin.create(&format!("/contests/{contest}/entries"), &entered);
    let (judge, contestant) =
        (format!("/judges/{}", reached.judges[0].id), format!("/contestants/{}", reached.contestants[0]));
    for path in [&judge, &contestant] {
        client.patch(path, &json!({"name": "Mine"})).expect_problem(403, "out_of_scope");
        let refused = client.delete(&format!("{path}?confirm=true"));
        let problem = refused.expect_problem(403, "out_of_scope");
        assert!(!problem.to_string().contains("Other"), "it tells nothing of the other event: {problem}");
        admin.delete(path).expect(204);
        client.call(&format!("{path}/restore")).expect_problem(403, "out_of_scope");
    }
    let own =
        [format!("/judges/{}", reached.judges[1].id), format!("/contestants/{}", reached.contestants[1])];
    for path in own {
        client.patch(&path, &json!({"name": "Known"})).expect(200);
        client.delete(&path).expect(204);
        client.call(&format!("{path}/restore")).expect(200);
    }
    client.create("/judges", &json!({"name": "New"}));
}
