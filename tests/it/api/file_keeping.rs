//! What becomes of files: who sees and changes them, what hides them, and when their bytes leave the disk.

use event_manager::domain::Role;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::support::{
    Client, Competition, Server, Tenant, after_job, files_beneath, id_of, picture, upload, upload_photo,
    wait_until,
};

const DOCUMENT: &str = "name=Rules&purpose=document";

fn text(client: &Client, query: &str, text: &str) -> Value {
    upload(client, query, "text/plain", text.as_bytes()).expect(201)
}

fn about(kind: &str, id: &str) -> String {
    format!("{DOCUMENT}&aboutKind={kind}&aboutId={id}")
}

fn item(file: &Value) -> String {
    format!("/files/{}", id_of(file))
}

fn ids(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/files{query}")).expect(200);
    list["items"].as_array().unwrap().iter().map(id_of).collect()
}

/// The names of the contents that are kept of a tenant.
fn blobs(tenant: &Tenant) -> Vec<String> {
    files_beneath(&tenant.server.data().join("blobs").join(&tenant.id))
}

/// Destroys a deleted file for good.
fn purge(admin: &Client, file: &Value) {
    let trash = admin.get("/trash?kind=file").expect(200);
    let line = trash["items"].as_array().unwrap().iter().find(|line| line["id"] == file["id"]).unwrap();
    let path = format!("/trash/{}/purge", line["version"]);
    let job = after_job(admin, &admin.post(&path, &json!({"name": line["name"]})).expect(202));
    assert_eq!(job["state"], "done", "{job}");
}

#[test]
fn name_purpose_and_subject_change_and_what_was_uploaded_does_not() {
    let competition = Competition::new();
    let admin = competition.admin();
    let file = text(admin, DOCUMENT, "be there at nine");
    let subject = json!({"kind": "event", "id": competition.event});
    let patch = json!({"name": "Times", "purpose": "scoreFile", "about": subject});
    let changed = admin.patch(&item(&file), &patch).expect(200);
    assert_eq!((&changed["name"], &changed["purpose"]), (&json!("Times"), &json!("scoreFile")));
    assert_eq!((&changed["about"], &changed["aboutName"]), (&subject, &json!("Gala")));
    assert_eq!(ids(admin, &format!("?aboutKind=event&aboutId={}", competition.event)), [id_of(&file)]);
    let cleared = admin.patch(&item(&file), &json!({"about": null})).expect(200);
    assert_eq!((&cleared["about"], cleared.get("aboutName")), (&Value::Null, None));
    assert_eq!(ids(admin, &format!("?aboutKind=event&aboutId={}", competition.event)), [] as [&str; 0]);
    for (field, value) in [
        ("sha256", json!("ab".repeat(32))),
        ("bytes", json!(1)),
        ("mediaType", json!("application/pdf")),
        ("thumbnail", json!("ab".repeat(32))),
        ("width", json!(5)),
        ("scan", json!({"state": "clean"})),
    ] {
        let refused = admin.patch(&item(&file), &json!({field: value}));
        refused.expect_problem(422, "immutable");
        assert_eq!(refused.pointers(), [format!("/{field}")]);
    }
    let photo = admin.patch(&item(&file), &json!({"purpose": "photo"}));
    photo.expect_problem(422, "invalid");
    assert_eq!(photo.pointers(), ["/purpose"]);
    let nowhere = json!({"about": {"kind": "judge", "id": competition.event}});
    let refused = admin.patch(&item(&file), &nowhere);
    refused.expect_problem(422, "invalid");
    assert_eq!(refused.pointers(), ["/about/id"]);
    let operation = json!({"op": "create", "type": "file", "body": cleared});
    admin.post("/bulk", &json!({"operations": [operation]})).expect_problem(422, "bulk_refused");
}

