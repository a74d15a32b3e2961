//! E-mail addresses as SMTP carries them everywhere: ASCII, domains of other scripts in their ASCII form.
//! Uses `url` for domains and `lettre` for the address.

use lettre::Address;

/// Longest address that SMTP carries.
const ADDRESS_BYTES_MAX: usize = 254;
const LOCAL_BYTES_MAX: usize = 64;

/// An address whose every byte may stand in a command and in a header.
///
/// `None` if it is none, or one that needs what few relays have: quotes or letters outside ASCII before its `@`.
pub(super) fn ascii_address(text: &str) -> Option<Address> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let domain = ascii_domain(domain)?;
    let is_plain = !local.is_empty() && local.len() <= LOCAL_BYTES_MAX && local.bytes().all(is_atom_byte);
    if !is_plain || local.len() + 1 + domain.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    Address::new(local, domain).ok()
}

/// A domain in its ASCII form and in lower case; `None` if it is none. Addresses of hosts are no domains.
pub(super) fn ascii_domain(text: &str) -> Option<String> {
    // A host of a URL may hide its letters behind percent signs; a domain may not.
    if text.contains('%') {
        return None;
    }
    match url::Host::parse(text) {
        Ok(url::Host::Domain(domain)) if domain.bytes().all(is_domain_byte) => Some(domain),
        _ => None,
    }
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte)
}

fn is_domain_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{ascii_address, ascii_domain};

    #[test]
    fn domains_of_other_scripts_take_their_ascii_form() {
        let written = |text| ascii_address(text).map(|address| address.to_string());
        assert_eq!(written("Ada@Bücher.Example").as_deref(), Some("Ada@xn--bcher-kva.example"));
        assert_eq!(written(" ada+judge@例え.jp ").as_deref(), Some("ada+judge@xn--r8jz45g.jp"));
        assert_eq!(written("root@localhost").as_deref(), Some("root@localhost"));
        assert_eq!(ascii_domain("192.0.2.1"), None);
    }

    #[test]
    fn what_could_leave_its_place_in_a_command_is_no_address() {
        let refused = [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@example.org>\r\nRCPT TO:<eve@example.org",
            "ada\r\n@example.org",
            "ada@example.org\r\nBcc: eve@example.org",
            "ada @example.org",
            "<ada@example.org>",
            "ada>@example.org",
            "\"a da\"@example.org",
            "ada@exa%6dple.org",
            "ada@[192.0.2.1]",
            "ada@exam ple.org",
            "ada..b@example.org",
            "jürgen@example.org",
            "ada\0@example.org",
        ];
        for text in refused {
            assert_eq!(ascii_address(text), None, "{text:?}");
        }
        assert_eq!(ascii_address(&format!("{}@example.org", "a".repeat(65))), None);
    }
}
