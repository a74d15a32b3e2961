//! `If-Match` and `If-None-Match`: nothing is overwritten unseen, nothing is sent twice.

use serde_json::json;

use crate::{
    api::allowed::Callers,
    support::{Competition, id_of, operations, wait_until},
};

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

/// Reads that are sent in full each time, with the reason.
const SENT_IN_FULL: [(&str, &[&str]); 5] = [
    (
        "a name, a state or what the reader may see changes without a new version",
        &[
            "getEntry",
            "getAssignment",
            "getConflict",
            "getFile",
            "getUser",
            "getEvent",
            "getContestant",
            "getJudge",
            "getOwnSheet",
            "getSheet",
            "getDelivery",
        ],
    ),
    (
        "a file that is made as it is sent",
        &["exportTable", "exportDeliveries", "importTemplate", "takeBackup"],
    ),
    ("it goes on for ever", &["followChanges", "followLogs"]),
    ("asking adds to it", &["searchLogs", "getLogVolume", "summarizeRequests", "getTrace", "getCharts"]),
    ("nobody has uploaded one yet", &["getLogo"]),
];

/// Reads that tell how long something still waits, and so may differ each time.
const COUNTING_DOWN: [&str; 4] = ["listBreakers", "listIntegrations", "listDeliveries", "getCorrelation"];

#[test]
fn every_read_is_sent_once_to_whoever_remembers_it_or_says_why_not() {
    let callers = Callers::new();
    for operation in operations().into_iter().filter(|operation| operation.method == "GET") {
        let name = operation.name().to_owned();
        let in_full = SENT_IN_FULL.iter().any(|(_, names)| names.contains(&name.as_str()));
        let counts_down = COUNTING_DOWN.contains(&name.as_str());
        let request = callers.request(operation);
        let asked_again = || {
            let seen = request.send();
            let etag = seen.header("etag").filter(|_| seen.status == 200)?;
            Some(request.send_to(&request.path, &[("if-none-match", etag)]).status)
        };
        if in_full {
            assert_ne!(asked_again(), Some(304), "{name} is listed");
        } else if counts_down {
            assert!(asked_again().is_some(), "{name} has an ETag");
        } else {
            // What is there may change between the two.
            wait_until(&name, || asked_again() == Some(304));
        }
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

/// Changes of what has no version that anybody could have seen, with the reason.
const UNCONDITIONAL: [(&str, &str); 14] = [
    ("submitSheet", "the body names the version"),
    ("chooseBreakerMode", "whoever chooses last has chosen"),
    ("setActionAuthorization", "nobody is shown the one before"),
    ("setLogo", "its version is part of its address"),
    ("removeLogo", "its version is part of its address"),
    ("revokeToken", "what is revoked is so for good"),
    ("revokeJudgeLink", "what is revoked is so for good"),
    ("endOwnSession", "what is ended is so for good"),
    ("endOtherSessions", "what is ended is so for good"),
    ("endSession", "what is ended is so for good"),
    ("endSessions", "what is ended is so for good"),
    ("endSilence", "what is ended is so for good"),
    ("removeSecondFactor", "what is removed is so for good"),
    ("removeOwnSecondFactor", "what is removed is so for good"),
];

#[test]
fn every_change_is_refused_that_is_based_on_a_version_that_is_not_there() {
    let callers = Callers::new();
    let changes = operations()
        .into_iter()
        .filter(|operation| ["PUT", "PATCH", "DELETE"].contains(&operation.method.as_str()));
    for operation in changes {
        let name = operation.name().to_owned();
        let conditional = operation.parameters("header").iter().any(|(header, _)| *header == "If-Match");
        let unconditional = UNCONDITIONAL.iter().any(|(unconditional, _)| *unconditional == name);
        assert!(
            conditional != unconditional,
            "{name}: takes If-Match: {conditional}, listed: {unconditional}"
        );
        let request = callers.request(operation);
        let based_on_another = request.send_to(&request.path, &[("if-match", "\"9007199254740991\"")]);
        match conditional {
            true => drop(based_on_another.expect_problem(412, "version_mismatch")),
            // A condition that nobody looks at would be taken for one that holds.
            false => drop(based_on_another.expect_problem(400, "bad_request")),
        }
        let based_on_any = request.send_to(&request.path, &[("if-match", "*")]);
        assert!(based_on_any.status < 300, "{}", based_on_any.describe());
    }
}
