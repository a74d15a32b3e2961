//! Stored formats: every kind of value has a golden form in `tests/golden/`, written by the first release that knew it.
//! What is stored must still be read, and be written the same, or data of existing boxes would be lost to a new program.
//! `UPDATE_GOLDEN=1` adds forms that are missing; it never changes one that is there.

use std::{collections::BTreeMap, fmt::Debug, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::{
        Actor, ApiToken, Assignment, AuditDetail, AuditRecord, Category, CategoryId, Comment, Contest,
        Contestant, Criterion, CriterionId, Deduction, Entrant, Entry, EntryId, Event, Facts, Grant, Judge,
        JudgeId, JudgeLink, JudgeLinkId, Kind, LinkHold, Mark, Noun, Reopening, Role, Row, Scope, Sheet,
        SheetState, Tenant, TenantId, Timestamp, TokenId, Tombstone, User, UserId, Verb,
        scoring::MarkOutcome,
    },
    store::{
        Acting, Credential, JudgeLinkAddress, Lineage, Session, SessionHolder, SetupCode, TokenHolder, codec,
        idempotency::NamedCreation, rows::Buried,
    },
};

/// The golden forms, as hexadecimal texts by name.
struct Golden {
    path: PathBuf,
    forms: BTreeMap<String, String>,
    seen: Vec<String>,
    update: bool,
}

