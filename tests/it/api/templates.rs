//! Shapes that are made again: templates of events, contests and categories, and last year's event once more.

use serde_json::{Value, json};

use crate::support::{Client, Competition, Tenant, after_job, id_of};

fn list(admin: &Client, path: &str) -> Vec<Value> {
    admin.get(&format!("{path}?limit=500")).expect(200)["items"].as_array().unwrap().clone()
}

/// The competition's category breaks ties by its second criterion.
fn with_tie_break() -> Competition {
    let competition = Competition::new();
    let rules =
        json!([{"type": "highestSingleMark"}, {"type": "criterion", "criterionId": competition.criteria[1]}]);
    let category = format!("/categories/{}", competition.category);
    competition.admin().patch(&category, &json!({"tieBreaks": rules})).expect(200);
    competition
}

#[test]
fn last_years_event_is_made_once_more_without_its_marks() {
    let competition = with_tie_break();
    competition.submit_all();
    let admin = competition.admin();
    let event = format!("/events/{}", competition.event);
    let dates = json!({"startsAt": "2026-05-01T18:00:00.000Z", "endsAt": "2026-05-01T22:00:00.000Z", "location": "Hall"});
    admin.patch(&event, &dates).expect(200);
    let body =
        json!({"name": "Gala 2027", "startsAt": "2027-05-07T18:00:00.000Z", "entries": true, "judges": true});
    let done = admin.post(&format!("{event}/clone"), &body).expect(200);

    let new = done["results"][0]["id"].as_str().unwrap();
    let copy = admin.get(&format!("/events/{new}")).expect(200);
    assert_eq!(
        (&copy["name"], &copy["endsAt"], &copy["location"]),
        (&json!("Gala 2027"), &json!("2027-05-07T22:00:00.000Z"), &json!("Hall"))
    );
    let contest = id_of(&list(admin, &format!("/events/{new}/contests"))[0]);
    let entries = list(admin, &format!("/contests/{contest}/entries"));
    let numbers: Vec<_> = entries.iter().map(|entry| (&entry["number"], &entry["contestantName"])).collect();
    assert_eq!(numbers, [(&json!(1), &json!("Ann")), (&json!(2), &json!("Ben")), (&json!(3), &json!("Cem"))]);
    let category = list(admin, &format!("/contests/{contest}/categories"))[0].clone();
    let criteria = list(admin, &format!("/categories/{}/criteria", id_of(&category)));
    assert_eq!(criteria.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["Technique", "Expression"]);
    assert_eq!(
        category["tieBreaks"][1]["criterionId"], criteria[1]["id"],
        "its own criterion, not last year's"
    );
    assert_eq!(list(admin, &format!("/categories/{}/assignments", id_of(&category))).len(), 2);
    assert!(list(admin, &format!("/categories/{}/sheets", id_of(&category))).is_empty());
    assert_eq!(competition.results()["sheetsSubmitted"], 6, "last year's is as it was");

    let undo = format!("/jobs/{}/undo", done["job"]["id"].as_str().unwrap());
    assert_eq!(after_job(admin, &admin.call(&undo).expect(202))["failed"], 0);
    admin.get(&format!("/events/{new}")).expect_problem(404, "not_found");
}

#[test]
fn a_clone_takes_along_only_what_is_wanted_and_nothing_that_is_deleted() {
    let competition = Competition::new();
    let admin = competition.admin();
    admin.delete(&format!("/criteria/{}", competition.criteria[0])).expect(204);
    let done =
        admin.post(&format!("/events/{}/clone", competition.event), &json!({"name": "Bare"})).expect(200);
    let kinds: Vec<&Value> =
        done["results"].as_array().unwrap().iter().map(|result| &result["type"]).collect();
    assert_eq!(kinds, ["event", "contest", "category", "criterion"]);
    let makes = json!({"type": "event", "id": done["results"][0]["id"]});
    assert_eq!(done["job"]["task"], json!({"type": "bulk", "name": "clone of Gala", "makes": makes}));
    let other = Tenant::new();
    other
        .admin
        .post(&format!("/events/{}/clone", competition.event), &json!({"name": "Mine"}))
        .expect_problem(404, "not_found");
}

#[test]
fn a_large_event_is_cloned_by_a_job_that_says_what_it_makes() {
    let competition = Competition::new();
    let admin = competition.admin();
    let contest = |index: u32| json!({"op": "create", "type": "contest", "parent": competition.event, "body": {"name": format!("C{index}")}});
    let contests: Vec<Value> = (0..256).map(contest).collect();
    admin.post("/bulk", &json!({"operations": contests})).expect(200);
    let path = format!("/events/{}/clone", competition.event);
    let job = after_job(admin, &admin.post(&path, &json!({"name": "Next year"})).expect(202));
    let made = &job["task"]["makes"];
    assert_eq!(made["type"], "event", "{job}");
    assert_eq!(
        admin.get(&format!("/events/{}", made["id"].as_str().unwrap())).expect(200)["name"],
        "Next year"
    );
}

#[test]
fn a_category_is_kept_as_a_template_and_made_in_another_contest() {
    let competition = with_tie_break();
    let admin = competition.admin();
    let path = format!("/categories/{}/template", competition.category);
    let template = admin.create(&path, &json!({"name": "Our rubric", "description": "since 1999"}));
    let parts: Vec<&Value> = template["parts"].as_array().unwrap().iter().map(|part| &part["type"]).collect();
    assert_eq!(parts, ["category", "criterion", "criterion"]);
    assert!(!template.to_string().contains(&competition.criteria[1]), "it stands by itself: {template}");

    let contest =
        id_of(&admin.create(&format!("/events/{}/contests", competition.event), &json!({"name": "Duo"})));
    let apply = format!("/templates/{}/apply", id_of(&template));
    admin.post(&apply, &json!({})).expect_problem(422, "invalid");
    let made = admin.post(&apply, &json!({"name": "Talent 2", "parent": contest})).expect(200);
    let category =
        admin.get(&format!("/categories/{}", made["results"][0]["id"].as_str().unwrap())).expect(200);
    assert_eq!((&category["name"], &category["contestId"]), (&json!("Talent 2"), &json!(contest)));
    assert_eq!(category["tieBreaks"][1]["criterionId"], made["results"][2]["id"]);
    admin.call(&format!("/contests/{contest}/lock")).expect(200);
    admin.post(&apply, &json!({"parent": contest})).expect_problem(422, "bulk_refused");
}

#[test]
fn an_event_is_kept_as_a_template_that_can_be_edited_and_used_again_and_again() {
    let competition = Competition::new();
    let admin = competition.admin();
    let template =
        admin.create(&format!("/events/{}/template", competition.event), &json!({"name": "Pageant"}));
    let mut parts = template["parts"].clone();
    parts
        .as_array_mut()
        .unwrap()
        .push(json!({"type": "contest", "within": 0, "body": {"name": "Finale", "position": 9}}));
    admin.patch(&format!("/templates/{}", id_of(&template)), &json!({"parts": parts})).expect(200);
    let apply = format!("/templates/{}/apply", id_of(&template));
    for name in ["May", "June"] {
        let made = admin.post(&apply, &json!({"name": name})).expect(200);
        let event = made["results"][0]["id"].as_str().unwrap();
        let contests = list(admin, &format!("/events/{event}/contests"));
        assert_eq!(contests.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["Solo", "Finale"]);
    }
    parts[1]["within"] = json!(7);
    let problem = admin
        .patch(&format!("/templates/{}", id_of(&template)), &json!({"parts": parts}))
        .expect_problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/parts/1/within");
}
