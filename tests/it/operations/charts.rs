//! Charts of the key metrics: what happens is in them at once, and still there after whatever the box went through.

use std::fs;

use serde_json::Value;

use super::log::log_of;
use crate::support::{Client, Server, wait_until};

/// A series of the charts: a number for each step, none where nothing is known.
fn series(operator: &Client, query: &str, name: &str) -> Vec<Option<f64>> {
    let charts = operator.get(&format!("/charts{query}")).expect(200);
    let found = charts["series"].as_array().unwrap().iter().find(|series| series["name"] == name);
    let values = &found.unwrap_or_else(|| panic!("no {name}: {charts}"))["values"];
    values.as_array().unwrap().iter().map(Value::as_f64).collect()
}

/// How many requests were refused in all that is shown, as the rates say.
fn refused(operator: &Client, range: &str) -> f64 {
    let charts = operator.get(&format!("/charts?range={range}")).expect(200);
    let step = charts["stepS"].as_f64().unwrap();
    series(operator, &format!("?range={range}"), "requests.refused").iter().flatten().sum::<f64>() * step
}

fn knock(server: &Server, times: u32) {
    let nobody = server.anonymous();
    (0..times).for_each(|_| drop(nobody.get("/events").expect_problem(401, "unauthenticated")));
}

#[test]
fn what_happens_is_in_the_charts_of_every_range_and_nothing_before_it_is() {
    let server = Server::start();
    let operator = server.super_admin();
    knock(&server, 20);
    for (range, points) in [("1h", 240), ("6h", 360), ("24h", 360), ("7d", 336), ("30d", 360)] {
        let charts = operator.get(&format!("/charts?range={range}")).expect(200);
        for series in charts["series"].as_array().unwrap() {
            let values = series["values"].as_array().unwrap();
            assert_eq!(values.len(), points, "{range}: {}", series["name"]);
            assert_eq!(values[0], Value::Null, "{range}: the box was not there: {}", series["name"]);
        }
        assert!(refused(&operator, range) > 0.0, "{range}");
    }
    let last = |name: &str| series(&operator, "", name).into_iter().flatten().next_back();
    assert!(last("memory.resident").is_some_and(|bytes| bytes > 1e6));
    assert!(last("duration.p95").is_some_and(|seconds| seconds > 0.0 && seconds < 10.0));
    let commits = series(&operator, "", "commits.rate");
    assert!(commits.iter().flatten().any(|rate| *rate > 0.0), "the set-up was written");
    assert_eq!(last("circuits.email"), Some(0.0));
    assert_eq!(last("log.lost"), Some(0.0));
    wait_until("the disk is looked at", || last("free.data").is_some_and(|bytes| bytes > 0.0));
}

#[test]
fn they_outlast_a_restart_and_a_kill_and_show_when_the_box_was_off() {
    let mut server = Server::start();
    let file = server.data().join("charts.rings");
    let made = fs::read(&file).unwrap();
    knock(&server, 50);
    // Nobody looks at them: it is the box itself that keeps them.
    wait_until("the metrics are kept", || fs::read(&file).unwrap() != made);
    server.kill();
    server.start_again();
    assert!(refused(&server.super_admin(), "1h") > 0.0);
    assert!(server.stop().success());
    server.set_clock_ahead(3);
    server.start_again();
    let operator = server.super_admin();
    let refused: Vec<_> = series(&operator, "?range=6h", "requests.refused");
    assert!(refused.iter().flatten().any(|rate| *rate > 0.0), "of three hours ago");
    let known: Vec<bool> = refused.iter().map(Option::is_some).collect();
    let gap = known.iter().rev().skip_while(|known| **known).take_while(|known| !**known).count();
    assert!((175..=180).contains(&gap), "no minute of three hours is taken for quiet: {gap}");
    assert!(series(&operator, "", "requests.refused").iter().flatten().all(|rate| *rate == 0.0));
}

#[test]
fn a_file_that_is_damaged_keeps_nothing_from_starting() {
    let mut server = Server::start();
    let file = server.data().join("charts.rings");
    knock(&server, 5);
    assert!(refused(&server.super_admin(), "1h") > 0.0);
    assert!(server.stop().success());
    let whole = fs::read(&file).unwrap();
    let mut torn = whole[..whole.len() / 2].to_vec();
    let written = torn.iter().rposition(|byte| *byte != 0).unwrap();
    torn[written - 20] ^= 1;
    fs::write(&file, &torn).unwrap();
    server.start_again();
    assert_eq!(fs::metadata(&file).unwrap().len(), whole.len() as u64);
    assert!(refused(&server.super_admin(), "1h") >= 0.0);
    assert!(server.stop().success());
    fs::write(&file, "no charts").unwrap();
    server.start_again();
    assert_eq!(fs::read(server.data().join("charts.aside")).unwrap(), b"no charts");
    knock(&server, 5);
    assert!(refused(&server.super_admin(), "1h") > 0.0, "they begin anew");
    assert!(server.stop().success());
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    server.start_again();
    assert!(series(&server.super_admin(), "", "memory.resident").iter().all(Option::is_none));
    let log = log_of(&mut server);
    for told in ["pieces of the charts are damaged", "charts begin anew", "there are no charts"] {
        assert!(log.contains(told), "{told}");
    }
}

#[test]
fn they_are_for_whoever_looks_after_the_box() {
    let server = Server::start();
    server.admin().get("/charts").expect_problem(403, "forbidden");
    server.anonymous().get("/charts").expect_problem(401, "unauthenticated");
    let operator = server.super_admin();
    operator.get("/charts?range=2h").expect_problem(400, "bad_request");
    let ended = operator.get("/charts?range=24h&until=2026-05-01T20:00:00Z").expect(200);
    assert_eq!(
        (&ended["until"], &ended["stepS"]),
        (&Value::from("2026-05-01T20:15:00.000Z"), &Value::from(900))
    );
}
