//! Signatures of mail, from the configuration to what the relay gets, checked as its receivers do (RFC 6376, RFC 8463).

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{SOON, mail::by};
use crate::{peers::SmtpPeer, support::Server};

/// The key of RFC 8463, appendix A, and its published half.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const PUBLISHED: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Spaces and tabs in a row are one space, and none is at an end.
fn relaxed(text: &str) -> String {
    text.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn relaxed_body(body: &str) -> String {
    // A space at the beginning of a line stays one.
    let line = |line: &str| {
        let begins = if line.starts_with([' ', '\t']) && !relaxed(line).is_empty() { " " } else { "" };
        format!("{begins}{}", relaxed(line))
    };
    let lines: Vec<String> = body.split("\r\n").map(line).collect();
    let text = lines.join("\r\n");
    let text = text.trim_end_matches("\r\n");
    if text.is_empty() { String::new() } else { format!("{text}\r\n") }
}

fn relaxed_header(name: &str, value: &str) -> String {
    format!("{}:{}", name.trim().to_lowercase(), relaxed(&value.replace("\r\n", "")))
}

/// Whether the first signature of a mail is one of its headers and body.
fn is_signed(mail: &str) -> Result<HashMap<String, String>, String> {
    let (head, body) = mail.split_once("\r\n\r\n").ok_or("no body")?;
    let unfolded = head.replace("\r\n ", "\r\n\u{0}").replace("\r\n\t", "\r\n\u{0}");
    let headers: Vec<(String, String)> = unfolded
        .split("\r\n")
        .fold(Vec::<String>::new(), |mut lines, line| {
            match (line.strip_prefix('\u{0}'), lines.last_mut()) {
                (Some(rest), Some(last)) => last.push_str(&format!(" {rest}")),
                _ => lines.push(line.to_owned()),
            }
            lines
        })
        .iter()
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let (_, signature) =
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("DKIM-Signature")).ok_or("no signature")?;
    let tags: HashMap<String, String> = signature
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.replace(' ', "")))
        .collect();
    if STANDARD.encode(Sha256::digest(relaxed_body(body))) != tags["bh"] {
        return Err("the body is another".to_owned());
    }
    let mut left = headers.clone();
    let mut signed = String::new();
    for name in tags["h"].split(':') {
        // The last of a name first; one that is not there is signed as nothing.
        if let Some(index) = left.iter().rposition(|(found, _)| found.eq_ignore_ascii_case(name)) {
            let (name, value) = left.remove(index);
            signed += &format!("{}\r\n", relaxed_header(&name, &value));
        }
    }
    let (unsigned, _) = signature.split_once("; b=").ok_or("no b")?;
    signed += &relaxed_header("DKIM-Signature", &format!("{unsigned}; b="));
    let public: [u8; 32] = STANDARD.decode(PUBLISHED).unwrap().try_into().unwrap();
    let signature =
        Signature::from_slice(&STANDARD.decode(&tags["b"]).unwrap()).map_err(|e| e.to_string())?;
    let key = VerifyingKey::from_bytes(&public).unwrap();
    key.verify_strict(&Sha256::digest(&signed), &signature).map_err(|error| format!("{error}: {signed}"))?;
    Ok(tags)
}

#[test]
fn mail_is_signed_with_the_key_of_the_configuration_so_that_its_receivers_can_tell() {
    let (relay, keys) = (SmtpPeer::start(), tempfile::tempdir().unwrap());
    let key = keys.path().join("dkim.pem");
    std::fs::write(&key, KEY).unwrap();
    let options = by(&relay)
        .set("email.dkim_domain", "house.example")
        .set("email.dkim_selector", "scores")
        .set("email.dkim_key_file", key.to_str().unwrap());
    let server = Server::with(options);
    server.admin().post("/messages/test", &json!({"to": "mara@house.example"})).expect(202);
    let mail = relay.wait_for(1, SOON).remove(0);
    let text = String::from_utf8(mail.data).unwrap();
    let tags = is_signed(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    assert_eq!((tags["d"].as_str(), tags["s"].as_str()), ("house.example", "scores"));
    for (was, is) in [("Subject: ", "Subject: Not "), ("</html>", "<p>more</p></html>")] {
        assert!(text.contains(was), "{text}");
        assert!(is_signed(&text.replacen(was, is, 1)).is_err(), "a change of it is noticed: {is}");
    }
}
