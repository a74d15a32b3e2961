//! What a contest lacks before the show.

use serde_json::{Value, json};

use crate::support::{Competition, Tenant, id_of};

fn readiness(competition: &Competition) -> Value {
    competition.admin().get(&format!("/contests/{}/readiness", competition.contest)).expect(200)
}

/// Code and name of each finding.
fn findings(competition: &Competition) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let readiness = readiness(competition);
    let findings = readiness["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(&finding["code"]), text(&finding["name"]))).collect()
}

fn found(code: &str, name: &str) -> (String, String) {
    (code.to_owned(), name.to_owned())
}

#[test]
fn a_contest_that_lacks_nothing_is_ready() {
    let competition = Competition::new();
    assert_eq!(readiness(&competition), json!({"ready": true, "findings": []}));
}

#[test]
fn what_an_empty_contest_lacks_is_named_and_stands_in_the_way() {
    let competition = Competition::empty(Tenant::new(), &json!({"name": "Talent"}));
    let empty = readiness(&competition);
    assert_eq!(empty["ready"], false);
    assert!(empty["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "blocker"));
    assert_eq!(
        findings(&competition),
        [
            found("noEntries", "Solo"),
            found("noCriteria", "Talent"),
            found("noEntrants", "Talent"),
            found("noJudges", "Talent"),
        ]
    );
    competition.admin().delete(&format!("/categories/{}", competition.category)).expect(204);
    assert_eq!(findings(&competition), [found("noCategories", "Solo"), found("noEntries", "Solo")]);
}

#[test]
fn criteria_that_weigh_nothing_and_judges_who_have_left_are_none() {
    let competition = Competition::new();
    let admin = competition.admin();
    for criterion in &competition.criteria {
        admin.patch(&format!("/criteria/{criterion}"), &json!({"weight": "0"})).expect(200);
    }
    for judge in &competition.judges {
        admin.patch(&format!("/assignments/{}", judge.assignment), &json!({"status": "absent"})).expect(200);
    }
    assert_eq!(findings(&competition), [found("noWeight", "Talent"), found("noJudges", "Talent")]);
}

#[test]
fn too_few_entrants_and_numbers_that_lack_are_warnings() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.patch(&format!("/categories/{}", competition.category), &json!({"minEntrants": 4})).expect(200);
    admin.patch(&format!("/entries/{}", competition.entries[1]), &json!({"number": null})).expect(200);
    let numbering = json!({"numbering": {"type": "automatic", "gapFree": true}});
    admin.patch(&format!("/contests/{}", competition.contest), &numbering).expect(200);
    let found_now = readiness(&competition);
    assert_eq!(found_now["ready"], true);
    assert!(found_now["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "warning"));
    let expected =
        [found("unnumbered", "Ben"), found("numberGaps", "Solo"), found("tooFewEntrants", "Talent")];
    assert_eq!(findings(&competition), expected);
    assert_eq!(found_now["findings"][2]["detail"], "has 3 entrants and wants at least 4");
    admin.call(&format!("/contests/{}/renumber", competition.contest)).expect(200);
    assert_eq!(findings(&competition), expected[2..]);
}

#[test]
fn a_judge_who_cannot_sign_in_is_named_with_the_reason() {
    let competition = Competition::new();
    let admin = competition.admin();
    let why = || {
        let readiness = readiness(&competition);
        let finding = readiness["findings"][0].clone();
        assert_eq!((&finding["code"], &finding["name"]), (&json!("judgeCannotSignIn"), &json!("Jo")));
        assert_eq!(finding["severity"], "blocker");
        finding["detail"].as_str().unwrap().to_owned()
    };
    let (judge, user) = (&competition.judges[0], format!("/users/{}", competition.judges[0].user));
    admin.patch(&user, &json!({"grants": [{"role": "EMCEE"}]})).expect(200);
    assert_eq!(why(), "cannot score Talent: the account has no role JUDGE here");
    admin.delete(&user).expect(204);
    assert_eq!(why(), "cannot score Talent: the account is deleted");
    let bare = json!({"email": format!("{}@it.example", crate::support::fresh("jo")), "name": "Jo",
                      "grants": [{"role": "JUDGE"}]});
    let bare = id_of(&admin.create("/users", &bare));
    admin.patch(&format!("/judges/{}", judge.id), &json!({"userId": bare})).expect(200);
    assert_eq!(why(), "cannot score Talent: the account has no password");
    admin.patch(&format!("/judges/{}", judge.id), &json!({"userId": null})).expect(200);
    assert_eq!(why(), "cannot score Talent: there is neither a link nor an account to sign in with");
    let link = id_of(&admin.create(&format!("/judges/{}/links", judge.id), &json!({})));
    let lacks = || readiness(&competition)["findings"].to_string().contains("judgeCannotSignIn");
    assert!(!lacks(), "a link is enough");
    admin.delete(&format!("/judge-links/{link}")).expect(204);
    assert!(lacks(), "a revoked one is not");
}
