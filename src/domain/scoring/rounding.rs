//! Rounding as part of the published rule: where in the chain, how, and to how many digits. Places are
//! decided by what this makes of a number, never by what is shown. Depends on `exact` only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Exact;

/// Where numbers are rounded on their way from marks to the final total. Nowhere unless set.
///
/// Each point is a rule of its own: in 1,726 published figure-skating performances, rounding once at the end
/// instead of per component makes 523 totals wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rounding {
    /// The panel's figure for one criterion, before the weight. Only when drops are per criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion_panel: Option<RoundTo>,
    /// A mark, or the panel's figure for one criterion, times the weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion_weighted: Option<RoundTo>,
    /// One judge's total for an entry. Only when drops are per judge's total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_total: Option<RoundTo>,
    /// The entry's total, after deductions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_total: Option<RoundTo>,
}

/// How a number is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundTo {
    /// What happens to what lies between two neighbours.
    #[serde(default)]
    pub mode: RoundingMode,
    /// Digits that stay after the point, 0 to 6.
    pub digits: Digits,
}

/// What happens to a number that lies between two representable neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RoundingMode {
    /// To the nearer; halves away from zero.
    #[default]
    HalfUp,
    /// To the nearer; halves towards zero.
    HalfDown,
    /// To the nearer; halves to the even neighbour.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// Digits after the point: 0 to 6.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", inline, extend("maximum" = 6))]
pub struct Digits(u8);

/// More digits than marks can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 0 and 6")]
pub struct TooManyDigits;

impl Digits {
    /// As many as marks have.
    pub const MOST: Self = Self(6);
}

impl TryFrom<u8> for Digits {
    type Error = TooManyDigits;

    fn try_from(digits: u8) -> Result<Self, TooManyDigits> {
        if digits <= Self::MOST.0 { Ok(Self(digits)) } else { Err(TooManyDigits) }
    }
}

impl From<Digits> for u8 {
    fn from(digits: Digits) -> Self {
        digits.0
    }
}

impl RoundTo {
    /// For people's eyes only: no place is decided by it.
    pub(super) const DISPLAY: Self = Self { mode: RoundingMode::HalfUp, digits: Digits::MOST };

    /// The rounded number.
    pub fn apply(self, number: &Exact) -> Exact {
        number.round(self.digits.0.into(), |between| match self.mode {
            RoundingMode::Up => !between.negative,
            RoundingMode::Down => between.negative,
            RoundingMode::HalfUp => between.nearer.is_gt() || between.nearer.is_eq() && !between.negative,
            RoundingMode::HalfDown => between.nearer.is_gt() || between.nearer.is_eq() && between.negative,
            RoundingMode::HalfEven => {
                between.nearer.is_gt() || between.nearer.is_eq() && between.lower_is_odd
            }
        })
    }
}

/// The number, rounded if the rule says so.
pub(super) fn rounded(number: Exact, rule: Option<RoundTo>) -> Exact {
    match rule {
        Some(rule) => rule.apply(&number),
        None => number,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Exact, RoundTo, Rounding, RoundingMode};

    fn round(mode: RoundingMode, digits: u8, number: &str) -> String {
        let exact: Exact = number.parse().unwrap();
        RoundTo { mode, digits: digits.try_into().unwrap() }.apply(&exact).to_string()
    }

    #[test]
    fn each_mode_treats_halves_and_signs_in_its_own_way() {
        let numbers = ["2.5", "3.5", "-2.5", "2.4", "-2.6", "7"];
        for (mode, expected) in [
            (RoundingMode::HalfUp, ["3", "4", "-3", "2", "-3", "7"]),
            (RoundingMode::HalfDown, ["2", "3", "-2", "2", "-3", "7"]),
            (RoundingMode::HalfEven, ["2", "4", "-2", "2", "-3", "7"]),
            (RoundingMode::Up, ["3", "4", "-3", "3", "-3", "7"]),
            (RoundingMode::Down, ["2", "3", "-2", "2", "-2", "7"]),
        ] {
            assert_eq!(numbers.map(|number| round(mode, 0, number)), expected, "{mode:?}");
        }
    }

    #[test]
    fn digits_count_from_the_point() {
        assert_eq!(round(RoundingMode::HalfUp, 2, "7.125"), "7.13");
        assert_eq!(round(RoundingMode::HalfEven, 2, "7.125"), "7.12");
        assert_eq!(round(RoundingMode::HalfUp, 2, "23/3"), "7.67");
        assert_eq!(round(RoundingMode::HalfUp, 6, "-1/3"), "-0.333333");
    }

    #[test]
    fn json_names_the_points_and_refuses_too_many_digits() {
        let rounding: Rounding = serde_json::from_value(json!({"finalTotal": {"digits": 2}})).unwrap();
        assert_eq!(rounding.final_total.unwrap().mode, RoundingMode::HalfUp);
        for wrong in
            [json!({"finalTotal": {"digits": 7}}), json!({"final": {"digits": 2}}), json!({"finalTotal": {}})]
        {
            assert!(serde_json::from_value::<Rounding>(wrong).is_err());
        }
    }
}
