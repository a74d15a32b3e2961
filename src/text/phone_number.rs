//! Telephone numbers to which text messages are sent: E.164, never guessed. Uses nothing of ours.

use std::{fmt, str::FromStr};

/// A number in international form: `+4915112345678`. `Debug` shows its last digits only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

/// Why a text is no such number, and how to write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoPhoneNumber {
    /// It begins with 00.
    #[error("write + and the country code instead of 00, such as +49 151 12345678")]
    DialledPrefix,
    /// It has no country code.
    #[error(
        "write it with + and the country code in front, such as +49 151 12345678 instead of 0151 12345678"
    )]
    National,
    /// It has the zero of calls within the country in brackets.
    #[error("leave out (0), such as +49 151 12345678 instead of +49 (0)151 12345678")]
    BracketedZero,
    /// No country code begins with 0.
    #[error("after + comes a country code, which does not begin with 0, such as +49 151 12345678")]
    NoCountry,
    /// It has letters or other signs.
    #[error("write digits only after the +, with blanks, ( ) - . / between them if you like")]
    Sign,
    /// It has too few or too many digits.
    #[error("an international number has 7 to 15 digits after the +")]
    Length,
}

impl PhoneNumber {
    /// Takes a number in international form.
    ///
    /// # Errors
    /// It is not in that form.
    pub fn parse(text: &str) -> Result<Self, NoPhoneNumber> {
        let text = text.trim();
        let Some(rest) = text.strip_prefix('+') else {
            let is_number = text.chars().all(|c| c.is_ascii_digit() || separates(c)) && !text.is_empty();
            return Err(match (is_number, text.starts_with("00")) {
                (true, true) => NoPhoneNumber::DialledPrefix,
                (true, false) => NoPhoneNumber::National,
                (false, _) => NoPhoneNumber::Sign,
            });
        };
        if !rest.chars().all(|c| c.is_ascii_digit() || separates(c)) {
            return Err(NoPhoneNumber::Sign);
        }
        let tight: String = rest.chars().filter(|c| !c.is_whitespace()).collect();
        if tight.contains("(0)") {
            return Err(NoPhoneNumber::BracketedZero);
        }
        let digits: String = tight.chars().filter(char::is_ascii_digit).collect();
        if !(7..=15).contains(&digits.len()) {
            return Err(NoPhoneNumber::Length);
        }
        if digits.starts_with('0') {
            return Err(NoPhoneNumber::NoCountry);
        }
        Ok(Self(format!("+{digits}")))
    }

    /// `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn separates(c: char) -> bool {
    matches!(c, ' ' | '(' | ')' | '-' | '.' | '/' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '‑' | '–')
}

impl FromStr for PhoneNumber {
    type Err = NoPhoneNumber;

    fn from_str(text: &str) -> Result<Self, NoPhoneNumber> {
        Self::parse(text)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.0.len().saturating_sub(2);
        let last: String = self.0.chars().skip(hidden).collect();
        write!(f, "PhoneNumber(..{last})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NoPhoneNumber, PhoneNumber};

    #[test]
    fn an_international_number_is_taken_however_it_is_spaced() {
        for text in [
            "+4915112345678",
            " +49 151 123 456 78 ",
            "+49 (151) 1234-5678",
            "+49/151.12345678",
            "+49\u{a0}151\u{202f}12345678",
        ] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+4915112345678", "{text:?}");
        }
    }

    #[test]
    fn any_other_form_is_refused_and_told_how_to_be_written() {
        for (text, fault) in [
            ("0151 12345678", NoPhoneNumber::National),
            ("151 12345678", NoPhoneNumber::National),
            ("0049 151 12345678", NoPhoneNumber::DialledPrefix),
            ("+49 (0)151 12345678", NoPhoneNumber::BracketedZero),
            ("+49 ( 0 ) 151 12345678", NoPhoneNumber::BracketedZero),
            ("+0 151 12345678", NoPhoneNumber::NoCountry),
            ("+49 151 CALLME", NoPhoneNumber::Sign),
            ("+49 151 12345678 ext. 9", NoPhoneNumber::Sign),
            ("+49 151 1234٥678", NoPhoneNumber::Sign),
            ("++4915112345678", NoPhoneNumber::Sign),
            ("+49\n15112345678", NoPhoneNumber::Sign),
            ("", NoPhoneNumber::Sign),
            ("+", NoPhoneNumber::Length),
            ("+49 151", NoPhoneNumber::Length),
            ("+1234567890123456", NoPhoneNumber::Length),
        ] {
            assert_eq!(PhoneNumber::parse(text), Err(fault), "{text:?}");
        }
        assert!(NoPhoneNumber::National.to_string().contains("+49 151 12345678"));
    }

    #[test]
    fn a_log_shows_no_number() {
        let number = PhoneNumber::parse("+4915112345678").unwrap();
        assert_eq!(format!("{number:?}"), "PhoneNumber(..78)");
    }

    proptest! {
        #[test]
        fn what_is_taken_is_e164_and_taken_again(text in "[+0-9 ()./-]{0,24}|\\PC{0,24}") {
            if let Ok(number) = PhoneNumber::parse(&text) {
                let digits = number.as_str().strip_prefix('+').unwrap();
                prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
            }
        }
    }
}
