//! How to reach a person, and which of a body's fields a reader may see. Contact data is personal: it is for those who
//! run the evening, and left out for everybody else.

use std::{collections::BTreeSet, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::FieldEntity;

/// A telephone number as people write it: `+43 (0)1 234-56 78`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// A text that is not a telephone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a telephone number: 3 to 20 digits, with + in front and spaces, ( ) - . / between them if you like"
)]
pub struct InvalidPhone;

impl FromStr for Phone {
    type Err = InvalidPhone;

    fn from_str(text: &str) -> Result<Self, InvalidPhone> {
        let number = text.trim();
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let rest = number.strip_prefix('+').unwrap_or(number);
        let plain = rest.chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c));
        if plain && (3..=20).contains(&digits) && number.len() <= 40 {
            Ok(Self(number.to_owned()))
        } else {
            Err(InvalidPhone)
        }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Phone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Phone".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "minLength": 3, "maxLength": 40})
    }
}

/// What of the bodies of resources a reader may see.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sight {
    /// E-mail addresses and telephone numbers of contestants and judges.
    pub contacts: bool,
    /// The custom fields, by what they are asked of and their keys.
    pub fields: BTreeSet<(FieldEntity, String)>,
}

#[cfg(test)]
mod tests {
    use super::Phone;

    #[test]
    fn a_telephone_number_is_taken_as_people_write_it() {
        for number in ["+43 (0)1 234-56 78", "112", "0664/1234567", " 01.234 "] {
            assert_eq!(number.parse::<Phone>().unwrap().to_string(), number.trim());
        }
    }

    #[test]
    fn what_nobody_can_dial_is_refused() {
        for text in ["", "12", "call me", "1+2+3", "+43 1 2345 ext. 9", "123456789012345678901", "12\n345"] {
            assert!(text.parse::<Phone>().is_err(), "{text:?}");
        }
    }
}
