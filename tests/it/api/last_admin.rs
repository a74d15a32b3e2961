//! Nobody takes the last way in: of a tenant its last ADMIN, of the box its last SUPER_ADMIN, whatever is done, and how.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{ADMIN_EMAIL, Answer, Client, PASSWORD, Server, after_job, fresh, id_of};

/// A tenant of which one user is the last who runs it: the tenant's short name, the role, and somebody who manages users
/// and is not counted.
struct House {
    server: Server,
    slug: &'static str,
    role: Role,
    operator: Client,
    last: String,
}

/// The operators' tenant and another one, both just set up.
fn houses() -> [House; 2] {
    [("system", Role::SuperAdmin), ("house", Role::Admin)].map(|(slug, role)| {
        let server = Server::start();
        let operator = server.operator(slug);
        let users = operator.get("/users").expect(200)["items"].clone();
        assert_eq!(users.as_array().unwrap().len(), 1, "{users}");
        House { last: id_of(&users[0]), server, slug, role, operator }
    })
}

impl House {
    fn grants(&self) -> Value {
        json!([{"role": self.role}])
    }

    /// A user who runs the tenant, too. Without a password nobody can sign in.
    fn another(&self, password: Option<&str>) -> String {
        let email = format!("{}@it.example", fresh("another"));
        let mut body = json!({"email": email, "name": "Another", "grants": self.grants()});
        if let Some(password) = password {
            body["password"] = json!(password);
        }
        id_of(&self.operator.create("/users", &body))
    }

    /// Somebody still comes in.
    fn assert_open(&self) {
        let admin = self.server.sign_in(self.slug, ADMIN_EMAIL);
        admin.get("/users").expect(200);
    }

    fn assert_refused(&self, answer: &Answer) {
        let problem = answer.expect_problem(409, "last_admin");
        assert!(problem["detail"].as_str().unwrap().contains(self.role.word()), "{problem}");
    }

    /// Why one of many changes was not made.
    fn assert_told(&self, fault: &Value) {
        let message = fault["message"].as_str().unwrap();
        let why = format!("this is the last {}: give somebody else the role first", self.role);
        assert!(message.ends_with(&why), "{message}");
    }

    fn bulk(&self, operations: &[Value], more: &Value) -> Answer {
        let mut body = json!({"operations": operations, "confirm": true});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.operator.post("/bulk", &body)
    }

    /// That a job cannot be taken back, because somebody is the last.
    fn assert_kept(&self, done: &Value, user: &str) {
        let undo = format!("/jobs/{}/undo?confirm=true", id_of(&done["job"]));
        let undone = after_job(&self.operator, &self.operator.call(&undo).expect(202));
        assert_eq!(undone["failed"], 1, "{undone}");
        let kept = self.operator.get(&format!("/users/{user}")).expect(200);
        assert_eq!(kept["grants"][0]["role"], self.role.word(), "{undone}");
        self.assert_told(&undone["errors"][0]);
    }
}

fn demoted(user: &str) -> Value {
    json!({"op": "update", "type": "user", "id": user, "body": {"grants": []}})
}

fn deleted(user: &str) -> Value {
    json!({"op": "delete", "type": "user", "id": user})
}

#[test]
fn the_last_who_runs_a_tenant_is_neither_deleted_nor_demoted() {
    for house in houses() {
        let path = format!("/users/{}", house.last);
        let able_to_nothing = house.another(None);
        for client in [&house.operator, &house.server.sign_in(house.slug, ADMIN_EMAIL)] {
            house.assert_refused(&client.delete(&path));
            house.assert_refused(&client.patch(&path, &json!({"grants": []})));
        }
        house.assert_open();
        let set = json!({"password": PASSWORD});
        house.operator.post(&format!("/users/{able_to_nothing}/password"), &set).expect(204);
        house.operator.delete(&path).expect(204);
        house.assert_refused(&house.operator.delete(&format!("/users/{able_to_nothing}")));
    }
}

#[test]
fn many_changes_at_once_do_not_take_the_last_who_runs_a_tenant() {
    for house in houses() {
        let another = house.another(Some(PASSWORD));
        for change in [demoted, deleted] {
            let both = [change(&another), change(&house.last)];
            let refused = house.bulk(&both, &json!({})).expect_problem(422, "bulk_refused");
            let errors = refused["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "the first could go: {refused}");
            assert_eq!(errors[0]["pointer"], "/operations/1");
            house.assert_told(&errors[0]);
            let told = house.bulk(&both, &json!({"dryRun": true})).expect(200);
            assert_eq!(told["results"][1]["problem"]["code"], "last_admin", "{told}");
        }
        let grants = &house.operator.get(&format!("/users/{another}")).expect(200)["grants"];
        assert_eq!(grants[0]["role"], house.role.word(), "nothing was done");

        let both = [demoted(&another), demoted(&house.last)];
        let job = after_job(&house.operator, &house.bulk(&both, &json!({"skipFaulty": true})).expect(202));
        assert_eq!((&job["done"], &job["failed"]), (&json!(2), &json!(1)), "{job}");
        house.assert_told(&job["errors"][0]);
        house.assert_open();
        house.assert_refused(&house.operator.delete(&format!("/users/{}", house.last)));
    }
}

#[test]
fn what_is_taken_back_does_not_take_the_last_who_runs_a_tenant() {
    for house in houses() {
        // Somebody becomes one, or comes back as one, by a job; then all others go, and the job is to be taken back.
        let [raised, restored] = [house.another(Some(PASSWORD)), house.another(Some(PASSWORD))];
        house.operator.patch(&format!("/users/{raised}"), &json!({"grants": []})).expect(200);
        house.operator.delete(&format!("/users/{restored}")).expect(204);
        let raise = json!({"op": "update", "type": "user", "id": raised, "body": {"grants": house.grants()}});
        let restore = json!({"op": "restore", "type": "user", "id": restored});
        let raising = house.bulk(&[raise], &json!({})).expect(200);
        house.operator.delete(&format!("/users/{}", house.last)).expect(204);
        house.assert_kept(&raising, &raised);

        let restoring = house.bulk(&[restore], &json!({})).expect(200);
        house.operator.delete(&format!("/users/{raised}")).expect(204);
        house.assert_kept(&restoring, &restored);
    }
}
