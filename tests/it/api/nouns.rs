//! The table of nouns that tests walk, so that none can be forgotten, and the comparison with the API's own list.

use std::collections::BTreeSet;

use event_manager::domain::Kind;
use serde_json::{Value, json};

use crate::support::{Client, Competition, fresh, id_of, operations};

/// A noun with endpoints of its own.
pub struct NounCase {
    pub kind: Kind,
    /// The path of the list it stands in, in a competition.
    pub collection: fn(&Competition) -> String,
    /// A body that can be created now.
    pub body: fn(&Competition) -> Value,
    /// A merge patch that changes something.
    pub change: fn() -> Value,
}

impl NounCase {
    /// Somebody who may do everything with it.
    pub fn manager(&self, competition: &Competition) -> Client {
        match self.kind {
            Kind::Tenant => competition.tenant.server.operator("system"),
            _ => competition.admin().clone(),
        }
    }

    /// A new one.
    pub fn create(&self, competition: &Competition) -> Value {
        let body = (self.body)(competition);
        self.manager(competition).create(&self.confirmed((self.collection)(competition)), &body)
    }

    /// The path of a creation or restoration that marks do not stand in the way of: sheets lack one for a criterion
    /// that comes after them.
    pub fn confirmed(&self, path: String) -> String {
        if self.kind == Kind::Criterion { format!("{path}?confirm=true") } else { path }
    }

    /// The path of one.
    pub fn item(&self, id: &str) -> String {
        format!("/{}/{id}", self.kind.plural())
    }
}

/// Every noun with endpoints of its own.
pub const NOUNS: [NounCase; 18] = [
    NounCase {
        kind: Kind::Template,
        collection: |_| "/templates".to_owned(),
        body: |_| {
            let criterion = json!({"type": "criterion", "within": 0, "body": {"name": "Poise"}});
            json!({"name": "Rubric", "parts": [{"type": "category", "body": {"name": "Talent"}}, criterion]})
        },
        change: || json!({"description": "since 1999"}),
    },
    NounCase {
        kind: Kind::Tenant,
        collection: |_| "/tenants".to_owned(),
        body: |_| json!({"name": "Another", "slug": fresh("another")}),
        change: || json!({"name": "Renamed"}),
    },
    NounCase {
        kind: Kind::User,
        collection: |_| "/users".to_owned(),
        body: |_| json!({"email": format!("{}@it.example", fresh("new")), "name": "New", "grants": []}),
        change: || json!({"name": "Renamed", "grants": [{"role": "EMCEE", "scope": {"type": "tenant"}}]}),
    },
    NounCase {
        kind: Kind::Event,
        collection: |_| "/events".to_owned(),
        body: |_| {
            json!({"name": "Gala", "startsAt": "2026-05-01T18:00:00.000Z", "endsAt": "2026-05-01T22:00:00.000Z",
                   "timeZone": "Europe/Vienna", "location": "Hall"})
        },
        change: || json!({"location": "Garden"}),
    },
    NounCase {
        kind: Kind::Contest,
        collection: |competition| format!("/events/{}/contests", competition.event),
        body: |_| json!({"name": "Duo", "position": 3}),
        change: || json!({"description": "Two at a time"}),
    },
    NounCase {
        kind: Kind::Category,
        collection: |competition| format!("/contests/{}/categories", competition.contest),
        body: |_| json!({"name": "Interview", "position": 3, "entrants": "listed"}),
        change: || json!({"description": "Three questions"}),
    },
    NounCase {
        kind: Kind::Criterion,
        collection: |competition| format!("/categories/{}/criteria", competition.category),
        body: |_| json!({"name": "Poise", "position": 9, "minimum": "1", "maximum": "5", "step": "0.25"}),
        change: || json!({"weight": "2"}),
    },
    NounCase {
        kind: Kind::Contestant,
        collection: |_| "/contestants".to_owned(),
        body: |_| {
            json!({"name": "Dea", "form": "person", "pronouns": "she/her", "bio": "Sings.",
                   "contactEmail": "dea@example.org", "contactPhone": "+43 1 234"})
        },
        change: || json!({"form": "team", "members": [{"name": "Eda", "role": "bass"}]}),
    },
    NounCase {
        kind: Kind::Entry,
        collection: |competition| format!("/contests/{}/entries", competition.contest),
        body: |competition| {
            let contestant = competition.admin().create("/contestants", &json!({"name": "Dea"}));
            json!({"contestantId": id_of(&contestant), "position": 9})
        },
        change: || json!({"eligible": false}),
    },
    NounCase {
        kind: Kind::Entrant,
        collection: |competition| format!("/categories/{}/entrants", competition.category),
        body: |competition| {
            let contestant = competition.admin().create("/contestants", &json!({"name": "Eva"}));
            let entries = format!("/contests/{}/entries", competition.contest);
            let entry = competition.admin().create(&entries, &json!({"contestantId": id_of(&contestant)}));
            json!({"entryId": id_of(&entry), "position": 2})
        },
        change: || json!({"position": 7}),
    },
    NounCase {
        kind: Kind::Judge,
        collection: |_| "/judges".to_owned(),
        body: |_| json!({"name": "Lou", "bio": "Conducts.", "contactPhone": "112"}),
        change: || json!({"description": "Late", "contactEmail": "lou@example.org"}),
    },
    NounCase {
        kind: Kind::Field,
        collection: |_| "/fields".to_owned(),
        body: |_| {
            json!({"entity": "entry", "key": fresh("song"), "label": "Song", "position": 3,
                   "rule": {"type": "text", "maxLength": 80}, "visibility": ["EMCEE"]})
        },
        change: || json!({"label": "Song and composer"}),
    },
    NounCase {
        kind: Kind::Conflict,
        collection: |_| "/conflicts".to_owned(),
        body: |competition| {
            let made = |path: &str| id_of(&competition.admin().create(path, &json!({"name": "Kin"})));
            json!({"judgeId": made("/judges"), "contestantId": made("/contestants"), "reason": "Sisters"})
        },
        change: || json!({"reason": "Cousins"}),
    },
    NounCase {
        kind: Kind::Assignment,
        collection: |competition| format!("/categories/{}/assignments", competition.category),
        body: |competition| json!({"judgeId": id_of(&competition.admin().create("/judges", &json!({"name": "Max"})))}),
        change: || json!({"status": "ended"}),
    },
    NounCase {
        kind: Kind::Deduction,
        collection: |competition| format!("/categories/{}/deductions", competition.category),
        body: |competition| json!({"entryId": competition.entries[0], "amount": "1.5", "reason": "Over time"}),
        change: || json!({"amount": "0.5"}),
    },
    NounCase {
        kind: Kind::Webhook,
        collection: |_| "/webhooks".to_owned(),
        body: |_| json!({"name": "Club", "url": "https://club.example/hook", "events": ["contest.*"]}),
        change: || json!({"events": ["*"], "enabled": false}),
    },
    NounCase {
        kind: Kind::Action,
        collection: |_| "/actions".to_owned(),
        body: |_| {
            json!({"name": "Chat", "url": "https://chat.example/say", "events": ["sheet.submitted"],
                   "headers": [{"name": "X-Room", "value": "jury"}], "body": {"text": "{{ event.type }}"}})
        },
        change: || json!({"method": "PUT"}),
    },
    NounCase {
        kind: Kind::Wording,
        collection: |_| "/wordings".to_owned(),
        body: |_| json!({"kind": "test", "language": fresh("en-x"), "subject": "A test of {{ tenant }}"}),
        change: || json!({"text": "{{ asked_by }} tries this."}),
    },
];

