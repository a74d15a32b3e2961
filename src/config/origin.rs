//! Where a value came from.

use std::{collections::BTreeMap, fmt, mem::discriminant, path::PathBuf};

/// The place in which a value is written. Ordered by layer: the greater origin wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nowhere: the program's default.
    Default,
    /// In the file that keeps what was answered at the first start.
    Answer(PathBuf),
    /// In a configuration file.
    File {
        /// The file, as it was named or found.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
    },
    /// In an environment variable of this name.
    Environment(String),
    /// In a command-line flag, such as `--port`.
    Flag(&'static str),
}

impl Origin {
    /// Whether both come from the same layer, so that neither wins.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other)
    }
}

/// Names the line, not the column: `config.toml:12`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Answer(path) => write!(f, "{}", path.display()),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// The origin of every key.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where the value of a key, such as `server.address`, came from.
    pub fn of(&self, key: &str) -> &Origin {
        self.0.get(key).unwrap_or(&Origin::Default)
    }

    /// Notes that the value of a key is now another's.
    pub(super) fn set(&mut self, key: impl Into<String>, origin: Origin) {
        self.0.insert(key.into(), origin);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Origin;

    #[test]
    fn origins_are_ordered_as_the_layers_are() {
        let file = Origin::File { path: PathBuf::from("config.toml"), line: 12, column: 1 };
        let variable = Origin::Environment("EVENT_MANAGER__LOG__LEVEL".to_owned());
        let answer = Origin::Answer(PathBuf::from("data/listen"));
        assert!(
            Origin::Default < answer
                && answer < file
                && file < variable
                && variable < Origin::Flag("--log-level")
        );
        assert_eq!(file.to_string(), "config.toml:12");
    }
}
