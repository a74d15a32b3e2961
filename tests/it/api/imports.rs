//! Tables from a spreadsheet: whose columns are guessed, rehearsed first, every fault at its row, imported once.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Tenant, after_job};

fn names(admin: &Client, path: &str) -> Vec<String> {
    let list = admin.get(&format!("{path}?limit=500")).expect(200);
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

fn import(admin: &Client, body: &Value) -> Value {
    admin.post("/imports", body).expect(200)
}

#[test]
fn contestants_come_from_any_spreadsheet_and_only_once() {
    let tenant = Tenant::new();
    let csv = "Vorname;Nachname;Bio;Schuhgröße\r\nZoë;Müller;singt;38\r\nAnn;\"O'Neill\";;41\r\n;;;\r\n";
    let told = import(&tenant.admin, &json!({"what": "contestants", "csv": csv, "dryRun": true}));
    let holds: Vec<&Value> =
        told["columns"].as_array().unwrap().iter().map(|column| &column["holds"]).collect();
    assert_eq!(holds, [&json!("firstName"), &json!("lastName"), &json!("bio"), &Value::Null]);
    assert_eq!((&told["rows"], &told["imported"], &told["failed"]), (&json!(2), &json!(2), &json!([])));
    assert!(names(&tenant.admin, "/contestants").is_empty());

    let done = import(&tenant.admin, &json!({"what": "contestants", "csv": csv}));
    assert_eq!(done["imported"], 2);
    assert_eq!(names(&tenant.admin, "/contestants"), ["Zoë Müller", "Ann O'Neill"]);
    let again = import(&tenant.admin, &json!({"what": "contestants", "csv": "name\nZOE MULLER\nCem\nCem\n"}));
    assert_eq!((&again["known"], &again["imported"]), (&json!([0, 2]), &json!(1)));
    assert_eq!(names(&tenant.admin, "/contestants"), ["Zoë Müller", "Ann O'Neill", "Cem"]);

    let undo = format!("/jobs/{}/undo", done["job"]["id"].as_str().unwrap());
    assert_eq!(after_job(&tenant.admin, &tenant.admin.call(&undo).expect(202))["failed"], 0);
    assert_eq!(names(&tenant.admin, "/contestants"), ["Cem"]);
}

#[test]
fn users_come_with_their_roles_and_each_fault_names_its_row() {
    let tenant = Tenant::new();
    let csv = "Name,E-Mail,Role\nJo,jo@a.example,Judge\nKim,kim@a.example,\"tally master, emcee\"\nLee,,judge\nMo,mo@a.example,boss\n";
    let problem =
        tenant.admin.post("/imports", &json!({"what": "users", "csv": csv})).expect_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/rows/3/roles");
    let told = import(&tenant.admin, &json!({"what": "users", "csv": csv, "dryRun": true}));
    let failed: Vec<&Value> =
        told["failed"].as_array().unwrap().iter().map(|failed| &failed["row"]).collect();
    assert_eq!((failed, &told["imported"]), (vec![&json!(2), &json!(3)], &json!(2)), "{told}");
    assert_eq!(told["failed"][1]["problem"]["errors"][0]["pointer"], "/roles");
    let csv = csv.replace("boss", "board");
    let problem = tenant
        .admin
        .post("/imports", &json!({"what": "users", "csv": csv}))
        .expect_problem(422, "bulk_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/rows/2/email", "{problem}");
    let body = json!({"what": "users", "csv": csv, "skipFaulty": true});
    let job = after_job(&tenant.admin, &tenant.admin.post("/imports", &body).expect(202));
    assert_eq!((&job["done"], &job["failed"]), (&json!(4), &json!(1)));
    assert_eq!(job["errors"][0]["pointer"], "/rows/2/email");
    let users = tenant.admin.get("/users").expect(200);
    let kim = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "Kim").unwrap();
    let roles: Vec<&Value> = kim["grants"].as_array().unwrap().iter().map(|grant| &grant["role"]).collect();
    assert_eq!(roles, [&json!("TALLY_MASTER"), &json!("EMCEE")]);
    let organizer = tenant.with_grants(&json!([{"role": "ORGANIZER"}]));
    let csv = "name,email,roles\nEve,eve@a.example,ADMIN\n";
    let told = import(&organizer, &json!({"what": "users", "csv": csv, "dryRun": true}));
    assert_eq!(told["failed"][0]["problem"]["code"], "forbidden");
}