#[test]
fn the_table_holds_every_noun_that_can_be_deleted() {
    let all: BTreeSet<(String, String)> =
        operations().into_iter().map(|operation| (operation.method, operation.path)).collect();
    let restorable = |path: &String| all.contains(&("POST".to_owned(), format!("{path}/restore")));
    let deletes = all.iter().filter(|(method, _)| method == "DELETE").map(|(_, path)| path.clone());
    let deletable: BTreeSet<String> = deletes.filter(restorable).collect();
    let sheet = "/categories/{id}/entries/{entryId}/sheets/{judgeId}";
    // Sheets, marks and files have tests of their own; tokens and judge links are revoked, for good.
    let others = [sheet.to_owned(), format!("{sheet}/marks/{{criterionId}}"), "/files/{id}".to_owned()];
    let nouns = NOUNS.iter().map(|noun| noun.item("{id}"));
    assert_eq!(deletable, nouns.chain(others).collect());
}

#[test]
fn the_table_holds_every_group_of_the_document() {
    let tags: BTreeSet<String> = operations()
        .iter()
        .map(|operation| operation.document["tags"][0].as_str().unwrap().to_owned())
        .collect();
    let others = [
        "session",
        "tokens",
        "judge-links",
        "judging",
        "sheets",
        "results",
        "progress",
        "stream",
        "trash",
        "audit",
        "bulk",
        "jobs",
        "imports",
        "exports",
        "search",
        "settings",
        "breakers",
        "integrations",
        "files",
        "deliveries",
        "messages",
        "backups",
        "alerts",
        "correlations",
        "logs",
    ];
    let nouns = NOUNS.iter().map(|noun| noun.kind.plural());
    assert_eq!(tags, nouns.chain(others).map(str::to_owned).collect());
}
