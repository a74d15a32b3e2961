//! `[email]` and `[email_second]`: the relays that mail goes out by.

use std::path::PathBuf;

use crate::{
    config::{
        keys::section,
        values::{Line, MailSecurity, Secret, Whole},
    },
    domain::Email,
};

section! {
    /// Mail. Without a host, none is sent.
    MailRelay {
        /// The relay's name or address.
        host: Option<Line> = None,
        /// Its port: 587 for STARTTLS, 465 for TLS, 25 for a relay in the same house.
        port: Whole<1, 65_535> = Whole::constant::<587>(),
        /// How the connection is protected. In clear, no password is sent.
        security: MailSecurity = MailSecurity::StartTls,
        /// Who signs in to the relay.
        user: Option<Line> = None,
        /// Their password.
        password: Option<Secret> = None,
        /// A file with their password.
        password_file: Option<PathBuf> = None,
        /// The address that mail comes from, such as "scores@example.org".
        from: Option<Email> = None,
        /// The name that mail comes from, where the tenant has none to show.
        from_name: Line = Line::constant("event-manager"),
        /// The name by which the relay is greeted.
        client_name: Line = Line::constant("localhost"),
        /// The domain that signs mail (DKIM): that of the address it comes from, or above it.
        dkim_domain: Option<Line> = None,
        /// The selector under which the domain publishes its key.
        dkim_selector: Option<Line> = None,
        /// A file with the key: Ed25519 or RSA, in PEM form.
        dkim_key_file: Option<PathBuf> = None,
    }
}

section! {
    /// A second relay: it takes what the first one does not, at once. Without a host, there is none.
    SecondRelay {
        /// The relay's name or address.
        host: Option<Line> = None,
        /// Its port.
        port: Whole<1, 65_535> = Whole::constant::<587>(),
        /// How the connection is protected.
        security: MailSecurity = MailSecurity::StartTls,
        /// Who signs in to the relay.
        user: Option<Line> = None,
        /// Their password.
        password: Option<Secret> = None,
        /// A file with their password.
        password_file: Option<PathBuf> = None,
    }
}
