//! One thing of each kind, all of which hang together, so that tests can delete each and look at what becomes of the others.

use std::collections::BTreeMap;

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Client, Competition, id_of, upload_photo};

/// One thing of each kind. Those with a name, a reason or a comment are called after their kind, see [`Specimens::marks_of`].
pub struct Specimens {
    pub competition: Competition,
    /// By the word of the kind.
    pub paths: BTreeMap<&'static str, String>,
}

impl Specimens {
    pub fn new() -> Self {
        let competition = Competition::new();
        let admin = competition.admin();
        let entrants = format!("/categories/{}/entrants", competition.category);
        let listed: Vec<String> = competition
            .entries
            .iter()
            .map(|entry| id_of(&admin.create(&entrants, &json!({"entryId": entry}))))
            .collect();
        let category = format!("/categories/{}", competition.category);
        admin.patch(&category, &json!({"entrants": "listed"})).expect(200);
        submit(&competition);
        let deduction = json!({"entryId": competition.entries[0], "amount": "1", "reason": "Late"});
        let deduction = id_of(&admin.create(&format!("{category}/deductions"), &deduction));
        let (judge, contestant) = (&competition.judges[0], &competition.contestants[0]);
        let conflict = json!({"judgeId": judge.id, "contestantId": contestant, "reason": "Sisters"});
        let conflict = id_of(&admin.create("/conflicts?confirm=true", &conflict));
        let made = |kind: Kind| {
            let noun = NOUNS.iter().find(|noun| noun.kind == kind).unwrap();
            id_of(&noun.create(&competition))
        };
        let token = json!({"name": "Screen", "grants": [{"role": "EMCEE"}], "expiresInDays": 1});
        let operation = json!({"op": "create", "type": "judge", "body": {"name": "Lea"}});
        let bulk = admin.post("/bulk", &json!({"operations": [operation]})).expect(200);
        let ids = [
            (Kind::Tenant, competition.tenant.id.clone()),
            (Kind::User, judge.user.clone()),
            (Kind::Event, competition.event.clone()),
            (Kind::Contest, competition.contest.clone()),
            (Kind::Category, competition.category.clone()),
            (Kind::Criterion, competition.criteria[0].clone()),
            (Kind::Contestant, contestant.clone()),
            (Kind::Entry, competition.entries[0].clone()),
            (Kind::Entrant, listed[0].clone()),
            (Kind::Judge, judge.id.clone()),
            (Kind::Assignment, judge.assignment.clone()),
            (Kind::Deduction, deduction),
            (Kind::JudgeLink, id_of(&admin.create(&format!("/judges/{}/links", judge.id), &json!({})))),
            (Kind::Token, id_of(&admin.create("/tokens", &token))),
            (Kind::Template, made(Kind::Template)),
            (Kind::Field, made(Kind::Field)),
            (Kind::Conflict, conflict),
            (Kind::File, id_of(&upload_photo(admin, "contestant", contestant, 10))),
            (Kind::Job, id_of(&bulk["job"])),
            (Kind::Webhook, made(Kind::Webhook)),
            (Kind::Action, made(Kind::Action)),
            (Kind::Wording, made(Kind::Wording)),
            (Kind::Delivery, made_delivery(admin)),
        ];
        let path = |(kind, id): (Kind, String)| (kind.word(), format!("/{}/{id}", kind.plural()));
        let mut paths: BTreeMap<&'static str, String> = ids.into_iter().map(path).collect();
        let sheet = competition.sheet(0, 0);
        paths.insert(Kind::Mark.word(), format!("{sheet}/marks/{}", competition.criteria[0]));
        paths.insert(Kind::Sheet.word(), sheet);
        // The box has them, whatever tenants there are.
        paths.insert(Kind::Breaker.word(), "/breakers".to_owned());
        paths.insert(Kind::Backup.word(), "/backups".to_owned());
        paths.insert(Kind::Alert.word(), "/alerts".to_owned());
        let specimens = Self { competition, paths };
        specimens.name_all();
        specimens
    }

    fn name_all(&self) {
        for kind in NOUNS.iter().map(|noun| noun.kind).chain([Kind::File]) {
            let field = match kind {
                Kind::Entry | Kind::Entrant | Kind::Assignment | Kind::Tenant => continue,
                Kind::Field => "label",
                Kind::Wording => "subject",
                Kind::Conflict | Kind::Deduction => "reason",
                _ => "name",
            };
            let path = format!("{}?confirm=true", self.paths[kind.word()]);
            self.competition.admin().patch(&path, &json!({field: named(kind)})).expect(200);
        }
    }

    /// Texts by which whoever reads an answer knows that it tells of the thing of a kind.
    pub fn marks_of(&self, kind: Kind) -> Vec<String> {
        match kind {
            // A judge keeps the id of the account, which can come back.
            Kind::Sheet | Kind::User => vec![named(kind)],
            Kind::Mark => vec![format!("\"value\":\"{MARK}\"")],
            _ => {
                let id = self.paths[kind.word()].rsplit('/').next().unwrap();
                vec![id.to_owned(), named(kind)]
            }
        }
    }

    /// Whoever deletes and restores a kind of thing.
    pub fn manager(&self, kind: Kind) -> Client {
        match kind {
            Kind::Tenant | Kind::Breaker | Kind::Backup | Kind::Alert => {
                self.competition.tenant.server.operator("system")
            }
            _ => self.competition.admin().clone(),
        }
    }

    pub fn delete(&self, kind: Kind) {
        let path = &self.paths[kind.word()];
        self.manager(kind).delete(&format!("{path}?confirm=true")).expect(204);
    }

    pub fn restore(&self, kind: Kind) -> Value {
        let path = &self.paths[kind.word()];
        let confirm = if matches!(kind, Kind::Sheet | Kind::Mark) { "" } else { "?confirm=true" };
        self.manager(kind).call(&format!("{path}/restore{confirm}")).expect(200)
    }
}

/// The value of the one mark.
const MARK: &str = "7.5";

/// What the thing of a kind is called, or says of itself.
fn named(kind: Kind) -> String {
    format!("Zq {}.", kind.word())
}

/// Every judge submits a sheet for every entry. The one sheet has a comment, the one mark a value of its own.
fn submit(competition: &Competition) {
    let mut body = competition.marks(&[MARK, "5"]);
    body["comment"] = json!({"text": named(Kind::Sheet)});
    competition.judges[0].client.put(&competition.own_sheet(0), &body).expect(201);
    for (judge, entry) in [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
        competition.submit(judge, entry, &["6", "5"]).expect(201);
    }
}

/// A delivery to somebody who is no longer told of anything.
fn made_delivery(admin: &Client) -> String {
    let body = json!({"name": "Gone", "url": "https://gone.invalid/", "events": ["user.purged"]});
    let webhook = id_of(&admin.create("/webhooks", &body));
    id_of(&admin.call(&format!("/webhooks/{webhook}/test")).expect(202))
}
