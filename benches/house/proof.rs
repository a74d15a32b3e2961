//! Whether every job arrived: what the product says of each is compared with what arrived at its peer. Each arrived exactly
//! once, or is marked as one that may have arrived otherwise.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    house::House,
    outside::{Peer, Peers},
    product::TENANT,
};

/// Longest wait until nothing waits any more.
const LIMIT: Duration = Duration::from_secs(60);

/// A job, as far as the report needs it.
pub struct Job {
    pub created: Timestamp,
    /// When each call of it was made.
    pub calls: Vec<Timestamp>,
    pub service: String,
}

/// Finds a lost or a doubled job, or returns them all.
pub async fn proven(house: &House) -> Vec<Job> {
    nothing_waits(house).await;
    let mut deliveries = house.product.operator.list(TENANT, "/deliveries").await;
    deliveries.extend(house.product.operator.list("system", "/deliveries").await);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for delivery in &deliveries {
        let end = judged(&house.peers, delivery);
        *counts.entry((service(delivery), end)).or_default() += 1;
    }
    println!("\nwhat became of the jobs");
    for ((service, end), count) in &counts {
        println!("  {service:<14} {end:<36} {count:>8}");
    }
    let count =
        |service: &str| counts.iter().filter(|((of, _), _)| *of == service).map(|(_, count)| count).sum();
    let (webhooks, actions): (usize, usize) = (count("webhook"), count("external_api"));
    assert_eq!(
        (webhooks, actions),
        (3 * house.sheets, house.sheets),
        "each sheet is told to four hosts, once"
    );
    let lost = counts.keys().filter(|(_, end)| end.starts_with("LOST"));
    assert_eq!(lost.count(), 0, "a job is lost");
    for id in &house.errands.deliveries {
        assert!(
            deliveries.iter().any(|delivery| delivery["id"] == **id),
            "{id} was acknowledged and is not there"
        );
    }
    let files = house.product.operator.list(TENANT, "/files").await;
    let clean = files.iter().filter(|file| file["scan"]["state"] == "clean").count();
    assert!(
        clean == files.len() && clean >= house.errands.files,
        "{clean} of {} files are clean",
        files.len()
    );
    deliveries.iter().map(job).collect()
}

async fn nothing_waits(house: &House) {
    let begun = Instant::now();
    for (tenant, state) in
        [TENANT, "system"].into_iter().flat_map(|tenant| ["waiting", "running"].map(|state| (tenant, state)))
    {
        loop {
            let path = format!("/deliveries?state={state}&limit=1");
            let found = house.product.operator.ask(tenant, "GET", &path, &json!(null)).await;
            let Some(waiting) = found["items"].get(0) else { break };
            assert!(begun.elapsed() < LIMIT, "it still waits: {waiting}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn service(delivery: &Value) -> &str {
    delivery["service"].as_str().unwrap()
}

/// What became of a delivery, in words; those that begin with LOST must not be.
fn judged(peers: &Peers, delivery: &Value) -> &'static str {
    let is_done = delivery["state"] == "done";
    let is_marked = delivery["ambiguous"] == true;
    match (is_done, times(peers, delivery), is_marked) {
        (true, 1, false) => "arrived once",
        (true, 1, true) => "arrived once, marked",
        (true, 2.., true) => "arrived more than once, marked",
        (true, 2.., false) => "LOST: arrived more than once, unmarked",
        (true, 0, _) => "LOST: done, but never arrived",
        // A text message is not sent again that may have arrived.
        (false, 0..=1, true) if delivery["service"] == "sms" => "not repeated, marked",
        (false, ..) => "LOST: given up",
    }
}

/// How often it arrived at its peer.
fn times(peers: &Peers, delivery: &Value) -> usize {
    let name = delivery["messageId"].as_str().unwrap();
    let peer = match service(delivery) {
        "webhook" => {
            let port = |peer: &&Peer| delivery["queue"] == peer.address.to_string();
            return peers.webhooks.iter().find(port).map_or(0, |peer| peer.arrivals.times(name));
        }
        "external_api" => &peers.action,
        "email" => &peers.relay,
        "sms" => &peers.texts,
        // These two do not learn its name; what has arrived there was counted, and is looked at elsewhere.
        "virus_scan" | "storage" => return 1,
        other => panic!("no peer for {other}"),
    };
    peer.arrivals.times(name)
}

fn job(delivery: &Value) -> Job {
    let time = |value: &Value| value.as_str().unwrap().parse().unwrap();
    let calls = delivery["attempts"].as_array().unwrap().iter().map(|attempt| time(&attempt["at"]));
    Job {
        created: time(&delivery["createdAt"]),
        calls: calls.collect(),
        service: service(delivery).to_owned(),
    }
}
