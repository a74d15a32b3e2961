//! How the entries of a contest come by their numbers: a rule of the event that a contest may replace with its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entry, noun::Fault};

/// Who gives the numbers of entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Numbering {
    /// People do: an entry without a number is refused.
    Manual {},
    /// The box does: an entry that comes with a number is refused.
    Automatic {
        /// The first number.
        #[serde(default = "one")]
        #[schemars(range(min = 1, max = Entry::NUMBER_MAX))]
        start: u32,
        /// Whether numbers are to run without gaps. Closing them up changes numbers that people may wear already, so it
        /// is done on request only.
        #[serde(default)]
        gap_free: bool,
    },
    /// Either: an entry without a number gets the next one.
    Optional {
        /// The first number.
        #[serde(default = "one")]
        #[schemars(range(min = 1, max = Entry::NUMBER_MAX))]
        start: u32,
    },
}

const fn one() -> u32 {
    1
}

impl Default for Numbering {
    fn default() -> Self {
        Self::Optional { start: 1 }
    }
}

impl Numbering {
    /// The first number that the box gives.
    pub const fn start(self) -> u32 {
        match self {
            Self::Manual {} => 1,
            Self::Automatic { start, .. } | Self::Optional { start } => start,
        }
    }

    /// What is wrong with it, with pointers into it.
    pub fn faults(self) -> Vec<Fault> {
        if (1..=Entry::NUMBER_MAX).contains(&self.start()) {
            Vec::new()
        } else {
            vec![Fault::new("/start", format!("must be between 1 and {}", Entry::NUMBER_MAX))]
        }
    }

    /// Why the number that somebody gives an entry is refused, or the lack of one.
    pub const fn refuses(self, number: Option<u32>) -> Option<NumberRefusal> {
        match (self, number) {
            (Self::Manual {}, None) => Some(NumberRefusal::Required),
            (Self::Automatic { .. }, Some(_)) => Some(NumberRefusal::Given),
            _ => None,
        }
    }
}

/// Why the number of an entry is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberRefusal {
    /// There is none, and people give the numbers.
    Required,
    /// There is one, and the box gives the numbers.
    Given,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NumberRefusal, Numbering};

    fn numbering(value: serde_json::Value) -> Numbering {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn each_mode_says_which_numbers_it_takes() {
        let (manual, automatic) =
            (numbering(json!({"type": "manual"})), numbering(json!({"type": "automatic"})));
        assert_eq!(manual.refuses(None), Some(NumberRefusal::Required));
        assert_eq!(manual.refuses(Some(7)), None);
        assert_eq!(automatic.refuses(Some(7)), Some(NumberRefusal::Given));
        assert_eq!(automatic.refuses(None), None);
        for number in [None, Some(7)] {
            assert_eq!(Numbering::default().refuses(number), None);
        }
    }

    #[test]
    fn a_start_that_is_no_number_of_an_entry_is_refused() {
        assert!(numbering(json!({"type": "automatic", "start": 101})).faults().is_empty());
        for start in [0, 100_000] {
            assert_eq!(numbering(json!({"type": "optional", "start": start})).faults()[0].pointer, "/start");
        }
    }
}
