//! Exact fractions as text, for people, JSON and the store.

use std::{borrow::Cow, fmt, str::FromStr};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Num, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Exact, Repr};

/// A text that is neither a decimal number nor a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number or a fraction, such as 8.2 or 25/3")]
pub struct InvalidExact;

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = match &self.0 {
            Repr::Machine(ratio) => finite_places(*ratio.denom()),
            Repr::Big(ratio) => finite_places(ratio.denom().clone()),
        };
        let Some(places) = places else {
            let ratio = self.widened();
            return write!(f, "{}/{}", ratio.numer(), ratio.denom());
        };
        let shifted = match (self * &Self::power_of_ten(places)).0 {
            Repr::Machine(ratio) => ratio.numer().to_string(),
            Repr::Big(ratio) => ratio.numer().to_string(),
        };
        let (sign, digits) = shifted.strip_prefix('-').map_or(("", shifted.as_str()), |digits| ("-", digits));
        let places = usize::try_from(places).map_err(|_| fmt::Error)?;
        let padded = format!("{digits:0>width$}", width = places + 1);
        match padded.split_at(padded.len() - places) {
            (whole, "") => write!(f, "{sign}{whole}"),
            (whole, fraction) => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

/// Digits after the point that a reduced fraction over this denominator needs, or nothing if no number
/// suffices: only denominators made of twos and fives end.
fn finite_places<T: Num + Clone + From<u8>>(mut denominator: T) -> Option<u32> {
    let mut strip = |factor: u8| {
        let factor = T::from(factor);
        let mut times = 0;
        while (denominator.clone() % factor.clone()).is_zero() {
            denominator = denominator.clone() / factor.clone();
            times += 1;
        }
        times
    };
    let places = strip(2).max(strip(5));
    denominator.is_one().then_some(places)
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exact({self})")
    }
}

impl FromStr for Exact {
    type Err = InvalidExact;

    fn from_str(text: &str) -> Result<Self, InvalidExact> {
        let integer = |digits: &str| {
            let magnitude = digits.strip_prefix('-').unwrap_or(digits);
            let plain = !magnitude.is_empty() && magnitude.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<BigInt>().ok()).flatten().ok_or(InvalidExact)
        };
        if let Some((numerator, denominator)) = text.split_once('/') {
            let (numerator, denominator) = (integer(numerator)?, integer(denominator)?);
            let reducible = denominator > BigInt::zero();
            return if reducible {
                Ok(Self::big(BigRational::new(numerator, denominator)))
            } else {
                Err(InvalidExact)
            };
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if text.ends_with('.')
            || whole.is_empty()
            || whole == "-"
            || !fraction.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(InvalidExact);
        }
        let digits = integer(&format!("{whole}{fraction}"))?;
        let places = u32::try_from(fraction.len()).map_err(|_| InvalidExact)?;
        Ok(Self::big(BigRational::new(digits, BigInt::from(10).pow(places))))
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> Cow<'static, str> {
        "Exact".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+|/[1-9][0-9]*)?$"})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::domain::scoring::Exact;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn the_text_is_a_decimal_if_there_is_a_finite_one_and_a_fraction_otherwise() {
        for (text, printed) in [
            ("82/10", "8.2"),
            ("-1/8", "-0.125"),
            ("50/6", "25/3"),
            ("-25/3", "-25/3"),
            ("7", "7"),
            ("1/400", "0.0025"),
            ("12.50", "12.5"),
            ("0/9", "0"),
        ] {
            assert_eq!(exact(text).to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", "1/0", "1/-3", "1/", "/2", "1.", ".5", "1.-5", "1_0", "+1", "1/2/3", "NaN"] {
            assert!(text.parse::<Exact>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_fraction_reads_back_from_its_text(numerator: i128, denominator in 1_i64..) {
            let value = exact(&format!("{numerator}/{denominator}"));
            prop_assert_eq!(exact(&value.to_string()), value);
        }
    }
}
