//! Keys as data: a section is declared once, with the type, default and comment of each of its keys, and is
//! from then on both a plain struct and a list that loading, showing and the documented config.toml walk.

use super::setting::Setting;

/// One `[section]`, open for reading and setting.
pub(super) struct Section<'a> {
    /// Its name between the brackets; a dot leads to a section in a section.
    pub name: &'static str,
    /// What it is about, in lines.
    pub about: &'static [&'static str],
    /// Its keys in the order of declaration.
    pub keys: Vec<Key<'a>>,
}

/// One key of a section.
pub(super) struct Key<'a> {
    /// Its name within the section.
    pub name: &'static str,
    /// What it does, in lines.
    pub about: &'static [&'static str],
    /// The value.
    pub setting: &'a mut dyn Setting,
}

/// A struct whose fields are keys; made by [`section!`].
pub(super) trait Keys {
    /// What the section is about, in lines.
    const ABOUT: &'static [&'static str];

    /// The fields in the order of declaration.
    fn keys(&mut self) -> Vec<Key<'_>>;
}

impl<'a> Section<'a> {
    /// A section under its name.
    pub(super) fn of<S: Keys>(name: &'static str, section: &'a mut S) -> Self {
        Self { name, about: S::ABOUT, keys: section.keys() }
    }
}

/// Declares a section: `/// comment`, `key: type = default`. The comments are those of config.toml.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $section:ident { $( $(#[doc = $key_about:literal])+ $key:ident: $type:ty = $default:expr, )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug)]
        pub struct $section {
            $( $(#[doc = $key_about])+ pub $key: $type, )+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $( $key: $default, )+ }
            }
        }

        impl $crate::config::keys::Keys for $section {
            const ABOUT: &'static [&'static str] = &[$($about),+];

            fn keys(&mut self) -> Vec<$crate::config::keys::Key<'_>> {
                vec![$(
                    $crate::config::keys::Key {
                        name: stringify!($key),
                        about: &[$($key_about),+],
                        setting: &mut self.$key,
                    },
                )+]
            }
        }
    };
}

pub(super) use section;
