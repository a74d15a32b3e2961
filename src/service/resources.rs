//! Use cases that every noun shares: create, read, list, change, delete, restore. How a change is made is in `changes`;
//! what is special about a noun is in its guards, or in a use case of its own.

use std::any::Any;

use uuid::Uuid;

use super::{
    Permit, ServiceError, Services, changes,
    idempotency::{Creation, IdempotencyKey, Once},
    paging::{Paging, cut},
    restoring::{self, Buried, Restoring},
    versions::{Versions, ensure_expected},
};
use crate::{
    domain::{Action, File, Kind, Noun, Row, TenantId, Visibility},
    store::{Cursor, Found, Lineage, Live, LiveRow, Page, Place, StoreError},
    telemetry::metrics,
};

/// What a delete says beside what is deleted.
#[derive(Clone, Debug, Default)]
pub struct Deletion {
    /// Why.
    pub reason: Option<String>,
    /// That marks may go out of sight.
    pub confirmed: bool,
    /// The versions that were seen.
    pub expected: Option<Versions>,
}

impl Services {
    /// Creates a resource beneath a parent (the tenant itself for what hangs beneath it), once under a key;
    /// `confirmed` if sheets may lack marks because of it.
    ///
    /// # Errors
    /// The parent is not there or not open, the body breaks rules, a unique value is taken, the key was used for
    /// something else, sheets would lack marks unconfirmed.
    pub async fn create<N: Noun>(
        &self,
        permit: &Permit,
        parent: Uuid,
        body: N,
        key: Option<&IdempotencyKey>,
        confirmed: bool,
    ) -> Result<Creation<Found<N>>, ServiceError> {
        let once = key.map(|key| Once::new(permit, key, &(N::KIND, parent, &body))).transpose()?;
        let id = permit.context().clock().new_uuid();
        let holder = permit.clone();
        let made = self
            .write(permit, move |transaction| {
                Once::make(once.as_ref(), transaction, id, |transaction| {
                    changes::create(transaction, &holder, parent, id, body.clone(), confirmed)
                })
            })
            .await?;
        self.creation(permit, made).await
    }

    /// Whether there is something beneath which a resource could be created.
    ///
    /// # Errors
    /// There is not, or it is out of the permit's reach.
    pub async fn ensure_parent<N: Noun>(&self, permit: &Permit, parent: Uuid) -> Result<(), ServiceError> {
        self.store.read(|view| parent_place::<N>(view, permit, parent).map(drop)).await
    }

