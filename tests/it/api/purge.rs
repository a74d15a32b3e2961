//! What is in the trash comes back many at once, with what it hangs on, or is destroyed for good; and a deletion says
//! beforehand what it would do.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{
    Authenticator, Client, Competition, Options, PASSWORD, Server, Tenant, after_job, id_of,
};

fn trash(admin: &Client) -> Vec<Value> {
    admin.get("/trash?limit=500").expect(200)["items"].as_array().unwrap().clone()
}

fn line(admin: &Client, id: &str) -> Value {
    trash(admin)
        .into_iter()
        .find(|item| item["id"] == id)
        .unwrap_or_else(|| panic!("{id} is not in the trash"))
}

fn purge(admin: &Client, line: &Value) -> Value {
    let path = format!("/trash/{}/purge", line["version"]);
    after_job(admin, &admin.post(&path, &json!({"name": line["name"]})).expect(202))
}

#[test]
fn a_deletion_says_beforehand_what_it_hides_and_which_places_change() {
    let competition = Competition::new();
    competition.submit_all();
    let preview = |path: String| competition.admin().get(&format!("{path}/deletion")).expect(200);
    let count = |preview: &Value, kind: &str| {
        let counts = preview["below"]["counts"].as_array().unwrap();
        counts.iter().find(|count| count["kind"] == kind).map_or(0, |count| count["count"].as_u64().unwrap())
    };
    let event = preview(format!("/events/{}", competition.event));
    assert_eq!(event["name"], "Gala");
    let counts =
        ["contest", "category", "criterion", "entry", "assignment", "sheet"].map(|kind| count(&event, kind));
    assert_eq!(counts, [1, 1, 2, 3, 2, 6]);
    assert_eq!((&event["obstacle"], &event["changes"]), (&Value::Null, &json!([])));

    let contestant = preview(format!("/contestants/{}", competition.contestants[0]));
    assert_eq!((count(&contestant, "entry"), count(&contestant, "sheet")), (1, 2));
    assert_eq!(contestant["changes"][0]["categoryName"], "Talent");
    let judge = preview(format!("/judges/{}", competition.judges[0].id));
    assert_eq!((count(&judge, "assignment"), count(&judge, "sheet")), (1, 3));

    competition.admin().call(&format!("/categories/{}/lock", competition.category)).expect(200);
    let locked = preview(format!("/events/{}", competition.event));
    assert_eq!(locked["obstacle"]["code"], "locked_beneath");
    competition
        .admin()
        .get("/events/01890000-0000-7000-8000-000000000000/deletion")
        .expect_problem(404, "not_found");
    let version = |path: &str| competition.admin().get(path).expect(200)["version"].clone();
    let path = format!("/events/{}", competition.event);
    let before = version(&path);
    preview(path.clone());
    assert_eq!(version(&path), before, "nothing was changed");
}

#[test]
fn a_thing_comes_back_together_with_what_it_hangs_on() {
    let competition = Competition::new();
    let admin = competition.admin();
    let criterion = format!("/criteria/{}", competition.criteria[0]);
    for path in [
        &criterion,
        &format!("/categories/{}", competition.category),
        &format!("/events/{}", competition.event),
    ] {
        admin.delete(path).expect(204);
    }
    let item = line(admin, &competition.criteria[0]);
    assert_eq!((&item["restorable"], &item["obstacle"]["code"]), (&json!(false), &json!("parent_deleted")));
    admin.call(&format!("{criterion}/restore")).expect_problem(409, "parent_deleted");
    let back = admin.call(&format!("{criterion}/restore?withAncestors=true")).expect(200);
    assert_eq!(back["id"], competition.criteria[0]);
    admin.get(&format!("/events/{}", competition.event)).expect(200);
    assert!(trash(admin).is_empty());
}

#[test]
fn the_trash_says_what_stands_in_the_way_of_each_thing_and_what_to_do() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.delete(&format!("/entries/{}", competition.entries[0])).expect(204);
    let body = json!({"contestantId": competition.contestants[0], "number": 1});
    let holder = admin.create(&format!("/contests/{}/entries", competition.contest), &body);
    let item = line(admin, &competition.entries[0]);
    assert_eq!(item["obstacle"]["holder"], holder["id"], "as the problem of a restore says it");
    assert_eq!((&item["restorable"], &item["obstacle"]["code"]), (&json!(false), &json!("taken")));
    assert!(item["obstacle"]["errors"][0]["message"].as_str().unwrap().contains("Ann"), "{item}");

    admin.delete(&format!("/criteria/{}", competition.criteria[0])).expect(204);
    assert_eq!(line(admin, &competition.criteria[0])["restorable"], true);
    admin.call(&format!("/contests/{}/lock", competition.contest)).expect(200);
    let item = line(admin, &competition.criteria[0]);
    assert_eq!((&item["restorable"], &item["obstacle"]["code"]), (&json!(false), &json!("contest_locked")));
    let locked = (&item["obstacle"]["kind"], &item["obstacle"]["id"]);
    assert_eq!(locked, (&json!("contest"), &json!(competition.contest)));
}

