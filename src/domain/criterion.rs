//! Criteria: what judges look at, the range of marks and what they weigh.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Decimal, Kind,
    noun::{Fault, Noun},
    readable_name,
};

/// One thing judges look at in a category.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Criterion {
    /// What people call it.
    #[garde(length(chars, min = 1, max = 200), custom(readable_name))]
    pub name: String,
    /// What a judge should look at.
    #[serde(default)]
    #[garde(inner(length(chars, max = 10_000)))]
    pub description: Option<String>,
    /// Place on the sheet.
    #[serde(default)]
    pub position: i32,
    /// The lowest mark.
    #[serde(default)]
    pub minimum: Decimal,
    /// The highest mark.
    #[serde(default = "ten")]
    pub maximum: Decimal,
    /// The distance between two marks next to each other, counted from the lowest.
    #[serde(default = "one")]
    pub step: Decimal,
    /// What a mark is multiplied by.
    #[serde(default = "one")]
    pub weight: Decimal,
}

fn ten() -> Decimal {
    Decimal::from_integer(10)
}

fn one() -> Decimal {
    Decimal::from_integer(1)
}

impl Criterion {
    /// Whether marks given under `self` mean the same under `other`.
    pub fn same_scale(&self, other: &Self) -> bool {
        (self.minimum, self.maximum, self.step, self.weight)
            == (other.minimum, other.maximum, other.step, other.weight)
    }

    /// What is wrong with a mark, or nothing: outside the range, or off the step.
    pub fn mark_fault(&self, mark: Decimal) -> Option<String> {
        let Self { minimum, maximum, step, .. } = self;
        if mark < *minimum || mark > *maximum {
            Some(format!("must be between {minimum} and {maximum}"))
        } else if !mark.is_on_grid(*minimum, *step) {
            Some(format!("must be {minimum} plus a multiple of {step}"))
        } else {
            None
        }
    }
}

impl Noun for Criterion {
    const KIND: Kind = Kind::Criterion;

    fn label(&self) -> String {
        self.name.clone()
    }

    fn faults(&self) -> Vec<Fault> {
        let zero = Decimal::default();
        let mut faults = Vec::new();
        if self.maximum <= self.minimum {
            faults.push(Fault::new("/maximum", "must be above minimum"));
        }
        if self.step <= zero {
            faults.push(Fault::new("/step", "must be above zero"));
        } else if !self.maximum.is_on_grid(self.minimum, self.step) {
            faults.push(Fault::new("/step", "must lead from minimum to maximum in whole steps"));
        }
        if self.weight < zero {
            faults.push(Fault::new("/weight", "must not be below zero"));
        }
        faults
    }

    fn order(&self) -> (i32, u32) {
        (self.position, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Criterion, Noun};

    fn criterion(minimum: &str, maximum: &str, step: &str) -> Criterion {
        serde_json::from_value(serde_json::json!({
            "name": "Poise", "minimum": minimum, "maximum": maximum, "step": step,
        }))
        .unwrap()
    }

    #[test]
    fn a_mark_must_lie_in_the_range_and_on_the_step() {
        let poise = criterion("1", "10", "0.25");
        assert_eq!(poise.mark_fault("1".parse().unwrap()), None);
        assert_eq!(poise.mark_fault("9.75".parse().unwrap()), None);
        assert!(poise.mark_fault("0.75".parse().unwrap()).unwrap().contains("between 1 and 10"));
        assert!(poise.mark_fault("10.25".parse().unwrap()).is_some());
        assert!(poise.mark_fault("9.8".parse().unwrap()).unwrap().contains("multiple of 0.25"));
    }

    #[test]
    fn a_range_that_steps_cannot_fill_is_refused() {
        assert!(criterion("0", "10", "0.5").faults().is_empty());
        assert_eq!(criterion("0", "10", "3").faults()[0].pointer, "/step");
        assert_eq!(criterion("5", "5", "1").faults()[0].pointer, "/maximum");
        assert_eq!(criterion("0", "10", "0").faults()[0].pointer, "/step");
    }
}