#[test]
fn a_file_is_hidden_with_what_it_is_about_and_with_all_above_that() {
    let competition = Competition::new();
    let admin = competition.admin();
    let (event, contest) = (&competition.event, &competition.contest);
    for (kind, id, hiders) in [
        (
            "contestant",
            &competition.contestants[0],
            vec![format!("/contestants/{}", competition.contestants[0])],
        ),
        ("judge", &competition.judges[0].id, vec![format!("/judges/{}", competition.judges[0].id)]),
        ("event", event, vec![format!("/events/{event}")]),
        ("contest", contest, vec![format!("/contests/{contest}"), format!("/events/{event}")]),
        (
            "category",
            &competition.category,
            vec![format!("/categories/{}", competition.category), format!("/events/{event}")],
        ),
        (
            "entry",
            &competition.entries[0],
            vec![
                format!("/entries/{}", competition.entries[0]),
                format!("/contestants/{}", competition.contestants[0]),
                format!("/contests/{contest}"),
            ],
        ),
    ] {
        let file = text(admin, &about(kind, id), kind);
        for hider in hiders {
            admin.delete(&format!("{hider}?confirm=true")).expect(204);
            admin.get(&item(&file)).expect_problem(404, "not_found");
            admin.get(&format!("{}/content", item(&file))).expect_problem(404, "not_found");
            assert!(!ids(admin, "").contains(&id_of(&file)), "{hider}");
            let seen = admin.get(&format!("{}?includeDeleted=true", item(&file))).expect(200);
            assert!(hider.ends_with(seen["hiddenBy"]["id"].as_str().unwrap()), "{seen}");
            assert!(ids(admin, "?includeDeleted=true").contains(&id_of(&file)));
            admin.call(&format!("{}/restore", item(&file))).expect_problem(409, "parent_deleted");
            upload(admin, &about(kind, id), "text/plain", b"late").expect_problem(422, "invalid");
            admin.call(&format!("{hider}/restore?confirm=true")).expect(200);
            assert_eq!(admin.get(&item(&file)).expect(200), file);
        }
    }
}

#[test]
fn a_deleted_file_comes_back_as_it_was_and_a_destroyed_one_leaves_the_disk() {
    let tenant = Tenant::new();
    let admin = &tenant.admin;
    let file = text(admin, DOCUMENT, "for a while");
    let content = || admin.get(&format!("{}/content", item(&file)));
    admin.delete(&item(&file)).expect(204);
    content().expect_problem(404, "not_found");
    assert_eq!(blobs(&tenant).len(), 1, "what is in the trash is kept");
    let back = admin.call(&format!("{}/restore", item(&file))).expect(200);
    assert_eq!(back["sha256"], file["sha256"]);
    assert_eq!(content().body, b"for a while");
    admin.delete(&item(&file)).expect(204);
    purge(admin, &file);
    wait_until("the content has left the disk", || blobs(&tenant).is_empty());
    admin.call(&format!("{}/restore", item(&file))).expect_problem(404, "not_found");
}

#[test]
fn the_same_content_lies_on_the_disk_once_as_long_as_one_file_has_it() {
    let tenant = Tenant::new();
    let admin = &tenant.admin;
    let (first, second) = (text(admin, DOCUMENT, "twice"), text(admin, DOCUMENT, "twice"));
    assert_eq!((&first["sha256"], blobs(&tenant).len()), (&second["sha256"], 1));
    admin.delete(&item(&first)).expect(204);
    purge(admin, &first);
    // Something else that is destroyed later is gone, so the disk was looked at.
    let other = text(admin, DOCUMENT, "once");
    admin.delete(&item(&other)).expect(204);
    purge(admin, &other);
    wait_until("the other content has left the disk", || blobs(&tenant).len() == 1);
    assert_eq!(admin.get(&format!("{}/content", item(&second))).body, b"twice");
}

#[test]
fn destroying_a_contestant_destroys_the_files_about_them() {
    let competition = Competition::new();
    let admin = competition.admin();
    let name = "Gone";
    let contestant = id_of(&admin.create("/contestants", &json!({"name": name})));
    let file = upload_photo(admin, "contestant", &contestant, 10);
    assert_eq!(blobs(&competition.tenant).len(), 2, "a photo and its small form");
    admin.delete(&format!("/contestants/{contestant}")).expect(204);
    let line = admin.get("/trash?limit=1").expect(200)["items"][0].clone();
    let path = format!("/trash/{}/purge", line["version"]);
    after_job(admin, &admin.post(&path, &json!({"name": name})).expect(202));
    admin.get(&format!("{}?includeDeleted=true", item(&file))).expect_problem(404, "not_found");
    wait_until("the photo has left the disk", || blobs(&competition.tenant).is_empty());
}

