//! The files of the installation's own keys: made at the first start, readable for their owner only, there whole or not
//! at all. Uses nothing of ours.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// How a key's file was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyFile {
    /// With the key in it.
    Whole,
    /// Not there: a new key was made.
    Missing,
    /// Without a key in it: a new one was made, and what was there is kept aside.
    Damaged {
        /// Where it is now.
        aside: PathBuf,
    },
}

/// What keeps a key from being used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refuses.
    #[error("the key {path} cannot be read or written: {error}", path = path.display())]
    File {
        /// The key's file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no key in the file.
    #[error("{path} is no {form}", path = path.display())]
    Damaged {
        /// The key's file.
        path: PathBuf,
        /// What it should be.
        form: &'static str,
    },
    /// No key can be drawn.
    #[error("the operating system gives no randomness: {0}")]
    Random(getrandom::Error),
}

/// A key that lies in a file of text.
pub(super) trait StoredKey: Sized {
    /// What the file is.
    const FORM: &'static str;

    /// A new key.
    fn draw() -> Result<Self, getrandom::Error>;

    /// The text of a file.
    fn to_text(&self) -> String;

    /// The key in the text of a file.
    fn from_text(text: &str) -> Option<Self>;
}

/// The key in a file. One that is missing or damaged is replaced by a new key, for a key that is lost must not keep a
/// whole installation from starting. The new file is on durable storage.
///
/// # Errors
/// When the file is there and cannot be read, or a new one cannot be written.
pub(super) fn open<K: StoredKey>(path: &Path) -> Result<(K, KeyFile), KeyError> {
    let found = match load(path) {
        Ok(Some(key)) => return Ok((key, KeyFile::Whole)),
        Ok(None) => KeyFile::Missing,
        Err(KeyError::Damaged { .. }) => {
            let aside = path.with_extension("key.damaged");
            fs::rename(path, &aside).map_err(|error| failed(path, error))?;
            KeyFile::Damaged { aside }
        }
        Err(error) => return Err(error),
    };
    let key = K::draw().map_err(KeyError::Random)?;
    write(&key.to_text(), path).map_err(|error| failed(path, error))?;
    Ok((key, found))
}

/// The key in a file; none if there is no file.
///
/// # Errors
/// When the file cannot be read, or holds no key.
pub(super) fn load<K: StoredKey>(path: &Path) -> Result<Option<K>, KeyError> {
    match fs::read(path) {
        Ok(bytes) => {
            let key = K::from_text(&String::from_utf8_lossy(&bytes));
            key.map(Some).ok_or_else(|| KeyError::Damaged { path: path.to_owned(), form: K::FORM })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, error)),
    }
}

/// Fails if there is a file already.
pub(super) fn write(text: &str, path: &Path) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".new-key-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    File::open(directory)?.sync_all()
}

fn failed(path: &Path, error: io::Error) -> KeyError {
    KeyError::File { path: path.to_owned(), error }
}
