//! Rows of circuits: what is kept of each over a restart, and how circuit breakers are brought in. They belong to the box.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    StoreError, codec,
    engine::Direction,
    identity::read,
    keys::{self, Table},
    live::Live,
    transaction::Transaction,
};
use crate::domain::{CircuitMemory, OutboundService, Rollout, Timestamp};

/// A circuit, as it is stored.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCircuit {
    /// Its id in the audit log.
    pub id: Uuid,
    /// The kind of service.
    pub service: OutboundService,
    /// Which of its kind.
    pub key: String,
    /// Where it stands.
    pub memory: CircuitMemory,
    /// Since when.
    pub since: Timestamp,
}

fn key_of(service: OutboundService, key: &str) -> Vec<u8> {
    keys::named(Table::Circuit, &format!("{service}/{key}"))
}

impl Live<'_> {
    /// A circuit.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn circuit(&self, service: OutboundService, key: &str) -> Result<Option<StoredCircuit>, StoreError> {
        read(self.reader(), &key_of(service, key))
    }

    /// All circuits that were ever anything but closed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn circuits(&self) -> Result<Vec<StoredCircuit>, StoreError> {
        let prefix = keys::table(Table::Circuit);
        let mut raw = Vec::new();
        self.reader().range(&prefix, &keys::end_of(&prefix), Direction::Forward, &mut |_, value| {
            raw.push(value.to_vec());
            std::ops::ControlFlow::Continue(())
        })?;
        Ok(raw.iter().map(|value| codec::decode(value)).collect::<Result<_, _>>()?)
    }

    /// How circuit breakers are brought in.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rollout(&self) -> Result<Rollout, StoreError> {
        Ok(read(self.reader(), &keys::table(Table::Rollout))?.unwrap_or_default())
    }
}

impl Transaction<'_> {
    /// Keeps a circuit.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_circuit(&mut self, circuit: &StoredCircuit) -> Result<(), StoreError> {
        self.put(key_of(circuit.service, &circuit.key), circuit)
    }

    /// Keeps how circuit breakers are brought in.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_rollout(&mut self, rollout: &Rollout) -> Result<(), StoreError> {
        self.put(keys::table(Table::Rollout), rollout)
    }
}
