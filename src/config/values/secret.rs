//! Texts that are never shown.

use std::fmt;

use serde::{Serialize, Serializer};
use toml::Value;

use crate::config::setting::{Form, NotAllowed, Setting};

const SHOWN: &str = "[secret]";

/// A password, key or token: whatever prints or stores it by mistake gets `[secret]`.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SHOWN)
    }
}

impl Setting for Option<Secret> {
    fn form(&self) -> Form {
        Form::Secret
    }

    fn allowed(&self) -> String {
        "a text, or \"\" for none".to_owned()
    }

    fn get(&self) -> Value {
        Value::from(if self.is_some() { SHOWN } else { "" })
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        let text = value.as_str().ok_or(NotAllowed)?;
        *self = (!text.is_empty()).then(|| Secret(text.into()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use toml::Value;

    use super::Secret;
    use crate::config::setting::Setting;

    #[test]
    fn a_secret_is_never_shown() {
        let mut setting: Option<Secret> = None;
        setting.set(&Value::from("correct horse")).unwrap();
        let secret = setting.clone().unwrap();
        let shown = [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{setting:?}"),
            setting.get().to_string(),
            Value::try_from(&secret).unwrap().to_string(),
        ];
        for text in shown {
            assert!(text.contains("[secret]") && !text.contains("horse"), "{text}");
        }
        assert_eq!(secret.expose(), "correct horse");
    }
}
