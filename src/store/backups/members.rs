//! Which members a backup has, and in which order: nothing else is ever taken out of one, whoever made it.

use super::BackupError;

/// The first member.
pub(super) const OPENING: &str = "backup.json";
/// The second member: the data.
pub(super) const STORE: &str = "event-manager.redb";
/// Where keys are.
pub(super) const KEYS: &str = "keys";
/// Where uploaded files are.
pub(super) const BLOBS: &str = "blobs";
/// The last member.
pub(super) const MANIFEST: &str = "manifest.json";

/// Folders of an uploaded file, at most, and its name.
const DEPTH_MAX: usize = 6;
/// Letters of a name.
const NAME_MAX: usize = 128;

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Opening,
    Store,
    Key,
    Blob,
    Manifest,
}

impl Role {
    /// What a member of this path is, if a backup has such.
    pub(super) fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [OPENING] => Some(Self::Opening),
            [STORE] => Some(Self::Store),
            [MANIFEST] => Some(Self::Manifest),
            [KEYS, name] => (is_plain(name) && name.ends_with(".key")).then_some(Self::Key),
            [BLOBS, within @ ..] => {
                let fits =
                    (1..=DEPTH_MAX).contains(&within.len()) && within.iter().all(|name| is_plain(name));
                fits.then_some(Self::Blob)
            }
            _ => None,
        }
    }

    /// Whether this may come behind another.
    const fn follows(self, before: Option<Self>) -> bool {
        let (Some(before), after) = (before, self) else { return matches!(self, Self::Opening) };
        match before {
            Self::Opening => matches!(after, Self::Store),
            Self::Store | Self::Key => matches!(after, Self::Key | Self::Blob | Self::Manifest),
            Self::Blob => matches!(after, Self::Blob | Self::Manifest),
            Self::Manifest => false,
        }
    }
}

/// Names that lead nowhere else, and that are no hidden or temporary files.
fn is_plain(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    letters && !name.is_empty() && name.len() <= NAME_MAX && !name.starts_with('.')
}

/// The order of members, as they come.
#[derive(Default)]
pub(super) struct Order(Option<Role>);

impl Order {
    /// What the next member is.
    pub(super) fn next(&mut self, path: &[u8]) -> Result<(Role, String), BackupError> {
        let text = std::str::from_utf8(path).ok();
        let role = text.and_then(Role::of).filter(|role| role.follows(self.0));
        let (Some(role), Some(text)) = (role, text) else {
            if self.0.is_none() {
                return Err(BackupError::foreign());
            }
            let path = String::from_utf8_lossy(path).escape_debug().to_string();
            return Err(BackupError::unsound(format!("it has a member that no backup has there: {path}")));
        };
        self.0 = Some(role);
        Ok((role, text.to_owned()))
    }

    /// Whether the last member has come.
    pub(super) fn is_over(&self) -> bool {
        self.0 == Some(Role::Manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Role};

    #[test]
    fn a_member_is_of_a_backup_or_is_refused() {
        for (path, role) in [
            ("backup.json", Role::Opening),
            ("event-manager.redb", Role::Store),
            ("keys/sealing.key", Role::Key),
            ("blobs/0198f0c2-5a51-7cc1-a6a5-0c1f0f6f6a57/ab12", Role::Blob),
            ("manifest.json", Role::Manifest),
        ] {
            assert_eq!(Role::of(path), Some(role), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "../event-manager.redb",
            "keys/../sealing.key",
            "keys/.key",
            "keys/a/b.key",
            "keys/authorized_keys",
            "blobs",
            "blobs/",
            "blobs//x",
            "blobs/../../x",
            "blobs/.hidden",
            "blobs/a/b/c/d/e/f/g",
            "blobs/a\\b",
            "./backup.json",
            "logs/active.jsonl",
        ] {
            assert_eq!(Role::of(path), None, "{path}");
        }
    }

    #[test]
    fn members_come_in_their_order_and_each_that_is_one_once() {
        let order = |paths: &[&str]| {
            let mut order = Order::default();
            paths.iter().try_for_each(|path| order.next(path.as_bytes()).map(drop)).is_ok() && order.is_over()
        };
        let (first, store, key, blob, last) =
            ("backup.json", "event-manager.redb", "keys/a.key", "blobs/a", "manifest.json");
        assert!(order(&[first, store, last]) && order(&[first, store, key, key, blob, blob, last]));
        for wrong in [
            &[store, last][..],
            &[first, last],
            &[first, store],
            &[first, store, store, last],
            &[first, store, blob, key, last],
            &[first, store, last, last],
            &[first, store, last, blob],
            &[first, first, store, last],
        ] {
            assert!(!order(wrong), "{wrong:?}");
        }
    }
}
