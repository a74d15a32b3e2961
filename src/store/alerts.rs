//! Rows of alerts: each alert there ever was, those that are not over, and silences. They belong to the operators' tenant.

use std::ops::ControlFlow;

use super::{
    StoreError, codec,
    engine::Direction,
    identity::read,
    keys::{self, Table},
    live::{Cursor, Live, Page},
    newest::Newest,
    rows,
    transaction::Transaction,
};
use crate::domain::{AlertId, AlertRecord, Kind, SYSTEM_TENANT, Silence, SilenceId, Timestamp};

fn key(id: AlertId) -> Vec<u8> {
    keys::row(Kind::Alert, SYSTEM_TENANT, SYSTEM_TENANT.uuid(), id.uuid())
}

fn firing(id: AlertId) -> Vec<u8> {
    keys::named(Table::FiringAlert, &id.to_string())
}

fn silence(id: SilenceId) -> Vec<u8> {
    keys::named(Table::Silence, &id.to_string())
}

impl Live<'_> {
    /// An alert.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn alert(&self, id: AlertId) -> Result<Option<AlertRecord>, StoreError> {
        read(self.reader(), &key(id))
    }

    /// The alerts that are not over, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn firing_alerts(&self) -> Result<Vec<AlertRecord>, StoreError> {
        let ids = rows::scan(self.reader(), &keys::table(Table::FiringAlert), |_, value| {
            Ok(Some(codec::decode::<AlertId>(value)?))
        })?;
        let mut alerts = Vec::with_capacity(ids.len());
        for id in ids {
            alerts.extend(self.alert(id)?);
        }
        Ok(alerts)
    }

    /// A page of all alerts that pass a filter, newest first, behind a cursor.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn alerts(
        &self,
        after: Option<Cursor>,
        limit: usize,
        wanted: impl Fn(&AlertRecord) -> bool,
    ) -> Result<Page<AlertRecord>, StoreError> {
        let prefix = keys::children(Kind::Alert, SYSTEM_TENANT, SYSTEM_TENANT.uuid());
        let to = after.map_or_else(|| keys::end_of(&prefix), |cursor| key(AlertId::new(cursor.id)));
        Newest::up_to(limit, |alert: &AlertRecord| alert.id.uuid(), wanted).between(
            self.reader(),
            &prefix,
            &to,
        )
    }

    /// The silences there are, those that are over included until somebody makes another one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn silences(&self) -> Result<Vec<Silence>, StoreError> {
        rows::scan(self.reader(), &keys::table(Table::Silence), |_, value| Ok(Some(codec::decode(value)?)))
    }
}

impl Transaction<'_> {
    /// Keeps an alert.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_alert(&mut self, alert: &AlertRecord) -> Result<(), StoreError> {
        if alert.resolved_at.is_some() {
            self.overlay().delete(firing(alert.id));
        } else {
            self.put(firing(alert.id), &alert.id)?;
        }
        self.put(key(alert.id), alert)
    }

    /// Keeps a silence, and forgets those that are over.
    ///
    /// # Errors
    /// When the value cannot be written.
    pub fn put_silence(&mut self, row: &Silence, now: Timestamp) -> Result<(), StoreError> {
        for over in self.live().silences()?.iter().filter(|silence| silence.until <= now) {
            self.overlay().delete(silence(over.id));
        }
        self.put(silence(row.id), row)
    }

    /// Ends a silence; false if there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn end_silence(&mut self, id: SilenceId) -> Result<bool, StoreError> {
        let there = self.get::<Silence>(&silence(id))?.is_some();
        self.overlay().delete(silence(id));
        Ok(there)
    }

    /// Forgets alerts that began and were over before a time, at most so many of the oldest. Returns how many it were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn forget_alerts(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let prefix = keys::children(Kind::Alert, SYSTEM_TENANT, SYSTEM_TENANT.uuid());
        let (all, mut old) = ((&*prefix, &*keys::end_of(&prefix)), Vec::new());
        rows::walk(self.reader(), all, Direction::Forward, &mut |_, value| {
            let alert: AlertRecord = codec::decode(value)?;
            // They are in order of their beginning, so none that is younger is old.
            if alert.fired_at >= before || old.len() == limit {
                return Ok(ControlFlow::Break(()));
            }
            old.extend(alert.resolved_at.filter(|over| *over < before).map(|_| alert.id));
            Ok(ControlFlow::Continue(()))
        })?;
        for id in &old {
            self.overlay().delete(key(*id));
        }
        Ok(old.len())
    }
}
