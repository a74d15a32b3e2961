//! Search over people and events: any parts of a name, whatever accents and case, and only what one may see.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Tenant, id_of};

fn found(client: &Client, query: &str) -> Vec<String> {
    let found = client.get(&format!("/search?q={query}")).expect(200);
    let name =
        |item: &Value| format!("{} {}", item["type"].as_str().unwrap(), item["name"].as_str().unwrap());
    found["items"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn people_and_events_are_found_whatever_accents_and_case() {
    let tenant = Tenant::new();
    for name in ["Zoë Müller-Łuk", "Berta Zoeller", "Anna"] {
        tenant.admin.create("/contestants", &json!({"name": name}));
    }
    tenant.admin.create("/judges", &json!({"name": "Zoé"}));
    let event = id_of(&tenant.admin.create("/events", &json!({"name": "Zögling-Gala"})));
    let contest = id_of(&tenant.admin.create(&format!("/events/{event}/contests"), &json!({"name": "Solo"})));
    tenant.admin.create(&format!("/contests/{contest}/categories"), &json!({"name": "Talent"}));
    assert_eq!(
        found(&tenant.admin, "ZOE"),
        ["judge Zoé", "contestant Zoë Müller-Łuk", "contestant Berta Zoeller"]
    );
    assert_eq!(found(&tenant.admin, "luk%20zoe"), ["contestant Zoë Müller-Łuk"], "words in any order");
    assert_eq!(found(&tenant.admin, "zogl"), ["event Zögling-Gala"]);
    assert_eq!(found(&tenant.admin, "oeller"), ["contestant Berta Zoeller"], "inside of words, too");
    let category = tenant.admin.get("/search?q=tal&kind=category").expect(200);
    assert_eq!(category["items"][0]["hint"], "Zögling-Gala › Solo");
    assert!(found(&tenant.admin, "xyz").is_empty() && found(&tenant.admin, "%21%21").is_empty());
    let user = tenant.user(&json!([{"role": "EMCEE"}]));
    let address = user["email"].as_str().unwrap();
    assert_eq!(found(&tenant.admin, address), ["user Somebody"]);
}

#[test]
fn what_is_deleted_is_not_found_until_it_is_back() {
    let competition = Competition::new();
    let admin = competition.admin();
    assert_eq!(found(admin, "talent"), ["category Talent"]);
    admin.delete(&format!("/events/{}", competition.event)).expect(204);
    assert!(found(admin, "talent").is_empty() && found(admin, "gala").is_empty());
    admin.call(&format!("/events/{}/restore", competition.event)).expect(200);
    assert_eq!(found(admin, "talent"), ["category Talent"]);
}

#[test]
fn nobody_finds_what_they_may_not_see() {
    let competition = Competition::new();
    let other = id_of(&competition.admin().create("/events", &json!({"name": "Other Gala"})));
    let scope = json!({"type": "event", "id": competition.event});
    let auditor = competition.tenant.with_grants(&json!([{"role": "AUDITOR", "scope": scope}]));
    assert_eq!(found(&auditor, "gala"), ["event Gala"], "not {other}");
    assert_eq!(found(competition.admin(), "gala").len(), 2, "{other}");
    assert!(found(&auditor, "somebody").is_empty(), "users are not for auditors");
    let stranger = Tenant::new();
    assert!(found(&stranger.admin, "talent").is_empty());
    competition.judges[0].client.get("/search?q=talent").expect_problem(403, "forbidden");
}
