//! Deleted sheets and marks that a restore would leave where they are, because others have taken their place.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::{StoreError, codec, keys, rows, with_deleted::WithDeleted};
use crate::domain::{CriterionId, Kind, Sheet};

/// What has taken the place of a deleted sheet or mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Superseded {
    /// A live one, given after it was deleted.
    ByLive,
    /// One that was deleted later, and comes back in its stead.
    ByDeleted,
}

impl WithDeleted<'_> {
    /// What has taken the place of what lies at a key of the trash. Rows of nouns are deleted once each; sheets and marks are given again, and may be deleted again.
    pub(super) fn superseded(
        &self,
        kind: Kind,
        live_key: &[u8],
        trash_key: &[u8],
        id: Uuid,
    ) -> Result<Option<Superseded>, StoreError> {
        let is_live = match kind {
            Kind::Sheet => self.reader().contains(live_key)?,
            Kind::Mark => {
                let sheet = keys::sheet_of_mark(live_key).map(|key| self.reader().get(&key)).transpose()?;
                let sheet: Option<Sheet> = sheet.flatten().map(|bytes| codec::decode(&bytes)).transpose()?;
                sheet.is_some_and(|sheet| !sheet.lacks(CriterionId::new(id)))
            }
            _ => return Ok(None),
        };
        let newest = rows::newest_buried(self.reader(), live_key)?;
        let is_newest = newest.is_none_or(|(newest, _)| newest == trash_key);
        Ok(if is_live {
            Some(Superseded::ByLive)
        } else if is_newest {
            None
        } else {
            Some(Superseded::ByDeleted)
        })
    }
}
