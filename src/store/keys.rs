//! Keys: the one place that knows how rows lie in the ordered space. A key starts with its table's byte; a noun's
//! row is then tenant, parent, id, so that a list is one range.

pub mod blobs;
pub mod correlations;
pub mod deliveries;
pub mod judge_links;

use uuid::Uuid;

use crate::domain::{CategoryId, EntryId, JudgeId, Kind, TenantId, Timestamp, noun::UniqueField};

/// Tables beside the nouns' own. A noun's live rows lie under its [`Kind`]'s number (1 to 63), its deleted rows
/// under that number plus 64. The numbers are stored and never reused; 185 was a table of format 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Table {
    /// Format version, instance id, last batch.
    Meta = 128,
    /// id -> kind, tenant, ancestors.
    Locator = 129,
    /// tenant, scope, field, value -> id.
    Slot = 130,
    /// tenant, target, kind, id: who points at the target.
    Referrer = 131,
    /// tenant, change number -> key of the trash row.
    TrashIndex = 132,
    /// tenant, sequence -> audit record.
    Audit = 133,
    /// tenant, sequence -> personal before and after values.
    AuditDetail = 134,
    /// tenant, id -> numbers of locked and certified things beneath.
    Counter = 135,
    /// tenant, category, judge, entry, version -> an earlier sheet.
    SheetVersion = 136,
    /// user -> password hash.
    Credential = 137,
    /// hash of the session token -> session.
    Session = 138,
    /// user, hash of the session token.
    UserSession = 139,
    /// hash of the API token -> tenant, token id.
    TokenSecret = 140,
    /// Hash of the one-time setup code.
    Setup = 141,
    /// hash of actor and idempotency key -> what was created under it.
    Creation = 142,
    /// time, hash of actor and idempotency key: which creations are the oldest.
    CreationAge = 143,
    /// due time, job -> its tenant: jobs that are not over.
    JobQueue = 144,
    /// tenant, job, part -> a piece of what the job is to do.
    JobInput = 145,
    /// name -> when scheduled work was last begun.
    Schedule = 146,
    /// user -> second factor.
    SecondFactor = 152,
    /// hash of the link's token -> whose password may be set with it.
    ResetLink = 153,
    /// user -> which reset link is open, and when one was asked for.
    UserReset = 154,
    /// tenant, judge, link -> judge link.
    JudgeLink = 160,
    /// hash of the link's secret -> tenant, judge, link.
    JudgeLinkSecret = 161,
    /// tenant, link -> judge.
    JudgeLinkJudge = 162,
    /// When somebody last came with a link that there is not.
    UnknownJudgeLink = 163,
    /// tenant -> its logo.
    Logo = 168,
    /// tenant, event or contest -> the open request to unlock it.
    UnlockRequest = 169,
    /// service, key -> a circuit.
    Circuit = 176,
    /// How circuit breakers are brought in.
    Rollout = 177,
    /// service, queue, urgency, due time, delivery -> its tenant: deliveries that are not over.
    DeliveryQueue = 184,
    /// tenant, delivery: those that are not tried any more.
    DeadDelivery = 186,
    /// tenant -> number of the last change that was published.
    Published = 187,
    /// webhook -> how it fares.
    WebhookHealth = 188,
    /// action -> its sealed authorization.
    ActionSecret = 189,
    /// tenant, hash of the address -> why it gets no more mail.
    Suppression = 190,
    /// tenant, hash, id -> nothing: what keeps a blob, live or in the trash.
    BlobUse = 192,
    /// tenant, correlation ID, what belongs to it, number or id: changes, jobs and deliveries.
    Correlated = 193,
    /// tenant, hash -> where a blob is in object storage, and what was begun with it.
    StoredBlob = 194,
    /// alert -> nothing more: those that are not over.
    FiringAlert = 200,
    /// silence -> what is not told at present.
    Silence = 201,
}

const TRASH: u8 = 64;

/// From and to where all keys lie.
pub const EVERYTHING: (&[u8], &[u8]) = (&[0], &[u8::MAX; 128]);

/// Builds a key piece by piece.
struct KeyBuilder(Vec<u8>);

impl KeyBuilder {
    fn new(table: u8) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.push(table);
        Self(bytes)
    }

    fn id(mut self, id: Uuid) -> Self {
        self.0.extend_from_slice(id.as_bytes());
        self
    }

    fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

/// Where a noun's row lies among the live rows.
pub fn row(kind: Kind, tenant: TenantId, parent: Uuid, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(kind as u8).id(tenant.uuid()).id(parent).id(id).0
}

/// All live rows of a kind beneath a parent.
pub fn children(kind: Kind, tenant: TenantId, parent: Uuid) -> Vec<u8> {
    KeyBuilder::new(kind as u8).id(tenant.uuid()).id(parent).0
}

