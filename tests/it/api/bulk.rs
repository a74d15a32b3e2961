//! Many changes at once: all or none, rehearsed, taken back, or left to a job that goes on after a crash.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Server, Tenant, after_job, fresh, id_of};

fn contestants(count: usize) -> Vec<Value> {
    let contestant =
        |index| json!({"op": "create", "type": "contestant", "body": {"name": format!("No. {index}")}});
    (0..count).map(contestant).collect()
}

fn names(admin: &Client, path: &str) -> Vec<String> {
    let list = admin.get(&format!("{path}?limit=500")).expect(200);
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_value_that_is_taken_stands_in_the_body_that_wants_it() {
    let competition = Competition::new();
    let (contestant, contest) = (&competition.contestants[0], &competition.contest);
    let operations =
        json!([{"op": "create", "type": "entry", "parent": contest, "body": {"contestantId": contestant}}]);
    let problem = competition
        .admin()
        .post("/bulk", &json!({"operations": operations}))
        .expect_problem(422, "bulk_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/operations/0/body/contestantId");
    let told =
        competition.admin().post("/bulk", &json!({"operations": operations, "dryRun": true})).expect(200);
    assert_eq!(told["results"][0]["problem"]["errors"][0]["pointer"], "/body/contestantId");
}

#[test]
fn what_is_created_can_be_named_by_later_operations() {
    let competition = Competition::new();
    let entries = format!("/contests/{}/entries", competition.contest);
    let operations = json!([
        {"op": "create", "type": "contestant", "body": {"name": "Dee"}},
        {"op": "create", "type": "entry", "parent": competition.contest, "body": {"contestantId": "#0", "number": 9}},
        {"op": "update", "type": "contest", "id": competition.contest, "body": {"name": "Duo"}},
        {"op": "delete", "type": "contestant", "id": competition.contestants[0], "reason": "withdrawn"},
    ]);
    let done = competition
        .admin()
        .post("/bulk", &json!({"name": "late entry", "operations": operations}))
        .expect(200);
    assert_eq!((&done["succeeded"], &done["failed"], &done["dryRun"]), (&json!(4), &json!(0), &json!(false)));
    let entry = competition
        .admin()
        .get(&format!("/entries/{}", done["results"][1]["id"].as_str().unwrap()))
        .expect(200);
    assert_eq!((&entry["contestantName"], &entry["number"]), (&json!("Dee"), &json!(9)));
    let numbers = competition.admin().get(&entries).expect(200);
    assert_eq!(numbers["items"].as_array().unwrap().len(), 3, "Ann is out, Dee is in");
    assert_eq!(
        competition.admin().get(&format!("/contests/{}", competition.contest)).expect(200)["name"],
        "Duo"
    );
}

#[test]
fn one_that_fails_keeps_all_from_being_made_and_every_fault_has_its_place() {
    let tenant = Tenant::new();
    let mut operations = contestants(2);
    operations.push(json!({"op": "create", "type": "contestant", "body": {"name": ""}}));
    operations.push(json!({"op": "delete", "type": "event", "id": "01890000-0000-7000-8000-000000000000"}));
    operations.push(json!({"op": "create", "type": "event", "body": {"name": "x", "colour": 1}}));
    let problem =
        tenant.admin.post("/bulk", &json!({"operations": operations})).expect_problem(422, "bulk_refused");
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["/operations/2/body/name", "/operations/3", "/operations/4/body/colour"]);
    assert!(names(&tenant.admin, "/contestants").is_empty());
    let unknown = json!([{"op": "create", "type": "entry", "parent": "#1", "body": {"contestantId": "#7"}}]);
    let problem = tenant.admin.post("/bulk", &json!({"operations": unknown})).expect_problem(422, "invalid");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
}

