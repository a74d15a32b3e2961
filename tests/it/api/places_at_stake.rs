//! Deletions that take marks out of sight: the places that would change are shown first.

use serde_json::{Value, json};

use crate::support::Competition;

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
