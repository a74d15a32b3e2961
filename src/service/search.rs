//! Hit people and events by any part of their names, whatever accents and case. What can be found is kept folded in
//! memory for each tenant as long as nothing but sheets changes in it, so it never knows of anything that is deleted.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use uuid::Uuid;

use super::{Permit, ServiceError, Services};
use crate::{
    domain::{Action, Category, Contest, Contestant, Event, Judge, Kind, Noun, TenantId, User, folded},
    store::{Lineage, Live, Place, StoreError},
};

/// Tenants that are kept.
const KEPT_MAX: usize = 64;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What tells it from others of the same name: where it lies, or an address.
    pub hint: String,
}

struct Findable {
    hit: Hit,
    folded: String,
    lineage: Lineage,
}

/// What can be found, by tenant.
#[derive(Default)]
pub struct SearchIndex(RwLock<HashMap<TenantId, AsOf>>);

/// What can be found in a tenant, as of its newest change that was not of a sheet.
type AsOf = (u64, Arc<Vec<Findable>>);

impl Services {
    /// What has all words of a text in its name, the best first: names that begin with it, then words that do.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn search(
        &self,
        permit: &Permit,
        text: &str,
        kinds: &[Kind],
        limit: usize,
    ) -> Result<Vec<Hit>, ServiceError> {
        let wanted = folded(text);
        let words: Vec<&str> = wanted.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let index = self.findable(permit.tenant()).await?;
        let visible = |found: &&Findable| {
            reading(found.hit.kind).is_some_and(|action| permit.allows(action, &found.lineage))
        };
        let asked = |found: &&Findable| kinds.is_empty() || kinds.contains(&found.hit.kind);
        let matches = |found: &&Findable| words.iter().all(|word| found.folded.contains(word));
        let mut found: Vec<(u8, &Findable)> = index
            .iter()
            .filter(asked)
            .filter(matches)
            .filter(visible)
            .map(|found| (rank(&found.folded, &wanted, &words), found))
            .collect();
        found.sort_by(|(left_rank, left), (right_rank, right)| {
            (left_rank, &left.folded, left.hit.id).cmp(&(right_rank, &right.folded, right.hit.id))
        });
        Ok(found.into_iter().take(limit).map(|(_, found)| found.hit.clone()).collect())
    }

    async fn findable(&self, tenant: TenantId) -> Result<Arc<Vec<Findable>>, StoreError> {
        let settled = self.store.settled(tenant)?;
        if let Some((as_of, index)) =
            self.search.0.read().unwrap_or_else(PoisonError::into_inner).get(&tenant)
            && *as_of == settled
        {
            return Ok(Arc::clone(index));
        }
        let (as_of, index) = self
            .store
            .read_stamped(|view, stamps| {
                Ok::<_, StoreError>((stamps.settled(tenant)?, Arc::new(collect(view, tenant)?)))
            })
            .await?;
        let mut kept = self.search.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(tenant, (as_of, Arc::clone(&index)));
        Ok(index)
    }
}

/// What somebody needs to see a kind of thing; nothing for what cannot be found.
const fn reading(kind: Kind) -> Option<Action> {
    match kind {
        Kind::Contestant | Kind::Judge => Some(Action::ReadPeople),
        Kind::User => Some(Action::ReadUsers),
        Kind::Event | Kind::Contest | Kind::Category => Some(Action::ReadEvents),
        _ => None,
    }
}

/// 0 if the name begins with the text, 1 if each word begins one of the name's, 2 otherwise.
fn rank(name: &str, text: &str, words: &[&str]) -> u8 {
    if name.starts_with(text) {
        return 0;
    }
    let begins = |word: &&str| name.split(' ').any(|of_name| of_name.starts_with(word));
    if words.iter().all(begins) { 1 } else { 2 }
}

fn collect(view: &Live<'_>, tenant: TenantId) -> Result<Vec<Findable>, StoreError> {
    let mut found = Vec::new();
    let Some(row) = view.tenant(tenant)? else { return Ok(found) };
    let place = row.place();
    add::<Contestant>(&mut found, view, &place, "", |_| String::new())?;
    add::<Judge>(&mut found, view, &place, "", |_| String::new())?;
    add::<User>(&mut found, view, &place, "", |user| user.email.to_string())?;
    for event in add::<Event>(&mut found, view, &place, "", |_| String::new())? {
        for contest in add::<Contest>(&mut found, view, &event.0, &event.1, |_| String::new())? {
            let path = format!("{} › {}", event.1, contest.1);
            add::<Category>(&mut found, view, &contest.0, &path, |_| String::new())?;
        }
    }
    Ok(found)
}

/// Adds the children of a place. Returns each with its name, as places themselves.
fn add<N: Noun>(
    found: &mut Vec<Findable>,
    view: &Live<'_>,
    place: &Place,
    path: &str,
    hint: impl Fn(&N) -> String,
) -> Result<Vec<(Place, String)>, StoreError> {
    let mut places = Vec::new();
    for row in view.children::<N>(place)? {
        let name = row.body().label();
        let own = hint(row.body());
        let folded =
            if own.is_empty() { folded(&name) } else { format!("{} {}", folded(&name), folded(&own)) };
        let hint = if own.is_empty() { path.to_owned() } else { own };
        let hit = Hit { kind: N::KIND, id: row.id(), name: name.clone(), hint };
        places.push((row.place(), name));
        found.push(Findable { hit, folded, lineage: row.lineage().clone() });
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn names_that_begin_with_the_text_come_first() {
        let ranked = |name: &str| rank(name, "an", &["an"]);
        assert_eq!([ranked("anna berg"), ranked("berg anna"), ranked("johanna")], [0, 1, 2]);
    }
}
