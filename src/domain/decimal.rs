//! Decimal numbers as people write them: marks, maxima, steps, weights, amounts. Exact, six digits after the
//! point, never binary floats. Depends on no other module.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An exact decimal number between about plus and minus 9.2 million million, in steps of one millionth.
///
/// JSON and other human-readable forms are the shortest text (`"8.2"`). A whole JSON number is read, too; one with a
/// point or an exponent is refused, for whoever reads or writes it may have rounded it already. The stored form is the count of millionths.
///
/// Serde reads the fields of a tagged enum or a flattened struct from a buffer that no longer knows which of
/// the two forms it came from, so a stored value must not have a `Decimal` in such a place: there it is
/// written as a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i64);

/// Digits after the point.
const DIGITS: usize = 6;
/// Millionths in one.
const SCALE: i64 = 1_000_000;

/// A text that is not a decimal number of this product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDecimal {
    /// Something else than digits, one point between them and a minus in front.
    #[error("not a decimal number, such as 8.25")]
    NotANumber,
    /// Finer than a millionth.
    #[error("more than 6 digits after the point")]
    TooFine,
    /// A number that was rounded to a binary float on its way.
    #[error("must be a text such as \"8.25\" unless it is a whole number")]
    Float,
    /// Outside the range.
    #[error("too large: beyond 9223372036854.775807")]
    TooLarge,
}

impl Decimal {
    /// A whole number.
    pub const fn from_integer(integer: i32) -> Self {
        Self(integer as i64 * SCALE)
    }

    /// A count of millionths.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The count of millionths.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The sum, or nothing outside the range.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing outside the range.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether `self` is `from` plus a whole number of steps. A step of zero or less leads nowhere but to
    /// `from`.
    pub fn is_on_grid(self, from: Self, step: Self) -> bool {
        let distance = i128::from(self.0) - i128::from(from.0);
        if step.0 > 0 { distance % i128::from(step.0) == 0 } else { distance == 0 }
    }

    /// The whole number this is, if it is one.
    pub const fn integer(self) -> Option<i64> {
        if self.0 % SCALE == 0 { Some(self.0 / SCALE) } else { None }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millionths = self.0.unsigned_abs();
        let (whole, fraction) = (millionths / SCALE.unsigned_abs(), millionths % SCALE.unsigned_abs());
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = match magnitude.split_once('.') {
            Some((_, "")) => return Err(InvalidDecimal::NotANumber),
            Some((whole, fraction)) => (whole, fraction),
            None => (magnitude, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(InvalidDecimal::NotANumber);
        }
        if fraction.len() > DIGITS {
            return Err(InvalidDecimal::TooFine);
        }
        // Built up below zero, where the range reaches one millionth further.
        let padding = std::iter::repeat_n(b'0', DIGITS - fraction.len());
        let millionths = whole
            .bytes()
            .chain(fraction.bytes())
            .chain(padding)
            .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_sub(i64::from(digit - b'0')))
            .and_then(|below_zero| if negative { Some(below_zero) } else { below_zero.checked_neg() });
        millionths.map(Self).ok_or(InvalidDecimal::TooLarge)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unit = if deserializer.is_human_readable() { SCALE } else { 1 };
        deserializer.deserialize_any(DecimalVisitor { unit })
    }
}

/// Reads a decimal from a text or a number.
struct DecimalVisitor {
    /// Millionths that an integer counts: a million in human-readable forms, one in stored ones.
    unit: i64,
}

