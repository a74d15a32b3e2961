//! What a service says about the bytes it was sent, compared with the bytes that were sent. Uses nothing of ours but hex.

use base64::{Engine, prelude::BASE64_STANDARD};
use md5::{Digest, Md5};

use crate::domain::to_hex;

/// How a stored object is known to be what was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The service answered every request that carried content with the checksum of that content.
    Checksum,
    /// It answered no checksum that can be compared; the size of the object is right.
    Size,
}

/// What one answer says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Receipt {
    /// That these bytes have come.
    Matching,
    /// That other bytes have come.
    Differing,
    /// Nothing that could be compared.
    Silent,
}

type Headers = [(String, String)];

/// Compares the checksums in an answer with what was sent.
pub(super) fn compared(sent: &[u8], asked: &Headers, answered: &Headers) -> Receipt {
    let md5 = Md5::digest(sent);
    let md5_base64 = BASE64_STANDARD.encode(md5);
    let sha256 = value(asked, "x-amz-checksum-sha256");
    let mut receipt = Receipt::Silent;
    for (name, text) in answered {
        let differs = match name.as_str() {
            "content-md5" => *text != md5_base64,
            "x-amz-checksum-sha256" => match sha256 {
                Some(sha256) => sha256 != text,
                None => continue,
            },
            "x-goog-hash" => match goog_md5(text) {
                Some(md5) => md5 != md5_base64,
                None => continue,
            },
            // It is the MD5 of the bytes only where nothing is encrypted with keys of a key service.
            "etag" if text.trim_matches('"').eq_ignore_ascii_case(&to_hex(&md5)) => false,
            _ => continue,
        };
        if differs {
            return Receipt::Differing;
        }
        receipt = Receipt::Matching;
    }
    receipt
}

/// The MD5, base 64.
pub(super) fn content_md5(body: &[u8]) -> String {
    BASE64_STANDARD.encode(Md5::digest(body))
}

/// The MD5 in `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`.
fn goog_md5(text: &str) -> Option<&str> {
    text.split(',').find_map(|part| part.trim().strip_prefix("md5="))
}

fn value<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::{Receipt, compared, content_md5};

    fn receipt(asked: &[(&str, &str)], answered: &[(&str, &str)]) -> Receipt {
        let owned = |headers: &[(&str, &str)]| -> Vec<(String, String)> {
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        compared(b"hello world", &owned(asked), &owned(answered))
    }

    #[test]
    fn each_provider_says_in_its_own_way_what_has_come() {
        // The digests of `hello world`.
        let (md5, hex) = ("XrY7u+Ae7tCTyyK7j1rNww==", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
        assert_eq!(content_md5(b"hello world"), md5);
        let goog = format!("crc32c=yZRlqg==,md5={md5}");
        for header in [("content-md5", md5), ("x-goog-hash", goog.as_str()), ("etag", hex)] {
            assert_eq!(receipt(&[], &[("date", "today"), header]), Receipt::Matching, "{header:?}");
        }
        let sha256 = ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
        assert_eq!(receipt(&[sha256], &[sha256]), Receipt::Matching);
    }

    #[test]
    fn other_bytes_are_noticed_even_when_something_else_matches() {
        let wrong = "1B2M2Y8AsgTpgAmY7PhCfg==";
        let goog = format!("md5={wrong}");
        let etag = ("etag", "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
        for header in [("content-md5", wrong), ("x-goog-hash", goog.as_str())] {
            assert_eq!(receipt(&[], &[etag, header]), Receipt::Differing, "{header:?}");
        }
        let asked = ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
        assert_eq!(receipt(&[asked], &[etag, ("x-amz-checksum-sha256", "AAAA")]), Receipt::Differing);
    }

    #[test]
    fn tags_of_encrypted_objects_and_missing_digests_prove_nothing() {
        for header in [("etag", "\"0f343b0931126a20f133d67c2b018a3b\""), ("x-goog-hash", "crc32c=yZRlqg==")] {
            assert_eq!(receipt(&[], &[header]), Receipt::Silent, "{header:?}");
        }
        assert_eq!(receipt(&[], &[]), Receipt::Silent);
    }
}
