//! The permission table, seen from outside: every operation of the API tried by every role.

use std::collections::BTreeSet;

use event_manager::domain::{Action, Role, permission::Relation};
use serde_json::json;

use super::{
    allowed::content,
    fixtures::{Question, fixture},
};
use crate::support::{Answer, Client, Competition, operations};

/// Operations that need no permission: nobody is signed in yet.
const PUBLIC: [&str; 8] =
    ["getSetup", "setUp", "login", "loginByLink", "requestReset", "resetPassword", "getBranding", "getLogo"];

/// The operations with the action each needs: method, name, action.
fn guarded() -> Vec<(String, String, Action)> {
    operations()
        .into_iter()
        .filter_map(|operation| {
            let (name, action) = (operation.name().to_owned(), operation.action()?);
            Some((operation.method, name, action))
        })
        .collect()
}

fn may(role: Role, action: Action) -> bool {
    action.rule().iter().any(|(allowed, _)| *allowed == role)
}

fn ask(client: &Client, competition: &Competition, method: &str, operation: &str) -> Answer {
    send(client, method, operation, &fixture(competition, client, operation))
}

fn send(client: &Client, method: &str, operation: &str, (path, body): &Question) -> Answer {
    let (kind, body) = content(operation, body.as_ref());
    let kind = kind.map(|kind| ("content-type", kind));
    client.raw(method, &format!("/api/v1{path}"), kind.as_slice(), &body)
}

/// Somebody with a role; the judge is one who sits on the category.
fn actor(competition: &Competition, role: Role) -> Client {
    match role {
        Role::Judge => competition.judges[0].client.clone(),
        role => competition.tenant.with_role(role),
    }
}

#[test]
fn each_role_is_told_with_all_that_the_table_lets_it_do() {
    let competition = Competition::new();
    let told = competition.admin().get("/roles").expect(200)["items"].clone();
    assert_eq!(told.as_array().unwrap().len(), Role::ALL.len());
    for (role, told) in Role::ALL.into_iter().zip(told.as_array().unwrap()) {
        assert_eq!(told["role"], role.word());
        let may = told["may"].as_array().unwrap();
        let words: Vec<&str> = may.iter().map(|may| may["action"].as_str().unwrap()).collect();
        let expected = Action::ALL.iter().filter(|action| self::may(role, **action));
        assert_eq!(words, expected.map(|action| action.word()).collect::<Vec<_>>(), "{role}");
        assert!(may.iter().all(|may| may["summary"].as_str().unwrap().ends_with('.')), "{told}");
    }
    let judge = told.as_array().unwrap().iter().find(|told| told["role"] == "JUDGE").unwrap();
    let submits = json!({
        "action": "sheets.submit", "relation": "own", "summary": "Score: see one's own sheets and submit them.",
    });
    assert!(judge["may"].as_array().unwrap().contains(&submits), "{judge}");
}

#[test]
fn every_operation_needs_a_permission_or_is_meant_to_be_public() {
    let guarded: BTreeSet<String> = guarded().into_iter().map(|(_, name, _)| name).collect();
    for operation in operations() {
        let name = operation.name();
        let public = PUBLIC.contains(&name);
        assert_ne!(public, guarded.contains(name), "{name}");
        assert_eq!(operation.document["security"] == json!([]), public, "{name}");
    }
}

#[test]
fn every_action_is_needed_by_some_operation() {
    let used: BTreeSet<Action> = guarded().into_iter().map(|(.., action)| action).collect();
    // Metrics are no part of the API; whoever reads them from another machine needs this. Contacts are left out of
    // answers for those who may not see them; that takes no operation of its own.
    let apart = [Action::ReadMetrics, Action::ReadContacts];
    let all = Action::ALL.iter().copied().filter(|action| !apart.contains(action));
    assert_eq!(used, all.collect());
}

#[test]
fn who_may_not_is_told_so_and_nobody_is_asked_to_sign_in() {
    let competition = Competition::new();
    let roles: Vec<(Role, Client)> =
        Role::ALL.into_iter().map(|role| (role, actor(&competition, role))).collect();
    for (method, name, action) in guarded() {
        let question = fixture(&competition, competition.admin(), &name);
        let nobody = competition.tenant.server.anonymous();
        send(&nobody, &method, &name, &question).expect_problem(401, "unauthenticated");
        for (_, client) in roles.iter().filter(|(role, _)| !may(*role, action)) {
            let problem = send(client, &method, &name, &question).expect_problem(403, "forbidden");
            assert_eq!(problem["action"], action.word(), "{name}");
        }
    }
}

#[test]
fn who_may_succeeds() {
    let competition = Competition::new();
    for role in Role::ALL {
        let client = actor(&competition, role);
        let mut operations: Vec<_> =
            guarded().into_iter().filter(|(.., action)| may(role, *action)).collect();
        operations.sort_by_key(|(_, name, _)| name == "logout");
        for (method, name, _) in operations {
            let answer = ask(&client, &competition, &method, &name);
            // A SUPER_ADMIN lives in the operators' tenant, where neither the competition's things nor its roles are.
            let elsewhere = role == Role::SuperAdmin && [404, 422].contains(&answer.status);
            // With a scanner, every file of all tests would wait for it, and a Redis would be told of all they do.
            // Results go by mail to those who may read them; operators write to people all the same.
            let elsewhere =
                elsewhere || role == Role::SuperAdmin && name.starts_with("mail") && answer.status == 403;
            let not_set_up = ["testVirusScan", "testRedis"].contains(&&*name) && answer.status == 409;
            assert!(answer.status < 300 || elsewhere || not_set_up, "{role}: {name}: {}", answer.describe());
        }
    }
}

#[test]
fn only_who_may_see_deleted_things_lists_them_among_the_others() {
    let competition = Competition::new();
    for role in Role::ALL.into_iter().filter(|role| may(*role, Action::ReadEvents)) {
        let client = actor(&competition, role);
        for path in
            ["/events?includeDeleted=true", &format!("/events/{}?includeDeleted=true", competition.event)]
        {
            let answer = client.get(path);
            match may(role, Action::ReadDeleted) {
                true => drop(answer.expect(200)),
                false => drop(answer.expect_problem(403, "forbidden")),
            }
        }
    }
}

#[test]
fn a_user_without_grants_may_do_nothing() {
    let competition = Competition::new();
    let nobody = competition.tenant.with_grants(&json!([]));
    for (method, name, _) in guarded() {
        ask(&nobody, &competition, &method, &name).expect_problem(403, "forbidden");
    }
}

#[test]
fn what_is_a_judges_own_is_a_judges_only() {
    let own: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.rule().iter().any(|(_, relation)| *relation == Relation::Own))
        .collect();
    assert_eq!(own, [Action::ReadPhotos, Action::SubmitSheets]);
    let competition = Competition::new();
    let program = competition.tenant.token(&json!([{"role": "JUDGE"}]));
    let refused = program.put(&competition.own_sheet(0), &competition.marks(&["9", "9"]));
    refused.expect_problem(403, "forbidden");
}