impl Golden {
    fn open() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/stored.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
        let update = std::env::var_os("UPDATE_GOLDEN").is_some();
        Self { path, forms: serde_json::from_str(&text).unwrap(), seen: Vec::new(), update }
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let form: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if self.update {
            self.forms.entry(name.to_owned()).or_insert_with(|| form.clone());
        }
        assert_eq!(self.forms.get(name), Some(&form), "{name} is stored in another form than before");
        self.seen.push(name.to_owned());
    }

    fn value<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, name: &str, value: &T) {
        let bytes = codec::encode(value).unwrap();
        self.bytes(name, &bytes);
        assert_eq!(&codec::decode::<T>(&bytes).unwrap(), value, "{name} does not read back");
    }

    fn row<N: Noun + Debug>(&mut self, body: serde_json::Value) {
        let row: Row<N> = Row {
            id: id(1),
            version: 7,
            created_at: time(),
            updated_at: time(),
            locked_at: Some(time()),
            archived_at: None,
            body: serde_json::from_value(body).unwrap(),
        };
        self.value(N::KIND.word(), &row);
    }

    fn close(self) {
        let known: Vec<&String> = self.forms.keys().collect();
        let mut seen: Vec<&String> = self.seen.iter().collect();
        seen.sort();
        assert_eq!(seen, known, "a golden form has no value any more");
        if self.update {
            fs::write(self.path, serde_json::to_string_pretty(&self.forms).unwrap() + "\n").unwrap();
        }
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn time() -> Timestamp {
    Timestamp::from_millis(1_777_662_000_123)
}

fn user() -> Actor {
    Actor::User { id: UserId::new(id(3)) }
}

fn marks() -> Vec<Mark> {
    let mark = |number, outcome| Mark { criterion: CriterionId::new(id(number)), outcome };
    vec![
        mark(20, MarkOutcome::Value("8.25".parse().unwrap())),
        mark(21, MarkOutcome::Missing),
        mark(22, MarkOutcome::Abstained),
        mark(23, MarkOutcome::Recused),
        mark(24, MarkOutcome::Absent),
    ]
}

#[test]
fn every_stored_value_keeps_its_form() {
    let mut golden = Golden::open();
    nouns(&mut golden);
    sheets_and_audit(&mut golden);
    identity(&mut golden);
    golden.close();
}

fn nouns(golden: &mut Golden) {
    golden.row::<Tenant>(json!({"name": "Harbour Fair", "slug": "harbour-fair"}));
    let scopes = [Scope::Tenant {}, Scope::Event { id: crate::domain::EventId::new(id(4)) }];
    let grants: Vec<Grant> = scopes.into_iter().map(|scope| Grant { role: Role::Judge, scope }).collect();
    golden.row::<User>(json!({"email": "Ann@example.org", "name": "Ann", "grants": grants}));
    golden.row::<Event>(json!({
        "name": "Night", "description": "Finale", "startsAt": "2026-05-01T19:00:00Z", "timeZone": "Europe/Vienna",
    }));
    golden.row::<Contest>(json!({"name": "Crown", "position": 2}));
    golden.row::<Category>(json!({
        "name": "Ballot", "entrants": "listed", "tieBreaks": [{"type": "countback"}],
        "method": {"type": "rankSum", "marksAre": "places", "points": ["10", "5", "2.5"]},
    }));
    golden.row::<Criterion>(
        json!({"name": "Poise", "minimum": "1", "maximum": "10", "step": "0.25", "weight": "0.3"}),
    );
    golden.row::<Contestant>(json!({"name": "Bea", "form": "team"}));
    golden.row::<Entry>(json!({"contestantId": id(5), "number": 12, "eligible": false}));
    golden.row::<Entrant>(json!({"entryId": id(6), "position": 1}));
    golden.row::<Judge>(json!({"name": "Jo", "userId": id(3)}));
    golden.row::<Assignment>(json!({"judgeId": id(7), "status": "ended"}));
    golden.row::<Deduction>(json!({"entryId": id(6), "amount": "0.5", "reason": "late"}));
    let contest =
        Lineage::of_tenant(TenantId::new(id(1))).child(Kind::Event, id(2)).child(Kind::Contest, id(3));
    golden.bytes("locator", &contest.to_bytes());
}

fn sheets_and_audit(golden: &mut Golden) {
    let reopening = Reopening { reason: "typo".to_owned(), requested_at: time(), requested_by: user() };
    golden.value(
        "sheet",
        &Sheet {
            version: 9,
            state: SheetState::Reopened,
            submitted_at: time(),
            marks: marks(),
            comment: Some(Comment { text: "Bravo".to_owned(), private: true }),
            reopening: Some(reopening),
        },
    );
    let facts = Facts::Sheet {
        category: CategoryId::new(id(8)),
        judge: JudgeId::new(id(7)),
        entry: EntryId::new(id(6)),
        marks: marks(),
        reason: Some("typo".to_owned()),
    };
    for (name, facts) in [
        ("record", Facts::None),
        ("record of a reason", Facts::Reason("late".to_owned())),
        ("record of a sheet", facts),
    ] {
        let record = AuditRecord {
            at: time(),
            actor: user(),
            verb: Verb::Submitted,
            kind: Kind::Sheet,
            id: id(6),
            request_id: "request".to_owned(),
            correlation_id: "correlation".to_owned(),
            facts,
            detail_hash: Some([5; 32]),
        };
        golden.value(name, &record);
    }
    golden.value("detail", &AuditDetail { salt: [4; 16], before: None, after: Some("{}".to_owned()) });
    let tombstone = Tombstone {
        deleted_at: time(),
        deleted_by: user(),
        reason: Some("by mistake".to_owned()),
        request_id: "request".to_owned(),
        correlation_id: "correlation".to_owned(),
    };
    golden.bytes("buried row", &codec::encode(&Buried { tombstone, row: vec![1, 2, 3] }).unwrap());
}

fn identity(golden: &mut Golden) {
    golden.value("credential", &Credential { hash: "$argon2id$".to_owned(), set_at: time() });
    let creation = NamedCreation { digest: [7; 32], id: id(4), at: time() };
    golden.value("named creation", &creation);
    golden.value("set-up code", &SetupCode { hash: [6; 32] });
    golden.value("token holder", &TokenHolder { tenant: TenantId::new(id(1)), id: TokenId::new(id(2)) });
    let session = Session {
        tenant: TenantId::new(id(1)),
        holder: SessionHolder::User(UserId::new(id(3))),
        csrf: "csrf".to_owned(),
        created_at: time(),
        last_used_at: time(),
        expires_at: time(),
        acting: None,
    };
    golden.value("session", &session);
    let acting = Acting { tenant: TenantId::new(id(2)), reason: "set-up".to_owned(), since: time() };
    golden.value("session that acts", &Session { acting: Some(acting), ..session.clone() });
    let (link, judge) = (JudgeLinkId::new(id(9)), JudgeId::new(id(7)));
    let holder = SessionHolder::JudgeLink { id: link, judge };
    golden.value("session by a judge link", &Session { holder, ..session });
    golden.value("judge link address", &JudgeLinkAddress { tenant: TenantId::new(id(1)), judge, id: link });
    let hold = LinkHold { session: [8; 32], since: time(), device: Some("A tablet".to_owned()) };
    golden.value(
        "judge link",
        &JudgeLink {
            id: link,
            judge,
            pin: "$argon2id$".to_owned(),
            created_at: time(),
            expires_at: time(),
            revoked_at: None,
            last_used_at: Some(time()),
            wrong_pins: 2,
            hold: Some(hold),
        },
    );
    golden.value(
        "token",
        &ApiToken {
            id: TokenId::new(id(2)),
            name: "Display".to_owned(),
            grants: vec![Grant { role: Role::Emcee, scope: Scope::Tenant {} }],
            owner: None,
            created_at: time(),
            expires_at: time(),
            revoked_at: Some(time()),
        },
    );
}
