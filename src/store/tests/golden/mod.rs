//! Stored formats: every kind of value has a golden form in `tests/golden/`, written by the first release that knew it.
//! What is stored must still be read, and be written the same, or data of existing boxes would be lost to a new program.
//! `UPDATE_GOLDEN=1` adds forms that are missing; it never changes one that is there.

mod alerts;
mod circuits;
mod correlations;
mod deliveries;
mod files;

use std::{collections::BTreeMap, fmt::Debug, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::{
        Actor, ApiToken, Assignment, AuditDetail, AuditRecord, Category, CategoryId, Comment,
        ConflictOfInterest, Contest, Contestant, Criterion, CriterionId, CustomField, Deduction, Entrant,
        Entry, EntryId, Event, Facts, Fault, Grant, ImageType, Job, JobId, JobState, Judge, JudgeId,
        JudgeLink, JudgeLinkId, Kind, LinkHold, Mark, Noun, Refusals, Reopening, Role, Row, Scope, Sheet,
        SheetState, Span, Task, Template, Tenant, TenantId, Timestamp, TokenId, Tombstone, User, UserId,
        Verb, scoring::MarkOutcome,
    },
    store::{
        Acting, Credential, JudgeLinkAddress, Lineage, Logo, Origin, ResetLink, SecondFactor, Session,
        SessionHolder, SetupCode, TokenHolder, UnlockRequest, UserReset, codec, idempotency::NamedCreation,
        rows::Buried,
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
        self.row_named::<N>(N::KIND.word(), body);
    }

    fn row_named<N: Noun + Debug>(&mut self, name: &str, body: serde_json::Value) {
        let row: Row<N> = Row {
            id: id(1),
            version: 7,
            created_at: time(),
            updated_at: time(),
            locked_at: Some(time()),
            archived_at: None,
            body: serde_json::from_value(body).unwrap(),
        };
        self.value(name, &row);
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
    jobs(&mut golden);
    circuits::circuits(&mut golden);
    alerts::alerts(&mut golden);
    files::files(&mut golden);
    deliveries::deliveries(&mut golden);
    correlations::correlations(&mut golden);
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
    golden.row::<Template>(json!({"name": "Rubric", "parts": [
        {"type": "category", "body": {"name": "Talent", "position": 2}},
        {"type": "criterion", "within": 0, "body": {"name": "Poise", "weight": "0.3"}},
    ]}));
    set_up(golden);
    let contest =
        Lineage::of_tenant(TenantId::new(id(1))).child(Kind::Event, id(2)).child(Kind::Contest, id(3));
    golden.bytes("locator", &contest.to_bytes());
}

fn jobs(golden: &mut Golden) {
    let job = |task| Job {
        id: JobId::new(id(9)),
        task,
        state: JobState::Running,
        by: user(),
        request_id: "r".to_owned(),
        correlation_id: "c".to_owned(),
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        created_at: time(),
        started_at: Some(time()),
        finished_at: None,
        version: 3,
        done: 256,
        total: Some(600),
        next: 1,
        faults: vec![Fault::new("/operations/3", "is taken")],
        faulty: 1,
        changes: vec![Span { first: 7, last: 262 }],
        detail: None,
        undone_by: None,
    };
    golden.value("job bulk", &job(Task::Bulk { name: "import".to_owned(), confirmed: true, makes: None }));
    let makes = Some((Kind::Event, id(7)));
    golden.value("job clone", &job(Task::Bulk { name: "clone".to_owned(), confirmed: false, makes }));
    golden.value("job undo", &job(Task::Undo { job: JobId::new(id(8)), confirmed: false }));
    let name = "Gala".to_owned();
    golden.value("job purge", &job(Task::Purge { kind: Kind::Event, id: id(4), version: 6, name }));
    golden.value("job retention", &job(Task::Retention { before: time() }));
}

/// What came later. The forms above, which lack it, are still read and written as they were.
fn set_up(golden: &mut Golden) {
    let contact = json!({
        "pronouns": "she/her", "bio": "Sings\nsince 1999", "contactEmail": "bea@example.org",
        "contactPhone": "+43 1 234",
    });
    let with = |own: serde_json::Value| {
        let mut body = contact.clone();
        body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        body
    };
    let members = json!([{"name": "Cy", "role": "bass"}, {"name": "Di"}]);
    golden.row_named::<Contestant>(
        "contestant with contact",
        with(json!({"name": "Bea", "form": "team", "members": members})),
    );
    golden.row_named::<Judge>("judge with contact", with(json!({"name": "Jo"})));
    for (name, numbering) in [
        ("contest numbered by hand", json!({"type": "manual"})),
        ("contest numbered by the box", json!({"type": "automatic", "start": 101, "gapFree": true})),
        ("contest numbered either way", json!({"type": "optional", "start": 20})),
    ] {
        golden.row_named::<Contest>(name, json!({"name": "Crown", "numbering": numbering}));
    }
    golden.row_named::<Event>("event with limits", json!({"name": "Night", "maxContestants": 40}));
    golden.row_named::<Category>(
        "category with limits",
        json!({"name": "Ballot", "minEntrants": 3, "maxEntrants": 12}),
    );
    golden.row_named::<Category>(
        "category that abstains",
        json!({"name": "Ballot", "conflictRule": "abstain"}),
    );
    golden.row::<ConflictOfInterest>(json!({"judgeId": id(7), "contestantId": id(5), "reason": "Sisters"}));
    for (name, rule) in [
        ("field of text", json!({"type": "text", "minLength": 2, "maxLength": 9, "pattern": "[a-z]+"})),
        ("field of long text", json!({"type": "longText", "maxLength": 9})),
        ("field of numbers", json!({"type": "number", "min": "1.5", "max": "9"})),
        ("field of days", json!({"type": "date", "min": "2026-05-01"})),
        ("field of yes and no", json!({"type": "boolean"})),
        ("field of one choice", json!({"type": "select", "options": ["S", "M"]})),
        ("field of choices", json!({"type": "multiSelect", "options": ["S", "M"]})),
        ("field of addresses", json!({"type": "email"})),
        ("field of web addresses", json!({"type": "url"})),
        ("field of telephone numbers", json!({"type": "phone"})),
    ] {
        let body = json!({
            "entity": "entry", "key": "song", "label": "Song", "rule": rule, "required": true,
            "visibility": ["ADMIN", "EMCEE"], "position": 2,
        });
        golden.row_named::<CustomField>(name, body);
    }
    let custom = json!({"song": "Aria", "ready": true, "sizes": ["S", "M"]});
    golden.row_named::<Entry>("entry with custom values", json!({"contestantId": id(5), "custom": custom}));
    let settings = json!({"twoPersonUnlock": true});
    golden.row_named::<Tenant>(
        "tenant with settings",
        json!({"name": "Harbour Fair", "slug": "harbour-fair", "settings": settings}),
    );
    let branding = json!({"displayName": "The Fair", "accentColour": "#0f766e"});
    golden.row_named::<Tenant>(
        "tenant with branding",
        json!({"name": "Harbour Fair", "slug": "harbour-fair", "settings": branding}),
    );
    golden.value("logo", &Logo { image: ImageType::Webp, digest: [3; 32], bytes: vec![1, 2, 3] });
    golden.row_named::<Assignment>("head judge", json!({"judgeId": id(7), "headJudge": true}));
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
        (
            "record of a request to unlock",
            Facts::UnlockRequest {
                requested_by: user(),
                request: "a name is wrong".to_owned(),
                reason: Some("it is right".to_owned()),
            },
        ),
        ("record of refusals", Facts::Refusals(Refusals { wrong: 3, delayed: 2, limited: 1 })),
    ]
    .into_iter()
    .chain(circuits::facts())
    .chain(files::facts())
    .chain(deliveries::facts())
    .chain([("record of an alert", alerts::facts())])
    {
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
            traceparent: None,
        };
        golden.value(name, &record);
    }
    let (by, reason) = (user(), "a name is wrong".to_owned());
    golden.value(
        "request to unlock",
        &UnlockRequest { version: 9, by, at: time(), expires_at: time(), reason },
    );
    golden.value("detail", &AuditDetail { salt: [4; 16], before: None, after: Some("{}".to_owned()) });
    let tombstone = Tombstone {
        deleted_at: time(),
        deleted_by: user(),
        reason: Some("by mistake".to_owned()),
        request_id: "request".to_owned(),
        correlation_id: "correlation".to_owned(),
    };
    golden.bytes(
        "buried row",
        &codec::encode(&Buried { tombstone, row: vec![1, 2, 3], purging: None }).unwrap(),
    );
}

