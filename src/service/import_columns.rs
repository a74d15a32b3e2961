//! Which column of a table holds what: guessed from its heading unless the caller says so. Uses the domain.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::import_headings::Property;
use crate::domain::{Cell, CustomField, FieldEntity, Table, folded};

/// What is imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Imported {
    /// Contestants of the tenant.
    Contestants,
    /// Judges of the tenant.
    Judges,
    /// Users of the tenant.
    Users,
    /// Entries of a contest, with contestants who are not there yet.
    Entries,
    /// Conflicts of interest between judges and contestants, who are named.
    Conflicts,
}

impl Imported {
    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contestants => "contestants",
            Self::Judges => "judges",
            Self::Users => "users",
            Self::Entries => "entries",
            Self::Conflicts => "conflicts",
        }
    }

    /// Whose custom fields its columns can hold.
    pub const fn entity(self) -> Option<FieldEntity> {
        match self {
            Self::Contestants => Some(FieldEntity::Contestant),
            Self::Judges => Some(FieldEntity::Judge),
            Self::Users | Self::Conflicts => None,
            Self::Entries => Some(FieldEntity::Entry),
        }
    }

    /// An empty table with a column for everything that it can have, to be filled in and imported.
    pub(super) fn template(self, fields: &[CustomField]) -> Table {
        let parts = [Property::FirstName, Property::LastName];
        let properties = Property::ALL.into_iter().filter(|property| property.fits(self));
        let whole = properties.filter(|property| !parts.contains(property)).map(Property::word);
        let mut table = Table::new(whole.map(str::to_owned).chain(fields.iter().map(|field| {
            let spoken = Some(Column::Custom(field.key.clone()));
            if column_of(self, fields, &field.label) == spoken {
                field.label.clone()
            } else {
                format!("{CUSTOM}{}", field.key)
            }
        })));
        // Spreadsheets need a line to type into.
        table.push(std::iter::empty::<Cell>());
        table
    }
}

/// What a column can hold: in JSON the word of what the product asks, or `custom.` and the key of a custom field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Column {
    /// What the product itself asks.
    Property(Property),
    /// The value of a custom field, by its key.
    Custom(String),
}

/// What stands before the key of a custom field.
const CUSTOM: &str = "custom.";

impl Column {
    /// Whether it means something in what is imported.
    pub(super) fn fits(&self, what: Imported, fields: &[CustomField]) -> bool {
        match self {
            Self::Property(property) => property.fits(what),
            Self::Custom(key) => fields.iter().any(|field| field.key == *key),
        }
    }
}

impl Property {
    fn fits(self, what: Imported) -> bool {
        match self {
            Self::Judge | Self::Contestant | Self::Reason => what == Imported::Conflicts,
            _ if what == Imported::Conflicts => false,
            Self::Name | Self::FirstName | Self::LastName => true,
            Self::Email | Self::Roles => what == Imported::Users,
            Self::Form | Self::Members => matches!(what, Imported::Contestants | Imported::Entries),
            Self::Description | Self::Pronouns | Self::Bio | Self::ContactEmail | Self::ContactPhone => {
                what != Imported::Users
            }
            Self::Number | Self::Position | Self::Eligible => what == Imported::Entries,
        }
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        match column {
            Column::Property(property) => property.word().to_owned(),
            Column::Custom(key) => format!("{CUSTOM}{key}"),
        }
    }
}

impl TryFrom<String> for Column {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(key) = text.strip_prefix(CUSTOM) {
            return Ok(Self::Custom(key.to_owned()));
        }
        let property = Property::ALL.into_iter().find(|property| property.word() == text);
        property.map(Self::Property).ok_or_else(|| {
            let words: Vec<&str> = Property::ALL.into_iter().map(Property::word).collect();
            format!("{text} must be one of {} or custom. and the key of a custom field", words.join(", "))
        })
    }
}

impl JsonSchema for Column {
    fn schema_name() -> Cow<'static, str> {
        "Column".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Property::ALL.into_iter().map(Property::word).collect();
        json_schema!({
            "description": "What a column can hold; `custom.` stands before the key of a custom field.",
            "anyOf": [{"enum": words}, {"type": "string", "pattern": "^custom\\.", "maxLength": 60}],
        })
    }
}

/// What each column holds, by its heading; each meaning is given once, to the first that claims it.
pub fn guess(what: Imported, fields: &[CustomField], headings: &[String]) -> Vec<Option<Column>> {
    let mut given = Vec::new();
    let guess = |heading: &String| {
        let column = column_of(what, fields, heading).filter(|column| !given.contains(column));
        given.extend(column.clone());
        column
    };
    headings.iter().map(guess).collect()
}

