//! `If-Match` and `If-None-Match`: nothing is overwritten unseen, nothing is sent twice.

use serde_json::json;

use crate::support::{Competition, id_of};

#[test]
fn a_change_is_based_on_one_of_the_versions_that_are_named() {
    let competition = Competition::new();
    let path = format!("/events/{}", competition.event);
    let admin = competition.admin();
    let etag = admin.get(&path).etag().to_owned();
    let rename = |tags: &str| admin.if_match(tags).patch(&path, &json!({"name": "Gala"}));
    let padded = etag.replacen('"', "\"0", 1);
    for other in [format!("W/{etag}"), padded, "\"1\", \"2\"".to_owned(), "\"x\"".to_owned()] {
        rename(&other).expect_problem(412, "version_mismatch");
    }
    rename(&format!("\"1\", {etag}")).expect(200);
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let competition = Competition::new();
    competition.submit_all();
    let admin = competition.admin();
    let (event, contest) = (&competition.event, &competition.contest);
    for path in [
        "/events".to_owned(),
        format!("/events/{event}/contests"),
        format!("/contests/{contest}"),
        format!("/categories/{}/results", competition.category),
        format!("/contests/{contest}/results"),
    ] {
        let seen = admin.get(&path);
        let etag = seen.etag().to_owned();
        for tags in [etag.clone(), format!("W/{etag}"), format!("\"1\", {etag}"), "*".to_owned()] {
            let answer = admin.with_header("if-none-match", &tags).get(&path);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {tags}");
            assert_eq!(answer.etag(), etag);
        }
        let rename = json!({"name": format!("Not {etag}")});
        admin.patch(&format!("/events/{event}"), &rename).expect(200);
        admin.patch(&format!("/contests/{contest}"), &rename).expect(200);
        let again = admin.with_header("if-none-match", &etag).get(&path);
        assert_eq!(again.status, 200, "{path}");
        assert_ne!(again.etag(), etag, "{path}");
    }
}

#[test]
fn a_name_that_changes_without_its_resource_is_sent() {
    let competition = Competition::new();
    let admin = competition.admin();
    let entry = admin.get(&format!("/entries/{}", competition.entries[0]));
    let contestant = entry.json()["contestantId"].as_str().unwrap().to_owned();
    let renamed = admin.patch(&format!("/contestants/{contestant}"), &json!({"name": "Somebody else"}));
    assert_eq!(id_of(&renamed.expect(200)), contestant);
    let again = admin.with_header("if-none-match", entry.etag());
    let again = again.get(&format!("/entries/{}", competition.entries[0])).expect(200);
    assert_eq!(again["contestantName"], "Somebody else");
}

#[test]
fn a_condition_holds_for_a_mark_and_is_refused_where_nobody_looks_at_it() {
    let competition = Competition::new();
    let sheet = competition.submit(0, 0, &["5", "5"]).expect(201);
    let path = format!(
        "/categories/{}/entries/{}/sheets/{}/marks/{}",
        competition.category, competition.entries[0], competition.judges[0].id, competition.criteria[0]
    );
    let admin = competition.admin();
    admin.if_match("\"1\"").delete(&path).expect_problem(412, "version_mismatch");
    admin.if_match(&format!("\"{}\"", sheet["version"])).delete(&path).expect(204);
    let link = id_of(&admin.create(&format!("/judges/{}/links", competition.judges[0].id), &json!({})));
    let refused = admin.if_match("\"1\"").delete(&format!("/judge-links/{link}"));
    refused.expect_problem(400, "bad_request");
    admin.if_match("*").delete(&format!("/judge-links/{link}")).expect(204);
}
