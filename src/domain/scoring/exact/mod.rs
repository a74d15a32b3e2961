//! Exact fractions for everything between marks and places: sums, products, means, comparisons.
//! Depends on [`Decimal`](crate::domain::Decimal) only.

mod text;

use std::{
    borrow::Cow,
    cmp::Ordering,
    iter::Sum,
    ops::{Add, Mul, Sub},
};

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{CheckedAdd, CheckedMul, CheckedSub, Euclid, Num, ToPrimitive};

pub use text::InvalidExact;

use crate::domain::Decimal;

/// An exact fraction of any size.
///
/// Its text is the shortest decimal if there is a finite one (`8.2`), otherwise the reduced fraction
/// (`25/3`); JSON and the stored form are that text.
#[derive(Clone, PartialEq, Eq)]
pub struct Exact(Repr);

/// Two machine words for nearly all values, any number of digits when those do not suffice. A value that fits
/// the first never stands in the second, so equality is plain.
#[derive(Clone, PartialEq, Eq)]
enum Repr {
    /// The numerator is never `i128::MIN`, so that it can be negated.
    Machine(Ratio<i128>),
    Big(Box<BigRational>),
}

/// Square of the decimal's scale: what a product of two decimals is counted in.
const PRODUCT_SCALE: i128 = 1_000_000_000_000;

impl Exact {
    /// Nothing.
    pub const ZERO: Self = Self(Repr::Machine(Ratio::new_raw(0, 1)));

    /// A fraction of whole numbers.
    fn fraction(numerator: i128, denominator: i128) -> Self {
        Self::machine(Ratio::new(numerator, denominator))
    }

    fn machine(ratio: Ratio<i128>) -> Self {
        if *ratio.numer() == i128::MIN {
            Self(Repr::Big(Box::new(widen(&ratio))))
        } else {
            Self(Repr::Machine(ratio))
        }
    }

    fn big(ratio: BigRational) -> Self {
        match (ratio.numer().to_i128(), ratio.denom().to_i128()) {
            (Some(numerator), Some(denominator)) if numerator != i128::MIN => {
                // Already in lowest terms.
                Self(Repr::Machine(Ratio::new_raw(numerator, denominator)))
            }
            _ => Self(Repr::Big(Box::new(ratio))),
        }
    }

    /// The sum of all products `mark x weight`.
    pub fn weighted_sum(terms: impl IntoIterator<Item = (Decimal, Decimal)>) -> Self {
        let mut spilled = Self::ZERO;
        let mut sum = 0_i128;
        for (value, weight) in terms {
            // Two 64-bit factors always fit; only a sum of them can leave the range.
            let product = i128::from(value.millionths()) * i128::from(weight.millionths());
            sum = sum.checked_add(product).unwrap_or_else(|| {
                spilled = &spilled + &Self::fraction(sum, PRODUCT_SCALE);
                product
            });
        }
        let rest = Self::fraction(sum, PRODUCT_SCALE);
        if spilled.is_zero() { rest } else { &spilled + &rest }
    }

    /// The mean, or nothing of nothing.
    pub fn mean<'a>(values: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut count = 0_u32;
        let sum: Self = values.into_iter().inspect(|_| count += 1).sum();
        sum.divided_by(&Self::from(count))
    }

    /// The quotient, or nothing when dividing by zero.
    pub fn divided_by(&self, divisor: &Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let inverse = match &divisor.0 {
            Repr::Machine(ratio) => Self::machine(ratio.recip()),
            Repr::Big(ratio) => Self::big(ratio.recip()),
        };
        Some(self * &inverse)
    }

    /// The whole number this is, if it is one and that small.
    pub fn to_u32(&self) -> Option<u32> {
        match &self.0 {
            Repr::Machine(ratio) if ratio.is_integer() => u32::try_from(*ratio.numer()).ok(),
            _ => None,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        *self < Self::ZERO
    }

    /// Ten to the power of `exponent`.
    pub(super) fn power_of_ten(exponent: u32) -> Self {
        match 10_i128.checked_pow(exponent) {
            Some(power) => Self::machine(Ratio::from_integer(power)),
            None => Self::big(BigRational::from_integer(BigInt::from(10).pow(exponent))),
        }
    }

    /// The nearest multiple of 10^-`digits` above or below; `to_upper` picks one if it is none itself.
    pub(super) fn round(&self, digits: u32, to_upper: impl Fn(&Between) -> bool) -> Self {
        if let Repr::Machine(ratio) = &self.0
            && let Some(unit) = 10_i128.checked_pow(digits)
            && let Some(scaled) = ratio.numer().checked_mul(&unit)
        {
            return Self::fraction(round_quotient(scaled, *ratio.denom(), to_upper), unit);
        }
        let (ratio, unit) = (self.widened(), BigInt::from(10).pow(digits));
        let rounded = round_quotient(ratio.numer() * &unit, ratio.denom().clone(), to_upper);
        Self::big(BigRational::new(rounded, unit))
    }

    fn widened(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Repr::Machine(ratio) => Cow::Owned(widen(ratio)),
            Repr::Big(ratio) => Cow::Borrowed(ratio),
        }
    }

    /// The machine's way if it has one, the long way otherwise.
    fn combine(
        &self,
        other: &Self,
        machine: impl Fn(&Ratio<i128>, &Ratio<i128>) -> Option<Ratio<i128>>,
        big: impl Fn(&BigRational, &BigRational) -> BigRational,
    ) -> Self {
        if let (Repr::Machine(left), Repr::Machine(right)) = (&self.0, &other.0)
            && let Some(result) = machine(left, right)
        {
            return Self::machine(result);
        }
        Self::big(big(&self.widened(), &other.widened()))
    }
}