/// Where a live row goes when it is deleted by this change.
pub fn trash(live: &[u8], change: u64) -> Vec<u8> {
    let (table, rest) = live.split_first().map_or((0, live), |(table, rest)| (*table, rest));
    KeyBuilder::new(table + TRASH).bytes(rest).number(change).0
}

/// Where a deleted row was when it was live.
pub fn live_of_trash(trash: &[u8]) -> Option<Vec<u8>> {
    let (table, rest) = trash.split_first()?;
    let rest = rest.get(..rest.len().checked_sub(8)?)?;
    Some(KeyBuilder::new(table.checked_sub(TRASH)?).bytes(rest).0)
}

/// All deleted rows that had this live key (or began with it).
pub fn trash_of(live: &[u8]) -> Vec<u8> {
    let (table, rest) = live.split_first().map_or((0, live), |(table, rest)| (*table, rest));
    KeyBuilder::new(table + TRASH).bytes(rest).0
}

/// The kind of noun a live or trash key belongs to.
pub fn kind_of(key: &[u8]) -> Option<Kind> {
    let table = *key.first()?;
    Kind::from_code(if table > TRASH { table - TRASH } else { table })
}

/// The last id of a live key: the row's own.
pub fn id_of(live: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(live.get(live.len().checked_sub(16)?..)?).ok()
}

/// A sheet: tenant, category, judge, entry.
pub fn sheet(tenant: TenantId, category: CategoryId, judge: JudgeId, entry: EntryId) -> Vec<u8> {
    sheets_of_judge_key(tenant, category, judge).id(entry.uuid()).0
}

/// All sheets of a judge in a category.
pub fn sheets_of_judge(tenant: TenantId, category: CategoryId, judge: JudgeId) -> Vec<u8> {
    sheets_of_judge_key(tenant, category, judge).0
}

fn sheets_of_judge_key(tenant: TenantId, category: CategoryId, judge: JudgeId) -> KeyBuilder {
    KeyBuilder::new(Kind::Sheet as u8).id(tenant.uuid()).id(category.uuid()).id(judge.uuid())
}

/// Judge and entry of a live sheet key.
pub fn sheet_parts(live: &[u8]) -> Option<(JudgeId, EntryId)> {
    let judge = Uuid::from_slice(live.get(33..49)?).ok()?;
    let entry = Uuid::from_slice(live.get(49..65)?).ok()?;
    Some((JudgeId::new(judge), EntryId::new(entry)))
}

/// A deleted mark: the sheet's key and the criterion, under the marks' trash.
pub fn mark(sheet: &[u8], criterion: Uuid) -> Vec<u8> {
    KeyBuilder::new(Kind::Mark as u8).bytes(sheet.get(1..).unwrap_or_default()).id(criterion).0
}

/// Deleted marks of the sheets under a prefix, without their place in the trash.
pub fn marks(sheets: &[u8]) -> Vec<u8> {
    KeyBuilder::new(Kind::Mark as u8).bytes(sheets.get(1..).unwrap_or_default()).0
}

/// The entry in the key of a sheet, an earlier version of it, or what lies of it in the trash.
pub fn entry_of_sheet(key: &[u8]) -> Option<EntryId> {
    Uuid::from_slice(key.get(49..65)?).ok().map(EntryId::new)
}

/// The criterion in the key of a deleted mark.
pub fn criterion_of_mark(key: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(key.get(65..81)?).ok()
}

/// Whose trash a key lies in; nothing if it lies in no trash.
pub fn tenant_of_trash(key: &[u8]) -> Option<TenantId> {
    let table = *key.first()?;
    (TRASH..Table::Meta as u8).contains(&table).then(|| tenant_of(key)).flatten()
}

/// Whose a key is, in tables whose keys begin with a tenant.
pub fn tenant_of(key: &[u8]) -> Option<TenantId> {
    Uuid::from_slice(key.get(1..17)?).ok().map(TenantId::new)
}

/// The key of the sheet that a mark is of.
pub fn sheet_of_mark(mark: &[u8]) -> Option<Vec<u8>> {
    let sheet = mark.get(1..mark.len().checked_sub(16)?)?;
    Some(KeyBuilder::new(Kind::Sheet as u8).bytes(sheet).0)
}

/// Where an id's kind and ancestors are.
pub fn locator(id: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::Locator as u8).id(id).0
}

/// Who holds a unique value.
pub fn slot(tenant: TenantId, scope: Uuid, field: UniqueField, value: &str) -> Vec<u8> {
    KeyBuilder::new(Table::Slot as u8).id(tenant.uuid()).id(scope).byte(field as u8).bytes(value.as_bytes()).0
}

