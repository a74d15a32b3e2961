//! From the cells of a table to the bodies of what is created. Uses the domain.

use serde_json::{Map, Value, json};

use super::{import_columns::Column, import_headings::Property};
use crate::domain::{CustomField, CustomValue, FieldRule, folded};

/// Words for yes and no, folded.
const YES: &[&str] = &["yes", "y", "true", "1", "x", "ja", "j", "oui", "si", "sim", "tak"];
const NO: &[&str] = &["no", "n", "false", "0", "nein", "non", "nao", "nee", "nie"];

/// A row of a table, its cells by what they hold.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// What each column holds.
    pub columns: &'a [Option<Column>],
    /// The custom fields whose values columns can hold.
    pub fields: &'a [CustomField],
    /// The row.
    pub cells: &'a [String],
}

impl<'a> Cells<'a> {
    /// What stands in a column; nothing if there is none, or nothing in it.
    pub fn text(self, property: Property) -> Option<&'a str> {
        self.cell(|column| *column == Column::Property(property))
    }

    fn cell(self, is_wanted: impl Fn(&Column) -> bool) -> Option<&'a str> {
        let index = self.columns.iter().position(|column| column.as_ref().is_some_and(&is_wanted))?;
        self.cells.get(index).map(|cell| cell.trim()).filter(|text| !text.is_empty())
    }

    /// The name, or what can be had of it in parts.
    pub fn name(self) -> String {
        let part = |property| self.text(property).unwrap_or_default();
        match self.text(Property::Name) {
            Some(name) => name.to_owned(),
            None => format!("{} {}", part(Property::FirstName), part(Property::LastName)).trim().to_owned(),
        }
    }

    /// The body of a contestant or judge of this name, without custom fields.
    pub fn person(self, name: &str) -> Map<String, Value> {
        let mut body = Map::from_iter([("name".to_owned(), json!(name))]);
        let texts = [
            Property::Description,
            Property::Pronouns,
            Property::Bio,
            Property::ContactEmail,
            Property::ContactPhone,
        ];
        for property in texts {
            if let Some(text) = self.text(property) {
                body.insert(property.word().to_owned(), json!(text));
            }
        }
        if let Some(members) = self.text(Property::Members) {
            let members = members.split([';', '\n']).map(str::trim).filter(|member| !member.is_empty());
            body.insert("members".to_owned(), members.map(member).collect());
            // Only a team has members, so nobody has to say it.
            body.insert("form".to_owned(), json!("team"));
        }
        if let Some(form) = self.text(Property::Form) {
            body.insert("form".to_owned(), json!(form.to_lowercase()));
        }
        body
    }

    /// The values of custom fields. What a field does not take is kept as it stands, for the field to refuse.
    pub fn custom(self) -> Map<String, Value> {
        let value = |field: &CustomField| {
            let text = self.cell(|column| matches!(column, Column::Custom(key) if *key == field.key))?;
            Some((field.key.clone(), json!(custom_value(&field.rule, text))))
        };
        self.fields.iter().filter_map(value).collect()
    }
}

/// What a text means as yes or no; nothing if it means neither.
pub fn flag(text: &str) -> Option<bool> {
    let word = folded(text);
    let is_among = |words: &[&str]| words.contains(&word.as_str());
    if is_among(YES) { Some(true) } else { is_among(NO).then_some(false) }
}

/// One of a team, as exports write it: what they do stands in brackets behind the name.
fn member(text: &str) -> Value {
    match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        Some((name, role)) => json!({"name": name.trim(), "role": role.trim()}),
        None => json!({"name": text}),
    }
}

fn custom_value(rule: &FieldRule, text: &str) -> CustomValue {
    match rule {
        FieldRule::Boolean {} => {
            flag(text).map_or_else(|| CustomValue::Text(text.to_owned()), CustomValue::Flag)
        }
        FieldRule::MultiSelect { options } => {
            let is_one = options.iter().any(|option| option == text);
            let separator = if text.contains(';') { ';' } else { ',' };
            let choices = text.split(separator).map(str::trim).filter(|choice| !choice.is_empty());
            let choices = if is_one { vec![text.to_owned()] } else { choices.map(str::to_owned).collect() };
            CustomValue::Choices(choices)
        }
        _ => CustomValue::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::{Cells, Column, CustomField, flag};

    fn field(key: &str, rule: Value) -> CustomField {
        from_value(json!({"entity": "contestant", "key": key, "label": key, "rule": rule})).unwrap()
    }

    /// The body and the custom values of a row with these cells.
    fn read(fields: &[CustomField], row: &[(&str, &str)]) -> (Value, Value) {
        let columns: Vec<Option<Column>> =
            row.iter().map(|(column, _)| Some(Column::try_from((*column).to_owned()).unwrap())).collect();
        let cells: Vec<String> = row.iter().map(|(_, cell)| (*cell).to_owned()).collect();
        let cells = Cells { columns: &columns, fields, cells: &cells };
        (Value::Object(cells.person(&cells.name())), Value::Object(cells.custom()))
    }

    #[test]
    fn a_person_is_what_the_cells_say_and_what_is_empty_is_left_out() {
        let row = [
            ("firstName", "Zoë"),
            ("lastName", " Müller "),
            ("pronouns", "she/her"),
            ("bio", ""),
            ("contactEmail", "zoe@a.example"),
            ("contactPhone", "0664 1"),
        ];
        let body = json!({"name": "Zoë Müller", "pronouns": "she/her", "contactEmail": "zoe@a.example",
            "contactPhone": "0664 1"});
        assert_eq!(read(&[], &row), (body, json!({})));
    }

    #[test]
    fn whoever_has_members_is_a_team() {
        let (body, _) = read(&[], &[("name", "Reds"), ("members", "Ann (captain); Bo\nCem (the second) ;")]);
        let members = json!([{"name": "Ann", "role": "captain"}, {"name": "Bo"},
            {"name": "Cem", "role": "the second"}]);
        assert_eq!(body, json!({"name": "Reds", "form": "team", "members": members}));
        let (body, _) = read(&[], &[("name", "Red"), ("form", "Exhibit"), ("members", "")]);
        assert_eq!(body, json!({"name": "Red", "form": "exhibit"}));
    }

    #[test]
    fn custom_values_take_the_type_of_their_field() {
        let fields = [
            field("paid", json!({"type": "boolean"})),
            field("days", json!({"type": "multiSelect", "options": ["Fri", "Sat", "Sat, late"]})),
            field("age", json!({"type": "number"})),
        ];
        let custom = |key: &str, cell: &str| read(&fields, &[(key, cell)]).1;
        assert_eq!(custom("custom.paid", "Ja"), json!({"paid": true}));
        assert_eq!(custom("custom.paid", "perhaps"), json!({"paid": "perhaps"}));
        assert_eq!(custom("custom.days", "Fri, Sat"), json!({"days": ["Fri", "Sat"]}));
        assert_eq!(custom("custom.days", "Fri; Sat, late"), json!({"days": ["Fri", "Sat, late"]}));
        assert_eq!(custom("custom.days", "Sat, late"), json!({"days": ["Sat, late"]}));
        assert_eq!(custom("custom.age", "7.5"), json!({"age": "7.5"}));
        assert_eq!(custom("custom.age", ""), json!({}));
    }

    #[test]
    fn yes_and_no_are_known_in_several_languages() {
        assert_eq!(
            ["Yes", "oui", "x", "NEIN", "0", "perhaps"].map(flag),
            [Some(true), Some(true), Some(true), Some(false), Some(false), None]
        );
    }
}
