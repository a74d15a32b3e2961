//! Dead letters: what nobody takes is given up, told and counted, whichever way it was to go.

use serde_json::{Value, json};

use super::{SOON, admin, deliveries, options, webhook};
use crate::{
    peers::{Receiver, Reply},
    support::{Server, id_of, wait_until},
};

fn metric(server: &Server, series: &str) -> Option<String> {
    let metrics = server.anonymous().raw("GET", "/metrics", &[], &[]).text();
    metrics.lines().find_map(|line| line.strip_prefix(&format!("{series} ")).map(ToOwned::to_owned))
}

#[test]
fn what_webhooks_and_other_programs_do_not_take_is_given_up_told_and_counted() {
    let (failing, watcher) = (Receiver::start(), Receiver::start());
    failing.answer_with(Reply::status(500));
    let server = Server::with(options().set("outbound.attempts", "1").set("outbound.webhook_attempts", "1"));
    let admin = admin(&server);
    webhook(&admin, &watcher, &["job.dead"]);
    let hook = json!({"name": "Failing", "url": failing.url("/"), "events": ["judge.created"]});
    let hooks = [("webhook", "/webhooks"), ("external_api", "/actions")]
        .map(|(service, path)| (service, id_of(&admin.create(path, &hook))));
    let caused = admin.with_header("X-Correlation-ID", "a-new-judge");
    caused.create("/judges", &json!({"name": "Lea"}));
    let told: Vec<Value> = watcher.wait_for(2, SOON).iter().map(|request| request.json()).collect();
    for (service, id) in hooks {
        let dead = deliveries(&admin, &format!("hook={id}&state=dead"));
        assert_eq!(dead.len(), 1, "{service}: {dead:?}");
        let attempt = &dead[0]["attempts"][0];
        assert_eq!((&attempt["class"], &attempt["status"]), (&json!("status"), &json!(500)), "{service}");
        let news = told.iter().find(|event| event["data"]["service"] == service).unwrap();
        assert_eq!((&news["data"]["id"], &news["data"]["class"]), (&dead[0]["id"], &json!("status")));
        assert_eq!(news["correlationId"], "a-new-judge");
        let given_up =
            format!("circuit_breaker_fallbacks_total{{service=\"{service}\",outcome=\"dead_letter\"}}");
        assert_eq!(metric(&server, &given_up).as_deref(), Some("1"), "{service}");
        let lying = format!("job_dead_letters{{queue=\"{service}\"}}");
        wait_until("it is counted", || metric(&server, &lying).as_deref() == Some("1"));
    }
}