#[test]
fn the_newest_photo_is_shown_to_whoever_may_see_whom_it_shows() {
    let competition = Competition::new();
    let (admin, tenant) = (competition.admin(), &competition.tenant);
    let contestant = &competition.contestants[0];
    let path = format!("/contestants/{contestant}/photo");
    admin.get(&path).expect_problem(404, "not_found");
    let first = upload_photo(admin, "contestant", contestant, 10);
    let second = upload_photo(admin, "contestant", contestant, 90);
    let shown = |client: &Client, query: &str| {
        let photo = client.get(&format!("{path}{query}"));
        assert_eq!(photo.status, 200, "{}", photo.describe());
        photo.etag().trim_matches('"').to_owned()
    };
    assert_eq!(shown(admin, ""), second["thumbnail"]);
    assert_eq!(shown(admin, "?size=full"), second["sha256"]);
    admin.delete(&item(&second)).expect(204);
    let (seated, other) = (&competition.judges[0].client, tenant.with_role(Role::Judge));
    for client in [admin, seated, &tenant.with_role(Role::Emcee), &tenant.with_role(Role::Auditor)] {
        assert_eq!(shown(client, "?size=full"), first["sha256"]);
    }
    other.get(&path).expect_problem(404, "not_found");
    tenant.with_role(Role::Contestant).get(&path).expect_problem(403, "forbidden");

    let apart = id_of(&admin.create("/contestants", &json!({"name": "Elsewhere"})));
    upload_photo(admin, "contestant", &apart, 10);
    seated.get(&format!("/contestants/{apart}/photo")).expect_problem(404, "not_found");
    seated.get(&item(&first)).expect_problem(403, "forbidden");

    let judges = |index: usize| format!("/judges/{}/photo", competition.judges[index].id);
    for judge in &competition.judges {
        upload_photo(admin, "judge", &judge.id, 30);
    }
    assert_eq!(seated.get(&judges(0)).status, 200, "their own");
    seated.get(&judges(1)).expect_problem(404, "not_found");
    assert_eq!(admin.get(&judges(1)).status, 200);
}

#[test]
fn files_about_an_event_are_seen_and_changed_by_those_whose_event_it_is() {
    let competition = Competition::new();
    let (admin, tenant) = (competition.admin(), &competition.tenant);
    let mine = text(admin, &about("category", &competition.category), "mine");
    let everybodys = text(admin, DOCUMENT, "everybody's");
    let other = id_of(&admin.create("/events", &json!({"name": "Other"})));
    let others = text(admin, &about("event", &other), "others");
    let within = |role: &str| {
        let scope = json!({"type": "event", "id": competition.event});
        tenant.with_grants(&json!([{"role": role, "scope": scope}]))
    };
    let (organizer, emcee) = (within("ORGANIZER"), within("EMCEE"));
    for client in [&organizer, &emcee] {
        assert_eq!(ids(client, ""), [id_of(&mine), id_of(&everybodys)]);
        assert_eq!(client.get(&format!("{}/content", item(&mine))).body, b"mine");
        client.get(&item(&others)).expect_problem(404, "not_found");
        client.get(&format!("{}/content", item(&others))).expect_problem(404, "not_found");
    }
    let rename = json!({"name": "Renamed"});
    organizer.patch(&item(&mine), &rename).expect(200);
    organizer.patch(&item(&others), &rename).expect_problem(403, "out_of_scope");
    organizer.delete(&item(&others)).expect_problem(403, "out_of_scope");
    let away = json!({"about": {"kind": "event", "id": other}});
    organizer.patch(&item(&mine), &away).expect_problem(403, "out_of_scope");
    upload(&organizer, &about("event", &other), "text/plain", b"x").expect_problem(403, "out_of_scope");
    upload(&emcee, DOCUMENT, "text/plain", b"x").expect_problem(403, "forbidden");
    emcee.delete(&item(&mine)).expect_problem(403, "forbidden");
}

