//! Templates: the shape of an event, a contest or a category, kept to be made again. Depends on the nouns it is made of.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Kind,
    noun::{Fault, Noun},
    readable_name, with_noun,
};

/// Most parts of a template.
pub const TEMPLATE_PARTS_MAX: usize = 1_000;

/// The shape of something, to be made again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Template {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// What it is made of, each part behind the one it lies in; the first is the whole: an event, a contest or a
    /// category.
    #[garde(length(min = 1, max = TEMPLATE_PARTS_MAX))]
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplatePart {
    /// What it becomes: an event, contest, category or criterion.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The number of the part that it lies in, counted from 0; the first lies in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<usize>,
    /// Its body. Where a tie-break of a category names a criterion, `#3` stands for the fourth part.
    pub body: Value,
}

impl Template {
    /// What it makes.
    pub fn kind(&self) -> Option<Kind> {
        self.parts.first().map(|part| part.kind)
    }
}

impl Noun for Template {
    const KIND: Kind = Kind::Template;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let fault = |(index, part): (usize, &TemplatePart)| {
            let fault = self.fault_of(index, part)?;
            Some(fault.under(&format!("/parts/{index}")))
        };
        self.parts.iter().enumerate().filter_map(fault).collect()
    }
}

impl Template {
    fn fault_of(&self, index: usize, part: &TemplatePart) -> Option<Fault> {
        let allowed = match index {
            0 => matches!(part.kind, Kind::Event | Kind::Contest | Kind::Category),
            _ => matches!(part.kind, Kind::Contest | Kind::Category | Kind::Criterion),
        };
        if !allowed {
            return Some(Fault::new("/type", format!("a {} cannot stand here", part.kind)));
        }
        let whole = part.within.filter(|within| *within < index).and_then(|within| self.parts.get(within));
        let lies_well = match (index, whole) {
            (0, _) => part.within.is_none(),
            (_, Some(whole)) => part.kind.parent() == Some(whole.kind),
            (_, None) => false,
        };
        if !lies_well {
            return Some(Fault::new(
                "/within",
                "must be the number of an earlier part that this one can lie in",
            ));
        }
        with_noun!(part.kind, N => fault_of_body::<N>(&part.body), otherwise None)
    }
}

fn fault_of_body<N: Noun>(body: &Value) -> Option<Fault> {
    let mut body = body.clone();
    // Which criteria break ties is known only once they are made.
    if let Some(fields) = body.as_object_mut() {
        fields.remove("tieBreaks");
    }
    match serde_json::from_value::<N>(body) {
        Ok(body) => {
            let field =
                body.validate().err().map(|report| Fault::new("", report.to_string().trim().to_owned()));
            field.or_else(|| body.faults().into_iter().next()).map(|fault| fault.under("/body"))
        }
        Err(error) => Some(Fault::new("/body", error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Noun, Template};

    fn faults(parts: &Value) -> Vec<String> {
        let template = json!({"name": "Pageant", "parts": parts});
        let template: Template = serde_json::from_value(template).unwrap();
        template.faults().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_template_is_a_tree_of_valid_parts() {
        let event = json!({"type": "event", "body": {"name": "Gala"}});
        let contest = json!({"type": "contest", "within": 0, "body": {"name": "Solo"}});
        let category = json!({"type": "category", "within": 1, "body": {
            "name": "Talent", "tieBreaks": [{"type": "criterion", "criterionId": "#3"}],
        }});
        let criterion = json!({"type": "criterion", "within": 2, "body": {"name": "Poise"}});
        assert!(faults(&json!([event, contest, category, criterion])).is_empty());
        assert!(
            faults(&json!([category
                .as_object()
                .map(|part| json!({"type": part["type"], "body": part["body"]}))]))
            .is_empty()
        );
        assert_eq!(faults(&json!([criterion])), ["/parts/0/type"]);
        assert_eq!(faults(&json!([event, category])), ["/parts/1/within"], "it would lie in itself");
        assert_eq!(
            faults(&json!([event, {"type": "contest", "within": 0, "body": {"name": ""}}])),
            ["/parts/1/body"]
        );
        assert_eq!(
            faults(&json!([event, {"type": "contest", "body": {"name": "Solo"}}])),
            ["/parts/1/within"]
        );
        assert_eq!(
            faults(&json!([event, {"type": "contest", "within": 0, "body": {"colour": 1}}])),
            ["/parts/1/body"]
        );
    }
}
