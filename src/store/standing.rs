//! Things of a kind that is known only when the program runs, as audit records name them: whether they are live,
//! deleted or hidden.

use uuid::Uuid;

use super::{StoreError, lineage::Lineage, rows, sheets::SheetKey, with_deleted::WithDeleted};
use crate::domain::{
    Category, Entrant, EntrantRule, Entry, Judge, JudgeLinkId, Kind, TenantId, Visibility, noun::UniqueField,
    with_noun,
};

/// How something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It can be seen.
    Live,
    /// It is deleted itself, and nothing above it is.
    Deleted,
    /// It is out of sight because of something else, whether or not it is deleted itself.
    Hidden,
}

impl WithDeleted<'_> {
    /// How a thing stands, and where it hangs; nothing if there never was one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing(
        &self,
        tenant: TenantId,
        kind: Kind,
        id: Uuid,
    ) -> Result<Option<(Lineage, Standing)>, StoreError> {
        with_noun!(kind, N => {
            let Some(found) = self.find::<N>(tenant, id)? else { return Ok(None) };
            let standing = match found.visibility {
                Visibility::Live => Standing::Live,
                Visibility::Hidden(_) => Standing::Hidden,
                Visibility::Deleted(_) if rows::ancestors_live(self.reader(), &found.lineage)? => Standing::Deleted,
                Visibility::Deleted(_) => Standing::Hidden,
            };
            Ok(Some((found.lineage, standing)))
        }, otherwise Ok(None))
    }

    /// How a judge link stands, whatever its state: it goes out of sight with its judge. Nothing if there is no such link.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing_of_judge_link(
        &self,
        tenant: TenantId,
        id: JudgeLinkId,
    ) -> Result<Option<(Lineage, Standing)>, StoreError> {
        let live = self.live();
        let Some(link) = live.judge_link_by_id(tenant, id)? else { return Ok(None) };
        let shows = live.find::<Judge>(tenant, link.judge.uuid())?.is_some();
        let standing = if shows { Standing::Live } else { Standing::Hidden };
        Ok(Some((Lineage::of_tenant(tenant).child(Kind::JudgeLink, id.uuid()), standing)))
    }

    /// How a sheet stands, and where its category hangs; nothing if there is no such category.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing_of_sheet(&self, key: &SheetKey) -> Result<Option<(Lineage, Standing)>, StoreError> {
        let (live, tenant, entry) = (self.live(), key.tenant, key.entry.uuid());
        let Some(category) = live.find::<Category>(tenant, key.category.uuid())? else {
            let lineage = self.lineage(tenant, Kind::Category, key.category.uuid())?;
            return Ok(lineage.map(|lineage| (lineage, Standing::Hidden)));
        };
        let listed = || match category.body().entrants {
            EntrantRule::All => Ok(true),
            EntrantRule::Listed => {
                let holder =
                    live.holder(tenant, category.id(), UniqueField::Entry, &key.entry.to_string())?;
                let entrant = holder.map(|id| live.find::<Entrant>(tenant, id)).transpose()?.flatten();
                Ok::<bool, StoreError>(entrant.is_some())
            }
        };
        let shows = live.find::<Entry>(tenant, entry)?.is_some()
            && live.assignment(&category, key.judge)?.is_some()
            && listed()?;
        let standing = if !shows {
            Standing::Hidden
        } else if self.reader().contains(&key.bytes())? {
            Standing::Live
        } else {
            Standing::Deleted
        };
        Ok(Some((category.lineage().clone(), standing)))
    }
}
