//! Refusals of unique values in words of people: who holds a place already, and which number is free.

use uuid::Uuid;

use super::{Conflict, ServiceError, entry_numbers};
use crate::{
    domain::{Kind, noun::UniqueField},
    store::{Lineage, Transaction},
};

/// The refusal of a unique value of a row, with a name in place of an id, or a number that is free in the contest; any
/// other error as it is.
pub(super) fn in_names(transaction: &Transaction<'_>, row: &Lineage, error: ServiceError) -> ServiceError {
    let ServiceError::Conflict(Conflict::Taken { field, value, holder, .. }) = error else { return error };
    let next_free = || entry_numbers::next(transaction, &row.ancestors().next()?).ok();
    let next_free = if field == UniqueField::Number { next_free() } else { None };
    if let (UniqueField::Conflict, Some((judge, contestant))) = (field, value.split_once(':')) {
        let name = |kind, id: &str| {
            let id = Uuid::try_parse(id).ok()?;
            transaction.with_deleted().label(row.tenant(), kind, id).ok().flatten()
        };
        let both = name(Kind::Judge, judge).zip(name(Kind::Contestant, contestant));
        let value =
            both.map_or_else(|| value.clone(), |(judge, contestant)| format!("{judge} and {contestant}"));
        return Conflict::Taken { field, value, holder, next_free: None }.into();
    }
    let named = pointed_at(field).zip(Uuid::try_parse(&value).ok());
    let name =
        named.and_then(|(kind, id)| transaction.with_deleted().label(row.tenant(), kind, id).ok().flatten());
    let next_free = next_free.map(|number| number.to_string());
    Conflict::Taken { field, value: name.unwrap_or(value), holder, next_free }.into()
}

/// What the value of a field is the id of.
const fn pointed_at(field: UniqueField) -> Option<Kind> {
    match field {
        UniqueField::Contestant => Some(Kind::Contestant),
        UniqueField::Entry => Some(Kind::Entry),
        UniqueField::Judge => Some(Kind::Judge),
        UniqueField::User => Some(Kind::User),
        UniqueField::Slug
        | UniqueField::Email
        | UniqueField::Number
        | UniqueField::HeadJudge
        | UniqueField::FieldKey
        | UniqueField::Wording
        | UniqueField::Conflict => None,
    }
}