#[test]
fn many_things_come_back_at_once_or_none_of_them() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    admin.delete(&format!("{}/marks/{}", competition.sheet(1, 0), competition.criteria[0])).expect(204);
    admin.delete(&competition.sheet(0, 0)).expect(204);
    admin.delete(&format!("/judges/{}?confirm=true", competition.judges[1].id)).expect(204);
    let versions: Vec<Value> = trash(admin).iter().map(|item| item["version"].clone()).collect();
    assert_eq!(versions.len(), 3);
    let results = || competition.results()["placements"].clone();
    let before = results();
    let mut with_unknown = versions.clone();
    with_unknown.push(json!(999_999));
    let problem =
        admin.post("/trash/restore", &json!({"versions": with_unknown})).expect_problem(422, "bulk_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/versions/3");
    assert_eq!(trash(admin).len(), 3);
    let told = admin.post("/trash/restore", &json!({"versions": versions, "dryRun": true})).expect(200);
    assert_eq!((&told["succeeded"], trash(admin).len()), (&json!(3), 3));
    let done = admin.post("/trash/restore", &json!({"versions": versions})).expect(200);
    assert_eq!(done["succeeded"], 3);
    assert!(trash(admin).is_empty());
    assert_ne!(results(), before);
    assert_eq!(competition.results()["sheetsSubmitted"], 6);
}

#[test]
fn only_somebody_who_types_its_name_destroys_a_thing_and_then_it_cannot_come_back() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    let contestant = format!("/contestants/{}", competition.contestants[0]);
    admin.delete(&format!("{contestant}?confirm=true")).expect(204);
    let item = line(admin, &competition.contestants[0]);
    let path = format!("/trash/{}/purge", item["version"]);
    let organizer = competition.tenant.with_grants(&json!([{"role": "ORGANIZER"}]));
    organizer.post(&path, &json!({"name": "Ann"})).expect_problem(403, "forbidden");
    let problem = admin.post(&path, &json!({"name": "ann"})).expect_problem(422, "name_mismatch");
    assert_eq!(problem["errors"][0]["pointer"], "/name");

    let job = purge(admin, &item);
    assert_eq!((&job["state"], &job["undoable"]), (&json!("done"), &json!(false)), "{job}");
    assert!(job["done"].as_u64().unwrap() >= 4, "the contestant, the entry and its sheets: {job}");
    assert!(trash(admin).is_empty());
    admin.get(&format!("{contestant}?includeDeleted=true")).expect_problem(404, "not_found");
    admin.call(&format!("{contestant}/restore")).expect_problem(404, "not_found");
    admin.post(&path, &json!({"name": "Ann"})).expect_problem(404, "not_found");
    let entries = format!("/contests/{}/entries", competition.contest);
    let left = admin.get(&format!("{entries}?includeDeleted=true")).expect(200);
    assert_eq!(left["items"].as_array().unwrap().len(), 2);
    let sheets =
        admin.get(&format!("/categories/{}/sheets?includeDeleted=true", competition.category)).expect(200);
    assert_eq!(sheets["items"].as_array().unwrap().len(), 4);

    let audit = admin.get("/audit?limit=500").expect(200);
    let of_it: Vec<&Value> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| record["subject"]["id"] == competition.contestants[0])
        .collect();
    let actions: Vec<&str> = of_it.iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["contestant.purged", "contestant.purgeBegun", "contestant.deleted", "contestant.created"]
    );
    assert!(!of_it.iter().any(|record| record.to_string().contains("Ann")), "its personal values are erased");
    assert_eq!(admin.get("/audit/verify").expect(200)["intact"], true, "and the chain verifies all the same");
    let number =
        json!({"contestantId": id_of(&admin.create("/contestants", &json!({"name": "Eve"}))), "number": 1});
    admin.create(&entries, &number);
}

#[test]
fn an_event_is_destroyed_with_everything_beneath_it_and_nothing_else() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    admin.delete(&format!("/criteria/{}?confirm=true", competition.criteria[0])).expect(204);
    admin.delete(&competition.sheet(0, 0)).expect(204);
    let other = id_of(&admin.create("/events", &json!({"name": "Other"})));
    admin.delete(&format!("/events/{}", competition.event)).expect(204);
    let job = purge(admin, &line(admin, &competition.event));
    assert_eq!(job["state"], "done", "{job}");
    assert!(trash(admin).is_empty(), "what was deleted beneath it went, too");
    for path in [
        format!("/contests/{}", competition.contest),
        format!("/categories/{}", competition.category),
        format!("/criteria/{}", competition.criteria[0]),
        format!("/entries/{}", competition.entries[0]),
        format!("/assignments/{}", competition.judges[0].assignment),
    ] {
        admin.get(&format!("{path}?includeDeleted=true")).expect_problem(404, "not_found");
    }
    admin.get(&format!("/events/{other}")).expect(200);
    for (contestant, judge) in competition.contestants.iter().zip(&competition.judges) {
        admin.get(&format!("/contestants/{contestant}")).expect(200);
        admin.get(&format!("/judges/{}", judge.id)).expect(200);
    }
    assert_eq!(admin.get("/audit/verify").expect(200)["intact"], true);
}

