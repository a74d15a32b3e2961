//! What can be wrong with a configuration. All faults are collected, so that one look at them is enough.

use std::{fmt, io, path::PathBuf};

use super::Origin;

/// One thing that is wrong, and where.
#[derive(Debug)]
pub struct Fault {
    /// Where it is written.
    pub origin: Origin,
    /// The full key it concerns, such as `store.cache_mib`, if any.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A configuration file cannot be read.
    #[error(
        "cannot read the configuration file {}: {source}; make it readable for whoever runs event-manager, or name \
         another with --config",
        path.display()
    )]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text is not TOML.
    #[error("not valid TOML: {0}")]
    Syntax(String),
    /// There is no such key or section.
    #[error("unknown key{}", did_you_mean(.nearest.as_deref()))]
    UnknownKey {
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// There is no key for an environment variable.
    #[error("unknown variable{}", did_you_mean(.nearest.as_deref()))]
    UnknownVariable {
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// The value is of the wrong type or out of bounds.
    #[error("{given} is not allowed; allowed is {allowed}")]
    NotAllowed {
        /// The value as it was given; of a secret only that there was one.
        given: String,
        /// What is allowed instead.
        allowed: String,
    },
    /// An environment variable is not valid UTF-8.
    #[error("not valid UTF-8")]
    NotUnicode,
    /// The file of a secret cannot be read.
    #[error("cannot read the secret in {}: {source}", path.display())]
    UnreadableSecret {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file of a secret holds nothing, or too much for a secret.
    #[error("{} must hold 1 to {limit} bytes", path.display())]
    SecretSize {
        /// The file.
        path: PathBuf,
        /// The most bytes that a secret may have.
        limit: u64,
    },
    /// A secret and the file for it are both given.
    #[error("given twice; give either this key or {file_key}")]
    SecretTwice {
        /// The full key of the file.
        file_key: String,
    },
    /// Two values do not go together.
    #[error("{0}")]
    Inconsistent(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}

/// `config.toml:12:13: store.cache_mib: 0 is not allowed; allowed is a whole number from 1 to 4096`
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Default => {}
            Origin::File { column, .. } => write!(f, "{}:{column}: ", self.origin)?,
            Origin::Answer(_) | Origin::Environment(_) | Origin::Flag(_) => write!(f, "{}: ", self.origin)?,
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        self.problem.fmt(f)
    }
}

/// Every fault of a configuration, at least one; its text has a line for each.
#[derive(Debug)]
pub struct ConfigErrors(Vec<Fault>);

impl ConfigErrors {
    /// `Ok` when there is no fault.
    pub(super) fn refuse(mut faults: Vec<Fault>) -> Result<(), Self> {
        faults.sort_by(|one, other| one.origin.cmp(&other.origin));
        if faults.is_empty() { Ok(()) } else { Err(Self(faults)) }
    }

    /// The faults in the order of the file, then those of the environment, then those of the flags.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
