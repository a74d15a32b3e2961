//! The table of what each deletion hides, in the document that decides it, compared with what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use event_manager::domain::Kind;
use serde_json::Value;

use super::specimens::Specimens;
use crate::support::id_of;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/soft-delete-implementation-plan.md");

/// What the document says each kind of thing hides; nothing for what is never deleted.
pub(super) fn told() -> BTreeMap<&'static str, Option<BTreeSet<String>>> {
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

impl Specimens {
    fn is_seen(&self, kind: Kind) -> bool {
        let path = &self.paths[kind.word()];
        let admin = self.competition.admin();
        match kind {
            Kind::Tenant | Kind::Breaker | Kind::Backup | Kind::Alert => {
                self.manager(kind).get(path).status == 200
            }
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
        self.delete(kind);
        let after = self.seen();
        let restored: Value = self.restore(kind);
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

#[test]
fn every_kind_of_thing_has_a_priority_or_is_said_not_to_be_deleted() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (_, table) = text.split_once("| priority | entities | why |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let cells = table.lines().skip(2).map(|row| row.trim_matches('|').split('|').nth(1).unwrap());
    let named: BTreeSet<String> = cells
        .flat_map(|cell| cell.split(", "))
        .map(|word| word.trim().trim_end_matches(" (the customer's scores)").to_owned())
        .collect();
    let all: BTreeSet<String> = Kind::ALL.into_iter().map(|kind| kind.word().to_owned()).collect();
    assert_eq!(named, all);
}
