//! Conflicts of interest out of a table: who is meant by a name, and which are there already. Uses the store.

use std::collections::{HashMap, HashSet};

use super::{ServiceError, import_headings::Property, import_rows::Cells};
use crate::{
    domain::{ConflictOfInterest, Contestant, ContestantId, Judge, JudgeId, Kind, Noun, TenantId, folded},
    store::{Live, LiveRow},
};

/// Whom a name stands for.
#[derive(Clone, Copy)]
enum Named<I> {
    /// One.
    One(I),
    /// Several, so that it is not known which one is meant.
    Several,
}

/// Judges and contestants by folded name, and the conflicts between them.
#[derive(Default)]
pub(super) struct Conflicts {
    judges: HashMap<String, Named<JudgeId>>,
    contestants: HashMap<String, Named<ContestantId>>,
    known: HashSet<(JudgeId, ContestantId)>,
}

impl Conflicts {
    pub(super) fn of(view: &Live<'_>, tenant: TenantId) -> Result<Self, ServiceError> {
        let place = view.tenant(tenant)?.ok_or(ServiceError::NotFound(Kind::Tenant))?.place();
        let known = view.children::<ConflictOfInterest>(&place)?;
        let known = known.iter().map(|row| (row.body().judge_id, row.body().contestant_id)).collect();
        let judges = view.children::<Judge>(&place)?;
        let judges = judges.iter().map(|row| (folded(&row.body().name), JudgeId::new(row.id())));
        let contestants: Vec<LiveRow<Contestant>> = view.children(&place)?;
        let contestants =
            contestants.iter().map(|row| (folded(&row.body().name), ContestantId::new(row.id())));
        Ok(Self { judges: by_name(judges), contestants: by_name(contestants), known })
    }

    /// The conflict that a row tells of; nothing if it is there already.
    ///
    /// # Errors
    /// Which cell means nothing, and why.
    pub(super) fn read(
        &mut self,
        cells: Cells<'_>,
    ) -> Result<Option<ConflictOfInterest>, (Property, String)> {
        let judge_id = one::<Judge, _>(&self.judges, Property::Judge, cells)?;
        let contestant_id = one::<Contestant, _>(&self.contestants, Property::Contestant, cells)?;
        if !self.known.insert((judge_id, contestant_id)) {
            return Ok(None);
        }
        let reason = cells.text(Property::Reason).unwrap_or_default().to_owned();
        Ok(Some(ConflictOfInterest { judge_id, contestant_id, reason }))
    }
}

fn by_name<I>(named: impl Iterator<Item = (String, I)>) -> HashMap<String, Named<I>> {
    let mut found: HashMap<String, Named<I>> = HashMap::new();
    for (name, id) in named {
        found.entry(name).and_modify(|known| *known = Named::Several).or_insert(Named::One(id));
    }
    found
}

fn one<N: Noun, I: Copy>(
    known: &HashMap<String, Named<I>>,
    property: Property,
    cells: Cells<'_>,
) -> Result<I, (Property, String)> {
    let name = cells.text(property).unwrap_or_default();
    match known.get(&folded(name)) {
        Some(Named::One(id)) => Ok(*id),
        Some(Named::Several) => Err((property, format!("several are called {name}; add this one by hand"))),
        None if name.is_empty() => Err((property, "is empty".to_owned())),
        None => Err((property, format!("there is no {} called {name}", N::KIND))),
    }
}
