//! Tenants: the organisations that share a box.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Colour, FileScan, Kind, Language, TenantId,
    noun::{Fault, Noun, Unique, UniqueField},
    readable_name,
};

/// The tenant in which the operators of the box live.
pub const SYSTEM_TENANT: TenantId = TenantId::new(uuid::Uuid::from_u128(1));

/// One organisation on the box.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Tenant {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// Its short name at sign-in: lower-case letters, digits and hyphens.
    #[garde(length(chars, min = 1, max = 63))]
    pub slug: String,
    /// What its own ADMINs decide.
    #[serde(default, skip_serializing_if = "Settings::is_usual")]
    #[garde(dive)]
    pub settings: Settings,
}

/// What the ADMINs of a tenant decide for it. What is as usual is not stored.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Settings {
    /// Whether a locked event or contest is unlocked by two people: one asks, another approves.
    #[serde(default)]
    pub two_person_unlock: bool,
    /// The name that pages show in place of the product's, also before anybody has signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60), custom(readable_name)))]
    pub display_name: Option<String>,
    /// The colour of buttons and of what is chosen, which has to be seen in both themes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent_colour: Option<Colour>,
    /// The language of messages to people, as a tag of BCP 47: `de`, `de-AT`. English where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether files must be scanned for viruses before they are given out.
    #[serde(default, skip_serializing_if = "FileScan::is_usual")]
    pub file_scan: FileScan,
}

impl Settings {
    fn is_usual(&self) -> bool {
        self == &Self::default()
    }
}

impl Tenant {
    /// A short name made from a long one: `"Miss Vienna 2026!"` becomes `"miss-vienna-2026"`.
    pub fn slug_of(name: &str) -> String {
        let words: Vec<String> = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        let slug: String = words.join("-").chars().take(63).collect();
        let slug = slug.trim_end_matches('-');
        if slug.is_empty() { "tenant".to_owned() } else { slug.to_owned() }
    }
}

impl Noun for Tenant {
    const KIND: Kind = Kind::Tenant;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique { field: UniqueField::Slug, value: self.slug.clone() }]
    }

    fn faults(&self) -> Vec<Fault> {
        let colour = self.settings.accent_colour.and_then(Colour::fault_as_accent);
        let mut faults: Vec<Fault> =
            colour.map(|fault| Fault::new("/settings/accentColour", fault)).into_iter().collect();
        let plain = self.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || self.slug.starts_with('-') || self.slug.ends_with('-') {
            let message = "must be lower-case letters, digits and hyphens, no hyphen at an end";
            faults.push(Fault::new("/slug", message));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::{Noun, Settings, Tenant};

    #[test]
    fn a_short_name_made_from_any_name_is_a_valid_one() {
        for name in ["Miss Vienna 2026!", "---", "Łódź", "", &"x".repeat(90)] {
            let tenant =
                Tenant { name: name.to_owned(), slug: Tenant::slug_of(name), settings: Settings::default() };
            assert!(tenant.faults().is_empty(), "{name}: {}", tenant.slug);
        }
        assert_eq!(Tenant::slug_of("Miss Vienna 2026!"), "miss-vienna-2026");
    }

    #[test]
    fn a_short_name_with_other_characters_is_refused() {
        for slug in ["Miss", "a b", "-a", "a-", "ä"] {
            let (name, slug) = ("x".to_owned(), slug.to_owned());
            assert_eq!(Tenant { name, slug, settings: Settings::default() }.faults().len(), 1);
        }
    }
}
