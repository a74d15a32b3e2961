//! The table of what each deletion hides, in the document that decides it, compared with what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use event_manager::domain::Kind;
use serde_json::{Value, json};

use super::nouns::NOUNS;
use crate::support::{Client, Competition, id_of, upload_photo};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/soft-delete-implementation-plan.md");

/// What the document says each kind of thing hides; nothing for what is never deleted.
fn told() -> BTreeMap<&'static str, Option<BTreeSet<String>>> {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let table = text.split_once("<!-- hides -->").and_then(|(_, rest)| rest.split_once("<!-- /hides -->"));
    let rows = table.expect("the table between its marks").0.trim().lines().skip(2);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [kind, hides, _] = cells[..] else { panic!("three cells: {row}") };
        let kind: Kind = kind.parse().unwrap_or_else(|_| panic!("{kind} is no kind"));
        let words = hides.split(", ").filter(|word| *word != "nothing").map(ToOwned::to_owned).collect();
        (kind.word(), (hides != "never deleted").then_some(words))
    })
    .collect()
}

/// A delivery to somebody who is no longer told of anything.
fn made_delivery(admin: &Client) -> String {
    let body = json!({"name": "Gone", "url": "https://gone.invalid/", "events": ["user.purged"]});
    let webhook = id_of(&admin.create("/webhooks", &body));
    id_of(&admin.call(&format!("/webhooks/{webhook}/test")).expect(202))
}

/// One thing of each kind, all of which hang together.
struct Specimens {
    competition: Competition,
    paths: BTreeMap<&'static str, String>,
}

impl Specimens {
    fn new() -> Self {
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
        competition.submit_all();
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
        Self { competition, paths }
    }

    /// Whoever deletes and restores a kind of thing.
    fn manager(&self, kind: Kind) -> Client {
        match kind {
            Kind::Tenant | Kind::Breaker | Kind::Backup => self.competition.tenant.server.operator("system"),
            _ => self.competition.admin().clone(),
        }
    }

    fn is_seen(&self, kind: Kind) -> bool {
        let path = &self.paths[kind.word()];
        let admin = self.competition.admin();
        match kind {
            Kind::Tenant | Kind::Breaker | Kind::Backup => self.manager(kind).get(path).status == 200,
            Kind::Token | Kind::JudgeLink => {
                let links = format!("{}/links", self.paths[Kind::Judge.word()]);
                let list = if kind == Kind::Token { "/tokens" } else { &links };
                let list = admin.get(list).json();
                let mut ids = list["items"].as_array().into_iter().flatten().map(id_of);
                ids.any(|id| path.ends_with(&id))
            }
            Kind::Mark => {
                let sheet = admin.get(&self.paths[Kind::Sheet.word()]).json();
                let criteria = sheet["scores"].as_array().into_iter().flatten();
                let mut criteria = criteria.filter_map(|score| score["criterionId"].as_str());
                criteria.any(|criterion| path.ends_with(criterion))
            }
            _ => admin.get(path).status == 200,
        }
    }

    fn seen(&self) -> BTreeSet<String> {
        let seen = Kind::ALL.into_iter().filter(|kind| self.is_seen(*kind));
        seen.map(|kind| kind.word().to_owned()).collect()
    }

    /// What goes out of sight with a thing; it is brought back.
    fn hidden_by(&self, kind: Kind) -> BTreeSet<String> {
        let before = self.seen();
        let (manager, path) = (self.manager(kind), &self.paths[kind.word()]);
        manager.delete(&format!("{path}?confirm=true")).expect(204);
        let after = self.seen();
        let confirm = if matches!(kind, Kind::Sheet | Kind::Mark) { "" } else { "?confirm=true" };
        let restored: Value = manager.call(&format!("{path}/restore{confirm}")).expect(200);
        assert!(restored["deletedAt"].is_null(), "{restored}");
        assert_eq!(self.seen(), before, "{kind}: what was hidden came back");
        before.difference(&after).filter(|word| *word != kind.word()).cloned().collect()
    }
}

#[test]
fn each_deletion_hides_what_the_document_says_and_nothing_else() {
    let told = told();
    let all: BTreeSet<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
    assert_eq!(told.keys().copied().collect::<BTreeSet<_>>(), all, "a row for each kind of thing");
    let specimens = Specimens::new();
    assert_eq!(specimens.seen().len(), all.len(), "one of each kind is there: {:?}", specimens.seen());
    for kind in Kind::ALL {
        if let Some(hides) = &told[kind.word()] {
            assert_eq!(&specimens.hidden_by(kind), hides, "{kind}");
        }
    }
}