    /// One resource.
    ///
    /// # Errors
    /// There is none, or it is out of the permit's reach; deleted ones need the permission to see them.
    pub async fn get<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        with_deleted: bool,
    ) -> Result<Found<N>, ServiceError> {
        let found = if with_deleted {
            ensure_may_see_deleted(permit)?;
            self.store.read_with_deleted(|view| view.find::<N>(permit.tenant(), id)).await?
        } else {
            self.store.read(|view| view.find::<N>(permit.tenant(), id)).await?.map(live)
        };
        let found =
            found.filter(|found| permit.covers(&found.lineage)).ok_or(ServiceError::NotFound(N::KIND))?;
        if let Some(file) = (&found.row.body as &dyn Any).downcast_ref::<File>() {
            self.ensure_readable(permit, file).await?;
        }
        Ok(found)
    }

    /// What people know a resource by, whether it is live or deleted; empty if there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn label(&self, tenant: TenantId, kind: Kind, id: Uuid) -> Result<String, ServiceError> {
        let label = self.store.read_with_deleted(|view| view.label(tenant, kind, id)).await?;
        Ok(label.unwrap_or_default())
    }

    /// A page of a list beneath a parent, in running order: of all, or of those alone that are `archived` or are not.
    ///
    /// # Errors
    /// The parent is not there; deleted rows need the permission to see them.
    pub async fn list<N: Noun>(
        &self,
        permit: &Permit,
        parent: Uuid,
        paging: Paging,
        archived: Option<bool>,
    ) -> Result<Page<Found<N>>, ServiceError> {
        let page = if paging.with_deleted {
            ensure_may_see_deleted(permit)?;
            self.list_with_deleted(permit, parent, paging).await?
        } else {
            self.list_live(permit, parent, paging).await?
        };
        let is_wanted =
            |found: &Found<N>| archived.is_none_or(|archived| found.row.archived_at.is_some() == archived);
        Ok(Page { items: page.items.into_iter().filter(is_wanted).collect(), next: page.next })
    }

    async fn list_live<N: Noun>(
        &self,
        permit: &Permit,
        parent: Uuid,
        paging: Paging,
    ) -> Result<Page<Found<N>>, ServiceError> {
        self.store
            .read(|view| {
                let place = parent_place_to_list::<N>(view, permit, parent)?;
                let page = if N::KIND.parent() == Some(Kind::Tenant) {
                    view.page::<N>(&place, paging.after, paging.limit)?
                } else {
                    let rows =
                        if N::KIND == Kind::Tenant { tenants(view)? } else { view.children::<N>(&place)? };
                    cut(rows, paging, |row| Cursor { order: row.body().order(), id: row.id() })
                };
                let items = page.items.into_iter().filter(|row| permit.covers(row.lineage())).map(live);
                Ok(Page { items: items.collect(), next: page.next })
            })
            .await
    }

    async fn list_with_deleted<N: Noun>(
        &self,
        permit: &Permit,
        parent: Uuid,
        paging: Paging,
    ) -> Result<Page<Found<N>>, ServiceError> {
        self.store
            .read_with_deleted(|view| {
                let lineage = match N::KIND.parent() {
                    None => Some(Lineage::of_tenant(permit.tenant())),
                    Some(kind) => view.lineage(permit.tenant(), kind, parent)?,
                };
                let lineage =
                    lineage.ok_or(ServiceError::NotFound(N::KIND.parent().unwrap_or(Kind::Tenant)))?;
                let rows = view.children::<N>(&lineage)?;
                let rows: Vec<_> = rows.into_iter().filter(|found| permit.covers(&found.lineage)).collect();
                if rows.is_empty() && lineage.kind() != Kind::Tenant && !permit.covers(&lineage) {
                    return Err(not_found(N::KIND));
                }
                Ok(cut(rows, paging, |found| Cursor { order: found.row.body.order(), id: found.row.id }))
            })
            .await
    }

    /// Changes the body of a resource; `confirmed` if marks may go out of sight.
    ///
    /// # Errors
    /// It is not there or not open, `change` refuses, the new body breaks rules, somebody else changed it, marks would
    /// go out of sight unconfirmed.
    pub async fn update<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        expected: Option<Versions>,
        confirmed: bool,
        change: impl Fn(&N) -> Result<N, ServiceError> + Send + 'static,
    ) -> Result<Found<N>, ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| {
            changes::update(transaction, &holder, id, expected.as_ref(), confirmed, &change)
        })
        .await
    }

    /// Deletes a resource: it and all beneath it go out of sight until it is restored.
    ///
    /// # Errors
    /// It is not there, it or something beneath it is locked, marks would go out of sight unconfirmed.
    pub async fn delete<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        deletion: Deletion,
    ) -> Result<(), ServiceError> {
        let holder = permit.clone();
        self.write(permit, move |transaction| changes::delete::<N>(transaction, &holder, id, &deletion))
            .await?;
        count_deletion(N::KIND, "delete");
        Ok(())
    }

    /// Restores a deleted resource exactly as it was. A live one is given back unchanged.
    ///
    /// # Errors
    /// It never was, something above it is deleted or locked, a unique value was taken meanwhile, sheets would lack
    /// marks unconfirmed.
    pub async fn restore<N: Noun>(
        &self,
        permit: &Permit,
        id: Uuid,
        how: Restoring,
    ) -> Result<Found<N>, ServiceError> {
        let holder = permit.clone();
        let (row, restored) = self
            .write(permit, move |transaction| {
                let restored = restoring::restore(transaction, &holder, Buried::Noun(N::KIND, id), how)?;
                let found = transaction.with_deleted().find::<N>(holder.tenant(), id)?;
                Ok((found.ok_or(ServiceError::NotFound(N::KIND))?, restored))
            })
            .await?;
        for changed in restored {
            count_deletion(changed.kind, "restore");
        }
        Ok(row)
    }
}