/// That one resource points at another.
pub fn referrer(tenant: TenantId, target: Uuid, kind: Kind, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::Referrer as u8).id(tenant.uuid()).id(target).byte(kind as u8).id(id).0
}

/// Everything of a kind that points at a target.
pub fn referrers(tenant: TenantId, target: Uuid, kind: Kind) -> Vec<u8> {
    KeyBuilder::new(Table::Referrer as u8).id(tenant.uuid()).id(target).byte(kind as u8).0
}

/// When something was created under a name.
pub fn creation_age(at: Timestamp, name: &[u8; 32]) -> Vec<u8> {
    let mut key = creations_before(at);
    key.extend_from_slice(name);
    key
}

/// The end of what was created under a name before a time.
pub fn creations_before(at: Timestamp) -> Vec<u8> {
    KeyBuilder::new(Table::CreationAge as u8).number(u64::try_from(at.millis()).unwrap_or(0)).0
}

/// The name at the end of a key.
pub fn creation_name(key: &[u8]) -> Option<[u8; 32]> {
    key.get(9..)?.try_into().ok()
}

/// A row of a table that is keyed by tenant and number.
pub fn numbered(table: Table, tenant: TenantId, number: u64) -> Vec<u8> {
    KeyBuilder::new(table as u8).id(tenant.uuid()).number(number).0
}

/// All rows of a tenant in a table.
pub fn of_tenant(table: Table, tenant: TenantId) -> Vec<u8> {
    KeyBuilder::new(table as u8).id(tenant.uuid()).0
}

/// The number at the end of a key.
pub fn number_of(key: &[u8]) -> Option<u64> {
    let bytes = key.get(key.len().checked_sub(8)?..)?;
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// Counters of what is locked or certified beneath an event or contest.
pub fn counter(tenant: TenantId, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::Counter as u8).id(tenant.uuid()).id(id).0
}

/// The open request to unlock an event or contest.
pub fn unlock_request(tenant: TenantId, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::UnlockRequest as u8).id(tenant.uuid()).id(id).0
}

/// An earlier version of a sheet.
pub fn sheet_version(sheet: &[u8], version: u64) -> Vec<u8> {
    KeyBuilder::new(Table::SheetVersion as u8).bytes(sheet.get(1..).unwrap_or_default()).number(version).0
}

/// All earlier versions of a sheet.
pub fn sheet_versions(sheet: &[u8]) -> Vec<u8> {
    KeyBuilder::new(Table::SheetVersion as u8).bytes(sheet.get(1..).unwrap_or_default()).0
}

/// A row keyed by an id alone.
pub fn by_id(table: Table, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(table as u8).id(id).0
}

/// A row keyed by a hash.
pub fn by_hash(table: Table, hash: &[u8; 32]) -> Vec<u8> {
    KeyBuilder::new(table as u8).bytes(hash).0
}

/// A job in the queue, by when it is due.
pub fn queued_job(due: Timestamp, job: Uuid) -> Vec<u8> {
    let mut key = jobs_due_before(due);
    key.extend_from_slice(job.as_bytes());
    key
}

/// The end of the jobs that were due before a time.
pub fn jobs_due_before(time: Timestamp) -> Vec<u8> {
    KeyBuilder::new(Table::JobQueue as u8).number(u64::try_from(time.millis()).unwrap_or(0)).0
}

/// A piece of what a job is to do.
pub fn job_input(tenant: TenantId, job: Uuid, part: u64) -> Vec<u8> {
    KeyBuilder::new(Table::JobInput as u8).id(tenant.uuid()).id(job).number(part).0
}

/// All of what a job is to do.
pub fn job_inputs(tenant: TenantId, job: Uuid) -> Vec<u8> {
    KeyBuilder::new(Table::JobInput as u8).id(tenant.uuid()).id(job).0
}

/// A row keyed by tenant and id.
pub fn of_tenant_by_id(table: Table, tenant: TenantId, id: Uuid) -> Vec<u8> {
    KeyBuilder::new(table as u8).id(tenant.uuid()).id(id).0
}

/// A session in the list of its user's.
pub fn user_session(user: Uuid, hash: &[u8; 32]) -> Vec<u8> {
    KeyBuilder::new(Table::UserSession as u8).id(user).bytes(hash).0
}

/// A named value.
pub fn named(table: Table, name: &str) -> Vec<u8> {
    KeyBuilder::new(table as u8).bytes(name.as_bytes()).0
}

/// A whole table.
pub fn table(table: Table) -> Vec<u8> {
    vec![table as u8]
}

/// The first key behind a key.
pub fn behind(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The first key behind all keys that start with `prefix`.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 128]
}

#[cfg(test)]
mod tests;
