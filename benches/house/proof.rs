//! Whether every job arrived: what the product says of each is compared with what arrived at its peer. Each arrived exactly
//! once, or is marked as one that may have arrived otherwise.

use std::{
    collections::{BTreeMap, HashSet},
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

/// All jobs, when none is lost and none was doubled without being marked.
pub async fn proven(house: &House) -> Vec<Job> {
    nothing_waits(house).await;
    let mut acknowledged: HashSet<&str> = house.errands.deliveries.iter().map(String::as_str).collect();
    let (mut jobs, mut counts) = (Vec::new(), BTreeMap::<(String, &str), usize>::new());
    for tenant in [TENANT, "system"] {
        let look = |delivery: &Value| {
            acknowledged.remove(delivery["id"].as_str().unwrap());
            let job = job(delivery);
            *counts.entry((job.service.clone(), judged(&house.peers, delivery))).or_default() += 1;
            jobs.push(job);
        };
        house.product.operator.each_item(tenant, "/deliveries", look).await;
    }
    println!("\nwhat became of the jobs");
    for ((service, end), count) in &counts {
        println!("  {service:<14} {end:<36} {count:>8}");
    }
    let lost = counts.keys().filter(|(_, end)| end.starts_with("LOST"));
    assert_eq!(lost.count(), 0, "a job is lost");
    assert!(acknowledged.is_empty(), "acknowledged, and not there: {acknowledged:?}");
    let of = |service: &str| jobs.iter().filter(|job| job.service == service).count();
    let told = (of("webhook"), of("external_api"));
    assert_eq!(told, (3 * house.sheets, house.sheets), "each sheet is told to four hosts, once");
    let (mut files, mut clean, mut kept, mut contents) = (0, 0, 0, HashSet::new());
    let look = |file: &Value| {
        files += 1;
        clean += usize::from(file["scan"]["state"] == "clean");
        kept += usize::from(file["storage"]["state"] == "kept");
        contents.insert(file["sha256"].to_string());
    };
    house.product.operator.each_item(TENANT, "/files", look).await;
    assert!(clean == files && files >= house.errands.files, "{clean} of {files} files are clean");
    assert_eq!(kept, files, "each file says that it is kept");
    assert_eq!(of("storage"), house.backups + contents.len(), "each backup and each content is stored, once");
    assert_eq!(of("virus_scan"), files, "each file is scanned");
    jobs
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

/// How often it arrived at its peer, by the name under which that knows it.
fn times(peers: &Peers, delivery: &Value) -> usize {
    let name = match service(delivery) {
        "virus_scan" | "storage" => &delivery["correlationId"],
        _ => &delivery["messageId"],
    };
    let name = name.as_str().unwrap();
    let peer = match service(delivery) {
        "webhook" => {
            let port = |peer: &&Peer| delivery["queue"] == peer.address.to_string();
            return peers.webhooks.iter().find(port).map_or(0, |peer| peer.arrivals.times(name));
        }
        "external_api" => &peers.action,
        "email" => &peers.relay,
        "sms" => &peers.texts,
        "virus_scan" => &peers.scanner,
        "storage" => &peers.storage,
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
