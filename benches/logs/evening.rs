//! What makes the product write lines: requests that succeed, that are refused, and that are followed by work.

use serde_json::{Value, json};
use ureq::Agent;

use super::product::{Product, TENANT};

/// Rounds of requests; some thousand lines.
const ROUNDS: usize = 400;

/// Asks for this and that.
pub async fn spend(product: &Product) {
    let token = json!({"name": "Evening", "grants": [{"role": "ADMIN"}], "expiresInDays": 1});
    let token = product.operator.ask(TENANT, "POST", "/tokens", &token).await;
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let base = format!("http://{}/api/v1", product.address);
    let get = |path: &str| {
        let answer = agent.get(format!("{base}{path}")).header("authorization", &bearer).call().unwrap();
        answer.into_body().read_to_vec().unwrap();
    };
    let post = |path: &str, body: &Value| -> Value {
        let asked = agent.post(format!("{base}{path}")).header("authorization", &bearer);
        asked.send_json(body).unwrap().into_body().read_json().unwrap()
    };
    for round in 0..ROUNDS {
        let event = post("/events", &json!({"name": format!("Evening {round}")}));
        let event = format!("/events/{}", event["id"].as_str().unwrap());
        let contest = post(&format!("{event}/contests"), &json!({"name": "Solo"}));
        assert!(contest["id"].is_string(), "{contest}");
        post("/events", &json!({"name": 7}));
        for path in ["/events", "/nowhere", "/trash", "/deliveries", "/events/none", &event] {
            get(path);
        }
        get(&format!("{event}/contests"));
        let nobody = agent.get(format!("{base}/events")).call().unwrap();
        assert_eq!(nobody.status(), 401);
    }
}
