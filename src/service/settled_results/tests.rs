//! Looks at what is settled read and compute what changes concern, and nothing else.

use std::{collections::HashMap, sync::Arc};

use serde_json::json;
use uuid::Uuid;

use super::{SettledBook, SettledResults};
use crate::{
    domain::{Action, Category, Contest, Contestant, Entry, Event, Judge},
    service::{
        Deletion, Restoring, StateChange,
        tests::{Venue, run},
    },
    store::Counts,
};

/// Contests, each with a category.
const CONTESTS: usize = 6;
/// Entries of each: reading them is most of what a look at its category costs.
const ENTRIES: usize = 40;

/// A box on which one category of each contest is locked, and whoever looks there.
struct Screen {
    fair: Venue,
    counts: Arc<Counts>,
    event: Uuid,
    contests: Vec<Uuid>,
    categories: Vec<Uuid>,
    book: SettledBook,
}

impl Screen {
    async fn new() -> Self {
        let (fair, counts) = Venue::counted();
        fair.set_up().await;
        let tenant = fair.permit(Action::ManageEvents).await.tenant().uuid();
        let event = fair.create::<Event>(tenant, json!({"name": "Night"})).await.unwrap();
        let (mut contests, mut categories) = (Vec::new(), Vec::new());
        for number in 0..CONTESTS {
            let name = json!({"name": format!("Contest {number}")});
            let contest = fair.create::<Contest>(event, name).await.unwrap();
            for number in 0..ENTRIES {
                let name = json!({"name": format!("No. {number}")});
                let contestant = fair.create::<Contestant>(tenant, name).await.unwrap();
                fair.create::<Entry>(contest, json!({"contestantId": contestant})).await.unwrap();
            }
            categories.push(fair.create::<Category>(contest, json!({"name": "Voice"})).await.unwrap());
            contests.push(contest);
        }
        let mut screen = Self { fair, counts, event, contests, categories, book: SettledBook::default() };
        for category in screen.categories.clone() {
            screen.change(category, StateChange::Lock).await;
        }
        screen
    }

    async fn change(&mut self, category: Uuid, change: StateChange) {
        let permit = self.fair.permit(Action::ManageLocks).await;
        self.fair.services.change_state::<Category>(&permit, category, None, change).await.unwrap();
    }

    /// What is settled, by category, and how many rows it took to find out.
    async fn look(&mut self) -> (HashMap<Uuid, SettledResults>, usize) {
        self.counts.take();
        let found = self.fair.services.settled_results(&mut self.book).await.unwrap();
        let (rows, _) = self.counts.take();
        (by_category(found), rows)
    }

    /// What is settled, which is the same as if nobody had looked before.
    async fn looks_alike(&mut self) -> HashMap<Uuid, SettledResults> {
        let (found, _) = self.look().await;
        let anew = self.fair.services.settled_results(&mut SettledBook::default()).await.unwrap();
        assert_eq!(found, by_category(anew));
        found
    }
}

fn by_category(results: Vec<SettledResults>) -> HashMap<Uuid, SettledResults> {
    results.into_iter().map(|results| (results.category.uuid(), results)).collect()
}

#[test]
fn a_look_reads_what_changes_concern_and_nothing_else() {
    run(async {
        let mut screen = Screen::new().await;
        let (all, first) = screen.look().await;
        assert_eq!(all.len(), CONTESTS);
        let one = first / CONTESTS;
        assert!(one > ENTRIES, "{first} rows");

        let (same, rows) = screen.look().await;
        assert!(same == all && rows < ENTRIES / 4, "nothing has changed: {rows} rows");

        let tenant = screen.fair.permit(Action::ManageEvents).await.tenant().uuid();
        screen.fair.create::<Judge>(tenant, json!({"name": "Nobody yet"})).await.unwrap();
        let (same, rows) = screen.look().await;
        assert!(same == all && rows < ENTRIES, "no result depends on it: {rows} rows");

        let category = screen.categories[2];
        screen.change(category, StateChange::Unlock).await;
        let (fewer, rows) = screen.look().await;
        assert!(fewer.len() == CONTESTS - 1 && rows < ENTRIES, "nothing is computed: {rows} rows");
        assert!(!fewer.contains_key(&category));

        screen.change(category, StateChange::Lock).await;
        let (again, rows) = screen.look().await;
        assert_eq!(again, all);
        assert!((ENTRIES..2 * one).contains(&rows), "one category is computed: {rows} rows, of {first}");
        let is_kept = |id: &Uuid| Arc::ptr_eq(&again[id].body, &all[id].body);
        assert_eq!(all.keys().filter(|id| is_kept(id)).count(), CONTESTS - 1);
    });
}

#[test]
fn a_look_that_goes_on_finds_what_one_that_begins_finds() {
    run(async {
        let mut screen = Screen::new().await;
        let permit = screen.fair.permit(Action::ManageEvents).await;
        let (event, contest, category) = (screen.event, screen.contests[4], screen.categories[4]);
        let mut seen = vec![screen.looks_alike().await];
        let renamed = |event: &Event| Ok(Event { name: "Gala".to_owned(), ..event.clone() });
        screen.fair.services.update::<Event>(&permit, event, None, false, renamed).await.unwrap();
        seen.push(screen.looks_alike().await);
        screen.change(category, StateChange::Unlock).await;
        let renamed = |contest: &Contest| Ok(Contest { name: "Duo".to_owned(), ..contest.clone() });
        screen.fair.services.update::<Contest>(&permit, contest, None, false, renamed).await.unwrap();
        screen.change(category, StateChange::Lock).await;
        seen.push(screen.looks_alike().await);
        screen.change(category, StateChange::Unlock).await;
        screen.fair.services.delete::<Contest>(&permit, contest, Deletion::default()).await.unwrap();
        seen.push(screen.looks_alike().await);
        screen.fair.services.restore::<Contest>(&permit, contest, Restoring::default()).await.unwrap();
        screen.change(category, StateChange::Lock).await;
        seen.push(screen.looks_alike().await);
        assert_eq!(seen.iter().map(HashMap::len).collect::<Vec<_>>(), [6, 6, 6, 5, 6]);
        assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "each change is seen");
    });
}
