//! Worked examples of published rules, entered mark by mark through the API: the figures must come out exactly.
//! The examples are read from `tests/cases/scoring`.

use std::{fs, path::Path};

use event_manager::domain::scoring::Exact;
use serde_json::{Value, json};

use crate::support::{Competition, Tenant};

/// A case file of `tests/cases/scoring`.
fn case(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/scoring").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A number of a case or an answer, exactly.
fn exact(number: &Value) -> Exact {
    let text = number.as_str().map_or_else(|| number.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn text(number: &Value) -> String {
    number.as_str().map_or_else(|| number.to_string(), str::to_owned)
}

fn names(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(text).collect()
}

/// Entries by name with a list of marks for each judge, one mark a criterion.
type Sheets = Vec<(String, Vec<Vec<String>>)>;

/// A category with this method and these criteria in which all these sheets were submitted.
fn entered(method: &Value, criteria: &[Value], sheets: &Sheets) -> Competition {
    let mut competition = Competition::empty(Tenant::new(), &json!({"name": "Final", "method": method}));
    criteria.iter().for_each(|criterion| drop(competition.add_criterion(criterion)));
    sheets.iter().for_each(|(name, _)| drop(competition.add_entry(name)));
    let judges = sheets.iter().map(|(_, sheets)| sheets.len()).max().unwrap();
    for judge in 0..judges {
        competition.add_judge(&format!("Judge {judge}"));
    }
    for (entry, (_, sheets)) in sheets.iter().enumerate() {
        for (judge, marks) in sheets.iter().enumerate() {
            let marks: Vec<&str> = marks.iter().map(String::as_str).collect();
            competition.submit(judge, entry, &marks).expect(201);
        }
    }
    assert_eq!(competition.results()["provisional"], false);
    competition
}

/// The placement of a name.
fn placed(results: &Value, name: &str) -> Value {
    let placements = results["placements"].as_array().unwrap();
    let found = placements.iter().find(|placement| placement["entry"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {results}")).clone()
}

/// Compares `expected.totals` and `expected.ranking`.
fn compare(case: &Value, competition: &Competition) {
    let results = competition.results();
    let totals = case["expected"]["totals"].as_object().unwrap();
    assert!(!totals.is_empty());
    for (name, total) in totals {
        assert_eq!(exact(&placed(&results, name)["total"]), exact(total), "{name}");
    }
    let placements = results["placements"].as_array().unwrap();
    let ranking: Vec<String> = placements.iter().map(|placement| text(&placement["entry"]["name"])).collect();
    assert_eq!(ranking, names(&case["expected"]["ranking"]));
    let places: Vec<u64> = placements.iter().map(|placement| placement["place"].as_u64().unwrap()).collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
}

/// A criterion whose marks are places among so many.
fn place_among(entries: usize) -> Value {
    json!({"name": "Place", "minimum": "1", "maximum": entries.to_string(), "step": "1"})
}

#[test]
fn a_pageants_final_ballot() {
    let case = case("pageant-final-ballot");
    let contestants = names(&case["contestants"]);
    let ballots: Vec<Vec<String>> =
        names(&case["judges"]).iter().map(|judge| names(&case["ballots"][judge.as_str()])).collect();
    let place = |ballot: &Vec<String>, name: &String| {
        vec![(ballot.iter().position(|other| other == name).unwrap() + 1).to_string()]
    };
    let sheets: Sheets = contestants
        .iter()
        .map(|name| (name.clone(), ballots.iter().map(|ballot| place(ballot, name)).collect()))
        .collect();
    let points = names(&case["points_by_rank"]);
    let method = json!({"type": "rankSum", "marksAre": "places", "points": points});
    compare(&case, &entered(&method, &[place_among(contestants.len())], &sheets));
}

#[test]
fn places_with_the_best_and_the_worst_dropped() {
    let case = case("rank-sum-drop-best-worst");
    let marks = case["marks"].as_object().unwrap();
    let highest = names(&case["judges"]).len();
    let sheets: Sheets = marks
        .iter()
        .map(|(name, places)| (name.clone(), names(places).into_iter().map(|place| vec![place]).collect()))
        .collect();
    let method = json!({"type": "rankSum", "marksAre": "places", "drop": {"best": 1, "worst": 1}});
    let competition = entered(&method, &[place_among(highest)], &sheets);
    compare(&case, &competition);
    let results = competition.results();
    for (name, kept) in case["expected"]["kept"].as_object().unwrap() {
        let judges = placed(&results, name)["judgeTotals"].clone();
        let counted = judges.as_array().unwrap().iter().filter(|judge| judge["dropped"] == "no");
        let mut counted: Vec<Exact> = counted.map(|judge| exact(&judge["place"])).collect();
        let mut kept: Vec<Exact> = kept.as_array().unwrap().iter().map(exact).collect();
        counted.sort();
        kept.sort();
        assert_eq!(counted, kept, "{name}");
    }
}

#[test]
fn equal_scores_of_a_judge_share_the_average_of_their_places() {
    let case = case("placing-points-with-judge-ties");
    let marks = case["marks"].as_object().unwrap();
    let sheets: Sheets = marks.iter().map(|(name, mark)| (name.clone(), vec![vec![text(mark)]])).collect();
    let competition = entered(&json!({"type": "rankSum"}), &[json!({"name": "Score"})], &sheets);
    let results = competition.results();
    for (name, place) in case["expected"]["places"].as_object().unwrap() {
        assert_eq!(&placed(&results, name)["place"], place, "{name}");
    }
    for (name, points) in case["expected"]["placing_points"].as_object().unwrap() {
        assert_eq!(exact(&placed(&results, name)["judgeTotals"][0]["place"]), exact(points), "{name}");
    }
}

#[test]
fn weighted_criteria_without_binary_fractions() {
    let case = case("weighted-average-cooking");
    let criteria: Vec<Value> = names(&case["parameters"]["weights"])
        .iter()
        .enumerate()
        .map(|(at, weight)| json!({"name": format!("Criterion {at}"), "weight": weight}))
        .collect();
    let marks = case["marks"].as_object().unwrap();
    let sheets: Sheets = marks.iter().map(|(name, marks)| (name.clone(), vec![names(marks)])).collect();
    let competition = entered(&json!({"type": "weightedSum"}), &criteria, &sheets);
    assert_eq!(exact(&competition.placement(0)["total"]), exact(&case["expected"]["score"]));
}