#[test]
fn custom_fields_come_along_by_label_or_key_and_only_those_that_the_importer_sees() {
    let tenant = Tenant::new();
    let field = |key: &str, label: &str, rule: Value, visibility: &[&str]| {
        let body = json!({"entity": "contestant", "key": key, "label": label, "rule": rule,
            "visibility": visibility});
        tenant.admin.create("/fields", &body);
    };
    field("shirt", "Größe", json!({"type": "select", "options": ["S", "M"]}), &["ADMIN", "ORGANIZER"]);
    field("paid", "Fee paid", json!({"type": "boolean"}), &["ADMIN", "ORGANIZER"]);
    field("secret", "Secret", json!({"type": "text"}), &["ADMIN"]);
    let csv = "Name;GROSSE;custom.paid;Secret;Tel.\nAnn;M;ja;x;0664 1\nBo;XL;;;call me\n";
    let told = import(&tenant.admin, &json!({"what": "contestants", "csv": csv, "dryRun": true}));
    assert_eq!(told["columns"][1]["holds"], "custom.shirt");
    let faults = &told["failed"][0]["problem"]["errors"];
    assert_eq!((&told["imported"], &told["failed"][0]["row"]), (&json!(1), &json!(1)), "{told}");
    assert!(faults.to_string().contains("/contactPhone"), "{faults}");
    let body = json!({"what": "contestants", "csv": csv.replace("call me", "")});
    let problem = tenant.admin.post("/imports", &body).expect_problem(422, "bulk_refused");
    assert_eq!(problem["errors"][0]["pointer"], "/rows/1/custom/shirt", "{problem}");

    let organizer = tenant.with_grants(&json!([{"role": "ORGANIZER"}]));
    let told = import(&organizer, &json!({"what": "contestants", "csv": csv, "dryRun": true}));
    assert_eq!(told["columns"][3]["holds"], Value::Null, "what one does not see one cannot give");
    let chosen =
        json!({"what": "contestants", "csv": csv, "dryRun": true, "columns": {"Secret": "custom.secret"}});
    organizer.post("/imports", &chosen).expect_problem(422, "invalid");

    import(
        &tenant.admin,
        &json!({"what": "contestants", "csv": csv.replace("XL", "S").replace("call me", "")}),
    );
    let list = tenant.admin.get("/contestants").expect(200);
    let ann = &list["items"][0];
    assert_eq!(ann["custom"], json!({"paid": true, "secret": "x", "shirt": "M"}));
    assert_eq!(ann["contactPhone"], "0664 1");
}

