//! Whole numbers within bounds.

use toml::Value;

use crate::config::setting::{Form, NotAllowed, Setting};

/// A whole number from `MIN` to `MAX`; the name of its key ends in its unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Whole<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    /// A default; does not compile when it is out of bounds.
    pub const fn constant<const N: u32>() -> Self {
        const { assert!(MIN <= N && N <= MAX, "a default is within its bounds") };
        Self(N)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The number as a count of things in memory.
    pub const fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl<const MIN: u32, const MAX: u32> Setting for Whole<MIN, MAX> {
    fn form(&self) -> Form {
        Form::Number
    }

    fn allowed(&self) -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn get(&self) -> Value {
        Value::Integer(self.0.into())
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        let number = value.as_integer().and_then(|number| u32::try_from(number).ok());
        self.0 = number.filter(|number| (MIN..=MAX).contains(number)).ok_or(NotAllowed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use toml::Value;

    use super::Whole;
    use crate::config::setting::Setting;

    #[test]
    fn only_numbers_within_the_bounds_are_taken() {
        let mut cache = Whole::<1, 4096>::constant::<64>();
        for refused in
            [Value::from(0), Value::from(4097), Value::from(-1), Value::from(1.5), Value::from("64")]
        {
            assert!(cache.set(&refused).is_err(), "{refused}");
        }
        for taken in [1, 4096] {
            assert!(cache.set(&Value::from(taken)).is_ok());
            assert_eq!(i64::from(cache.get()), taken);
        }
    }
}
