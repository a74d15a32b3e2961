//! Deletions that take marks out of sight: the places that would change are shown first.

use serde_json::{Value, json};

use crate::support::{Answer, Competition, id_of};

/// Two judges who disagree: without the second, the first entry wins.
fn disputed() -> Competition {
    let competition = Competition::new();
    for (entry, marks) in [["6", "6"], ["5", "5"], ["1", "1"]].iter().enumerate() {
        competition.submit(0, entry, marks).expect(201);
    }
    for (entry, marks) in [["2", "2"], ["9", "9"], ["1", "1"]].iter().enumerate() {
        competition.submit(1, entry, marks).expect(201);
    }
    assert_eq!(competition.placement(1)["place"], 1);
    competition
}

fn change(competition: &Competition, entry: usize, before: u32, after: u32) -> Value {
    let names = ["Ann", "Ben", "Cem"];
    json!({"entryId": competition.entries[entry], "number": entry + 1, "name": names[entry],
           "before": before, "after": after})
}

#[test]
fn deleting_a_judge_or_the_seat_shows_the_places_that_would_change_and_then_changes_them() {
    let competition = disputed();
    let seat = &competition.judges[1];
    for path in [format!("/judges/{}", seat.id), format!("/assignments/{}", seat.assignment)] {
        let problem = competition.admin().delete(&path).expect_problem(409, "confirmation_required");
        let changed = json!([change(&competition, 0, 2, 1), change(&competition, 1, 1, 2)]);
        assert_eq!(
            problem["changes"],
            json!([{"categoryId": competition.category, "categoryName": "Talent", "entries": changed}])
        );
        assert_eq!(competition.placement(1)["place"], 1, "nothing has happened yet");
        competition.admin().delete(&format!("{path}?confirm=true")).expect(204);
        assert_eq!(competition.placement(0)["place"], 1);
        competition.admin().call(&format!("{path}/restore")).expect(200);
        assert_eq!(competition.placement(1)["place"], 1);
    }
}

#[test]
fn deleting_a_criterion_with_marks_must_be_confirmed_even_if_no_place_changes() {
    let competition = disputed();
    let path = format!("/criteria/{}", competition.criteria[0]);
    let problem = competition.admin().delete(&path).expect_problem(409, "confirmation_required");
    assert_eq!(problem["changes"][0]["entries"], json!([]));
    competition.admin().delete(&format!("{path}?confirm=true")).expect(204);
}

#[test]
fn what_has_no_marks_goes_unasked() {
    let competition = Competition::new();
    for path in [
        format!("/criteria/{}", competition.criteria[0]),
        format!("/assignments/{}", competition.judges[0].assignment),
        format!("/judges/{}", competition.judges[0].id),
    ] {
        competition.admin().delete(&path).expect(204);
    }
}

/// What a change asks to be confirmed, and that nothing has happened.
#[track_caller]
fn asked(competition: &Competition, answer: &Answer) -> Value {
    let problem = answer.expect_problem(409, "confirmation_required");
    assert_eq!(problem["changes"][0]["categoryName"], "Talent");
    assert_eq!(competition.placement(1)["place"], 1, "nothing has happened yet");
    problem["changes"][0]["entries"].clone()
}

#[test]
fn a_criterion_that_comes_when_there_are_sheets_must_be_confirmed() {
    let competition = disputed();
    let admin = competition.admin();
    let (criteria, poise) =
        (format!("/categories/{}/criteria", competition.category), json!({"name": "Poise"}));
    let changed = asked(&competition, &admin.post(&criteria, &poise));
    assert_eq!(changed.as_array().unwrap().len(), 3, "nobody would have a place: {changed}");
    assert_eq!((&changed[1]["before"], &changed[1]["after"]), (&json!(1), &Value::Null));
    let added = id_of(&admin.post(&format!("{criteria}?confirm=true"), &poise).expect(201));
    assert_eq!(competition.results()["sheetsIncomplete"], 6);
    assert_eq!(competition.results()["provisional"], true);

    admin.delete(&format!("/criteria/{added}")).expect(204);
    let restore = format!("/criteria/{added}/restore");
    asked(&competition, &admin.call(&restore));
    admin.call(&format!("{restore}?confirm=true")).expect(200);
    assert_eq!(competition.results()["sheetsIncomplete"], 6);
}

#[test]
fn a_criterion_that_comes_back_with_all_its_marks_comes_back_unasked() {
    let competition = disputed();
    let path = format!("/criteria/{}", competition.criteria[0]);
    competition.admin().delete(&format!("{path}?confirm=true")).expect(204);
    competition.admin().call(&format!("{path}/restore")).expect(200);
    assert_eq!(competition.placement(1)["place"], 1);
}

#[test]
fn deleting_an_entry_or_its_contestant_shows_who_would_move_up() {
    let competition = disputed();
    for path in [
        format!("/entries/{}", competition.entries[1]),
        format!("/contestants/{}", competition.contestants[1]),
    ] {
        let changed = asked(&competition, &competition.admin().delete(&path));
        assert_eq!(
            changed[1],
            json!({"entryId": competition.entries[1], "number": 2, "name": "Ben",
                                      "before": 1, "after": null})
        );
        assert_eq!(changed[0], change(&competition, 0, 2, 1));
        competition.admin().delete(&format!("{path}?confirm=true")).expect(204);
        assert_eq!(competition.placement(0)["place"], 1);
        competition.admin().call(&format!("{path}/restore")).expect(200);
    }
}

#[test]
fn leaving_out_entries_that_are_not_listed_must_be_confirmed() {
    let competition = disputed();
    let admin = competition.admin();
    let entrants = format!("/categories/{}/entrants", competition.category);
    let listed = json!({"entryId": competition.entries[0]});
    let entrant = id_of(&admin.create(&entrants, &listed));
    let (category, body) = (format!("/categories/{}", competition.category), json!({"entrants": "listed"}));
    let changed = asked(&competition, &admin.patch(&category, &body));
    assert_eq!(changed.as_array().unwrap().len(), 3, "{changed}");
    admin.patch(&format!("{category}?confirm=true"), &body).expect(200);
    assert_eq!(competition.placement(0)["place"], 1);
    admin.delete(&format!("/entrants/{entrant}")).expect_problem(409, "confirmation_required");
}
