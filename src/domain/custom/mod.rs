//! Custom fields: what a tenant wants to know of contestants, judges, entries and events beyond what the product asks.
//! A field is a noun of its own; its values stand in the bodies of what it is asked of.

mod field;
mod rule;
mod values;

pub use field::{CustomField, FieldEntity};
pub use rule::FieldRule;
pub use values::{Custom, CustomValue, settle};
