//! A SUPER_ADMIN acts in another tenant: as its ADMIN would, for a reason, for everybody to see.

use event_manager::domain::Role;
use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Tenant, fresh, id_of};

const ACT: &str = "/auth/act-as";

/// A SUPER_ADMIN, and a new tenant that has no account yet.
struct Scene {
    tenant: Tenant,
    operator: Client,
    new: Value,
}

fn scene() -> Scene {
    let tenant = Tenant::new();
    let operator = tenant.with_role(Role::SuperAdmin);
    let slug = fresh("new");
    let new = operator.create("/tenants", &json!({"name": slug, "slug": slug}));
    Scene { tenant, operator, new }
}

impl Scene {
    fn act(&self) -> Value {
        let body = json!({"tenant": self.new["slug"], "reason": "its first administrator"});
        self.operator.post(ACT, &body).expect(200)
    }

    fn act_no_more(&self) -> Value {
        self.operator.post(ACT, &json!({"tenant": null})).expect(200)
    }

    fn create_admin(&self) -> Value {
        let email = format!("{}@it.example", fresh("first"));
        let body =
            json!({"email": email, "name": "First", "grants": [{"role": "ADMIN"}], "password": PASSWORD});
        self.operator.create("/users", &body)
    }
}

fn actions(client: &Client) -> Vec<(String, String, Value)> {
    let records = client.get("/audit?limit=500").expect(200)["items"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let acting =
        records.as_array().unwrap().iter().filter(|record| text(&record["action"]).contains("acting"));
    acting.map(|r| (text(&r["action"]), text(&r["actorName"]), r["facts"].clone())).collect()
}

#[test]
fn a_super_admin_gives_a_new_tenant_its_first_admin() {
    let scene = scene();
    let slug = scene.new["slug"].as_str().unwrap();
    let me = scene.act();
    assert_eq!(me["tenant"]["slug"], slug);
    assert_eq!(me["acting"]["reason"], "its first administrator");
    assert_eq!(me["user"]["name"], "Somebody", "the account stays the operator's");
    assert_eq!(me["grants"], json!([{"role": "ADMIN", "scope": {"type": "tenant"}}]));
    assert_eq!(scene.operator.get("/me").expect(200), me);
    let first = scene.create_admin();
    let admin = scene.tenant.server.sign_in(slug, first["email"].as_str().unwrap());
    admin.create("/events", &json!({"name": "Gala"}));

    let me = scene.act_no_more();
    assert_eq!((&me["tenant"]["slug"], &me["acting"]), (&json!("system"), &Value::Null));
    scene.operator.get("/events").expect_problem(403, "forbidden");
    scene.operator.get("/tenants").expect(200);
    assert_eq!(admin.get("/users").expect(200)["items"].as_array().unwrap().len(), 1);
}

#[test]
fn acting_is_in_the_audit_logs_of_both_tenants_with_its_reason_and_by_name() {
    let scene = scene();
    scene.act();
    let first = scene.create_admin();
    let event = scene.operator.create("/events", &json!({"name": "Gala"}));
    scene.operator.delete(&format!("/events/{}", id_of(&event))).expect(204);
    assert_eq!(scene.operator.get("/trash").expect(200)["items"][0]["deletedBy"]["name"], "Somebody");
    scene.act_no_more();
    let slug = scene.new["slug"].as_str().unwrap();
    let admin = scene.tenant.server.sign_in(slug, first["email"].as_str().unwrap());
    let name = || "Somebody".to_owned();
    let began = ("tenant.actingBegun".to_owned(), name(), json!({"reason": "its first administrator"}));
    let expected = [("tenant.actingEnded".to_owned(), name(), json!({})), began];
    assert_eq!(actions(&admin), expected);
    let system = actions(&scene.tenant.server.operator("system"));
    assert!(system.windows(2).any(|records| records == expected), "{system:?}");
}

#[test]
fn whoever_acts_is_only_an_admin_there() {
    let scene = scene();
    scene.act();
    for path in ["/tenants", &format!("/tenants/{}", id_of(&scene.new))] {
        scene.operator.get(path).expect_problem(403, "forbidden");
    }
    let super_admin = json!({"email": "s@it.example", "name": "S", "grants": [{"role": "SUPER_ADMIN"}]});
    scene.operator.post("/users", &super_admin).expect_problem(422, "invalid");
    let event = id_of(&scene.tenant.admin.create("/events", &json!({"name": "Elsewhere"})));
    scene.operator.get(&format!("/events/{event}")).expect_problem(404, "not_found");
}

#[test]
fn a_tenant_and_a_reason_must_be_given() {
    let scene = scene();
    let slug = &scene.new["slug"];
    for (body, pointer) in [
        (json!({"tenant": slug}), "/reason"),
        (json!({"tenant": slug, "reason": "  "}), "/reason"),
        (json!({"tenant": "nowhere", "reason": "x"}), "/tenant"),
        (json!({"tenant": "system", "reason": "x"}), "/tenant"),
    ] {
        let refused = scene.operator.post(ACT, &body);
        refused.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), [pointer], "{}", refused.describe());
    }
    assert_eq!(scene.operator.get("/me").expect(200)["acting"], Value::Null);
}

#[test]
fn only_a_session_of_a_super_admin_can_act() {
    let scene = scene();
    let body = json!({"tenant": scene.new["slug"], "reason": "x"});
    scene.tenant.admin.post(ACT, &body).expect_problem(403, "forbidden");
    scene.tenant.server.operator("system").post(ACT, &body).expect_problem(403, "forbidden");
}

#[test]
fn acting_ends_with_the_role_with_the_tenant_and_with_the_session() {
    let scene = scene();
    let me = scene.act();
    let system = scene.tenant.server.operator("system");
    let user = format!("/users/{}", me["user"]["id"].as_str().unwrap());
    system.patch(&user, &json!({"grants": []})).expect(200);
    scene.operator.get("/events").expect_problem(401, "unauthenticated");

    let gone = self::scene();
    gone.act();
    system.delete(&format!("/tenants/{}", id_of(&gone.new))).expect(204);
    gone.operator.get("/events").expect_problem(401, "unauthenticated");

    let left = self::scene();
    left.act();
    left.operator.call("/auth/logout").expect(204);
    left.operator.get("/events").expect_problem(401, "unauthenticated");
    let slug = left.new["slug"].as_str().unwrap();
    let told = actions(&left.tenant.server.operator(slug));
    assert_eq!(told[0].0, "tenant.actingEnded");
}
