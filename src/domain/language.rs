//! Languages of messages, as BCP 47 tags, and in which order they are tried. Uses nothing of ours.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const LONGEST: usize = 35;

/// A language: `de`, `de-AT`, `zh-Hant`. The first part is in lower case, countries in upper case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(Cow<'static, str>);

/// A text that names no language.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be the code of a language, such as de or de-AT")]
pub struct NoLanguage;

impl Language {
    /// English, in which there is wording for everything.
    pub const ENGLISH: Self = Self(Cow::Borrowed("en"));
    /// German.
    pub const GERMAN: Self = Self(Cow::Borrowed("de"));

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without country and script.
    pub fn primary(&self) -> Self {
        match self.0.split_once('-') {
            Some((primary, _)) => Self(Cow::Owned(primary.to_owned())),
            None => self.clone(),
        }
    }

    /// The languages in which a message is tried, best first: the one that was asked for, the one of the tenant, each also
    /// without its country, and English.
    pub fn fallback(requested: Option<&Self>, tenant: Option<&Self>) -> Vec<Self> {
        let mut chain = Vec::new();
        for language in requested.into_iter().chain(tenant) {
            chain.extend([language.clone(), language.primary()]);
        }
        chain.push(Self::ENGLISH);
        let mut seen = Vec::new();
        chain.retain(|language| {
            let is_new = !seen.contains(language);
            seen.push(language.clone());
            is_new
        });
        chain
    }
}

impl FromStr for Language {
    type Err = NoLanguage;

    fn from_str(text: &str) -> Result<Self, NoLanguage> {
        let text = text.trim();
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let is_primary = matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_primary || text.len() > LONGEST {
            return Err(NoLanguage);
        }
        let mut tag = primary.to_ascii_lowercase();
        for part in parts {
            if !(1..=8).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(NoLanguage);
            }
            tag.push('-');
            match part.len() {
                2 => tag.push_str(&part.to_ascii_uppercase()),
                4 => {
                    let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
                    tag.push_str(&first.to_ascii_uppercase());
                    tag.push_str(&rest.to_ascii_lowercase());
                }
                _ => tag.push_str(&part.to_ascii_lowercase()),
            }
        }
        Ok(Self(Cow::Owned(tag)))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = NoLanguage;

    fn try_from(text: String) -> Result<Self, NoLanguage> {
        text.parse()
    }
}

impl JsonSchema for Language {
    fn schema_name() -> Cow<'static, str> {
        "Language".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", "maxLength": LONGEST,
            "description": "A language as a tag of BCP 47: `de`, `de-AT`.",
        })
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    fn language(text: &str) -> Language {
        text.parse().unwrap()
    }

    #[test]
    fn a_tag_is_taken_in_any_case_and_written_in_one() {
        for (text, tag) in [("DE", "de"), (" de-at ", "de-AT"), ("ZH-hANT-tw", "zh-Hant-TW"), ("gsw", "gsw")]
        {
            assert_eq!(language(text).as_str(), tag);
        }
        for refused in
            ["", "d", "german", "de_AT", "de-", "de-üü", "../en", &format!("de{}", "-abcdefgh".repeat(5))]
        {
            assert!(refused.parse::<Language>().is_err(), "{refused:?}");
        }
    }

    #[test]
    fn languages_are_tried_from_the_one_asked_for_to_english() {
        let tags = |requested: Option<&str>, tenant: Option<&str>| {
            let (requested, tenant) = (requested.map(language), tenant.map(language));
            Language::fallback(requested.as_ref(), tenant.as_ref())
                .iter()
                .map(Language::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(tags(Some("fr-CH"), Some("de-CH")), ["fr-CH", "fr", "de-CH", "de", "en"]);
        assert_eq!(tags(None, Some("de")), ["de", "en"]);
        assert_eq!(tags(Some("en"), Some("en-GB")), ["en", "en-GB"]);
        assert_eq!(tags(None, None), ["en"]);
    }
}
