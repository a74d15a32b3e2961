//! Questions about what leaves the box, for the tests that ask every one of the API.

use serde_json::{Value, json};

use super::fixtures::Question;
use crate::support::{Competition, fresh, id_of, wait_until};

/// What leaves the box.
pub fn of_outbox(competition: &Competition, operation: &str) -> Option<Question> {
    let admin = competition.admin();
    let hook = |kind: &str| {
        let body = json!({"name": "Hook", "url": "https://hook.invalid/", "events": ["*"], "enabled": false});
        format!("/{kind}/{}", id_of(&admin.create(&format!("/{kind}"), &body)))
    };
    let delivery = || dead_delivery(competition).1;
    let question = match operation {
        "listEventTypes" => ("/event-types".to_owned(), None),
        "renewWebhookSecret" => (format!("{}/secret", hook("webhooks")), Some(json!({}))),
        "getWebhookHealth" => (format!("{}/health", hook("webhooks")), None),
        "testWebhook" => (format!("{}/test", hook("webhooks")), None),
        "getActionAuthorization" => (format!("{}/authorization", hook("actions")), None),
        "setActionAuthorization" => {
            (format!("{}/authorization", hook("actions")), Some(json!({"authorization": "Bearer x"})))
        }
        "testAction" => (format!("{}/test", hook("actions")), None),
        "listDeliveries" => ("/deliveries".to_owned(), None),
        "replayDeliveries" => ("/deliveries/replay".to_owned(), Some(json!({"dryRun": true}))),
        "getCorrelation" => ("/correlations/the-finale".to_owned(), None),
        "updateDelivery" => (stopped_mail(competition), Some(json!({"to": "somebody.else@it.example"}))),
        "getDelivery" => (delivery(), None),
        "cancelDelivery" => (format!("{}/cancel", delivery()), None),
        "replayDelivery" => (format!("{}/replay", delivery()), None),
        "listIntegrations" => ("/integrations".to_owned(), None),
        "testVirusScan" => ("/integrations/virus-scan/test".to_owned(), None),
        "listAlerts" => ("/alerts".to_owned(), None),
        "getCharts" => ("/charts".to_owned(), None),
        "acknowledgeAlert" => {
            (format!("/alerts/{}/acknowledge", uuid::Uuid::nil()), Some(json!({"note": "mine"})))
        }
        "listSilences" => ("/silences".to_owned(), None),
        "silenceAlerts" => {
            let until = "2099-01-01T00:00:00Z";
            (
                "/silences".to_owned(),
                Some(json!({"subject": fresh("part"), "until": until, "reason": "repair"})),
            )
        }
        "endSilence" => {
            let silence =
                json!({"subject": fresh("part"), "until": "2099-01-01T00:00:00Z", "reason": "repair"});
            let made = competition.tenant.server.super_admin().create("/silences", &silence);
            (format!("/silences/{}", id_of(&made)), None)
        }
        "testRedis" => ("/integrations/redis/test".to_owned(), None),
        "testStorage" => ("/backups/storage-test".to_owned(), None),
        "inviteUser" => (format!("/users/{}/invitation", competition.judges[0].user), None),
        "writeMessage" => {
            let to = json!({"users": [competition.judges[0].user]});
            ("/messages".to_owned(), Some(json!({"to": to, "subject": "Doors", "body": "At six."})))
        }
        "testMail" => ("/messages/test".to_owned(), Some(json!({"to": "somebody@it.example"}))),
        "testSms" => ("/messages/test-sms".to_owned(), Some(json!({"to": "+4915112345678"}))),
        "mailCategoryResults" => (mail_results(competition), Some(to_a_judge(competition))),
        "mailContestResults" => {
            mail_results(competition);
            (format!("/contests/{}/results/mail", competition.contest), Some(to_a_judge(competition)))
        }
        "listMessageTexts" => ("/message-texts".to_owned(), None),
        "previewWording" => {
            ("/wordings/preview".to_owned(), Some(json!({"kind": "test", "language": "de", "sms": "Test"})))
        }
        "exportDeliveries" => ("/deliveries/export?messages=true&format=json".to_owned(), None),
        "listSuppressions" => ("/messages/suppressions".to_owned(), None),
        "liftSuppression" => {
            ("/messages/suppressions/lift".to_owned(), Some(json!({"address": "somebody@it.example"})))
        }
        _ => return None,
    };
    Some(question)
}

fn to_a_judge(competition: &Competition) -> Value {
    json!({"to": {"users": [competition.judges[0].user]}})
}

/// Where the results of the category are mailed from, in which somebody has a place.
fn mail_results(competition: &Competition) -> String {
    let (admin, category) = (competition.admin(), &competition.category);
    let contestant = id_of(&admin.create("/contestants", &json!({"name": "Gia"})));
    let entries = format!("/contests/{}/entries", competition.contest);
    let entry = id_of(&admin.create(&entries, &json!({"contestantId": contestant})));
    let criteria = admin.get(&format!("/categories/{category}/criteria")).expect(200);
    let best = |criterion: &Value| json!({"criterionId": criterion["id"], "value": criterion["maximum"]});
    let scores: Vec<Value> = criteria["items"].as_array().unwrap().iter().map(best).collect();
    let sheet = format!("/categories/{category}/entries/{entry}/sheet");
    competition.judges[0].client.put(&sheet, &json!({"scores": scores})).expect(201);
    format!("/categories/{category}/results/mail")
}

/// A webhook, and the path of a delivery to it. An address without https is refused before anything is sent, so the delivery
/// is over at once.
fn dead_delivery(competition: &Competition) -> (String, String) {
    let admin = competition.admin();
    let body = json!({"name": "Hook", "url": "http://hook.invalid/", "events": ["user.purged"]});
    let webhook = id_of(&admin.create("/webhooks", &body));
    let sent = admin.call(&format!("/webhooks/{webhook}/test")).expect(202);
    let path = format!("/deliveries/{}", id_of(&sent));
    wait_until("it is over", || admin.get(&path).expect(200)["state"] == "dead");
    (webhook, path)
}

/// A mail that was stopped before it left.
fn stopped_mail(competition: &Competition) -> String {
    let admin = competition.admin();
    let sent = admin.post("/messages/test", &json!({"to": "somebody@it.example"})).expect(202);
    let path = format!("/deliveries/{}", id_of(&sent));
    admin.call(&format!("{path}/cancel")).expect(200);
    path
}

/// A webhook with a delivery that is over.
pub fn hook_with_dead_delivery(competition: &Competition) -> String {
    dead_delivery(competition).0
}
