//! Judges who have no account: a personal link and a PIN, for one device at a time.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Competition, Credentials, Server, Tenant, id_of};

/// A new judge without an account who sits on the category.
fn seat(competition: &Competition, name: &str) -> String {
    let judge = id_of(&competition.admin().create("/judges", &json!({"name": name})));
    let path = format!("/categories/{}/assignments", competition.category);
    competition.admin().create(&path, &json!({"judgeId": judge}));
    judge
}

fn invite(admin: &Client, judge: &str) -> Value {
    admin.create(&format!("/judges/{judge}/links"), &json!({}))
}

fn secret(link: &Value) -> &str {
    link["url"].as_str().unwrap().split_once("#link=").unwrap().1
}

fn attempt(server: &Server, link: &Value, pin: &str) -> Answer {
    server.anonymous().post("/auth/judge-link", &json!({"link": secret(link), "pin": pin}))
}

fn right(server: &Server, link: &Value) -> Answer {
    attempt(server, link, link["pin"].as_str().unwrap())
}

/// A PIN of six digits that is not the link's.
fn wrong_pin(link: &Value) -> &'static str {
    if link["pin"] == "123456" { "654321" } else { "123456" }
}

fn block(server: &Server, link: &Value) {
    for _ in 0..4 {
        attempt(server, link, wrong_pin(link)).expect_problem(401, "unauthenticated");
    }
    attempt(server, link, wrong_pin(link)).expect_problem(403, "link_blocked");
}

/// What officials see of a link.
fn seen(admin: &Client, link: &Value) -> Value {
    let links = admin.get(&format!("/judges/{}/links", link["judgeId"].as_str().unwrap())).expect(200);
    links["items"].as_array().unwrap().iter().find(|seen| seen["id"] == link["id"]).unwrap().clone()
}

fn item(link: &Value) -> String {
    format!("/judge-links/{}", id_of(link))
}

#[test]
fn a_link_is_shown_once_with_its_pin_and_a_qr_code() {
    let competition = Competition::new();
    let admin = competition.admin();
    let judge = seat(&competition, "Lea");
    let made = invite(admin, &judge);
    let (url, pin) = (made["url"].as_str().unwrap(), made["pin"].as_str().unwrap());
    assert!(url.starts_with("http://localhost/judge#link=") && secret(&made).len() == 43, "{url}");
    assert!(pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()), "{pin}");
    assert!(made["qrSvg"].as_str().unwrap().contains("<svg"));
    assert_eq!((&made["judgeName"], &made["state"]), (&json!("Lea"), &json!("free")));
    for path in [&format!("/judges/{judge}/links"), "/audit", &format!("/judges/{judge}")] {
        let shown = admin.get(path).expect(200).to_string();
        assert!(!shown.contains(secret(&made)) && !shown.contains(pin), "{path}: {shown}");
    }
}

#[test]
fn a_link_works_for_thirty_days_or_as_long_as_is_said() {
    let competition = Competition::new();
    let path = format!("/judges/{}/links", competition.judges[0].id);
    let days = |link: &Value| {
        let time = |field: &str| link[field].as_str().unwrap().parse::<event_manager::domain::Timestamp>();
        (time("expiresAt").unwrap().millis() - time("createdAt").unwrap().millis()) / 86_400_000
    };
    assert_eq!(days(&competition.admin().create(&path, &json!({}))), 30);
    for end in ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "soon"] {
        let refused = competition.admin().post(&path, &json!({"expiresAt": end}));
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/expiresAt"], "{}", refused.describe());
    }
}