#[test]
fn a_rehearsal_tells_what_would_become_of_each_and_writes_nothing() {
    let tenant = Tenant::new();
    let mut operations = contestants(2);
    operations
        .insert(1, json!({"op": "restore", "type": "judge", "id": "01890000-0000-7000-8000-000000000000"}));
    let told = tenant.admin.post("/bulk", &json!({"operations": operations, "dryRun": true})).expect(200);
    assert_eq!((&told["succeeded"], &told["failed"], &told["dryRun"]), (&json!(2), &json!(1), &json!(true)));
    assert_eq!(told["results"][1]["problem"]["code"], "not_found");
    assert!(told.get("job").is_none());
    assert!(names(&tenant.admin, "/contestants").is_empty());
    assert_eq!(tenant.admin.get("/jobs").expect(200)["items"], json!([]));
}

#[test]
fn each_change_needs_its_own_permission_and_scope() {
    let competition = Competition::new();
    let scope = json!({"type": "event", "id": competition.event});
    let organizer = competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    let other = id_of(&competition.admin().create("/events", &json!({"name": "Other"})));
    let operations = json!([
        {"op": "update", "type": "event", "id": competition.event, "body": {"location": "Hall 1"}},
        {"op": "update", "type": "event", "id": other, "body": {"location": "Hall 1"}},
        {"op": "create", "type": "user", "body": {"email": "a@b.example", "name": "A"}},
        {"op": "create", "type": "tenant", "body": {"name": "A", "slug": "a"}},
    ]);
    let told = organizer.post("/bulk", &json!({"operations": operations, "dryRun": true})).expect(200);
    let codes: Vec<&Value> =
        told["results"].as_array().unwrap().iter().map(|result| &result["problem"]["code"]).collect();
    assert_eq!(codes, [&Value::Null, &json!("not_found"), &json!("forbidden"), &json!("invalid")]);
    let admin = json!([{"op": "create", "type": "user", "body": {
        "email": "boss@b.example", "name": "B", "grants": [{"role": "SUPER_ADMIN"}],
    }}]);
    let problem =
        competition.admin().post("/bulk", &json!({"operations": admin})).expect_problem(422, "bulk_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/operations/0/body/grants/0/role");
}

#[test]
fn marks_go_out_of_sight_only_when_that_is_confirmed() {
    let competition = Competition::new();
    competition.submit_all();
    let delete = json!([{"op": "delete", "type": "criterion", "id": competition.criteria[0]}]);
    let problem =
        competition.admin().post("/bulk", &json!({"operations": delete})).expect_problem(422, "bulk_refused");
    assert!(
        problem["errors"][0]["message"].as_str().unwrap().starts_with("confirmation_required"),
        "{problem}"
    );
    competition.admin().post("/bulk", &json!({"operations": delete, "confirm": true})).expect(200);
}

