//! Wherever the API tells of things, it tells nothing of what is deleted or hidden, not even to whoever has seen it before,
//! and tells of it again when it is back.

use std::collections::BTreeSet;

use event_manager::domain::Kind;
use serde_json::json;

use super::{hiding_table::told, nouns::NOUNS, specimens::Specimens};
use crate::support::{Answer, Client, EventStream, StreamEvent};

/// Where something is told of, to whom.
struct Place {
    client: Client,
    path: String,
}

/// Every place but the trash and the audit log, which are there to tell of what was.
fn places(specimens: &Specimens) -> Vec<Place> {
    let competition = &specimens.competition;
    let (admin, operator) = (competition.admin(), specimens.manager(Kind::Tenant));
    let (category, contest) = (&competition.category, &competition.contest);
    let link = admin.create(&format!("/judges/{}/links", competition.judges[0].id), &json!({}));
    let judge = competition.tenant.server.sign_in_by_link(&link);
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
        format!("/events/{}/progress", competition.event),
        "/exports/contestants".to_owned(),
        "/exports/judges".to_owned(),
        "/exports/users".to_owned(),
        format!("/exports/entries?contestId={contest}"),
        format!("/exports/results?categoryId={category}"),
        format!("/exports/sheets?categoryId={category}"),
        format!("/exports/events/{}", competition.event),
    ];
    let of_judge =
        ["/me/categories".to_owned(), format!("/categories/{category}/scoring"), competition.own_sheet(0)];
    let place = |client: &Client, path: String| Place { client: client.clone(), path };
    lists
        .chain(things.map(|(_, path)| path.clone()))
        .chain(of_admin)
        .map(|path| place(admin, path))
        .chain(of_judge.map(|path| place(&judge, path)))
        .chain([place(&operator, specimens.paths["tenant"].clone())])
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

/// All that is told to whoever begins to follow now.
fn replay(admin: &Client) -> Vec<StreamEvent> {
    let newest = admin.get("/audit?limit=1").expect(200)["items"][0]["sequence"].as_u64();
    let mut stream = EventStream::after(admin, 0);
    let mut events: Vec<StreamEvent> = Vec::new();
    while events.last().is_none_or(|event| event.id < newest) {
        events.push(stream.next().unwrap());
    }
    events
}

#[test]
fn nothing_tells_of_what_is_deleted_or_hidden_until_it_is_back() {
    let specimens = Specimens::new();
    let admin = specimens.competition.admin();
    let places = places(&specimens);
    let mut before = look(&places);
    let told_before: BTreeSet<Kind> = before.iter().flat_map(|answer| tells_of(&specimens, answer)).collect();
    let told_anywhere =
        Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Breaker | Kind::Backup | Kind::Alert));
    assert_eq!(told_before, told_anywhere.collect(), "each kind is told of somewhere");
    let mut following = EventStream::open(admin);
    // Of a tenant nobody can look into it any more: it comes last.
    let hides = told();
    let mut deleted: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| hides[kind.word()].is_some()).collect();
    deleted.sort_by_key(|kind| *kind == Kind::Tenant);
    for kind in deleted {
        let hidden = hides[kind.word()].iter().flatten().map(|word| word.parse().unwrap());
        let gone: BTreeSet<Kind> = hidden.chain([kind]).collect();
        specimens.delete(kind);
        for ((place, before), during) in places.iter().zip(&before).zip(look(&places)) {
            let still_told: Vec<Kind> = tells_of(&specimens, &during).intersection(&gone).copied().collect();
            assert_eq!(still_told, [], "without the {kind}: {}", during.describe());
            let changed = tells_of(&specimens, before).intersection(&gone).next().is_some();
            if let Some(etag) = before.header("etag").filter(|_| changed) {
                let again = place.client.with_header("if-none-match", etag).get(&place.path);
                assert_ne!(again.status, 304, "without the {kind}: {}", again.describe());
            }
        }
        if kind != Kind::Tenant {
            let deletion = format!("{}.deleted", kind.word());
            let told = following.until(&deletion);
            assert_eq!(told.len(), 1, "whoever follows is told of the deletion alone: {told:?}");
            for event in replay(admin).iter().filter(|event| event.data["action"] != deletion) {
                // A link of a deleted judge is told of by its id alone: its record does not say whose it is.
                let of_gone = |kind: &&Kind| {
                    **kind != Kind::JudgeLink
                        && specimens.marks_of(**kind).iter().any(|mark| event.data.to_string().contains(mark))
                };
                assert_eq!(gone.iter().find(of_gone), None, "without the {kind}: {event:?}");
            }
        }
        specimens.restore(kind);
        let after = look(&places);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(
                tells_of(&specimens, after),
                tells_of(&specimens, before),
                "the {kind} is back: {}",
                after.describe()
            );
        }
        if kind != Kind::Tenant {
            following.until(&format!("{}.restored", kind.word()));
        }
        before = after;
    }
}
