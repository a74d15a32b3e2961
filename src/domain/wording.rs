//! Tenants' own wording of messages: what takes the place of the text that comes with the product. Depends on kinds of
//! messages and languages.

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Kind, Language, MessageKind,
    noun::{Fault, Noun, Unique, UniqueField},
};

/// A tenant's own wording of a kind of message in a language. What it leaves out is as built in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Wording {
    /// Of which messages.
    pub kind: MessageKind,
    /// In which language, as a tag of BCP 47: `de`, `de-AT`.
    pub language: Language,
    /// The subject of the mail, one line.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text of the mail, of which its HTML is made, too.
    #[serde(default)]
    pub text: Option<String>,
    /// The text message.
    #[serde(default)]
    pub sms: Option<String>,
}

impl Wording {
    /// Under which it is found: a tenant words a kind in a language once.
    pub fn key(kind: MessageKind, language: &Language) -> String {
        format!("{kind} {language}")
    }
}

impl Noun for Wording {
    const KIND: Kind = Kind::Wording;

    fn label(&self) -> String {
        Self::key(self.kind, &self.language)
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique { field: UniqueField::Wording, value: Self::key(self.kind, &self.language) }]
    }

    fn faults(&self) -> Vec<Fault> {
        let says_nothing = self.subject.is_none() && self.text.is_none() && self.sms.is_none();
        let fault =
            || Fault::new("", "must hold a subject, a text or an sms; without any it would be as built in");
        says_nothing.then(fault).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Noun, Wording};

    #[test]
    fn wording_is_of_one_kind_and_language_and_says_something() {
        let wording = |body| serde_json::from_value::<Wording>(body).unwrap();
        let own = wording(json!({"kind": "judge_link", "language": "DE-at", "sms": "x"}));
        assert_eq!((own.label().as_str(), own.faults().len()), ("judge_link de-AT", 0));
        assert_eq!(wording(json!({"kind": "test", "language": "en"})).faults()[0].pointer, "");
    }
}
