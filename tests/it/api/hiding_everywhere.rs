//! Wherever the API tells of things, it tells nothing of what is deleted or hidden, not even to whoever has seen it before,
//! and tells of it again when it is back.

use std::collections::BTreeSet;

use event_manager::domain::Kind;
use serde_json::json;

use super::{hiding_table, nouns::NOUNS, specimens::Specimens, stream};
use crate::support::{Answer, Client, EventStream, operations};

/// Reads that are no places to look at, with the reason.
const NO_PLACES: [(&str, &[&str]); 5] = [
    (
        "it is there to tell of what was",
        &[
            "listAudit",
            "verifyAudit",
            "listTrash",
            "getBelow",
            "getCorrelation",
            "searchLogs",
            "getLogVolume",
            "summarizeRequests",
            "getTrace",
            "listDeliveries",
            "exportDeliveries",
        ],
    ),
    ("it is followed beside them", &["followChanges", "followLogs"]),
    (
        "it belongs to the box",
        &[
            "listAlerts",
            "listSilences",
            "getCharts",
            "listBackups",
            "getBackup",
            "takeBackup",
            "listBreakers",
            "listOutboundServices",
            "listIntegrations",
            "getSetup",
            "listTenant",
        ],
    ),
    (
        "it says how things are made, and of none that there is",
        &["listEventTypes", "getFileRules", "importTemplate", "listMessageTexts", "listRoles"],
    ),
    (
        "it is of the tenant or of whoever is signed in",
        &[
            "getBranding",
            "getLogo",
            "getSettings",
            "getMe",
            "listOwnSessions",
            "listSessions",
            "listSuppressions",
        ],
    ),
];

/// Where something is told of, to whom.
struct Place {
    client: Client,
    path: String,
}

impl Place {
    /// Whether it is of the thing of a kind, or beneath it.
    fn is_of(&self, specimens: &Specimens, kind: Kind) -> bool {
        specimens.marks_of(kind).iter().any(|mark| self.path.contains(mark))
    }

    fn matches(&self, template: &str) -> bool {
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut parts = path.split('/');
        template.split('/').all(|part| parts.next().is_some_and(|own| part.starts_with('{') || part == own))
            && parts.next().is_none()
    }
}

/// Every place that may tell of things.
fn places_of(specimens: &Specimens, judge: &Client) -> Vec<Place> {
    let competition = &specimens.competition;
    let (admin, operator) = (competition.admin(), specimens.manager(Kind::Tenant));
    let (category, contest) = (&competition.category, &competition.contest);
    let event = &competition.event;
    let of_kind = |kind: Kind| &specimens.paths[kind.word()];
    let previews = NOUNS.iter().map(|noun| noun.kind).chain([Kind::File]);
    let previews = previews.map(|kind| format!("{}/deletion", of_kind(kind)));
    let lists =
        NOUNS.iter().filter(|noun| noun.kind != Kind::Tenant).map(|noun| (noun.collection)(competition));
    let things = specimens.paths.iter().filter(|(word, _)| {
        !["tenant", "token", "judgeLink", "mark", "breaker", "backup", "alert"].contains(word)
    });
    let of_admin = [
        "/search?q=zq&limit=50".to_owned(),
        "/files".to_owned(),
        "/tokens".to_owned(),
        "/jobs".to_owned(),
        format!("/judges/{}/links", competition.judges[0].id),
        format!("/contests/{contest}/judge-links"),
        format!("/categories/{category}/sheets"),
        format!("{}/versions", competition.sheet(0, 0)),
        format!("/categories/{category}/results"),
        format!("/contests/{contest}/results"),
        format!("/categories/{category}/progress"),
        format!("/contests/{contest}/progress"),
        format!("/events/{event}/progress"),
        format!("/events/{event}/winners"),
        format!("/contests/{contest}/readiness"),
        format!("/contests/{contest}/unlock-requests"),
        format!("/events/{event}/unlock-requests"),
        format!("{}/photo", of_kind(Kind::Contestant)),
        format!("{}/photo", of_kind(Kind::Judge)),
        format!("{}/content", of_kind(Kind::File)),
        format!("{}/thumbnail", of_kind(Kind::File)),
        format!("{}/authorization", of_kind(Kind::Action)),
        format!("{}/health", of_kind(Kind::Webhook)),
        "/exports/contestants".to_owned(),
        "/exports/judges".to_owned(),
        "/exports/users".to_owned(),
        format!("/exports/entries?contestId={contest}"),
        format!("/exports/results?categoryId={category}"),
        format!("/exports/sheets?categoryId={category}"),
        format!("/exports/events/{event}"),
    ];
    let of_judge =
        ["/me/categories".to_owned(), format!("/categories/{category}/scoring"), competition.own_sheet(0)];
    let place = |client: &Client, path: String| Place { client: client.clone(), path };
    lists
        .chain(things.map(|(_, path)| path.clone()))
        .chain(of_admin)
        .chain(previews.filter(|path| !path.starts_with(of_kind(Kind::Tenant))))
        .map(|path| place(admin, path))
        .chain(of_judge.map(|path| place(judge, path)))
        .chain([place(&operator, of_kind(Kind::Tenant).clone())])
        .chain([place(&operator, format!("{}/deletion", of_kind(Kind::Tenant)))])
        .collect()
}