/// A live row within reach, of the version that was seen.
pub(super) fn find_for_change<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    id: Uuid,
    expected: Option<&Versions>,
) -> Result<LiveRow<N>, ServiceError> {
    let row = find_live::<N>(view, permit, id)?;
    ensure_expected(expected, row.row().version)?;
    Ok(row)
}

/// A live row within reach.
pub(super) fn find_live<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    id: Uuid,
) -> Result<LiveRow<N>, ServiceError> {
    let row = view.find::<N>(permit.tenant(), id)?.filter(|row| permit.covers(row.lineage()));
    row.ok_or(ServiceError::NotFound(N::KIND))
}

pub(super) fn parent_place<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    parent: Uuid,
) -> Result<Place, ServiceError> {
    let place = place_of(view, permit, N::KIND.parent(), parent)?;
    if permit.covers(place.lineage()) { Ok(place) } else { Err(not_found(N::KIND)) }
}

/// A list at the tenant shows what is in reach, so that a grant for one event can list events.
fn parent_place_to_list<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    parent: Uuid,
) -> Result<Place, ServiceError> {
    let place = place_of(view, permit, N::KIND.parent(), parent)?;
    let reachable = permit.covers(place.lineage())
        || N::KIND.parent() == Some(Kind::Tenant)
        || within(view, permit, &place)?;
    if reachable { Ok(place) } else { Err(not_found(N::KIND)) }
}

/// Whether some contest beneath an event is in reach although the event is not.
fn within(view: &Live<'_>, permit: &Permit, place: &Place) -> Result<bool, ServiceError> {
    if place.lineage().kind() != Kind::Event {
        return Ok(false);
    }
    let contests = view.children::<crate::domain::Contest>(place)?;
    Ok(contests.iter().any(|contest| permit.covers(contest.lineage())))
}

fn not_found(kind: Kind) -> ServiceError {
    ServiceError::NotFound(kind.parent().unwrap_or(kind))
}

fn place_of(
    view: &Live<'_>,
    permit: &Permit,
    kind: Option<Kind>,
    parent: Uuid,
) -> Result<Place, ServiceError> {
    use crate::domain::{Category, Contest, Event};
    let tenant = permit.tenant();
    let place = match kind {
        None | Some(Kind::Tenant) => view.tenant(tenant)?.map(|row| row.place()),
        Some(Kind::Event) => view.find::<Event>(tenant, parent)?.map(|row| row.place()),
        Some(Kind::Contest) => view.find::<Contest>(tenant, parent)?.map(|row| row.place()),
        Some(Kind::Category) => view.find::<Category>(tenant, parent)?.map(|row| row.place()),
        Some(_) => None,
    };
    place.ok_or(ServiceError::NotFound(kind.unwrap_or(Kind::Tenant)))
}

fn tenants<N: Noun>(view: &Live<'_>) -> Result<Vec<LiveRow<N>>, StoreError> {
    let rows = view.tenants()?.into_iter().map(|row| Box::new(row) as Box<dyn Any>);
    Ok(rows.filter_map(|row| row.downcast::<LiveRow<N>>().ok()).map(|row| *row).collect())
}

pub(super) fn ensure_may_see_deleted(permit: &Permit) -> Result<(), ServiceError> {
    if permit.principal().may_somewhere(Action::ReadDeleted) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Action::ReadDeleted))
    }
}

pub(super) fn live<N: Noun>(row: LiveRow<N>) -> Found<N> {
    let (row, lineage): (Row<N>, Lineage) = row.into_parts();
    Found { row, lineage, visibility: Visibility::Live }
}

/// Counts that something was deleted or restored.
pub(super) fn count_deletion(kind: Kind, action: &'static str) {
    ::metrics::counter!(metrics::SOFT_DELETE_OPERATIONS, "entity" => kind.word(), "action" => action)
        .increment(1);
}