#[test]
fn a_tenant_is_destroyed_by_an_operator_and_leaves_nothing_but_its_audit_log() {
    let server = std::sync::Arc::new(Server::start());
    let tenant = Tenant::on(std::sync::Arc::clone(&server));
    let kept = Tenant::on(std::sync::Arc::clone(&server));
    tenant.admin.create("/contestants", &json!({"name": "Ann"}));
    let operator = server.operator("system");
    operator.delete(&format!("/tenants/{}", tenant.id)).expect(204);
    let job = purge(&operator, &line(&operator, &tenant.id));
    assert_eq!(job["state"], "done", "{job}");
    operator.get(&format!("/tenants/{}?includeDeleted=true", tenant.id)).expect_problem(404, "not_found");
    tenant.admin.get("/contestants").expect_problem(401, "unauthenticated");
    kept.admin.get("/contestants").expect(200);
    let again = json!({"name": "Again", "slug": tenant.slug});
    operator.create("/tenants", &again);
}

#[test]
fn what_is_being_destroyed_cannot_be_restored_while_it_lasts() {
    let mut server = Server::start();
    let admin = server.admin();
    let event = id_of(&admin.create("/events", &json!({"name": "Gala"})));
    let contest = id_of(&admin.create(&format!("/events/{event}/contests"), &json!({"name": "Solo"})));
    for round in 0..4 {
        let categories: Vec<Value> = (0..250)
            .map(|index| {
                json!({"op": "create", "type": "category", "parent": contest, "body": {"name": format!("{round}.{index}")}})
            })
            .collect();
        admin.post("/bulk", &json!({"operations": categories})).expect(200);
    }
    admin.delete(&format!("/events/{event}")).expect(204);
    let item = line(&admin, &event);
    let path = format!("/trash/{}/purge", item["version"]);
    let accepted = admin.post(&path, &json!({"name": "Gala"})).expect(202);
    server.kill();
    server.start_again();
    let admin = server.admin();
    let restore = admin.call(&format!("/events/{event}/restore"));
    assert!(restore.status == 410 || restore.status == 404, "{}", restore.text());
    let job = after_job(&admin, &accepted);
    assert_eq!((&job["state"], job["done"].as_u64().unwrap() >= 1_002), (&json!("done"), true), "{job}");
    admin.get(&format!("/events/{event}?includeDeleted=true")).expect_problem(404, "not_found");
}

#[test]
fn without_a_retention_nothing_is_ever_destroyed_by_the_box_itself() {
    let server = Server::with(Options::default());
    let admin = server.admin();
    let judge = id_of(&admin.create("/judges", &json!({"name": "Jo"})));
    admin.delete(&format!("/judges/{judge}")).expect(204);
    assert_eq!(server.operator("system").get("/jobs").expect(200)["items"], json!([]));
    assert_eq!(line(&admin, &judge)["restorable"], true);
}

#[test]
fn a_judge_takes_its_links_along_for_good() {
    let tenant = Tenant::new();
    let admin = &tenant.admin;
    let judge = id_of(&admin.create("/judges", &json!({"name": "Lea"})));
    let link = admin.create(&format!("/judges/{judge}/links"), &json!({}));
    let session = tenant.server.sign_in_by_link(&link);
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    let attempt = || {
        let body = json!({"link": secret, "pin": link["pin"]});
        tenant.server.anonymous().post("/auth/judge-link", &body)
    };
    let below = admin.get(&format!("/judges/{judge}/deletion")).expect(200);
    assert_eq!(below["below"]["counts"], json!([]), "links are no things that a deletion hides");
    admin.delete(&format!("/judges/{judge}")).expect(204);
    attempt().expect_problem(403, "link_ended");
    let job = purge(admin, &line(admin, &judge));
    assert_eq!(job["state"], "done", "{job}");
    attempt().expect_problem(401, "unauthenticated");
    session.get("/me").expect_problem(401, "unauthenticated");
    admin.delete(&format!("/judge-links/{}", id_of(&link))).expect_problem(404, "not_found");
}

#[test]
fn a_user_takes_second_factor_and_reset_link_along_for_good() {
    let tenant = Tenant::new();
    let (user, email, client) = tenant.somebody(Role::Emcee);
    Authenticator::set_up(&client);
    let link = tenant.admin.call(&format!("/users/{user}/reset-link")).expect(200);
    let (_, token) = link["url"].as_str().unwrap().split_once("?token=").unwrap();
    tenant.admin.delete(&format!("/users/{user}")).expect(204);
    let job = purge(&tenant.admin, &line(&tenant.admin, &user));
    assert_eq!(job["state"], "done", "{job}");
    let body = json!({"token": token, "password": "another long password"});
    tenant.server.anonymous().post("/auth/reset", &body).expect_problem(401, "unauthenticated");
    let body = json!({"email": email, "name": "Again", "password": PASSWORD, "grants": [{"role": "EMCEE"}]});
    tenant.admin.create("/users", &body);
    let again = tenant.server.sign_in(&tenant.slug, &email);
    assert_eq!(again.get("/me").expect(200)["secondFactor"], Value::Null, "the address has none of the old");
}