#[test]
fn what_was_done_at_once_is_taken_back_unless_somebody_changed_it_since() {
    let tenant = Tenant::new();
    let judge = id_of(&tenant.admin.create("/judges", &json!({"name": "Jo"})));
    let gone = id_of(&tenant.admin.create("/judges", &json!({"name": "Kim"})));
    let operations = json!([
        {"op": "create", "type": "contestant", "body": {"name": "Ann"}},
        {"op": "create", "type": "contestant", "body": {"name": "Ben"}},
        {"op": "update", "type": "judge", "id": judge, "body": {"name": "Joanna"}},
        {"op": "update", "type": "judge", "id": judge, "body": {"description": "head"}},
        {"op": "delete", "type": "judge", "id": gone},
    ]);
    let done = tenant.admin.post("/bulk", &json!({"operations": operations})).expect(200);
    let ben = done["results"][1]["id"].as_str().unwrap();
    tenant.admin.patch(&format!("/contestants/{ben}"), &json!({"name": "Benno"})).expect(200);

    let job = format!("/jobs/{}", done["job"]["id"].as_str().unwrap());
    assert_eq!(tenant.admin.get(&job).expect(200)["undoable"], true);
    let undo = after_job(&tenant.admin, &tenant.admin.call(&format!("{job}/undo")).expect(202));
    assert_eq!((&undo["state"], &undo["failed"]), (&json!("done"), &json!(1)), "{undo}");
    assert!(undo["errors"][0]["message"].as_str().unwrap().contains(ben), "{undo}");
    assert_eq!(names(&tenant.admin, "/contestants"), ["Benno"]);
    let back = tenant.admin.get(&format!("/judges/{judge}")).expect(200);
    assert_eq!((&back["name"], &back["description"]), (&json!("Jo"), &Value::Null));
    tenant.admin.get(&format!("/judges/{gone}")).expect(200);
    tenant.admin.call(&format!("{job}/undo")).expect_problem(409, "not_undoable");

    let again = format!("/jobs/{}/undo", undo["id"].as_str().unwrap());
    let redo = after_job(&tenant.admin, &tenant.admin.call(&again).expect(202));
    assert_eq!(redo["failed"], 0, "{redo}");
    assert_eq!(names(&tenant.admin, "/contestants"), ["Ann", "Benno"]);
    tenant.admin.get(&format!("/judges/{gone}")).expect_problem(404, "not_found");
}

#[test]
fn an_undo_that_takes_marks_out_of_sight_is_confirmed_and_one_that_failed_can_be_tried_again() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    admin.delete(&format!("/entries/{}?confirm=true", competition.entries[0])).expect(204);
    let version = admin.get("/trash?limit=1").expect(200)["items"][0]["version"].clone();
    let done = admin.post("/trash/restore", &json!({"versions": [version]})).expect(200);
    let undo = format!("/jobs/{}/undo", done["job"]["id"].as_str().unwrap());
    let refused = after_job(admin, &admin.call(&undo).expect(202));
    assert_eq!((&refused["failed"], &refused["undoable"]), (&json!(1), &json!(false)), "{refused}");
    admin.get(&format!("/entries/{}", competition.entries[0])).expect(200);
    let confirmed = after_job(admin, &admin.call(&format!("{undo}?confirm=true")).expect(202));
    assert_eq!(confirmed["failed"], 0, "{confirmed}");
    admin.get(&format!("/entries/{}", competition.entries[0])).expect_problem(404, "not_found");
}

#[test]
fn more_than_can_be_done_at_once_is_a_job_that_leaves_out_what_fails() {
    let tenant = Tenant::new();
    let mut operations = contestants(600);
    operations.insert(300, json!({"op": "create", "type": "contestant", "body": {"name": ""}}));
    let accepted = tenant.admin.post("/bulk", &json!({"name": "import", "operations": operations}));
    assert_eq!(accepted.status, 202);
    let location = accepted.header("location").unwrap().to_owned();
    let job = after_job(&tenant.admin, &accepted.expect(202));
    assert!(location.ends_with(job["id"].as_str().unwrap()));
    assert_eq!((&job["state"], &job["done"], &job["total"]), (&json!("done"), &json!(601), &json!(601)));
    assert_eq!(
        (&job["failed"], &job["errors"][0]["pointer"]),
        (&json!(1), &json!("/operations/300/body/name"))
    );
    assert_eq!(job["task"]["name"], "import");
    let page = tenant.admin.get("/contestants?limit=500").expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 500);
    assert_eq!(page["items"][299]["name"], "No. 299");
    assert_eq!(page["items"][300]["name"], "No. 300", "the order is that of the request");
    let undo = format!("/jobs/{}/undo", job["id"].as_str().unwrap());
    let undone = after_job(&tenant.admin, &tenant.admin.call(&undo).expect(202));
    assert_eq!((&undone["state"], &undone["failed"]), (&json!("done"), &json!(0)));
    assert!(names(&tenant.admin, "/contestants").is_empty());
}