/// What the product asks comes before custom fields of the same name; those are still known by `custom.` and their key.
fn column_of(what: Imported, fields: &[CustomField], heading: &str) -> Option<Column> {
    let folded_heading = folded(heading);
    let property = Property::ALL
        .into_iter()
        .find(|property| property.fits(what) && property.headings().contains(&folded_heading.as_str()));
    if let Some(property) = property {
        return Some(Column::Property(property));
    }
    let by_key = fields.iter().find(|field| heading.strip_prefix(CUSTOM) == Some(&field.key));
    let known =
        |field: &&CustomField| [&field.label, &field.key].map(|name| folded(name)).contains(&folded_heading);
    let field = by_key.or_else(|| fields.iter().find(known))?;
    Some(Column::Custom(field.key.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::{Column, CustomField, Imported, Property, guess};

    fn field(key: &str, label: &str) -> CustomField {
        from_value(json!({"entity": "judge", "key": key, "label": label, "rule": {"type": "text"}})).unwrap()
    }

    fn guessed(what: Imported, headings: &[&str]) -> Vec<Option<Property>> {
        let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
        let columns = guess(what, &[], &headings).into_iter();
        let property = |column| match column {
            Column::Property(property) => property,
            Column::Custom(key) => panic!("there is no field {key}"),
        };
        columns.map(|column| column.map(property)).collect()
    }

    #[test]
    fn columns_are_known_by_their_headings_in_several_languages() {
        use Property::{
            Bio, ContactEmail, ContactPhone, Email, FirstName, LastName, Members, Name, Number, Roles,
        };
        for (what, headings, columns) in [
            (Imported::Contestants, vec!["Full Name", "Bio"], vec![Some(Name), Some(Bio)]),
            (Imported::Contestants, vec!["Team", "Mitglieder"], vec![Some(Name), Some(Members)]),
            (
                Imported::Judges,
                vec!["Vorname", "Nachname", "E-Mail", "Tel."],
                vec![Some(FirstName), Some(LastName), Some(ContactEmail), Some(ContactPhone)],
            ),
            (
                Imported::Users,
                vec!["E-Mail-Adresse", "NAME", "Rolle"],
                vec![Some(Email), Some(Name), Some(Roles)],
            ),
            (
                Imported::Entries,
                vec!["Nr.", "Participant(e)", "shoe size"],
                vec![Some(Number), Some(Name), None],
            ),
        ] {
            assert_eq!(guessed(what, &headings), columns, "{headings:?}");
        }
    }

    #[test]
    fn a_meaning_is_given_once_and_only_where_it_fits() {
        assert_eq!(
            guessed(Imported::Judges, &["name", "Judge", "number"]),
            [Some(Property::Name), None, None]
        );
    }

    #[test]
    fn custom_fields_are_known_by_label_and_key_after_what_the_product_asks() {
        let fields = [field("t-shirt", "Größe"), field("nickname", "Name")];
        let headings = ["GROSSE", "T-Shirt", "name", "custom.nickname"].map(str::to_owned);
        let shirt = || Some(Column::Custom("t-shirt".to_owned()));
        let nickname = || Some(Column::Custom("nickname".to_owned()));
        let name = || Some(Column::Property(Property::Name));
        assert_eq!(guess(Imported::Judges, &fields, &headings), [shirt(), None, name(), nickname()]);
        assert_eq!(guess(Imported::Judges, &fields, &headings[1..2]), [shirt()]);
    }

    #[test]
    fn a_template_has_a_column_for_everything_and_each_is_known_again() {
        let fields = [field("t-shirt", "Größe"), field("nickname", "Name"), field("second", "Größe")];
        let all = [Imported::Contestants, Imported::Judges, Imported::Users, Imported::Entries];
        for what in all {
            let headings = what.template(&fields).headings().to_vec();
            let columns = guess(what, &fields, &headings);
            assert!(columns.iter().all(Option::is_some), "{headings:?}");
            for field in &fields {
                assert!(columns.contains(&Some(Column::Custom(field.key.clone()))), "{headings:?}");
            }
            let properties =
                columns.iter().filter(|column| matches!(column, Some(Column::Property(_)))).count();
            assert_eq!(properties, Property::ALL.iter().filter(|property| property.fits(what)).count() - 2);
        }
    }

    #[test]
    fn a_conflict_of_interest_is_a_judge_a_contestant_and_a_reason() {
        use Property::{Contestant, Judge, Reason};
        assert_eq!(Imported::Conflicts.template(&[]).headings(), ["judge", "contestant", "reason"]);
        let (judge, contestant) = (Some(Judge), Some(Contestant));
        assert_eq!(
            guessed(Imported::Conflicts, &["Juror", "Name", "Grund"]),
            [judge, contestant, Some(Reason)]
        );
        assert_eq!(guessed(Imported::Conflicts, &["Judge", "Bio"]), [judge, None]);
    }

    #[test]
    fn a_column_is_written_as_it_is_read() {
        for text in ["name", "contactEmail", "custom.t-shirt"] {
            let column = Column::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(column), text);
        }
        assert!(Column::try_from("shoes".to_owned()).unwrap_err().contains("must be one of name, "));
    }
}