#[test]
fn a_judge_by_a_link_scores_as_one_with_an_account_does() {
    let competition = Competition::new();
    let (admin, server) = (competition.admin(), &competition.tenant.server);
    let judge = seat(&competition, "Lea");
    let answer = right(server, &invite(admin, &judge));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let lea = server.signed_in(&answer);
    let me = lea.get("/me").expect(200);
    assert_eq!((&me["user"], &me["judge"]["name"]), (&Value::Null, &json!("Lea")));
    assert_eq!(me["grants"], json!([{"role": "JUDGE", "scope": {"type": "tenant"}}]));
    let actions = |client: &Client| client.get("/me").expect(200)["actions"].clone();
    assert_eq!(actions(&lea), actions(&competition.judges[0].client));

    assert_eq!(lea.get("/me/categories").expect(200)["items"][0]["category"]["id"], *competition.category);
    lea.get(&format!("/categories/{}/scoring", competition.category)).expect(200);
    let own = competition.own_sheet(0);
    let submitted = lea.put(&own, &competition.marks(&["9", "8.5"])).expect(201);
    lea.put(&competition.own_sheet(1), &competition.marks(&["5", "5"])).expect(201);
    assert_eq!(lea.get(&own).expect(200)["scores"], submitted["scores"]);
    let asked = lea.post(&format!("{own}/reopening"), &json!({"reason": "typo"})).expect(200);
    assert_eq!(asked["reopening"]["requestedBy"], json!({"type": "judgeLink", "judge": judge}));
    let audit = admin.get("/audit?limit=1").expect(200)["items"][0].clone();
    assert_eq!((&audit["action"], &audit["actorName"]), (&json!("sheet.reopeningRequested"), &json!("Lea")));
    lea.get("/users").expect_problem(403, "forbidden");
    let password = json!({"currentPassword": "x", "newPassword": "a long new password"});
    lea.post("/auth/password", &password).expect_problem(403, "forbidden");
}

