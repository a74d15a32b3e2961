//! Cases in which judges rank and places, or points for places, are added.

use event_manager::domain::{
    Decimal,
    scoring::{Dropped, Exact, MarkOutcome},
};
use serde_json::{Value, json};

use super::case::{
    Comparison, Entrant, Outcome, array, exact, expected_totals, members, names, outcome, run,
};

fn rank(entrants: Vec<Entrant>, method: Value) -> Outcome {
    run(entrants, &[Decimal::from_integer(1)], method)
}

fn entrant(name: &str, marks: impl IntoIterator<Item = MarkOutcome>) -> Entrant {
    let sheets = marks.into_iter().map(|mark| vec![mark]).collect();
    Entrant { name: name.to_owned(), eligible: true, sheets }
}

fn whole(number: usize) -> MarkOutcome {
    MarkOutcome::Value(Decimal::from_integer(i32::try_from(number).unwrap()))
}

/// Ballots that name the entries, best first, each cast by one judge.
fn from_ballots(contestants: &[String], ballots: &[Vec<String>], points: &Value) -> Outcome {
    let place = |name: &String, ballot: &Vec<String>| {
        let at = ballot.iter().position(|other| other == name);
        at.map_or(MarkOutcome::Missing, |at| whole(at + 1))
    };
    let entrants =
        contestants.iter().map(|name| entrant(name, ballots.iter().map(|ballot| place(name, ballot))));
    rank(entrants.collect(), json!({"type": "rankSum", "marksAre": "places", "points": points}))
}

/// `ballots`: for each judge the entries, best first; `points_by_rank`: points of the places.
pub fn positional_points(case: &Value) -> Vec<Comparison> {
    let ballots: Vec<_> = members(&case["ballots"]).map(|(_, ballot)| names(ballot)).collect();
    expected_totals(case, &from_ballots(&names(&case["contestants"]), &ballots, &case["points_by_rank"]))
}

/// `ballots`: how many voters cast `A>B>C`; a place earns as many points as there are places below it.
pub fn borda(case: &Value) -> Vec<Comparison> {
    let contestants = names(&case["contestants"]);
    let ballots: Vec<_> = members(&case["ballots"])
        .flat_map(|(order, voters)| {
            let ballot: Vec<String> = order.split('>').map(|name| name.trim().to_owned()).collect();
            std::iter::repeat_n(ballot, usize::try_from(voters.as_u64().unwrap()).unwrap())
        })
        .collect();
    let points: Vec<usize> = (0..contestants.len()).rev().collect();
    expected_totals(case, &from_ballots(&contestants, &ballots, &json!(points)))
}

/// `marks`: for each entry the places its judges gave; one best and one worst dropped.
pub fn rank_sum_drop(case: &Value) -> Vec<Comparison> {
    let entrants =
        members(&case["marks"]).map(|(name, places)| entrant(name, array(places).iter().map(outcome)));
    let method = json!({"type": "rankSum", "marksAre": "places", "drop": {"best": 1, "worst": 1}});
    let outcome = rank(entrants.collect(), method);
    let mut comparisons = expected_totals(case, &outcome);
    for (name, kept) in members(&case["expected"]["kept"]) {
        let judges = &outcome.of(name).judge_totals;
        let counted =
            judges.iter().filter(|row| row.dropped == Dropped::No).filter_map(|row| row.place.clone());
        let expected = sorted(array(kept).iter().map(exact));
        comparisons.push(Comparison::new(format!("kept of {name}"), expected, sorted(counted)));
    }
    comparisons
}

fn sorted(numbers: impl Iterator<Item = Exact>) -> String {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort();
    format!("{numbers:?}")
}

/// `marks`: one judge's score for each entry. Expected are places, placing points (places shared out by
/// average), and points from a table, which the key of the expectation spells: `with_points_table_10_7_5`.
pub fn rank_then_average_ties(case: &Value) -> Vec<Comparison> {
    let entrants = members(&case["marks"]).map(|(name, mark)| entrant(name, [outcome(mark)]));
    let outcome = rank(entrants.collect(), json!({"type": "rankSum"}));
    let expected = &case["expected"];
    let mut comparisons = Vec::new();
    for (name, place) in members(&expected["places"]) {
        let computed = outcome.of(name).place.map(Exact::from);
        comparisons.push(Comparison::number(format!("place of {name}"), place, computed.as_ref()));
    }
    for (name, points) in members(&expected["placing_points"]) {
        let computed = outcome.of(name).judge_totals.first().and_then(|row| row.place.as_ref());
        comparisons.push(Comparison::number(format!("placing points of {name}"), points, computed));
    }
    for (key, situations) in members(expected) {
        let Some(table) = key.strip_prefix("with_points_table_") else {
            continue;
        };
        let table: Vec<&str> = table.split('_').collect();
        for (situation, points) in members(situations) {
            let computed = points_in(situation, &table);
            comparisons.push(Comparison::number(format!("points of {situation}"), points, computed.as_ref()));
        }
    }
    comparisons
}

/// The points of an entry in a situation such as `2nd tied with one other`.
fn points_in(situation: &str, table: &[&str]) -> Option<Exact> {
    let digits = situation.trim_start().chars().take_while(char::is_ascii_digit).collect::<String>();
    let place: usize = digits.parse().unwrap_or_else(|error| panic!("{situation}: {error}"));
    let others =
        ["one", "two", "three", "four"].iter().position(|word| situation.contains(&format!("with {word} ")));
    let tied = others.map_or(0, |at| at + 1);
    let better = (1..place).map(|at| entrant(&format!("better {at}"), [whole(100 - at)]));
    let level = (0..tied).map(|at| entrant(&format!("level {at}"), [whole(1)]));
    let entrants = better.chain(level).chain([entrant("it", [whole(1)])]).collect();
    rank(entrants, json!({"type": "rankSum", "points": table})).of("it").total.clone()
}

/// `cases`: results, best first and lower is better, some of guests; the places of all of them.
pub fn competition_ranking(case: &Value) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    for (number, row) in array(&case["cases"]).iter().enumerate() {
        let results = array(&row["results_best_first"]);
        let entrants = results.iter().enumerate().map(|(at, result)| {
            let text = result.as_str().map_or_else(|| result.to_string(), str::to_owned);
            let (result, eligible) =
                text.strip_suffix("ineligible").map_or((text.as_str(), true), |guest| (guest, false));
            let mark =
                MarkOutcome::Value(result.trim().parse().unwrap_or_else(|error| panic!("{text}: {error}")));
            Entrant { eligible, ..entrant(&at.to_string(), [mark]) }
        });
        let outcome = rank(entrants.collect(), json!({"type": "rankSum", "marksAre": "places"}));
        for (at, place) in array(&row["places"]).iter().enumerate() {
            let computed = outcome.of(&at.to_string()).place.map(Exact::from);
            let what = format!("list {}, place of number {}", number + 1, at + 1);
            comparisons.push(Comparison::number(what, place, computed.as_ref()));
        }
    }
    comparisons
}