fn look(places: &[Place]) -> Vec<Answer> {
    places.iter().map(|place| place.client.get(&place.path)).collect()
}

/// Of which kinds of things an answer tells.
fn tells_of(specimens: &Specimens, answer: &Answer) -> BTreeSet<Kind> {
    let said = answer.said();
    let tells = |kind: &Kind| specimens.marks_of(*kind).iter().any(|mark| said.contains(mark));
    let tenants =
        Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Breaker | Kind::Backup | Kind::Alert));
    tenants.filter(tells).collect()
}

#[test]
fn every_read_is_a_place_to_look_at_or_says_why_not() {
    let specimens = Specimens::new();
    let places = places_of(&specimens, specimens.competition.admin());
    for operation in operations().into_iter().filter(|operation| operation.method == "GET") {
        let is_place = places.iter().any(|place| place.matches(&operation.path));
        let is_listed = NO_PLACES.iter().any(|(_, names)| names.contains(&operation.name()));
        assert!(is_place != is_listed, "{}: a place: {is_place}, listed: {is_listed}", operation.path);
    }
}

#[test]
fn nothing_tells_of_what_is_deleted_or_hidden_until_it_is_back() {
    let specimens = Specimens::new();
    let admin = specimens.competition.admin();
    let link = format!("/judges/{}/links", specimens.competition.judges[0].id);
    let link = admin.create(&link, &json!({}));
    let sign_in = || specimens.competition.tenant.server.sign_in_by_link(&link);
    let mut judge = sign_in();
    let mut places = places_of(&specimens, &judge);
    let mut before = look(&places);
    let told_before: BTreeSet<Kind> = before.iter().flat_map(|answer| tells_of(&specimens, answer)).collect();
    let told_anywhere =
        Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Breaker | Kind::Backup | Kind::Alert));
    assert_eq!(told_before, told_anywhere.collect(), "each kind is told of somewhere");
    // Of a tenant nobody can look into it any more: it comes last.
    let hides = hiding_table::told();
    let mut deleted: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| hides[kind.word()].is_some()).collect();
    deleted.sort_by_key(|kind| *kind == Kind::Tenant);
    for kind in deleted {
        let hidden = hides[kind.word()].iter().flatten().map(|word| word.parse().unwrap());
        let gone: BTreeSet<Kind> = hidden.chain([kind]).collect();
        let mut following = EventStream::open(admin);
        specimens.delete(kind);
        for ((place, before), during) in places.iter().zip(&before).zip(look(&places)) {
            // The sheet as it was with the mark is an earlier version of it from now on.
            if kind == Kind::Mark && place.path.ends_with("/versions") {
                continue;
            }
            let still_told: Vec<Kind> = tells_of(&specimens, &during).intersection(&gone).copied().collect();
            assert_eq!(still_told, [], "without the {kind}: {}", during.describe());
            let is_gone = gone.iter().any(|kind| place.is_of(&specimens, *kind));
            assert!(during.status >= 400 || !is_gone, "without the {kind}: {}", during.describe());
            let changed = tells_of(&specimens, before).intersection(&gone).next().is_some();
            if let Some(etag) = before.header("etag").filter(|_| changed) {
                let again = place.client.with_header("if-none-match", etag).get(&place.path);
                assert_ne!(again.status, 304, "without the {kind}: {}", again.describe());
            }
        }
        if kind != Kind::Tenant {
            let deletion = format!("{}.deleted", kind.word());
            let told = following.until(&deletion).into_iter().chain(stream::told(admin, admin, 0));
            for event in told.filter(|event| event.data["action"] != deletion) {
                let said = event.data.to_string();
                let of_gone =
                    |kind: &&Kind| specimens.marks_of(**kind).iter().any(|mark| said.contains(mark));
                assert_eq!(gone.iter().find(of_gone), None, "without the {kind}: {event:?}");
            }
        }
        specimens.restore(kind);
        if judge.get("/me").status == 401 {
            judge = sign_in();
            places = places_of(&specimens, &judge);
        }
        let after = look(&places);
        for (before, after) in before.iter().zip(&after) {
            let told = tells_of(&specimens, after);
            let missing: Vec<Kind> = tells_of(&specimens, before).difference(&told).copied().collect();
            assert_eq!(missing, [], "the {kind} is back: {}", after.describe());
        }
        if kind != Kind::Tenant {
            // That a mark is back is told of its sheet.
            let told_of = if kind == Kind::Mark { "sheet.updated" } else { &format!("{kind}.restored") };
            following.until(told_of);
        }
        before = after;
    }
}
