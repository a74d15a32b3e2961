//! Which values a custom field takes, and what is wrong with one that it does not take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::CustomValue;
use crate::domain::{Decimal, Email, Phone, noun::Fault};

/// Most characters of a text, whatever the field says.
const TEXT_MAX: u32 = 10_000;

/// Most options of a field.
const OPTIONS_MAX: usize = 200;

/// Most bytes that a pattern may take when it is made ready to match.
const PATTERN_SIZE_MAX: usize = 256 << 10;

/// The type of a field's values with the limits that go with it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum FieldRule {
    /// One line of text.
    Text {
        /// Fewest characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        /// Most characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
        /// A regular expression that the whole text must match.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
    /// Text of several lines.
    LongText {
        /// Fewest characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_length: Option<u32>,
        /// Most characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_length: Option<u32>,
    },
    /// A decimal number.
    Number {
        /// The lowest.
        #[serde(default, serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<Decimal>")]
        min: Option<Decimal>,
        /// The highest.
        #[serde(default, serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<Decimal>")]
        max: Option<Decimal>,
    },
    /// A day, as `2026-05-01`.
    Date {
        /// The earliest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        /// The latest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
    },
    /// Yes or no.
    Boolean {},
    /// One of these.
    Select {
        /// What there is to choose from.
        options: Vec<String>,
    },
    /// Several of these, each once.
    MultiSelect {
        /// What there is to choose from.
        options: Vec<String>,
    },
    /// An e-mail address.
    Email {},
    /// An address on the web, with `http` or `https`.
    Url {},
    /// A telephone number.
    Phone {},
}

/// A decimal as a text in the stored form, too: what is tagged is read back through a form that cannot tell the two apart.
#[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
fn as_text<S: Serializer>(number: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(|number| number.to_string()).serialize(serializer)
}

impl FieldRule {
    /// The word of its type, as in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "longText",
            Self::Number { .. } => "number",
            Self::Date { .. } => "date",
            Self::Boolean {} => "boolean",
            Self::Select { .. } => "select",
            Self::MultiSelect { .. } => "multiSelect",
            Self::Email {} => "email",
            Self::Url {} => "url",
            Self::Phone {} => "phone",
        }
    }

    /// What is wrong with the rule itself, with pointers into it.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self {
            Self::Text { min_length, max_length, pattern } => {
                faults.extend(length_fault(*min_length, *max_length));
                if pattern.as_deref().is_some_and(|pattern| whole(pattern).is_none()) {
                    faults.push(Fault::new("/pattern", "is no regular expression, or too large a one"));
                }
            }
            Self::LongText { min_length, max_length } => {
                faults.extend(length_fault(*min_length, *max_length))
            }
            Self::Number { min: Some(min), max: Some(max) } if max < min => {
                faults.push(Fault::new("/max", "must not be below min"));
            }
            Self::Date { min, max } => {
                for (pointer, text) in [("/min", min), ("/max", max)] {
                    if text.as_deref().is_some_and(|text| day(text).is_none()) {
                        faults.push(Fault::new(pointer, "must be a day such as 2026-05-01"));
                    }
                }
                if let (Some(min), Some(max)) = (min, max)
                    && faults.is_empty()
                    && max < min
                {
                    faults.push(Fault::new("/max", "must not be before min"));
                }
            }
            Self::Select { options } | Self::MultiSelect { options } => faults.extend(option_faults(options)),
            Self::Number { .. } | Self::Boolean {} | Self::Email {} | Self::Url {} | Self::Phone {} => {}
        }
        faults
    }

    /// What is wrong with a value, or nothing.
    pub fn fault(&self, value: &CustomValue) -> Option<String> {
        match (self, value) {
            (Self::Boolean {}, CustomValue::Flag(_)) => None,
            (Self::Boolean {}, _) => Some("must be true or false".to_owned()),
            (Self::MultiSelect { options }, CustomValue::Choices(chosen)) => {
                let unknown = chosen.iter().find(|choice| !options.contains(choice));
                let twice = || {
                    (1..chosen.len())
                        .any(|n| chosen.iter().take(n).any(|earlier| chosen.get(n) == Some(earlier)))
                };
                match unknown {
                    Some(_) => Some(format!("must be among {}", options.join(", "))),
                    None => twice().then(|| "names something twice".to_owned()),
                }
            }
            (Self::MultiSelect { .. }, _) => Some("must be a list of texts".to_owned()),
            (_, CustomValue::Text(text)) => self.text_fault(text),
            _ => Some("must be a text".to_owned()),
        }
    }

    fn text_fault(&self, text: &str) -> Option<String> {
        let fault = |wrong: bool, message: &str| wrong.then(|| message.to_owned());
        match self {
            Self::Text { min_length, max_length, pattern } => {
                let fits = || pattern.as_deref().and_then(whole).is_none_or(|pattern| pattern.is_match(text));
                let lines = fault(text.contains(char::is_control), "must be one line");
                lines.or_else(|| outside(text, *min_length, *max_length)).or_else(|| {
                    let pattern = pattern.as_deref().unwrap_or_default();
                    (!fits()).then(|| format!("must match {pattern}"))
                })
            }
            Self::LongText { min_length, max_length } => outside(text, *min_length, *max_length),
            Self::Number { min, max } => match text.parse::<Decimal>() {
                Err(_) => Some("must be a decimal number such as \"9.25\"".to_owned()),
                Ok(number) if min.is_some_and(|min| number < min) => {
                    min.map(|min| format!("must not be below {min}"))
                }
                Ok(number) => max.filter(|max| number > *max).map(|max| format!("must not be above {max}")),
            },
            Self::Date { min, max } => {
                if day(text).is_none() {
                    return Some("must be a day such as 2026-05-01".to_owned());
                }
                // Days of this form sort as texts do.
                let early = min.as_deref().filter(|min| text < *min);
                let late = || max.as_deref().filter(|max| text > *max);
                early
                    .map(|min| format!("must not be before {min}"))
                    .or_else(|| late().map(|max| format!("must not be after {max}")))
            }
            Self::Select { options } => (!options.iter().any(|option| option == text))
                .then(|| format!("must be one of {}", options.join(", "))),
            Self::Email {} => fault(text.parse::<Email>().is_err(), "must be an e-mail address"),
            Self::Url {} => {
                fault(!is_web_address(text), "must be an address that starts with http:// or https://")
            }
            Self::Phone {} => fault(text.parse::<Phone>().is_err(), "must be a telephone number"),
            Self::Boolean {} | Self::MultiSelect { .. } => None,
        }
    }
}