fn identity(golden: &mut Golden) {
    let credential = Credential { hash: "$argon2id$".to_owned(), set_at: time(), must_change: false };
    golden.value("credential", &credential);
    golden.value("credential to be changed", &Credential { must_change: true, ..credential });
    let sealed = vec![1, 2, 3];
    golden.value("second factor begun", &SecondFactor::Begun { sealed: sealed.clone() });
    let active = SecondFactor::Active {
        sealed,
        since: time(),
        last_step: 59_255_400,
        recovery: vec![[8; 32], [9; 32]],
    };
    golden.value("second factor", &active);
    let (tenant, user) = (TenantId::new(id(1)), UserId::new(id(3)));
    golden.value("reset link", &ResetLink { tenant, user, expires_at: time() });
    golden.value("reset of a user", &UserReset { link: Some([5; 32]), requested_at: Some(time()) });
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
        origin: Origin::default(),
    };
    golden.value("session", &session);
    let acting = Acting { tenant: TenantId::new(id(2)), reason: "set-up".to_owned(), since: time() };
    let origin = Origin { client: Some("192.0.2.1".to_owned()), user_agent: Some("Mozilla/5.0".to_owned()) };
    golden.value("session with origin", &Session { origin, ..session.clone() });
    golden.value("session that acts", &Session { acting: Some(acting), ..session.clone() });
    let (link, judge) = (JudgeLinkId::new(id(9)), JudgeId::new(id(7)));
    let holder = SessionHolder::JudgeLink { id: link, judge };
    golden.value("session by a judge link", &Session { holder, ..session });
    golden.value("judge link address", &JudgeLinkAddress { tenant: TenantId::new(id(1)), judge, id: link });
    golden.value(
        "judge link",
        &JudgeLink {
            id: link,
            judge,
            secret: [9; 32],
            pin: "$argon2id$".to_owned(),
            created_at: time(),
            expires_at: time(),
            revoked_at: None,
            last_used_at: Some(time()),
            wrong_pins: 2,
            hold: Some(LinkHold { session: [8; 32], since: time() }),
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