#[test]
fn a_job_ends_when_whoever_wants_it_may_not_do_it_any_more() {
    let server = std::sync::Arc::new(Server::start());
    let tenant = Tenant::on(std::sync::Arc::clone(&server));
    let made = tenant.admin.create(
        "/tokens",
        &json!({"name": "importer", "grants": [{"role": "ORGANIZER"}], "expiresInDays": 1}),
    );
    let program =
        server.client(crate::support::Credentials::Token(made["token"].as_str().unwrap().to_owned()));
    let accepted = program.post("/bulk", &json!({"operations": contestants(10_000)})).expect(202);
    tenant.admin.delete(&format!("/tokens/{}", made["id"].as_str().unwrap())).expect(204);
    let job = after_job(&tenant.admin, &accepted);
    assert_eq!(job["state"], "failed", "{job}");
    assert!(job["done"].as_u64().unwrap() < 10_000);
    assert!(job["detail"].as_str().unwrap().contains("permission"), "{job}");
}

#[test]
fn a_cancelled_job_does_no_more_and_what_it_did_can_be_taken_back() {
    let tenant = Tenant::new();
    let accepted = tenant.admin.post("/bulk", &json!({"operations": contestants(10_000)})).expect(202);
    let path = format!("/jobs/{}", accepted["id"].as_str().unwrap());
    let cancelled = tenant.admin.call(&format!("{path}/cancel")).expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    let done = cancelled["done"].as_u64().unwrap();
    assert!(done < 10_000, "{done}");
    assert_eq!(tenant.admin.get(&path).expect(200)["done"], done);
    if done > 0 {
        let undo = tenant.admin.call(&format!("{path}/undo")).expect(202);
        assert_eq!(after_job(&tenant.admin, &undo)["failed"], 0);
    }
    assert!(names(&tenant.admin, "/contestants").is_empty());
}

#[test]
fn a_job_goes_on_after_a_crash_and_repeats_nothing() {
    let mut server = Server::start();
    let admin = server.admin();
    let operations = contestants(5_000);
    let accepted = admin.post("/bulk", &json!({"operations": operations})).expect(202);
    let path = format!("/jobs/{}", accepted["id"].as_str().unwrap());
    let begun = |admin: &Client| admin.get(&path).expect(200)["done"].as_u64().unwrap() > 0;
    crate::support::wait_until("the job has begun", || begun(&admin));
    server.kill();
    server.start_again();
    let admin = server.admin();
    let job = after_job(&admin, &accepted);
    assert_eq!((&job["state"], &job["done"], &job["failed"]), (&json!("done"), &json!(5_000), &json!(0)));
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("/contestants?limit=500{cursor}")).expect(200);
        found.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let wanted: Vec<String> = (0..5_000).map(|index| format!("No. {index}")).collect();
    assert_eq!(found, wanted);
}

#[test]
fn jobs_show_to_those_who_asked_for_them_and_to_those_who_run_the_tenant() {
    let competition = Competition::new();
    let scope = json!({"type": "event", "id": competition.event});
    let organizer = competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]));
    let mine = organizer
        .post(
            "/bulk",
            &json!({"operations": [{"op": "create", "type": "judge", "body": {"name": fresh("judge")}}]}),
        )
        .expect(200);
    competition.admin().post("/bulk", &json!({"operations": contestants(1)})).expect(200);
    let seen = |client: &Client| {
        let list = client.get("/jobs?state=done").expect(200);
        list["items"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>()
    };
    let own = mine["job"]["id"].as_str().unwrap().to_owned();
    assert_eq!(seen(&organizer), std::slice::from_ref(&own));
    let all = seen(competition.admin());
    assert_eq!((all.len(), &all[1]), (2, &own), "newest first");
    organizer.get(&format!("/jobs/{}", all[0])).expect_problem(404, "not_found");
    let stranger = Tenant::new();
    stranger.admin.get(&format!("/jobs/{own}")).expect_problem(404, "not_found");
}