fn length_fault(least: Option<u32>, most: Option<u32>) -> Option<Fault> {
    let most = most.unwrap_or(TEXT_MAX);
    if most > TEXT_MAX || most == 0 {
        Some(Fault::new("/maxLength", format!("must be between 1 and {TEXT_MAX}")))
    } else if least.is_some_and(|least| least > most) {
        Some(Fault::new("/minLength", "must not be above maxLength"))
    } else {
        None
    }
}

fn option_faults(options: &[String]) -> Vec<Fault> {
    if options.is_empty() || options.len() > OPTIONS_MAX {
        return vec![Fault::new("/options", format!("must be 1 to {OPTIONS_MAX} texts"))];
    }
    let fault = |(index, option): (usize, &String)| {
        let at = |message: &str| Some(Fault::new(format!("/options/{index}"), message));
        if option.trim().is_empty() || option.chars().count() > 200 || option.contains(char::is_control) {
            at("must be one line of 1 to 200 characters")
        } else if options.iter().take(index).any(|earlier| earlier == option) {
            at("is given twice")
        } else {
            None
        }
    };
    options.iter().enumerate().filter_map(fault).collect()
}

fn outside(text: &str, least: Option<u32>, most: Option<u32>) -> Option<String> {
    let (length, most) = (text.chars().count(), most.unwrap_or(TEXT_MAX));
    let (least, most) = (usize::try_from(least.unwrap_or(1)).ok()?, usize::try_from(most).ok()?);
    if length < least.max(1) {
        Some(format!("must not be shorter than {}", least.max(1)))
    } else if length > most {
        Some(format!("must not be longer than {most}"))
    } else {
        None
    }
}

/// A pattern that the whole text must match. Matching takes time in proportion to the text, whatever the pattern.
fn whole(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PATTERN_SIZE_MAX).build().ok()
}

fn day(text: &str) -> Option<jiff::civil::Date> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

