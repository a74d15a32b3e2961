//! Keeps secrets out of the log, at the place where a line is made: by the name of a field, and by the look
//! of what stands in a text. What is recognised is replaced whole, so that not even its length is told.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, ops::Range};

use crate::telemetry::metrics;

/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// Words that make a name a secret's, wherever they stand in it: `smtpPassword`, `x_csrftoken`.
const SECRET_STEMS: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "cookie",
    "authorization",
    "credential",
    "csrf",
    "apikey",
];
/// Words that do so only when they stand by themselves: `signing_key`, but not `monkey`; `pin`, but not
/// `mapping`.
const SECRET_WORDS: [&str; 4] = ["key", "pin", "otp", "totp"];
/// Last words of names that speak about a secret without being it: `tokenId`.
const HARMLESS_ENDINGS: [&str; 4] = ["id", "ids", "count", "kind"];

/// A session token or the tail of an API token: 32 random bytes in Base64 without padding.
const RANDOM_SECRET_CHARS: usize = 43;
/// The fewest characters after `em_` that are taken for an API token, for one that was cut short.
const API_TOKEN_CHARS_MIN: usize = 16;
/// The fewest characters of a credential after `Bearer` or `Basic`.
const CREDENTIAL_CHARS_MIN: usize = 6;

thread_local! {
    /// Names of fields are few and fixed in the program, and looking at their words takes longer than all
    /// else.
    static KNOWN_NAMES: RefCell<HashMap<&'static str, bool>> = RefCell::default();
}

/// How a secret was recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// By the name of its field.
    Name,
    /// By the prefix of our API tokens.
    ApiToken,
    /// By the word before it: `Bearer`, `Basic`.
    Authorization,
    /// By its length and mix of letters.
    Secret,
    /// By its place in a URL: user and password.
    Url,
    /// By the name before it: `password=...`, `"token": "..."`.
    Pair,
}

impl Rule {
    fn count(self) {
        let rule = match self {
            Self::Name => "name",
            Self::ApiToken => "api_token",
            Self::Authorization => "authorization",
            Self::Secret => "secret",
            Self::Url => "url",
            Self::Pair => "pair",
        };
        ::metrics::counter!(metrics::LOG_REDACTIONS, "rule" => rule).increment(1);
    }
}

/// Whether a field of this name is written as [`REDACTED`], whatever it holds; if so, it is counted.
pub(super) fn hides(name: &'static str) -> bool {
    let hidden =
        KNOWN_NAMES.with_borrow_mut(|known| *known.entry(name).or_insert_with(|| is_secret_name(name)));
    if hidden {
        Rule::Name.count();
    }
    hidden
}

/// The text without the secrets that can be recognised in it; each is counted.
pub(super) fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut copied = 0;
    while let Some((secret, rule)) = next_secret(text, copied) {
        rule.count();
        clean.push_str(text.get(copied..secret.start).unwrap_or_default());
        clean.push_str(REDACTED);
        copied = secret.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(clean)
}

fn is_secret_name(name: &str) -> bool {
    let words = words_of(name);
    let joined = words.concat();
    let harmless = words.last().is_some_and(|last| HARMLESS_ENDINGS.contains(&last.as_str()));
    !harmless
        && (SECRET_STEMS.iter().any(|stem| joined.contains(stem))
            || words.iter().any(|word| SECRET_WORDS.contains(&word.as_str())))
}

/// The lower-case words of a name in camelCase, snake_case, kebab-case or with dots.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        let starts = !letter.is_alphanumeric() || (letter.is_uppercase() && after_lower);
        if starts && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first secret at or after a place, and how it was recognised.
fn next_secret(text: &str, from: usize) -> Option<(Range<usize>, Rule)> {
    let mut at = from;
    loop {
        let word = next_word(text, at)?;
        at = word.end;
        let (before, rest) = (text.get(word.clone())?, text.get(word.end..)?);
        if is_api_token(before) {
            return Some((word, Rule::ApiToken));
        }
        if is_random_secret(before) {
            return Some((word, Rule::Secret));
        }
        let found = None
            .or_else(|| url_credentials(rest).map(|range| (range, Rule::Url)))
            .or_else(|| scheme_credentials(before, rest).map(|range| (range, Rule::Authorization)))
            .or_else(|| named_value(before, rest).map(|range| (range, Rule::Pair)));
        if let Some((range, rule)) = found {
            return Some((word.end + range.start..word.end + range.end, rule));
        }
    }
}

/// The next run of letters, digits, underscores and hyphens.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let bytes = text.as_bytes().get(from..)?;
    let start = from + bytes.iter().position(is_part)?;
    let length = text.as_bytes().get(start..)?.iter().take_while(|byte| is_part(byte)).count();
    Some(start..start + length)
}

fn is_api_token(word: &str) -> bool {
    word.strip_prefix("em_").is_some_and(|secret| secret.len() >= API_TOKEN_CHARS_MIN)
}