impl de::Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number, such as \"8.25\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Decimal, E> {
        integer.checked_mul(self.unit).map(Decimal).ok_or_else(|| E::custom(InvalidDecimal::TooLarge))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Decimal, E> {
        i64::try_from(integer)
            .map_err(|_| E::custom(InvalidDecimal::TooLarge))
            .and_then(|integer| self.visit_i64(integer))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Decimal, E> {
        Err(E::custom(InvalidDecimal::Float))
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // Always written as a text; a whole number is read, too.
        schemars::json_schema!({"type": ["string", "integer"], "pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$"})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Decimal, InvalidDecimal};

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_shortest_text_is_printed() {
        for (text, shortest) in [
            ("8.20", "8.2"),
            ("-0.5", "-0.5"),
            ("10", "10"),
            ("007.000001", "7.000001"),
            ("-0", "0"),
            ("0.0", "0"),
        ] {
            assert_eq!(decimal(text).to_string(), shortest);
        }
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for text in
            ["", "-", ".", ".5", "5.", "+5", "1e3", "NaN", "inf", "1,5", "1_000", " 1", "--1", "1.2.3", "٣"]
        {
            assert_eq!(text.parse::<Decimal>(), Err(InvalidDecimal::NotANumber), "{text:?}");
        }
        assert_eq!("0.1234567".parse::<Decimal>(), Err(InvalidDecimal::TooFine));
        assert_eq!("9223372036854.775808".parse::<Decimal>(), Err(InvalidDecimal::TooLarge));
        assert_eq!("9".repeat(400).parse::<Decimal>(), Err(InvalidDecimal::TooLarge));
    }

    #[test]
    fn both_ends_of_the_range_can_be_written() {
        assert_eq!(decimal("9223372036854.775807").millionths(), i64::MAX);
        assert_eq!(decimal("-9223372036854.775808"), Decimal::from_millionths(i64::MIN));
        assert_eq!(Decimal::from_millionths(i64::MIN).to_string(), "-9223372036854.775808");
    }

    #[test]
    fn arithmetic_stops_at_the_ends_of_the_range() {
        assert_eq!(decimal("0.1").checked_add(decimal("0.2")), Some(decimal("0.3")));
        assert_eq!(decimal("0.1").checked_sub(decimal("0.3")), Some(decimal("-0.2")));
        assert_eq!(Decimal::from_millionths(i64::MAX).checked_add(decimal("0.000001")), None);
        assert_eq!(Decimal::from_millionths(i64::MIN).checked_sub(decimal("0.000001")), None);
    }

    #[test]
    fn a_grid_starts_anywhere_and_has_whole_steps() {
        assert!(decimal("1.75").is_on_grid(decimal("1"), decimal("0.25")));
        assert!(decimal("-0.5").is_on_grid(decimal("1"), decimal("0.25")));
        assert!(!decimal("1.8").is_on_grid(decimal("1"), decimal("0.25")));
        assert!(!decimal("2").is_on_grid(decimal("1"), decimal("0")));
        let (highest, lowest) = (Decimal::from_millionths(i64::MAX), Decimal::from_millionths(i64::MIN));
        assert!(highest.is_on_grid(lowest, decimal("0.000001")));
    }

    #[test]
    fn json_is_a_text_and_only_whole_numbers_are_read() {
        assert_eq!(serde_json::to_value(decimal("8.20")).unwrap(), json!("8.2"));
        for (value, expected) in [(json!("8.2"), "8.2"), (json!(-3), "-3"), (json!(10), "10")] {
            assert_eq!(serde_json::from_value::<Decimal>(value).unwrap(), decimal(expected));
        }
        for value in
            [json!(8.2), json!(1e300), json!(1e-7), json!(u64::MAX), json!(null), json!(true), json!("1e2")]
        {
            assert!(serde_json::from_value::<Decimal>(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn the_stored_form_is_the_count_of_millionths() {
        let stored = rmp_serde::to_vec_named(&decimal("8.2")).unwrap();
        assert_eq!(rmp_serde::from_slice::<i64>(&stored).unwrap(), 8_200_000);
        assert_eq!(rmp_serde::from_slice::<Decimal>(&stored).unwrap(), decimal("8.2"));
    }

    proptest! {
        #[test]
        fn every_number_reads_back_from_its_text_and_from_its_stored_form(millionths: i64) {
            let number = Decimal::from_millionths(millionths);
            prop_assert_eq!(number.to_string().parse(), Ok(number));
            let stored = rmp_serde::to_vec_named(&number).unwrap();
            prop_assert_eq!(rmp_serde::from_slice::<Decimal>(&stored).unwrap(), number);
        }
    }
}
