//! One change of many, as it is asked for and as it is stored: what is created has its id from the start, so that later
//! changes can refer to it. Uses the domain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Permit, ServiceError};
use crate::domain::{Fault, Kind};

/// Most changes of one request.
pub const OPERATIONS_MAX: usize = 10_000;

/// One change of many.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "camelCase", deny_unknown_fields)]
pub enum BulkOperation {
    /// Creates one.
    Create {
        /// What is created.
        #[serde(rename = "type")]
        kind: Kind,
        /// What it hangs beneath; not for what hangs beneath the tenant. `#3` means what the fourth operation creates,
        /// here and in every field of the body that is an id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// Its body.
        body: Value,
    },
    /// Changes fields of one.
    Update {
        /// What is changed.
        #[serde(rename = "type")]
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// The version that was seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u64>,
        /// The fields to change (JSON merge patch).
        body: Value,
    },
    /// Deletes one.
    Delete {
        /// What is deleted.
        #[serde(rename = "type")]
        kind: Kind,
        /// Which one.
        id: Uuid,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Restores one.
    Restore {
        /// What is restored.
        #[serde(rename = "type")]
        kind: Kind,
        /// Which one.
        id: Uuid,
    },
}

impl BulkOperation {
    /// What it deals with.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Create { kind, .. }
            | Self::Update { kind, .. }
            | Self::Delete { kind, .. }
            | Self::Restore { kind, .. } => *kind,
        }
    }
}

/// An operation with the id of what it deals with; a creation's was drawn when it was asked for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Planned {
    /// The id of what it deals with.
    pub id: Uuid,
    /// What is done.
    pub operation: BulkOperation,
    /// Where it stands in what was sent, as a JSON pointer, if not in a list of operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Planned {
    /// A fault of it with its place in what was sent; `index` is its number in the list. What is not in a list of
    /// operations, such as the row of a table, has its values in no body.
    pub fn place(&self, fault: Fault, index: usize) -> Fault {
        match &self.place {
            Some(place) => {
                let pointer = fault.pointer.strip_prefix("/body").unwrap_or(&fault.pointer).to_owned();
                Fault { pointer, ..fault }.under(place)
            }
            None => fault.under(&format!("/operations/{index}")),
        }
    }
}

/// Draws the ids of what is created and puts them where other operations refer to them.
pub(super) fn plan(permit: &Permit, operations: Vec<BulkOperation>) -> Result<Vec<Planned>, ServiceError> {
    if operations.len() > OPERATIONS_MAX {
        let message = format!("must not be more than {OPERATIONS_MAX}");
        return Err(ServiceError::invalid(vec![Fault::new("/operations", message)]));
    }
    let clock = permit.context().clock();
    let drawn = |operation: &BulkOperation| match operation {
        BulkOperation::Create { .. } => clock.new_uuid(),
        BulkOperation::Update { id, .. }
        | BulkOperation::Delete { id, .. }
        | BulkOperation::Restore { id, .. } => *id,
    };
    let ids: Vec<Uuid> = operations.iter().map(drawn).collect();
    let mut faults = Vec::new();
    let mut planned = Vec::with_capacity(ids.len());
    for (index, mut operation) in operations.into_iter().enumerate() {
        let earlier = ids.get(..index).unwrap_or_default();
        if let BulkOperation::Create { parent, body, .. } = &mut operation {
            let pointer = format!("/operations/{index}");
            if let Some(parent) = parent {
                faults
                    .extend(resolve(parent, earlier).map(|fault| fault.under(&format!("{pointer}/parent"))));
            }
            for (name, value) in body.as_object_mut().into_iter().flatten() {
                if let Value::String(text) = value
                    && name.ends_with("Id")
                {
                    let fault = resolve(text, earlier);
                    faults.extend(fault.map(|fault| fault.under(&format!("{pointer}/body/{name}"))));
                }
            }
        }
        let id = ids.get(index).copied().unwrap_or_default();
        planned.push(Planned { id, operation, place: None });
    }
    if faults.is_empty() { Ok(planned) } else { Err(ServiceError::invalid(faults)) }
}

/// Replaces `#3` by the id that the fourth operation deals with.
fn resolve(text: &mut String, earlier: &[Uuid]) -> Option<Fault> {
    let number = text.strip_prefix('#')?;
    match number.parse::<usize>().ok().and_then(|index| earlier.get(index)) {
        Some(id) => {
            *text = id.to_string();
            None
        }
        None => Some(Fault::new("", format!("{text} is no operation before this one"))),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::resolve;

    #[test]
    fn a_number_stands_for_what_an_operation_before_deals_with() {
        let earlier = [Uuid::from_u128(7), Uuid::from_u128(8)];
        let resolved = |text: &str| {
            let mut text = text.to_owned();
            resolve(&mut text, &earlier).map_or(Ok(text), |fault| Err(fault.message))
        };
        assert_eq!(resolved("#1"), Ok(earlier[1].to_string()));
        assert_eq!(resolved("left alone"), Ok("left alone".to_owned()));
        for unknown in ["#2", "#", "#-1", "#x"] {
            assert!(resolved(unknown).is_err(), "{unknown}");
        }
    }
}
