//! Results by mail: who gets them, and what they say.

use serde_json::{Value, json};

use super::{
    SOON,
    mail::{by, plain},
};
use crate::{
    peers::SmtpPeer,
    support::{Competition, Server, id_of},
};

/// Somebody whose role is to announce.
fn emcee(competition: &Competition) -> String {
    let body = json!({"email": "mara@house.example", "name": "Mara Lind", "grants": [{"role": "EMCEE"}]});
    id_of(&competition.admin().create("/users", &body))
}

#[test]
fn the_places_of_a_category_go_to_a_role_as_text_and_as_a_table() {
    let relay = SmtpPeer::start();
    let competition = Competition::on(Server::with(by(&relay)));
    let admin = competition.admin();
    emcee(&competition);
    let path = format!("/categories/{}/results/mail", competition.category);
    let to_emcees = json!({"to": {"role": "EMCEE"}});
    let refused = admin.post(&path, &to_emcees).expect_problem(422, "invalid");
    assert!(refused.to_string().contains("nobody has a place yet"), "{refused}");

    competition.submit(0, 0, &["9", "9"]).expect(201);
    let sent = admin.with_header("X-Correlation-ID", "the-results").post(&path, &to_emcees).expect(200);
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 1, "{sent}");
    let mail = plain(&relay.wait_for(1, SOON)[0]);
    assert!(mail.contains("marks can still come or change"), "{mail}");

    competition.submit(1, 0, &["9", "9"]).expect(201);
    for (judge, entry, mark) in [(0, 1, "8"), (1, 1, "8"), (0, 2, "7"), (1, 2, "7")] {
        competition.submit(judge, entry, &[mark, mark]).expect(201);
    }
    let rehearsal = admin.post(&path, &json!({"to": {"role": "EMCEE"}, "dryRun": true})).expect(200);
    assert_eq!((&rehearsal["recipients"], &rehearsal["deliveries"]), (&json!(["Mara Lind"]), &json!([])));
    assert!(rehearsal["look"]["text"].as_str().unwrap().contains("The results of Solo"), "{rehearsal}");
    admin.post(&path, &to_emcees).expect(200);
    let mail = relay.wait_for(2, SOON).remove(1);
    let text = plain(&mail);
    assert_eq!(mail.to, ["mara@house.example"]);
    assert!(rehearsal["look"]["text"].as_str().unwrap().lines().all(|line| text.contains(line)), "{text}");
    assert!(!text.contains("can still come or change"), "{text}");
    assert!(text.contains("The results of Solo in the category Talent at Gala:"), "{text}");
    let results = competition.results();
    for placement in results["placements"].as_array().unwrap() {
        let (place, name) = (&placement["place"], placement["entry"]["name"].as_str().unwrap());
        let total = placement["roundedTotal"].as_str().unwrap();
        assert!(text.contains(&format!("{place}. {name} | {total}")), "{text}");
        let row = [format!(">{place}.</td>"), format!(">{name}</td>"), format!(">{total}</td></tr>")];
        let html = text.split_once("text/html").unwrap().1;
        let mut rest = html;
        for cell in row {
            rest = rest.split_once(&cell).unwrap_or_else(|| panic!("{cell} in {html}")).1;
        }
    }
    assert!(text.contains("<table") && text.contains("List-Unsubscribe"), "{text}");
}

#[test]
fn the_results_of_a_contest_go_to_those_who_are_chosen_in_the_language_that_is_wanted() {
    let relay = SmtpPeer::start();
    let competition = Competition::on(Server::with(by(&relay)));
    let admin = competition.admin();
    competition.submit_all();
    let categories = format!("/contests/{}/categories", competition.contest);
    admin.create(&categories, &json!({"name": "Interview"}));
    let contestant = &competition.contestants[0];
    admin
        .patch(&format!("/contestants/{contestant}"), &json!({"contactEmail": "ann@house.example"}))
        .expect(200);
    let to = json!({"contestants": competition.contestants, "judges": [competition.judges[0].id]});
    let path = format!("/contests/{}/results/mail", competition.contest);
    let sent = admin.post(&path, &json!({"to": to, "language": "de"})).expect(200);
    assert_eq!(sent["deliveries"].as_array().unwrap().len(), 1, "{sent}");
    assert_eq!(sent["unreachable"], json!(["Jo", "Ben", "Cem"]));
    let text = plain(&relay.wait_for(1, SOON)[0]);
    assert!(text.contains("die Ergebnisse von Solo bei Gala:") && text.contains("\nTalent:"), "{text}");
    assert!(!text.contains("Interview"), "nobody has a place there: {text}");
    assert!(text.contains("1. Ann | ") && text.contains("3. Cem | "), "{text}");
}

#[test]
fn results_are_sent_only_by_those_who_may_see_them() {
    let relay = SmtpPeer::start();
    let competition = Competition::on(Server::with(by(&relay)));
    competition.submit_all();
    let other = id_of(&competition.admin().create("/events", &json!({"name": "Elsewhere"})));
    let scoped = |event: &str| {
        let scope = json!({"type": "event", "id": event});
        competition.tenant.with_grants(&json!([{"role": "ORGANIZER", "scope": scope}]))
    };
    let body: Value = json!({"to": {"users": [emcee(&competition)]}});
    for path in
        [format!("/categories/{}", competition.category), format!("/contests/{}", competition.contest)]
    {
        let path = format!("{path}/results/mail");
        scoped(&other).post(&path, &body).expect_problem(404, "not_found");
        scoped(&competition.event).post(&path, &body).expect(200);
    }
    relay.wait_for(2, SOON);
}

#[test]
fn what_is_mailed_under_a_key_is_mailed_once_however_often_it_is_asked_for() {
    let relay = SmtpPeer::start();
    let competition = Competition::on(Server::with(by(&relay)));
    competition.submit_all();
    let admin = competition.admin();
    let mara = emcee(&competition);
    let to =
        json!({"role": "EMCEE", "users": [competition.judges[0].user], "judges": [competition.judges[0].id]});
    let note = json!({"to": to, "subject": "Doors", "body": "At six."});
    let mails = |path: &str| admin.get(path).expect(200)["items"].as_array().unwrap().len();
    let mut mailed = 0;
    for (key, path, body, each) in [
        ("note", "/messages".to_owned(), note, 2),
        ("category", format!("/categories/{}/results/mail", competition.category), json!({"to": to}), 2),
        ("contest", format!("/contests/{}/results/mail", competition.contest), json!({"to": to}), 2),
        ("invitation", format!("/users/{mara}/invitation"), json!({}), 1),
    ] {
        let client = admin.with_header("Idempotency-Key", key);
        let asked = || if each == 1 { client.call(&path) } else { client.post(&path, &body) };
        let first = asked();
        mailed += each;
        relay.wait_for(mailed, SOON);
        let again = asked();
        assert_eq!((again.status, again.header("idempotency-replayed")), (first.status, Some("true")));
        assert_eq!(first.header("idempotency-replayed"), None, "{key}");
        let of = |answer: &Value| match answer.get("deliveries") {
            Some(deliveries) => (deliveries.clone(), answer["unreachable"].clone()),
            None => (answer["id"].clone(), Value::Null),
        };
        assert_eq!(of(&again.json()), of(&first.json()), "{key}");
        assert_eq!(mails("/deliveries?limit=100"), mailed, "{key}: nothing more is on its way");
    }
    let other = json!({"to": to, "subject": "Doors", "body": "At seven."});
    let client = admin.with_header("Idempotency-Key", "note");
    client.post("/messages", &other).expect_problem(422, "idempotency_key_reused");
}