#[test]
fn another_tenant_finds_neither_the_file_nor_its_content() {
    let (mine, foreign) = (Tenant::new(), Tenant::new());
    let file = text(&mine.admin, DOCUMENT, "a secret of ours");
    for path in [item(&file), format!("{}/content", item(&file)), format!("{}/deletion", item(&file))] {
        foreign.admin.get(&path).expect_problem(404, "not_found");
    }
    foreign.admin.delete(&item(&file)).expect_problem(404, "not_found");
    let same = text(&foreign.admin, DOCUMENT, "a secret of ours");
    assert_eq!((blobs(&mine), blobs(&mine).len()), (blobs(&foreign), 1), "each has its own");
    foreign.admin.delete(&item(&same)).expect(204);
    purge(&foreign.admin, &same);
    wait_until("the other's content has left the disk", || blobs(&foreign).is_empty());
    assert_eq!(mine.admin.get(&format!("{}/content", item(&file))).body, b"a secret of ours");
}

#[test]
fn where_scanning_is_required_nothing_new_is_given_out_without_it() {
    let competition = Competition::new();
    let admin = competition.admin();
    let before = text(admin, DOCUMENT, "before");
    admin.patch("/settings", &json!({"fileScan": "required"})).expect(200);
    let problem = admin.get(&format!("{}/content", item(&before))).expect_problem(409, "file_quarantined");
    assert_eq!(problem["scan"], json!({"state": "notScanned"}));
    let photo = upload_photo(admin, "contestant", &competition.contestants[0], 10);
    assert_eq!(photo["scan"], json!({"state": "pending"}));
    for path in [
        format!("{}/content", item(&photo)),
        format!("{}/thumbnail", item(&photo)),
        format!("/contestants/{}/photo", competition.contestants[0]),
    ] {
        let problem = admin.get(&path).expect_problem(409, "file_quarantined");
        assert_eq!(problem["scan"], json!({"state": "pending"}));
        assert!(problem["detail"].as_str().unwrap().contains("waits to be scanned"), "{problem}");
    }
    assert_eq!(ids(admin, "?scan=pending"), [id_of(&photo)]);
    admin.patch("/settings", &json!({"fileScan": null})).expect(200);
    assert_eq!(admin.get(&format!("{}/content", item(&before))).status, 200);
    admin.get(&format!("{}/content", item(&photo))).expect_problem(409, "file_quarantined");
}

#[test]
fn lists_are_cut_and_narrowed() {
    let competition = Competition::new();
    let admin = competition.admin();
    let png = picture(8, 8, 10, ImageFormat::Png);
    let contestant = &competition.contestants[0];
    let texts: Vec<String> = ["a", "b", "c"].map(|word| id_of(&text(admin, DOCUMENT, word))).to_vec();
    let photo = id_of(&upload_photo(admin, "contestant", contestant, 10));
    let sheet = id_of(&upload(admin, "name=Sheet&purpose=scoreFile", "image/png", &png).expect(201));
    assert_eq!(ids(admin, "?purpose=photo"), [&*photo]);
    assert_eq!(ids(admin, "?purpose=scoreFile"), [&*sheet]);
    assert_eq!(ids(admin, &format!("?aboutKind=contestant&aboutId={contestant}")), [&*photo]);
    assert_eq!(ids(admin, "?scan=clean"), [] as [&str; 0]);
    let first = admin.get("/files?purpose=document&limit=2").expect(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = admin.get(&format!("/files?purpose=document&limit=2&cursor={cursor}")).expect(200);
    let pages = [&first, &rest].map(|page| page["items"].as_array().unwrap().clone()).concat();
    assert_eq!((pages.iter().map(id_of).collect::<Vec<_>>(), &rest["nextCursor"]), (texts, &Value::Null));
    for query in ["?aboutKind=contestant", "?aboutId=00000000-0000-0000-0000-000000000000", "?purpose=x"] {
        admin.get(&format!("/files{query}")).expect_problem(400, "bad_request");
    }
    competition
        .tenant
        .with_role(Role::Emcee)
        .get("/files?includeDeleted=true")
        .expect_problem(403, "forbidden");
}

#[test]
fn the_audit_log_tells_of_files_without_what_is_in_them() {
    let server = Server::start();
    let admin = server.admin();
    let file = text(&admin, DOCUMENT, "confidential content");
    admin.patch(&item(&file), &json!({"name": "Other rules"})).expect(200);
    admin.delete(&item(&file)).expect(204);
    let records = admin.get("/audit?limit=3").expect(200);
    let lines = records["items"].as_array().unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["file.deleted", "file.updated", "file.created"]);
    assert!(!records.to_string().contains("confidential"), "{records}");
}