/// Where a number lies between two neighbours.
pub(super) struct Between {
    /// Whether it is below zero.
    pub negative: bool,
    /// Whether it is nearer to the lower neighbour (less), to the upper (greater), or halfway.
    pub nearer: Ordering,
    /// Whether the lower neighbour is odd.
    pub lower_is_odd: bool,
}

/// The quotient as a whole number; the divisor is above zero.
fn round_quotient<T: Num + Euclid + Ord + Clone + From<u8>>(
    dividend: T,
    divisor: T,
    to_upper: impl Fn(&Between) -> bool,
) -> T {
    let (lower, rest) = dividend.div_rem_euclid(&divisor);
    if rest.is_zero() {
        return lower;
    }
    let between = Between {
        negative: dividend < T::zero(),
        // The rest against what is left of the divisor: doubling the rest could overflow.
        nearer: rest.cmp(&(divisor - rest.clone())),
        lower_is_odd: !lower.rem_euclid(&T::from(2)).is_zero(),
    };
    if to_upper(&between) { lower + T::one() } else { lower }
}

fn widen(ratio: &Ratio<i128>) -> BigRational {
    BigRational::new_raw((*ratio.numer()).into(), (*ratio.denom()).into())
}

impl Add for &Exact {
    type Output = Exact;

    fn add(self, other: &Exact) -> Exact {
        self.combine(other, CheckedAdd::checked_add, |left, right| left + right)
    }
}

impl Sub for &Exact {
    type Output = Exact;

    fn sub(self, other: &Exact) -> Exact {
        self.combine(other, CheckedSub::checked_sub, |left, right| left - right)
    }
}

impl Mul for &Exact {
    type Output = Exact;

    fn mul(self, other: &Exact) -> Exact {
        self.combine(other, CheckedMul::checked_mul, |left, right| left * right)
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, |sum, value| &sum + &value)
    }
}

impl<'a> Sum<&'a Self> for Exact {
    fn sum<I: Iterator<Item = &'a Self>>(values: I) -> Self {
        values.fold(Self::ZERO, |sum, value| &sum + value)
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Machine(left), Repr::Machine(right)) => {
                let crossed =
                    left.numer().checked_mul(right.denom()).zip(right.numer().checked_mul(left.denom()));
                crossed.map_or_else(|| left.cmp(right), |(left, right)| left.cmp(&right))
            }
            _ => self.widened().cmp(&other.widened()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Decimal> for Exact {
    fn from(decimal: Decimal) -> Self {
        Self::fraction(decimal.millionths().into(), 1_000_000)
    }
}

impl From<u32> for Exact {
    fn from(integer: u32) -> Self {
        Self::fraction(integer.into(), 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Exact;
    use crate::domain::Decimal;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn a_mean_keeps_thirds_and_a_mean_of_nothing_is_nothing() {
        let marks = [exact("8"), exact("8"), exact("9")];
        assert_eq!(Exact::mean(&marks), Some(exact("25/3")));
        assert_eq!(Exact::mean(&[]), None);
    }

    #[test]
    fn the_classic_traps_of_binary_floats_are_exact() {
        assert_eq!(&exact("0.1") + &exact("0.2"), exact("0.3"));
        let marks: [(Decimal, Decimal); 3] =
            [("9", "0.5"), ("7", "0.3"), ("8", "0.2")].map(|(m, w)| (m.parse().unwrap(), w.parse().unwrap()));
        assert_eq!(Exact::weighted_sum(marks).to_string(), "8.2");
    }

    #[test]
    fn what_leaves_the_machine_range_stays_exact_and_comes_back() {
        let huge = Decimal::from_millionths(i64::MIN);
        let square = &Exact::from(huge) * &Exact::from(huge);
        let four = Exact::weighted_sum([(huge, huge); 4]);
        assert_eq!(four, &square * &exact("4"));
        assert_eq!(four.divided_by(&square), Some(exact("4")));
        let tiny = exact("1").divided_by(&(&four * &four)).unwrap();
        assert!(tiny > Exact::ZERO && tiny < exact("0.000000000001"));
        assert_eq!(&(&tiny * &four) * &four, exact("1"));
        let lowest = exact(&i128::MIN.to_string());
        assert_eq!(exact("1").divided_by(&lowest).map(|inverse| &inverse * &lowest), Some(exact("1")));
    }

    #[test]
    fn dividing_by_zero_is_nothing() {
        assert_eq!(exact("1").divided_by(&Exact::ZERO), None);
    }

    proptest! {
        #[test]
        fn order_agrees_with_the_sign_of_the_difference(a: i64, b: i64, p in 1_u32.., q in 1_u32..) {
            let (left, right) = (exact(&format!("{a}/{p}")), exact(&format!("{b}/{q}")));
            prop_assert_eq!(left < right, (&left - &right).is_negative());
            prop_assert_eq!(left == right, (&left - &right).is_zero());
            prop_assert_eq!(&(&left - &right) + &right, left);
        }
    }
}
