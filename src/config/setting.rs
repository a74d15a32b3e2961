//! What can stand under a key: a type that says what it allows and turns from and into a TOML value.

use std::{net::SocketAddr, path::PathBuf};

use toml::Value;

/// How a value is written, which decides how a text from the environment is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A list of texts; comma-separated in the environment.
    List,
    /// A text that is never shown.
    Secret,
}

/// A value that its key does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not allowed")]
pub(super) struct NotAllowed;

/// A value under a key.
pub(super) trait Setting {
    /// How it is written.
    fn form(&self) -> Form;

    /// What is allowed, as the object of "allowed is ...".
    fn allowed(&self) -> String;

    /// The value as TOML; a secret as `[secret]`.
    fn get(&self) -> Value;

    /// Takes another value.
    ///
    /// # Errors
    /// When the value is of another type or out of bounds; the old value stays.
    fn set(&mut self, value: &Value) -> Result<(), NotAllowed>;
}

/// A type that is written as one text.
pub(super) trait TextSetting: Sized {
    /// What is allowed, as the object of "allowed is ...".
    const ALLOWED: &'static str;

    /// The value of a text, if it is allowed.
    fn from_text(text: &str) -> Option<Self>;

    /// The text of a value.
    fn to_text(&self) -> String;
}

impl Form {
    /// A text from outside config.toml as the value it stands for. What does not fit stays a text, which the
    /// setting then refuses.
    pub(super) fn value_of(self, text: &str) -> Value {
        let as_text = || Value::String(text.to_owned());
        match self {
            Self::Text | Self::Secret => as_text(),
            Self::Number => text.trim().parse().map_or_else(|_| as_text(), Value::Integer),
            Self::Switch => text.trim().parse().map_or_else(|_| as_text(), Value::Boolean),
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
        }
    }
}

impl<T: TextSetting> Setting for T {
    fn form(&self) -> Form {
        Form::Text
    }

    fn allowed(&self) -> String {
        T::ALLOWED.to_owned()
    }

    fn get(&self) -> Value {
        Value::String(self.to_text())
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        *self = value.as_str().and_then(T::from_text).ok_or(NotAllowed)?;
        Ok(())
    }
}

impl<T: TextSetting> Setting for Option<T> {
    fn form(&self) -> Form {
        Form::Text
    }

    fn allowed(&self) -> String {
        format!("{}, or \"\" for none", T::ALLOWED)
    }

    fn get(&self) -> Value {
        Value::String(self.as_ref().map(T::to_text).unwrap_or_default())
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        *self = match value.as_str().ok_or(NotAllowed)? {
            "" => None,
            text => Some(T::from_text(text).ok_or(NotAllowed)?),
        };
        Ok(())
    }
}

impl<T: TextSetting> Setting for Vec<T> {
    fn form(&self) -> Form {
        Form::List
    }

    fn allowed(&self) -> String {
        format!("a list, each item {}", T::ALLOWED)
    }

    fn get(&self) -> Value {
        Value::Array(self.iter().map(|item| Value::String(item.to_text())).collect())
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        let items = value.as_array().ok_or(NotAllowed)?.iter();
        *self = items
            .map(|item| item.as_str().and_then(T::from_text))
            .collect::<Option<_>>()
            .ok_or(NotAllowed)?;
        Ok(())
    }
}

impl Setting for bool {
    fn form(&self) -> Form {
        Form::Switch
    }

    fn allowed(&self) -> String {
        "true or false".to_owned()
    }

    fn get(&self) -> Value {
        Value::Boolean(*self)
    }

    fn set(&mut self, value: &Value) -> Result<(), NotAllowed> {
        *self = value.as_bool().ok_or(NotAllowed)?;
        Ok(())
    }
}

impl TextSetting for SocketAddr {
    const ALLOWED: &'static str = "an IP address with a port, such as \"127.0.0.1:8080\" or \"[::]:8080\"";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl TextSetting for PathBuf {
    const ALLOWED: &'static str = "a path";

    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains(char::is_control)).then(|| Self::from(text))
    }

    fn to_text(&self) -> String {
        self.to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, path::PathBuf};

    use toml::Value;

    use super::{Form, NotAllowed, Setting};

    #[test]
    fn a_text_from_the_environment_is_read_by_the_form_of_its_key() {
        assert_eq!(Form::Text.value_of("64"), Value::from("64"));
        assert_eq!(Form::Number.value_of(" 64 "), Value::from(64));
        assert_eq!(Form::Switch.value_of("true"), Value::from(true));
        assert_eq!(Form::List.value_of("a, b,"), Value::from(vec!["a", "b"]));
        assert_eq!(Form::List.value_of(""), Value::Array(Vec::new()));
    }

    #[test]
    fn a_refused_value_leaves_the_old_one() {
        let mut address = SocketAddr::from(([127, 0, 0, 1], 8080));
        assert_eq!(address.set(&Value::from("localhost")), Err(NotAllowed));
        assert_eq!(address.set(&Value::from(8080)), Err(NotAllowed));
        assert_eq!(address.get(), Value::from("127.0.0.1:8080"));
    }

    #[test]
    fn an_empty_text_is_none_where_none_is_allowed() {
        let mut path = Some(PathBuf::from("/var/log"));
        assert_eq!(path.set(&Value::from("")), Ok(()));
        assert_eq!(path, None);
        assert_eq!(PathBuf::from("data").set(&Value::from("")), Err(NotAllowed));
    }
}