fn is_web_address(text: &str) -> bool {
    let parsed = (text.len() <= 2_000).then(|| url::Url::parse(text).ok()).flatten();
    parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CustomValue, FieldRule};

    fn rule(value: Value) -> FieldRule {
        serde_json::from_value(value).unwrap()
    }

    fn fault(rule: &FieldRule, value: Value) -> Option<String> {
        rule.fault(&serde_json::from_value::<CustomValue>(value).unwrap())
    }

    #[test]
    fn each_type_takes_its_own_values_and_no_others() {
        for (rule_of, taken, refused) in [
            (json!({"type": "text"}), json!("Ann"), json!("a\nb")),
            (json!({"type": "longText"}), json!("a\nb"), json!("")),
            (json!({"type": "number"}), json!("9.25"), json!("nine")),
            (json!({"type": "date"}), json!("2026-05-01"), json!("2026-02-30")),
            (json!({"type": "boolean"}), json!(true), json!("true")),
            (json!({"type": "select", "options": ["S", "M"]}), json!("M"), json!("L")),
            (json!({"type": "multiSelect", "options": ["S", "M"]}), json!(["M", "S"]), json!(["M", "L"])),
            (json!({"type": "multiSelect", "options": ["S", "M"]}), json!([]), json!(["M", "M"])),
            (json!({"type": "multiSelect", "options": ["S", "M"]}), json!(["S"]), json!("S")),
            (json!({"type": "email"}), json!("a@example.org"), json!("a")),
            (json!({"type": "url"}), json!("https://example.org/a?b"), json!("javascript:alert(1)")),
            (json!({"type": "phone"}), json!("+43 1 234"), json!("call me")),
            (json!({"type": "text"}), json!("x"), json!(true)),
        ] {
            let rule = rule(rule_of);
            assert!(rule.faults().is_empty(), "{rule:?}");
            assert_eq!(fault(&rule, taken), None, "{rule:?}");
            assert!(fault(&rule, refused).is_some(), "{rule:?}");
        }
    }

    #[test]
    fn limits_hold_at_both_ends() {
        let text = rule(json!({"type": "text", "minLength": 2, "maxLength": 3, "pattern": "[A-Z]+|x.x"}));
        assert_eq!(fault(&text, json!("AB")), None);
        assert_eq!(fault(&text, json!("A")).unwrap(), "must not be shorter than 2");
        assert_eq!(fault(&text, json!("ABCD")).unwrap(), "must not be longer than 3");
        assert_eq!(fault(&text, json!("ABc")).unwrap(), "must match [A-Z]+|x.x", "all of it must");
        let number = rule(json!({"type": "number", "min": "1", "max": "2.5"}));
        assert_eq!(fault(&number, json!("2.5")), None);
        assert_eq!(fault(&number, json!("0.9")).unwrap(), "must not be below 1");
        assert_eq!(fault(&number, json!("3")).unwrap(), "must not be above 2.5");
        let date = rule(json!({"type": "date", "min": "2000-01-01", "max": "2010-12-31"}));
        assert_eq!(fault(&date, json!("2000-01-01")), None);
        assert_eq!(fault(&date, json!("1999-12-31")).unwrap(), "must not be before 2000-01-01");
        assert_eq!(fault(&date, json!("2011-01-01")).unwrap(), "must not be after 2010-12-31");
    }

    #[test]
    fn a_rule_that_nothing_could_keep_is_refused() {
        for (rule_of, pointer) in [
            (json!({"type": "text", "minLength": 3, "maxLength": 2}), "/minLength"),
            (json!({"type": "longText", "maxLength": 10_001}), "/maxLength"),
            (json!({"type": "text", "pattern": "("}), "/pattern"),
            (json!({"type": "text", "pattern": "a{1000}{1000}"}), "/pattern"),
            (json!({"type": "number", "min": "2", "max": "1"}), "/max"),
            (json!({"type": "date", "min": "May"}), "/min"),
            (json!({"type": "date", "min": "2026-05-02", "max": "2026-05-01"}), "/max"),
            (json!({"type": "select", "options": []}), "/options"),
            (json!({"type": "select", "options": ["S", "S"]}), "/options/1"),
            (json!({"type": "multiSelect", "options": ["S", " "]}), "/options/1"),
        ] {
            let faults = rule(rule_of.clone()).faults();
            assert_eq!(faults.first().map(|fault| fault.pointer.as_str()), Some(pointer), "{rule_of}");
        }
    }
}