fn is_random_secret(word: &str) -> bool {
    word.len() == RANDOM_SECRET_CHARS
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// User and password after the scheme of a URL: `https` `://user:password@host`.
fn url_credentials(rest: &str) -> Option<Range<usize>> {
    let authority = rest.strip_prefix("://")?;
    let end = authority.find(['/', '?', '#', ' ', '"', '\'', '<', '>', '\n']).unwrap_or(authority.len());
    let at = authority.get(..end)?.rfind('@')?;
    (at > 0).then_some(3..3 + at)
}

/// What follows the name of an HTTP authentication scheme, unless it is a word of a sentence.
fn scheme_credentials(word: &str, rest: &str) -> Option<Range<usize>> {
    let is_scheme = ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    let value = rest.trim_start_matches(' ');
    let start = rest.len() - value.len();
    if !is_scheme || start == 0 {
        return None;
    }
    let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',')).unwrap_or(value.len());
    let is_prose = value.get(..end)?.bytes().all(|byte| byte.is_ascii_lowercase());
    (end >= CREDENTIAL_CHARS_MIN && !is_prose).then_some(start..start + end)
}

/// The value that follows a secret's name: after an equals sign, or in quotes after a colon.
fn named_value(word: &str, rest: &str) -> Option<Range<usize>> {
    let separator = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let is_pair = separator.starts_with(['=', ':']);
    if !is_pair || !is_secret_name(word) {
        return None;
    }
    let value = separator.get(1..)?.trim_start_matches(' ');
    let value = value.strip_prefix("Some(").unwrap_or(value);
    let quoted = value.trim_start_matches('\\');
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, end) = if let Some(quote) = quote {
        let value = quoted.get(1..)?;
        (value, closing_quote(value, quote))
    } else if separator.starts_with('=') {
        let ends = |c: char| c.is_whitespace() || matches!(c, '&' | ';' | ',' | ')' | ']' | '}' | '#' | '"');
        (value, value.find(ends).unwrap_or(value.len()))
    } else {
        return None;
    };
    let start = rest.len() - value.len();
    (end > 0 && !value.starts_with(REDACTED)).then_some(start..start + end)
}

/// Where a quoted text ends: before its quote, or before the backslash of a quote that is escaped itself.
fn closing_quote(value: &str, quote: char) -> usize {
    let end = value.find(quote).unwrap_or(value.len());
    value.get(..end).map_or(end, |inside| inside.trim_end_matches('\\').len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{REDACTED, is_secret_name, redact};
    use crate::telemetry::metrics;

    const SESSION: &str = "q3Jx0bZk9yV_2mWc-7fTnUe5RdLhA8sPoGi4XwKvB1M";

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "password",
            "smtpPassword",
            "admin_password_hash",
            "token",
            "apiKey",
            "APIKEY",
            "x-csrf-token",
            "set-cookie",
            "Authorization",
            "pin",
            "judgePin",
            "totp",
            "client.secret",
            "signing_key",
            "sessionToken",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_sound_like_secrets_are_left_alone() {
        for name in
            ["tokenId", "mapping", "spinning", "monkey", "keyboard", "requestId", "tokenCount", "ping", ""]
        {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn secrets_in_a_text_are_replaced_and_the_rest_is_kept() {
        for (text, clean) in [
            (format!("used em_{SESSION}."), format!("used {REDACTED}.")),
            ("Authorization: Bearer abc.DEF123".to_owned(), format!("Authorization: Bearer {REDACTED}")),
            ("basic dXNlcjpwYXNz, then".to_owned(), format!("basic {REDACTED}, then")),
            (format!("session={SESSION}; Path=/"), format!("session={REDACTED}; Path=/")),
            ("https://mia:pa@ss@host/x".to_owned(), format!("https://{REDACTED}@host/x")),
            ("GET /x?a=1&token=t0&b=2".to_owned(), format!("GET /x?a=1&token={REDACTED}&b=2")),
            (r#"{"pin":"1234","n":1}"#.to_owned(), format!(r#"{{"pin":"{REDACTED}","n":1}}"#)),
            (r#"{\"pin\": \"1234\"}"#.to_owned(), format!(r#"{{\"pin\": \"{REDACTED}\"}}"#)),
            (
                r#"Smtp { password: Some("a b") }"#.to_owned(),
                format!(r#"Smtp {{ password: Some("{REDACTED}") }}"#),
            ),
            ("password=a password=b".to_owned(), format!("password={REDACTED} password={REDACTED}")),
        ] {
            assert_eq!(redact(&text), clean);
        }
    }

    #[test]
    fn ordinary_text_is_left_as_it_is() {
        for text in [
            "",
            "the store was opened anew",
            "bearer token missing",
            "basic settings",
            "cache key: event",
            "https://host/path?limit=5",
            "em_manager",
            "token=",
            "0af7651916cd43dd8448eb211c80319c0af7651916c",
            "Müller=ärgerlich “quoted”",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn what_is_kept_out_is_counted_by_rule() {
        let rendered = metrics::rendered_after(|| {
            redact(&format!("{SESSION} https://a:b@c/?pin=1"));
        });
        for rule in ["secret", "url", "pair"] {
            assert!(rendered.contains(&format!("log_redactions_total{{rule=\"{rule}\"}} 1")), "{rendered}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in any::<String>()) {
            redact(&text);
        }

        #[test]
        fn our_tokens_never_get_through_wherever_they_stand(
            before in "[^A-Za-z0-9_-]{0,20}",
            token in "em_[A-Za-z0-9_-]{43}",
            after in "([^A-Za-z0-9_-].{0,20})?",
        ) {
            let text = format!("{before}{token}{after}");
            prop_assert!(!redact(&text).contains(&token));
        }

        #[test]
        fn redacting_twice_changes_nothing_more(
            text in "[a-z =:\"?&]{0,10}(token|password)[=:\" a-z0-9&]{0,20}",
        ) {
            let once = redact(&text).into_owned();
            prop_assert_eq!(redact(&once).into_owned(), once);
        }
    }
}