#[test]
fn an_empty_table_to_fill_in_has_a_column_for_everything_and_is_known_again() {
    let tenant = Tenant::new();
    let body = json!({"entity": "judge", "key": "club", "label": "Club", "rule": {"type": "text"}});
    tenant.admin.create("/fields", &body);
    for (what, columns) in [
        (
            "contestants",
            vec!["name", "form", "description", "pronouns", "bio", "contactEmail", "contactPhone", "members"],
        ),
        (
            "judges",
            vec!["name", "description", "pronouns", "bio", "contactEmail", "contactPhone", "custom.club"],
        ),
        ("users", vec!["name", "email", "roles"]),
    ] {
        let csv = tenant.admin.get(&format!("/imports/template?what={what}")).text();
        let filled = format!("{}\r\n", csv.trim_end());
        let told = import(&tenant.admin, &json!({"what": what, "csv": filled, "dryRun": true}));
        let holds: Vec<&str> = told["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["holds"].as_str().unwrap())
            .collect();
        assert_eq!((holds, &told["rows"]), (columns, &json!(0)), "{what}");
    }
    let emcee = tenant.with_grants(&json!([{"role": "EMCEE"}]));
    emcee.get("/imports/template?what=judges").expect_problem(403, "forbidden");
}

#[test]
fn entries_bring_along_contestants_who_are_not_there_yet() {
    let competition = Competition::new();
    let csv = "No\tParticipant\n11\tAnn\n12\tDee\n12\tEve\n";
    let body = json!({"what": "entries", "contestId": competition.contest, "csv": csv, "dryRun": true});
    let told = import(competition.admin(), &body);
    let failed: Vec<(&Value, &Value)> =
        told["failed"].as_array().unwrap().iter().map(|row| (&row["row"], &row["problem"]["code"])).collect();
    assert_eq!(failed, [(&json!(0), &json!("taken")), (&json!(2), &json!("taken"))], "{told}");
    assert_eq!(told["failed"][1]["problem"]["errors"][0]["pointer"], "/number");
    let csv = "number,name,running order\n12,Dee,-1\n13,Eve,\n";
    import(competition.admin(), &json!({"what": "entries", "contestId": competition.contest, "csv": csv}));
    let entries = competition.admin().get(&format!("/contests/{}/entries", competition.contest)).expect(200);
    let found: Vec<String> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", entry["number"], entry["contestantName"].as_str().unwrap()))
        .collect();
    assert_eq!(found, ["12 Dee", "1 Ann", "2 Ben", "3 Cem", "13 Eve"]);
}

#[test]
fn a_table_that_cannot_be_understood_says_what_is_missing() {
    let tenant = Tenant::new();
    let refused = |body: Value| tenant.admin.post("/imports", &body).expect_problem(422, "invalid");
    let problem = refused(json!({"what": "judges", "csv": "colour\nred\n"}));
    assert_eq!(problem["errors"][0]["pointer"], "/columns");
    let chosen =
        json!({"what": "judges", "csv": "colour\nred\n", "columns": {"colour": "name"}, "dryRun": true});
    assert_eq!(import(&tenant.admin, &chosen)["imported"], 1);
    let problem = refused(json!({"what": "judges", "csv": "name\nJo\n", "columns": {"size": "name"}}));
    assert_eq!(problem["errors"][0]["pointer"], "/columns/size");
    let problem = refused(json!({"what": "judges", "csv": "name,no\nJo\n"}));
    assert!(problem["errors"][0]["message"].as_str().unwrap().starts_with("line 2"), "{problem}");
    let problem = refused(json!({"what": "entries", "csv": "name\nJo\n"}));
    assert_eq!(problem["errors"][0]["pointer"], "/contestId");
}

#[test]
fn conflicts_of_interest_name_judge_and_contestant_and_come_once() {
    let tenant = Tenant::new();
    for name in ["Jo", "Mia"] {
        tenant.admin.create("/judges", &json!({"name": name}));
    }
    for name in ["Ann", "Ben", "Ben"] {
        tenant.admin.create("/contestants", &json!({"name": name}));
    }
    let csv =
        "Judge;Contestant;Reason\nJo;Ann;Sisters\nMia;Ben;Teacher\nZoe;Ann;Aunt\nJO;ann;Again\nMia;Ann;\n";
    let tried = import(&tenant.admin, &json!({"what": "conflicts", "csv": csv, "dryRun": true}));
    assert_eq!(tried["known"], json!([3]));
    let faults: Vec<_> = tried["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| {
            let problem = &failed["problem"];
            (failed["row"].as_u64().unwrap(), problem["errors"][0]["pointer"].as_str().unwrap().to_owned())
        })
        .collect();
    let place = |row, field: &str| (row, format!("/{field}"));
    assert_eq!(faults, [place(1, "contestant"), place(2, "judge"), place(4, "reason")], "{tried}");
    let csv = "Judge,Contestant,Reason\nJo,Ann,Sisters\n";
    assert_eq!(import(&tenant.admin, &json!({"what": "conflicts", "csv": csv}))["imported"], 1);
    let items = tenant.admin.get("/conflicts").expect(200)["items"].clone();
    assert_eq!((&items[0]["judgeName"], &items[0]["reason"]), (&json!("Jo"), &json!("Sisters")));
    let again = import(&tenant.admin, &json!({"what": "conflicts", "csv": csv}));
    assert_eq!((&again["imported"], &again["known"]), (&json!(0), &json!([0])));
    let lacking = json!({"what": "conflicts", "csv": "judge,contestant\nJo,Ann\n"});
    let refused = tenant.admin.post("/imports", &lacking).expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["message"], "no column holds the reason");
}
