//! One operation's view of the store while it runs: it reads the newest state with its own changes on top, and
//! everything it writes goes through here, with an audit record that gives the change its number.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    StoreError,
    audit::Heads,
    codec,
    engine::{Changes, Reader},
    job_counts::JobStep,
    keys,
    lineage::Lineage,
    live::{Live, LiveRow, Place},
    overlay::Overlay,
    pulse::SheetChanges,
    recording::OpenSpan,
    with_deleted::WithDeleted,
};
use crate::domain::{
    Actor, Facts, Kind, Noun, Row, TenantId, Timestamp, Verb,
    noun::{Unique, UniqueField},
};

/// Who writes, when and in which request: drawn before the operation, so that it can run more than once.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// In which request.
    pub request_id: String,
    /// What the request belongs to.
    pub correlation_id: String,
    /// The place of the request in its trace.
    pub traceparent: String,
    /// Random bytes for the salts of the operation's records.
    pub seed: [u8; 16],
}

/// A value that another one holds.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} is taken by {holder}", field.pointer())]
pub struct Taken {
    /// Which value.
    pub field: UniqueField,
    /// The value.
    pub value: String,
    /// Who holds it.
    pub holder: Uuid,
}

/// What keeps a row from being written.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// A unique value is taken.
    #[error(transparent)]
    Taken(#[from] Taken),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An operation's changes over a state.
pub struct Transaction<'a> {
    overlay: Overlay<'a>,
    pub(super) shared_heads: &'a Heads,
    pub(super) heads: Heads,
    pub(super) sheets: SheetChanges,
    /// Jobs that came or ended.
    pub(super) jobs: Vec<JobStep>,
    /// The changes made last.
    pub(super) span: Option<OpenSpan>,
    stamp: &'a Stamp,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(base: &'a dyn Reader, shared_heads: &'a Heads, stamp: &'a Stamp) -> Self {
        let (heads, sheets, jobs) = (Heads::new(), SheetChanges::new(), Vec::new());
        Self { overlay: Overlay::new(base), shared_heads, heads, sheets, jobs, span: None, stamp }
    }

    pub(super) fn into_parts(self) -> (Changes, Heads, SheetChanges, Vec<JobStep>) {
        (self.overlay.into_changes(), self.heads, self.sheets, self.jobs)
    }

    /// Rows written so far, of all tables.
    pub fn rows(&self) -> usize {
        self.overlay.len()
    }

    /// Runs part of the operation so that it leaves nothing if it fails, while the rest goes on.
    ///
    /// # Errors
    /// Whatever `run` fails with.
    pub fn attempt<T, E>(&mut self, run: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut heads = self.shared_heads.clone();
        heads.extend(&self.heads);
        let mut part = Transaction::new(&self.overlay, &heads, self.stamp);
        part.span = self.span;
        let value = run(&mut part)?;
        self.span = part.span;
        let (changes, heads, sheets, jobs) = part.into_parts();
        self.overlay.absorb(changes);
        self.heads.extend(heads);
        self.sheets.extend(sheets);
        self.jobs.extend(jobs);
        Ok(value)
    }

    /// Who writes, when and in which request.
    pub fn stamp(&self) -> &Stamp {
        self.stamp
    }

    /// What can be seen.
    pub fn live(&self) -> Live<'_> {
        Live::new(&self.overlay)
    }

    /// What can be seen, and what is deleted.
    pub fn with_deleted(&self) -> WithDeleted<'_> {
        WithDeleted::new(&self.overlay)
    }

    pub(super) fn overlay(&mut self) -> &mut Overlay<'a> {
        &mut self.overlay
    }

    pub(super) fn reader(&self) -> &dyn Reader {
        &self.overlay
    }

    /// Writes a new row beneath a live place.
    ///
    /// # Errors
    /// A unique value is taken, or the store cannot be read.
    pub fn insert<N: Noun>(&mut self, place: &Place, id: Uuid, body: N) -> Result<LiveRow<N>, RowError> {
        let lineage = match N::KIND {
            Kind::Tenant => Lineage::of_tenant(TenantId::new(id)),
            kind => place.lineage().child(kind, id),
        };
        self.claim(&lineage, &body.unique())?;
        let after = Some(body_text(&body)?);
        let version =
            self.record(lineage.tenant(), Verb::Created, (N::KIND, id), Facts::None, Some((None, after)))?;
        let at = self.stamp.at;
        let row =
            Row { id, version, created_at: at, updated_at: at, locked_at: None, archived_at: None, body };
        self.overlay.put(keys::locator(id), lineage.to_bytes());
        for reference in row.body.references() {
            self.overlay.put(keys::referrer(lineage.tenant(), reference.id, N::KIND, id), Vec::new());
        }
        for blob in row.body.blobs() {
            self.overlay.put(keys::blobs::blob_use(lineage.tenant(), &blob, id), Vec::new());
        }
        self.put_row(&lineage, &row)?;
        Ok(LiveRow::new(row, lineage))
    }

    /// Writes the body of a live row anew.
    ///
    /// # Errors
    /// A unique value is taken, or the store cannot be read.
    pub fn update<N: Noun>(&mut self, live: LiveRow<N>, body: N) -> Result<LiveRow<N>, RowError> {
        let (row, lineage) = live.into_parts();
        self.release(&lineage, &given_up(&row.body, &body));
        self.claim(&lineage, &body.unique())?;
        self.point_anew(&lineage, &row.body, &body);
        let texts = (Some(body_text(&row.body)?), Some(body_text(&body)?));
        let version =
            self.record(lineage.tenant(), Verb::Updated, (N::KIND, row.id), Facts::None, Some(texts))?;
        let row = Row { version, updated_at: self.stamp.at, body, ..row };
        self.put_row(&lineage, &row)?;
        Ok(LiveRow::new(row, lineage))
    }

    /// Notes who points at what, where a new body points elsewhere.
    fn point_anew<N: Noun>(&mut self, lineage: &Lineage, before: &N, after: &N) {
        let (before, after) = (before.references(), after.references());
        if before == after {
            return;
        }
        let key = |at: Uuid| keys::referrer(lineage.tenant(), at, N::KIND, lineage.id());
        before.iter().for_each(|old| self.overlay.delete(key(old.id)));
        after.iter().for_each(|new| self.overlay.put(key(new.id), Vec::new()));
    }

    /// Writes the bodies of several live rows anew, as one change of what they hang beneath: unique values may go from
    /// one to the other. The record of the change has all bodies, before and after, as two lists.
    ///
    /// # Errors
    /// A unique value is taken by a row that is not among them, or the store cannot be read.
    pub fn update_together<P: Noun, N: Noun>(
        &mut self,
        above: &LiveRow<P>,
        verb: Verb,
        rows: Vec<(LiveRow<N>, N)>,
    ) -> Result<(), RowError> {
        for (live, body) in &rows {
            self.release(live.lineage(), &given_up(live.body(), body));
        }
        for (live, body) in &rows {
            self.claim(live.lineage(), &body.unique())?;
        }
        let list =
            |texts: Result<Vec<String>, StoreError>| Ok::<_, StoreError>(format!("[{}]", texts?.join(",")));
        let before = list(rows.iter().map(|(live, _)| body_text(live.body())).collect())?;
        let after = list(rows.iter().map(|(_, body)| body_text(body)).collect())?;
        let subject = (P::KIND, above.id());
        let texts = Some((Some(before), Some(after)));
        let version = self.record(above.lineage().tenant(), verb, subject, Facts::None, texts)?;
        for (live, body) in rows {
            let (row, lineage) = live.into_parts();
            self.put_row(&lineage, &Row { version, updated_at: self.stamp.at, body, ..row })?;
        }
        Ok(())
    }

    /// Writes the state of a live row (locked, archived) anew.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn set_state<N: Noun>(
        &mut self,
        live: LiveRow<N>,
        (verb, facts): (Verb, Facts),
        change: impl FnOnce(&mut Row<N>, Timestamp),
    ) -> Result<LiveRow<N>, StoreError> {
        let (mut row, lineage) = live.into_parts();
        row.version = self.record(lineage.tenant(), verb, (N::KIND, row.id), facts, None)?;
        row.updated_at = self.stamp.at;
        change(&mut row, self.stamp.at);
        self.put_row(&lineage, &row)?;
        Ok(LiveRow::new(row, lineage))
    }

    fn put_row<N: Noun>(&mut self, lineage: &Lineage, row: &Row<N>) -> Result<(), StoreError> {
        self.overlay.put(lineage.key(), codec::encode(row)?);
        Ok(())
    }

    pub(super) fn claim(&mut self, lineage: &Lineage, values: &[Unique]) -> Result<(), RowError> {
        for Unique { field, value } in values {
            let key = slot_key(lineage, *field, value);
            match self.overlay.get(&key).map_err(StoreError::from)? {
                Some(holder) if holder != lineage.id().as_bytes() => {
                    let holder = Uuid::from_slice(&holder).unwrap_or_default();
                    return Err(Taken { field: *field, value: value.clone(), holder }.into());
                }
                Some(_) => {}
                None => self.overlay.put(key, lineage.id().as_bytes().to_vec()),
            }
        }
        Ok(())
    }

    pub(super) fn release(&mut self, lineage: &Lineage, values: &[Unique]) {
        for Unique { field, value } in values {
            self.overlay.delete(slot_key(lineage, *field, value));
        }
    }

    /// The value of a row outside the nouns.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        match self.overlay.get(key)? {
            Some(bytes) => Ok(Some(codec::decode(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Writes a row outside the nouns.
    pub(super) fn put<T: Serialize>(&mut self, key: Vec<u8>, value: &T) -> Result<(), StoreError> {
        self.overlay.put(key, codec::encode(value)?);
        Ok(())
    }
}

/// The unique values that a new body lacks.
fn given_up<N: Noun>(before: &N, after: &N) -> Vec<Unique> {
    let after = after.unique();
    before.unique().into_iter().filter(|value| !after.contains(value)).collect()
}

fn slot_key(lineage: &Lineage, field: UniqueField, value: &str) -> Vec<u8> {
    match lineage.kind() {
        // A tenant's short name is unique on the whole box.
        Kind::Tenant => keys::slot(TenantId::new(Uuid::nil()), Uuid::nil(), field, value),
        _ => keys::slot(lineage.tenant(), lineage.parent(), field, value),
    }
}

fn body_text<N: Noun>(body: &N) -> Result<String, StoreError> {
    serde_json::to_string(body).map_err(|error| codec::CodecError::new(error.to_string()).into())
}