#[test]
fn a_link_serves_one_tablet_until_the_tally_desk_releases_it() {
    let competition = Competition::new();
    let server = &competition.tenant.server;
    let link = invite(competition.admin(), &seat(&competition, "Lea"));
    let first = server.sign_in_by_link(&link);
    first.put(&competition.own_sheet(0), &competition.marks(&["9", "9"])).expect(201);
    let refused = right(server, &link).expect_problem(409, "link_in_use");
    assert!(refused["detail"].as_str().unwrap().contains("ask the tally desk"), "{refused}");
    first.get("/me").expect(200);

    let tally = competition.tenant.with_role(Role::TallyMaster);
    assert_eq!(seen(&tally, &link)["state"], "inUse");
    let released = tally.call(&format!("{}/release", item(&link))).expect(200);
    assert_eq!((&released["state"], &released["device"]), (&json!("free"), &Value::Null));
    first.get("/me").expect_problem(401, "unauthenticated");
    let second = server.sign_in_by_link(&link);
    let sheet = second.get(&competition.own_sheet(0)).expect(200);
    assert_eq!(sheet["scores"][0]["value"], "9");
    first.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn officials_see_which_device_uses_a_link_and_when() {
    let tenant = Tenant::new();
    let judge = id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"})));
    let link = invite(&tenant.admin, &judge);
    let fresh = seen(&tenant.admin, &link);
    assert_eq!((&fresh["lastUsedAt"], &fresh["device"]), (&Value::Null, &Value::Null));
    let tablet = tenant.server.anonymous().with_header("user-agent", "Tablet 7");
    let body = json!({"link": secret(&link), "pin": link["pin"]});
    let session = tenant.server.signed_in(&tablet.post("/auth/judge-link", &body));
    let used = seen(&tenant.admin, &link);
    assert_eq!(used["device"]["userAgent"], "Tablet 7");
    assert!(used["lastUsedAt"].is_string() && used["device"]["since"].is_string(), "{used}");
    session.call("/auth/logout").expect(204);
    let left = seen(&tenant.admin, &link);
    assert_eq!((&left["device"], &left["lastUsedAt"]), (&Value::Null, &used["lastUsedAt"]));
}

#[test]
fn whoever_signs_out_leaves_the_link_free() {
    let tenant = Tenant::new();
    let link = invite(&tenant.admin, &id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"}))));
    let first = tenant.server.sign_in_by_link(&link);
    first.call("/auth/logout").expect(204);
    first.get("/me").expect_problem(401, "unauthenticated");
    tenant.server.sign_in_by_link(&link);
}

#[test]
fn the_tablet_that_holds_a_link_may_open_it_again() {
    let tenant = Tenant::new();
    let link = invite(&tenant.admin, &id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"}))));
    let first = tenant.server.sign_in_by_link(&link);
    let Credentials::Session { cookie, .. } = &first.credentials else { panic!("no session") };
    let tablet = tenant.server.anonymous().with_header("cookie", cookie);
    let again = tablet.post("/auth/judge-link", &json!({"link": secret(&link), "pin": link["pin"]}));
    tenant.server.signed_in(&again).get("/me").expect(200);
    first.get("/me").expect_problem(401, "unauthenticated");
}

#[test]
fn whoever_was_signed_in_on_a_tablet_is_signed_out_when_a_judge_comes() {
    let tenant = Tenant::new();
    let judge =
        |name: &str| invite(&tenant.admin, &id_of(&tenant.admin.create("/judges", &json!({"name": name}))));
    let (lea, mia) = (judge("Lea"), judge("Mia"));
    let before = tenant.server.sign_in_by_link(&lea);
    let Credentials::Session { cookie, .. } = &before.credentials else { panic!("no session") };
    let tablet = tenant.server.anonymous().with_header("cookie", cookie);
    let body = |pin: &str| json!({"link": secret(&mia), "pin": pin});
    tablet.post("/auth/judge-link", &body(wrong_pin(&mia))).expect_problem(401, "unauthenticated");
    before.get("/me").expect(200);
    let after =
        tenant.server.signed_in(&tablet.post("/auth/judge-link", &body(mia["pin"].as_str().unwrap())));
    assert_eq!(after.get("/me").expect(200)["judge"]["name"], "Mia");
    before.get("/me").expect_problem(401, "unauthenticated");
    assert_eq!(seen(&tenant.admin, &lea)["state"], "free");
}

#[test]
fn an_unknown_link_and_a_wrong_pin_are_answered_alike() {
    let tenant = Tenant::new();
    let link = invite(&tenant.admin, &id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"}))));
    let wrong = attempt(&tenant.server, &link, wrong_pin(&link)).expect_problem(401, "unauthenticated");
    let body = json!({"link": "x".repeat(43), "pin": link["pin"]});
    let unknown = tenant.server.anonymous().post("/auth/judge-link", &body);
    assert_eq!(unknown.expect_problem(401, "unauthenticated")["detail"], wrong["detail"]);
    let spaced = format!(" {} {} ", &link["pin"].as_str().unwrap()[..3], &link["pin"].as_str().unwrap()[3..]);
    attempt(&tenant.server, &link, &spaced).expect(200);
}

#[test]
fn five_wrong_pins_block_a_link_until_it_is_released_or_gets_a_new_pin() {
    let tenant = Tenant::new();
    let (server, tally) = (&tenant.server, tenant.with_role(Role::TallyMaster));
    let link = invite(&tenant.admin, &id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"}))));
    block(server, &link);
    right(server, &link).expect_problem(403, "link_blocked");
    let blocked = seen(&tally, &link);
    assert_eq!((&blocked["state"], &blocked["wrongPins"]), (&json!("blocked"), &json!(5)));
    let audit = tenant.admin.get("/audit?limit=1").expect(200)["items"][0].clone();
    assert_eq!((&audit["action"], &audit["actorName"]), (&json!("judgeLink.blocked"), &json!("Lea")));

    tally.call(&format!("{}/release", item(&link))).expect(200);
    let session = server.sign_in_by_link(&link);
    block(server, &link);
    session.get("/me").expect(200);
    let pinned = tally.call(&format!("{}/pin", item(&link))).expect(200);
    assert_eq!((&pinned["state"], &pinned["wrongPins"]), (&json!("inUse"), &json!(0)));
    session.call("/auth/logout").expect(204);
    if pinned["pin"] != link["pin"] {
        right(server, &link).expect_problem(401, "unauthenticated");
    }
    attempt(server, &link, pinned["pin"].as_str().unwrap()).expect(200);
    assert_eq!(seen(&tally, &link)["wrongPins"], 0, "a right PIN forgives wrong ones");
}

#[test]
fn wrong_pins_are_counted_beyond_a_crash() {
    let mut server = Server::start();
    let admin = server.admin();
    let link = invite(&admin, &id_of(&admin.create("/judges", &json!({"name": "Lea"}))));
    for _ in 0..3 {
        attempt(&server, &link, wrong_pin(&link)).expect_problem(401, "unauthenticated");
    }
    server.kill();
    server.start_again();
    attempt(&server, &link, wrong_pin(&link)).expect_problem(401, "unauthenticated");
    attempt(&server, &link, wrong_pin(&link)).expect_problem(403, "link_blocked");
}

#[test]
fn a_revoked_link_opens_nothing_and_ends_its_session_at_once() {
    let competition = Competition::new();
    let (admin, server) = (competition.admin(), &competition.tenant.server);
    let link = invite(admin, &seat(&competition, "Lea"));
    let session = server.sign_in_by_link(&link);
    session.put(&competition.own_sheet(0), &competition.marks(&["9", "9"])).expect(201);
    let tally = competition.tenant.with_role(Role::TallyMaster);
    tally.delete(&item(&link)).expect_problem(403, "forbidden");
    admin.delete(&item(&link)).expect(204);
    session
        .put(&competition.own_sheet(1), &competition.marks(&["9", "9"]))
        .expect_problem(401, "unauthenticated");
    right(server, &link).expect_problem(403, "link_ended");
    attempt(server, &link, wrong_pin(&link)).expect_problem(401, "unauthenticated");
    assert_eq!(seen(admin, &link)["state"], "revoked");
    admin.delete(&item(&link)).expect_problem(404, "not_found");
    for verb in ["release", "pin"] {
        admin.call(&format!("{}/{verb}", item(&link))).expect_problem(404, "not_found");
    }
}

#[test]
fn a_deleted_judge_is_signed_out_and_a_restored_one_signs_in_by_the_same_link() {
    let competition = Competition::new();
    let (admin, server) = (competition.admin(), &competition.tenant.server);
    let judge = seat(&competition, "Lea");
    let link = invite(admin, &judge);
    let session = server.sign_in_by_link(&link);
    admin.delete(&format!("/judges/{judge}")).expect(204);
    session.get("/me").expect_problem(401, "unauthenticated");
    right(server, &link).expect_problem(403, "link_ended");
    admin.get(&format!("/judges/{judge}/links")).expect_problem(404, "not_found");
    let refused = admin.post(&format!("/judges/{judge}/links"), &json!({}));
    refused.expect_problem(404, "not_found");
    admin.call(&format!("/judges/{judge}/restore?confirm=true")).expect(200);
    session.get("/me").expect_problem(401, "unauthenticated");
    server.sign_in_by_link(&link).get("/me/categories").expect(200);
}

#[test]
fn a_contest_gets_a_link_for_each_judge_who_has_none() {
    let competition = Competition::new();
    let (admin, path) = (competition.admin(), format!("/contests/{}/judge-links", competition.contest));
    let (lea, mia) = (seat(&competition, "Lea"), seat(&competition, "Mia"));
    invite(admin, &mia);
    let ended = &competition.judges[1];
    admin.patch(&format!("/assignments/{}", ended.assignment), &json!({"status": "ended"})).expect(200);
    let made = admin.post(&path, &json!({})).expect(200);
    let ids = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|item| item["judgeId"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&made), [competition.judges[0].id.clone(), lea.clone()], "Jo and Lea, by name");
    competition.tenant.server.sign_in_by_link(&made["items"][1]);
    assert_eq!(admin.post(&path, &json!({})).expect(200)["items"], json!([]), "all have one now");

    let tally = competition.tenant.with_role(Role::TallyMaster);
    let all = tally.get(&path).expect(200);
    assert_eq!(ids(&all), [competition.judges[0].id.clone(), lea, mia]);
    assert_eq!(all["items"][1]["links"][0]["state"], "inUse");
    let accounts: Vec<_> = all["items"].as_array().unwrap().iter().map(|item| &item["hasAccount"]).collect();
    assert_eq!(accounts, [&json!(true), &json!(false), &json!(false)]);
    assert!(!all.to_string().contains(secret(&made["items"][1])));
}

#[test]
fn a_creation_that_is_repeated_makes_one_link_and_tells_its_secrets_no_more() {
    let competition = Competition::new();
    let admin = competition.admin().with_header("idempotency-key", "the-only-one");
    let path = format!("/judges/{}/links", competition.judges[0].id);
    let made = admin.create(&path, &json!({}));
    let again = admin.post(&path, &json!({}));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let again = again.expect(201);
    assert_eq!(id_of(&again), id_of(&made));
    assert_eq!((&again["url"], &again["pin"], &again["qrSvg"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(admin.get(&path).expect(200)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_judge_has_twenty_links_at_most() {
    let tenant = Tenant::new();
    let judge = id_of(&tenant.admin.create("/judges", &json!({"name": "Lea"})));
    let links: Vec<Value> = (0..20).map(|_| invite(&tenant.admin, &judge)).collect();
    let path = format!("/judges/{judge}/links");
    tenant.admin.post(&path, &json!({})).expect_problem(409, "too_many");
    tenant.admin.delete(&item(&links[0])).expect(204);
    invite(&tenant.admin, &judge);
}

#[test]
fn a_grant_for_one_event_reaches_the_links_of_its_own_judges_only() {
    let competition = Competition::new();
    let admin = competition.admin();
    let (own, shared) = (seat(&competition, "Lea"), seat(&competition, "Mia"));
    let event = id_of(&admin.create("/events", &json!({"name": "Other"})));
    let contest = id_of(&admin.create(&format!("/events/{event}/contests"), &json!({"name": "Other"})));
    let category =
        id_of(&admin.create(&format!("/contests/{contest}/categories"), &json!({"name": "Other"})));
    admin.create(&format!("/categories/{category}/assignments"), &json!({"judgeId": shared}));
    let scope = json!({"type": "event", "id": competition.event});
    let grant = |role: &str| competition.tenant.with_grants(&json!([{"role": role, "scope": scope}]));
    let (organizer, tally) = (grant("ORGANIZER"), grant("TALLY_MASTER"));

    let link = invite(&organizer, &own);
    tally.call(&format!("{}/release", item(&link))).expect(200);
    let foreign = invite(admin, &shared);
    let path = format!("/judges/{shared}/links");
    organizer.post(&path, &json!({})).expect_problem(403, "out_of_scope");
    organizer.delete(&item(&foreign)).expect_problem(403, "out_of_scope");
    tally.get(&path).expect_problem(403, "out_of_scope");
    tally.call(&format!("{}/release", item(&foreign))).expect(200);
    let elsewhere = json!([{"role": "TALLY_MASTER", "scope": {"type": "event", "id": event}}]);
    let elsewhere = competition.tenant.with_grants(&elsewhere);
    elsewhere.call(&format!("{}/release", item(&foreign))).expect(200);
    elsewhere.call(&format!("{}/release", item(&link))).expect_problem(403, "out_of_scope");
    tally.call(&format!("{}/pin", item(&foreign))).expect_problem(403, "out_of_scope");

    admin.delete(&item(&foreign)).expect(204);
    let of_contest = format!("/contests/{}/judge-links", competition.contest);
    organizer.post(&of_contest, &json!({})).expect_problem(403, "out_of_scope");
    let links = tally.get(&of_contest).expect(200);
    let lists =
        links["items"].as_array().unwrap().iter().map(|judge| judge["links"].as_array().unwrap().len());
    assert_eq!(lists.sum::<usize>(), 1, "none was made: {links}");
    organizer.get(&format!("/contests/{contest}/judge-links")).expect_problem(404, "not_found");
    organizer.post(&format!("/contests/{contest}/judge-links"), &json!({})).expect_problem(404, "not_found");
}

#[test]
fn links_of_a_contest_that_are_asked_for_again_are_told_again_without_their_secrets() {
    let competition = Competition::new();
    let path = format!("/contests/{}/judge-links", competition.contest);
    let admin = competition.admin().with_header("idempotency-key", "all-of-them");
    let made = admin.post(&path, &json!({})).expect(200);
    let again = admin.post(&path, &json!({}));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let again = again.expect(200);
    let ids = |list: &Value| -> Vec<String> { list["items"].as_array().unwrap().iter().map(id_of).collect() };
    assert_eq!((ids(&again).len(), ids(&again)), (2, ids(&made)));
    assert!(again["items"].as_array().unwrap().iter().all(|link| link["url"].is_null()), "{again}");
    let other = json!({"expiresAt": "2099-01-01T00:00:00Z"});
    assert!(admin.post(&path, &other).status >= 400);
    let made_since = competition.admin().post(&path, &json!({})).expect(200);
    assert_eq!(made_since["items"], json!([]), "all have one");
}
