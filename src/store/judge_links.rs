//! Rows of judge links. They are revoked, not soft-deleted; of their secrets only hashes are stored.

use serde::{Deserialize, Serialize};

use super::{
    SecretHash, StoreError, codec, engine::Reader, identity::read, keys, keys::Table, live::Live, rows,
    transaction::Transaction,
};
use crate::domain::{JudgeId, JudgeLink, JudgeLinkId, TenantId, Timestamp};

/// Where a judge link is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JudgeLinkAddress {
    /// The tenant.
    pub tenant: TenantId,
    /// The judge.
    pub judge: JudgeId,
    /// The link.
    pub id: JudgeLinkId,
}

impl JudgeLinkAddress {
    fn key(&self) -> Vec<u8> {
        keys::judge_links::judge_link(self.tenant, self.judge, self.id.uuid())
    }
}

fn links(reader: &dyn Reader, tenant: TenantId, judge: JudgeId) -> Result<Vec<JudgeLink>, StoreError> {
    rows::scan(reader, &keys::judge_links::links_of_judge(tenant, judge), |_, value| {
        Ok(Some(codec::decode(value)?))
    })
}

impl Live<'_> {
    /// Where the link with a secret is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn judge_link_address(&self, secret: &SecretHash) -> Result<Option<JudgeLinkAddress>, StoreError> {
        read(self.reader(), &keys::by_hash(Table::JudgeLinkSecret, secret))
    }

    /// A link, whatever its state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn judge_link(&self, address: &JudgeLinkAddress) -> Result<Option<JudgeLink>, StoreError> {
        read(self.reader(), &address.key())
    }

    /// A link of a tenant by its id, whatever its state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn judge_link_by_id(
        &self,
        tenant: TenantId,
        id: JudgeLinkId,
    ) -> Result<Option<JudgeLink>, StoreError> {
        let judge: Option<JudgeId> =
            read(self.reader(), &keys::judge_links::judge_of_link(tenant, id.uuid()))?;
        judge.map_or(Ok(None), |judge| self.judge_link(&JudgeLinkAddress { tenant, judge, id }))
    }

    /// All links of a judge, oldest first, whatever their state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn judge_links(&self, tenant: TenantId, judge: JudgeId) -> Result<Vec<JudgeLink>, StoreError> {
        links(self.reader(), tenant, judge)
    }
}

impl Transaction<'_> {
    /// Writes a new link, to be found by its secret.
    ///
    /// # Errors
    /// When a value cannot be written.
    pub fn add_judge_link(&mut self, tenant: TenantId, link: &JudgeLink) -> Result<(), StoreError> {
        let address = JudgeLinkAddress { tenant, judge: link.judge, id: link.id };
        self.put(keys::by_hash(Table::JudgeLinkSecret, &link.secret), &address)?;
        self.put(keys::judge_links::judge_of_link(tenant, link.id.uuid()), &link.judge)?;
        self.put_judge_link(tenant, link)
    }

    /// Writes a link anew.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_judge_link(&mut self, tenant: TenantId, link: &JudgeLink) -> Result<(), StoreError> {
        self.put(JudgeLinkAddress { tenant, judge: link.judge, id: link.id }.key(), link)
    }

    /// Ends the session that holds a link, if one does, and gives the link without it, still to be written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end_hold(&mut self, link: JudgeLink) -> Result<JudgeLink, StoreError> {
        let Some(hold) = &link.hold else { return Ok(link) };
        let session = self.live().session(&hold.session)?;
        self.overlay().delete(keys::by_hash(Table::Session, &hold.session));
        let used = session.map(|session| session.last_used_at);
        Ok(JudgeLink { hold: None, last_used_at: link.last_used_at.max(used), ..link })
    }

    /// Takes a link from the session with this token, which holds it, and ends that.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end_hold_of(
        &mut self,
        tenant: TenantId,
        judge: JudgeId,
        session: &SecretHash,
    ) -> Result<(), StoreError> {
        self.end_holds(tenant, judge, |link| link.is_held_by(session))
    }

    /// Ends all sessions that a judge has by links.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end_link_sessions(&mut self, tenant: TenantId, judge: JudgeId) -> Result<(), StoreError> {
        self.end_holds(tenant, judge, |link| link.hold.is_some())
    }

    fn end_holds(
        &mut self,
        tenant: TenantId,
        judge: JudgeId,
        which: impl Fn(&JudgeLink) -> bool,
    ) -> Result<(), StoreError> {
        for link in links(self.reader(), tenant, judge)?.into_iter().filter(which) {
            let link = self.end_hold(link)?;
            self.put_judge_link(tenant, &link)?;
        }
        Ok(())
    }

    /// Forgets the links of a judge, for good; sessions by them end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn forget_judge_links(&mut self, tenant: TenantId, judge: JudgeId) -> Result<(), StoreError> {
        for link in links(self.reader(), tenant, judge)? {
            let link = self.end_hold(link)?;
            self.overlay().delete(keys::by_hash(Table::JudgeLinkSecret, &link.secret));
            self.overlay().delete(keys::judge_links::judge_of_link(tenant, link.id.uuid()));
            self.overlay().delete(keys::judge_links::judge_link(tenant, judge, link.id.uuid()));
        }
        Ok(())
    }

    /// Notes that somebody came with a link that there is not.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn note_unknown_judge_link(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.put(keys::table(Table::UnknownJudgeLink), &at)
    }
}
