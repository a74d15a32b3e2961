//! The layer of what was answered at the first start: the address to listen on, in a file of the data directory. Any
//! other layer is above it.

use std::{fs, io};

use toml::Value;

use super::Entry;
use crate::config::{Config, Fault, Origin, Origins, Problem};

/// The key that can be remembered.
pub(super) const KEY: &str = "server.address";

/// What was answered, unless another layer says where to listen.
pub(super) fn entry(config: &Config, origins: &Origins) -> Result<Option<Entry>, Fault> {
    if origins.of(KEY) != &Origin::Default {
        return Ok(None);
    }
    let path = config.listen_file();
    match fs::read_to_string(&path) {
        Ok(text) => {
            let value = Value::String(text.trim().to_owned());
            Ok(Some(Entry { key: KEY.to_owned(), value, origin: Origin::Answer(path) }))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        // Whoever may not look into the data directory is told so by what opens it.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(None),
        Err(source) => {
            let origin = Origin::Answer(path);
            let problem =
                Problem::Inconsistent(format!("cannot be read: {source}; delete it to be asked again"));
            Err(Fault { origin, key: Some(KEY.to_owned()), problem })
        }
    }
}
