//! Custom fields: what a reader sees of their values, and values settled with the live fields when a body is written.

use super::{Permit, ServiceError, Services};
use crate::{
    domain::{CustomField, FieldEntity, Noun, Sight},
    store::Live,
};

impl Services {
    /// What a permit's holder sees of the bodies of a noun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn sight<N: Noun>(&self, permit: &Permit) -> Result<Sight, ServiceError> {
        match N::ENTITY {
            Some(_) => self.store.read(|view| sight(view, permit)).await,
            None => Ok(Sight { contacts: permit.sees_contacts(), ..Sight::default() }),
        }
    }
}

/// What a permit's holder sees of all bodies.
pub(super) fn sight(view: &Live<'_>, permit: &Permit) -> Result<Sight, ServiceError> {
    let fields = fields(view, permit)?.into_iter().filter(|field| is_seen(field, permit));
    let fields = fields.map(|field| (field.entity, field.key)).collect();
    Ok(Sight { contacts: permit.sees_contacts(), fields })
}

/// A new body whose values of custom fields are settled with the stored ones.
///
/// # Errors
/// Every value that breaks its field's rule, is of no field or is missing.
pub(super) fn settled<N: Noun>(
    view: &Live<'_>,
    permit: &Permit,
    stored: Option<&N>,
    mut body: N,
) -> Result<N, ServiceError> {
    let Some(entity) = N::ENTITY else { return Ok(body) };
    let before = stored.cloned().as_mut().and_then(Noun::custom_mut).cloned().unwrap_or_default();
    let is_new = stored.is_none();
    if let Some(custom) = body.custom_mut()
        && (is_new || *custom != before)
    {
        let fields = fields_of(view, permit, entity)?;
        let fields: Vec<_> = fields
            .into_iter()
            .map(|field| {
                let seen = is_seen(&field, permit);
                (field, seen)
            })
            .collect();
        *custom = crate::domain::settle(&fields, &before, custom).map_err(ServiceError::invalid)?;
    }
    Ok(body)
}

fn is_seen(field: &CustomField, permit: &Permit) -> bool {
    field.is_seen_by(|role| permit.has_role(role))
}

/// The live fields of an entity that a permit's holder sees, in order.
pub(super) fn seen_of(
    view: &Live<'_>,
    permit: &Permit,
    entity: FieldEntity,
) -> Result<Vec<CustomField>, ServiceError> {
    Ok(fields_of(view, permit, entity)?.into_iter().filter(|field| is_seen(field, permit)).collect())
}

fn fields_of(
    view: &Live<'_>,
    permit: &Permit,
    entity: FieldEntity,
) -> Result<Vec<CustomField>, ServiceError> {
    Ok(fields(view, permit)?.into_iter().filter(|field| field.entity == entity).collect())
}

/// The live fields of the permit's tenant, in order.
fn fields(view: &Live<'_>, permit: &Permit) -> Result<Vec<CustomField>, ServiceError> {
    let Some(tenant) = view.tenant(permit.tenant())? else { return Ok(Vec::new()) };
    let rows = view.children::<CustomField>(&tenant.place())?;
    Ok(rows.into_iter().map(|row| row.body().clone()).collect())
}
