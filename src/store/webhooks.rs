//! Rows beside webhooks and actions: how a webhook fares, and the sealed authorization of an action. They stay when the
//! noun is deleted, so that restoring it loses nothing, and go when it is purged.

use uuid::Uuid;

use super::{
    StoreError,
    identity::read,
    keys::{self, Table},
    live::Live,
    transaction::Transaction,
};
use crate::domain::{ActionHookId, WebhookHealth, WebhookId};

impl Live<'_> {
    /// How a webhook fares.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn webhook_health(&self, id: WebhookId) -> Result<WebhookHealth, StoreError> {
        Ok(read(self.reader(), &keys::by_id(Table::WebhookHealth, id.uuid()))?.unwrap_or_default())
    }

    /// The sealed authorization of an action.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn action_secret(&self, id: ActionHookId) -> Result<Option<Vec<u8>>, StoreError> {
        read(self.reader(), &keys::by_id(Table::ActionSecret, id.uuid()))
    }
}

impl Transaction<'_> {
    /// Notes how a webhook fares.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_webhook_health(&mut self, id: WebhookId, health: &WebhookHealth) -> Result<(), StoreError> {
        self.put(keys::by_id(Table::WebhookHealth, id.uuid()), health)
    }

    /// Forgets all that is kept beside a webhook or action.
    pub(super) fn forget_hook(&mut self, id: Uuid) {
        self.overlay().delete(keys::by_id(Table::WebhookHealth, id));
        self.overlay().delete(keys::by_id(Table::ActionSecret, id));
    }

    /// Sets the sealed authorization of an action, or removes it.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_action_secret(&mut self, id: ActionHookId, sealed: Option<&[u8]>) -> Result<(), StoreError> {
        let key = keys::by_id(Table::ActionSecret, id.uuid());
        match sealed {
            Some(sealed) => self.put(key, &sealed),
            None => {
                self.overlay().delete(key);
                Ok(())
            }
        }
    }
}
