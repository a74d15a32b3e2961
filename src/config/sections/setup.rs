//! `[setup]`: the first tenant and its administrator, for installations that nobody clicks through.

use std::path::PathBuf;

use crate::{
    config::{
        keys::section,
        setting::TextSetting,
        values::{Line, Secret},
    },
    domain::{Email, Phone},
};

section! {
    /// The first tenant and its administrator, for an unattended installation. Read only while there is no
    /// tenant yet; without it the first start prints a code and a link for the browser.
    Setup {
        /// The name of the tenant.
        tenant: Option<Line> = None,
        /// The e-mail address with which the administrator signs in.
        admin_email: Option<Email> = None,
        /// The name of the administrator.
        admin_name: Line = Line::constant("Administrator"),
        /// The password of the administrator.
        admin_password: Option<Secret> = None,
        /// A file that holds the password instead; a line end after it does not count.
        admin_password_file: Option<PathBuf> = None,
    }
}

/// The account to make on the first start.
#[derive(Clone, Copy, Debug)]
pub struct FirstAdmin<'a> {
    /// The name of the tenant.
    pub tenant: &'a str,
    /// The address of the administrator.
    pub email: &'a Email,
    /// The name of the administrator.
    pub name: &'a str,
    /// The password of the administrator.
    pub password: &'a Secret,
}

impl Setup {
    /// The account to make, if the section is filled in; loading refuses one that is filled in by half.
    pub fn first_admin(&self) -> Option<FirstAdmin<'_>> {
        Some(FirstAdmin {
            tenant: self.tenant.as_ref()?.as_str(),
            email: self.admin_email.as_ref()?,
            name: self.admin_name.as_str(),
            password: self.admin_password.as_ref()?,
        })
    }
}

impl TextSetting for Phone {
    const ALLOWED: &'static str = "a telephone number with + and the country code in front";

    fn from_text(text: &str) -> Option<Self> {
        text.trim().strip_prefix('+')?;
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl TextSetting for Email {
    const ALLOWED: &'static str = "an e-mail address";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}
