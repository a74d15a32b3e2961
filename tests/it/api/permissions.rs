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

/// Operations that end what the caller came with: asked last.
const ENDING: [&str; 2] = ["actAs", "logout"];

/// Results go by mail to those who may read them; operators write to people all the same.
fn is_of_results(role: Role, operation: &str) -> bool {
    role == Role::SuperAdmin && ["mailCategoryResults", "mailContestResults"].contains(&operation)
}

/// Everything that a role may do is done, where the competition is.
fn assert_succeeds(client: &Client, competition: &Competition, role: Role, apart: &[(&str, u16, &str)]) {
    let mut operations = guarded();
    operations.retain(|(_, name, action)| may(role, *action) && !is_of_results(role, name));
    operations.sort_by_key(|(_, name, _)| ENDING.iter().position(|ending| ending == name));
    for (method, name, _) in operations {
        let answer = ask(client, competition, &method, &name);
        match apart.iter().find(|(operation, ..)| *operation == name) {
            Some((_, status, code)) => drop(answer.expect_problem(*status, code)),
            None => assert!(answer.status < 300, "{role}: {name}: {}", answer.describe()),
        }
    }
}

/// With a scanner, every file of all tests would wait for it, and a Redis would be told of all they do.
const NOT_SET_UP: [(&str, u16, &str); 2] =
    [("testVirusScan", 409, "not_set_up"), ("testRedis", 409, "not_set_up")];

#[test]
fn who_may_succeeds() {
    let competition = Competition::new();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::SuperAdmin) {
        assert_succeeds(&actor(&competition, role), &competition, role, &NOT_SET_UP);
    }
}

#[test]
fn a_super_admin_succeeds_in_the_operators_tenant() {
    let competition = Competition::of_operators();
    // Other roles cannot be given there, and nothing is wrong.
    let apart = [("acknowledgeAlert", 404, "not_found"), ("updateUser", 422, "invalid")];
    let client = competition.tenant.with_role(Role::SuperAdmin);
    assert_succeeds(&client, &competition, Role::SuperAdmin, &[&NOT_SET_UP[..], &apart].concat());
}

#[test]
fn a_super_admin_mails_no_results() {
    let competition = Competition::new();
    let client = competition.tenant.with_role(Role::SuperAdmin);
    for (method, name, _) in
        guarded().into_iter().filter(|(_, name, _)| is_of_results(Role::SuperAdmin, name))
    {
        ask(&client, &competition, &method, &name).expect_problem(403, "forbidden");
    }
}

#[test]
fn a_super_admin_who_acts_in_a_tenant_succeeds_as_its_admin_and_may_do_no_more() {
    let competition = Competition::new();
    let client = competition.tenant.with_role(Role::SuperAdmin);
    let act = json!({"tenant": competition.tenant.slug, "reason": "to help"});
    client.post("/auth/act-as", &act).expect(200);
    for (method, name, action) in guarded() {
        if !may(Role::Admin, action) && action != Action::ActAs {
            ask(&client, &competition, &method, &name).expect_problem(403, "forbidden");
        }
    }
    assert_succeeds(&client, &competition, Role::Admin, &NOT_SET_UP);
}

#[test]
fn a_super_admin_who_does_not_act_in_a_tenant_finds_nothing_of_it() {
    let competition = Competition::new();
    let client = competition.tenant.with_role(Role::SuperAdmin);
    // What is the operators' own is theirs to see, and what is the box's has no tenant.
    let theirs = ["/tenants/", "/backups/", "/silences/", "/alerts/", "/me/", "/correlations/", "/traces/"];
    let mut tried = 0;
    for operation in operations().into_iter().filter(|operation| {
        operation.path.contains('{') && !theirs.iter().any(|begin| operation.path.starts_with(begin))
    }) {
        let action = operation.action().filter(|action| may(Role::SuperAdmin, *action));
        if action.is_some() && !is_of_results(Role::SuperAdmin, operation.name()) {
            let answer = ask(&client, &competition, &operation.method, operation.name());
            answer.expect_problem(404, "not_found");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried} operations name something of a tenant");
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
