//! Signatures, checked over texts that are written here by hand, with the published keys.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::{
    ids, mail,
    peer::{Peer, Script},
    settings,
};
use crate::integrations::{
    attempt::{Blame, Next},
    email::{DkimSettings, Mail, Person, Relay, RelaySettings, SetUpFault, dkim::Signer},
};

/// The key of RFC 8463, appendix A, and its published half.
const ED25519: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const ED25519_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const RSA: &str = include_str!("rsa_test_key.pem");

fn key(domain: &str, key_pem: &str) -> DkimSettings {
    DkimSettings { domain: domain.to_owned(), selector: "mail".to_owned(), key_pem: key_pem.to_owned() }
}

fn bulk() -> Mail {
    Mail {
        reply_to: Some(Person { name: String::new(), address: "desk@example.org".to_owned() }),
        text: "Hello  Ada, \t\n\n.\nyou\tcame first.\n\n\n".to_owned(),
        unsubscribe: Some("https://cup.example.org/u/abc".to_owned()),
        ..mail()
    }
}

const BODY: &str = "Hello Ada,\r\n\r\n.\r\nyou came first.\r\n";
const NAMES: &str = "from:to:subject:date:message-id:mime-version:content-type:reply-to:list-unsubscribe:\
    list-unsubscribe-post:from:subject";

/// What is signed of [`bulk`], up to the value of `b`.
fn signed(algorithm: &str) -> String {
    let body_hash = STANDARD.encode(Sha256::digest(BODY));
    format!(
        "from:\"Summer Cup\" <cup@example.org>\r\n\
        to:Ada <ada@example.net>\r\n\
        subject:Your results\r\n\
        date:Fri, 01 May 2026 19:00:00 +0000\r\n\
        message-id:<job-1@example.org>\r\n\
        mime-version:1.0\r\n\
        content-type:text/plain; charset=utf-8\r\n\
        reply-to:desk@example.org\r\n\
        list-unsubscribe:<https://cup.example.org/u/abc>\r\n\
        list-unsubscribe-post:List-Unsubscribe=One-Click\r\n\
        dkim-signature:v=1; a={algorithm}; c=relaxed/relaxed; d=example.org; s=mail; t=1777662000; \
        h={NAMES}; bh={body_hash}; b="
    )
}

/// The signature headers at the top of a mail: each unfolded, without the value of `b`, and that value.
fn signatures(keys: &[DkimSettings]) -> Vec<(String, Vec<u8>)> {
    let signers: Vec<Signer> = keys.iter().map(|key| Signer::new(key).unwrap()).collect();
    let text = String::from_utf8(bulk().rendered("corr-1", &signers).unwrap().bytes).unwrap();
    let unfolded = text.replace("\r\n ", " ");
    unfolded
        .split("\r\n")
        .take_while(|line| line.starts_with("DKIM-Signature: "))
        .map(|line| {
            let (head, value) = line.split_once("; b=").unwrap();
            (format!("{head}; b="), STANDARD.decode(value.replace(' ', "")).unwrap())
        })
        .collect()
}

fn published(key: &DkimSettings) -> Vec<u8> {
    STANDARD.decode(key.record().unwrap().1.split("p=").nth(1).unwrap()).unwrap()
}

#[test]
fn an_ed25519_signature_covers_headers_and_body() {
    let key = key("example.org", ED25519);
    let (name, record) = key.record().unwrap();
    assert_eq!(name, "mail._domainkey.example.org");
    assert_eq!(record, format!("v=DKIM1; k=ed25519; p={ED25519_PUBLIC}"));
    let [(header, signature)] = signatures(std::slice::from_ref(&key)).try_into().unwrap();
    let signed = signed("ed25519-sha256");
    assert!(signed.ends_with(&header.replace("DKIM-Signature: ", "dkim-signature:")), "{header}\n{signed}");
    let public = VerifyingKey::from_bytes(&published(&key).try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    public.verify_strict(&Sha256::digest(signed), &signature).unwrap();
}

#[test]
fn an_rsa_signature_covers_headers_and_body() {
    let key = key("example.org", RSA);
    let [(header, signature)] = signatures(std::slice::from_ref(&key)).try_into().unwrap();
    let signed = signed("rsa-sha256");
    assert!(signed.ends_with(&header.replace("DKIM-Signature: ", "dkim-signature:")), "{header}\n{signed}");
    // What is published is the key with 24 bytes of its algorithm before it.
    let published = published(&key);
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &published[24..]);
    public.verify(signed.as_bytes(), &signature).unwrap();
}

#[test]
fn a_mail_can_carry_a_signature_of_each_kind() {
    let both = signatures(&[key("example.org", RSA), key("example.org", ED25519)]);
    assert_eq!(both.len(), 2);
    assert!(both[0].0.contains("a=rsa-sha256") && both[1].0.contains("a=ed25519-sha256"));
}

#[test]
fn only_the_headers_that_are_there_are_named() {
    let signer = Signer::new(&key("example.org", ED25519)).unwrap();
    let text = String::from_utf8(mail().rendered("corr-1", &[signer]).unwrap().bytes).unwrap();
    let names = "h=from:to:subject:date:message-id:mime-version:content-type:from:subject;";
    assert!(text.contains(names), "{text}");
}

#[test]
fn a_signature_stands_for_its_domain_and_those_above_and_below() {
    let check = |domain: &str, sender: &str| Signer::new(&key(domain, ED25519)).unwrap().check_sender(sender);
    for (domain, sender) in [
        ("example.org", "example.org"),
        ("Example.ORG", "example.org"),
        ("example.org", "cup.example.org"),
        ("mail.example.org", "example.org"),
        ("köln.example", "xn--kln-sna.example"),
    ] {
        assert_eq!(check(domain, sender), Ok(()), "{domain} {sender}");
    }
    for (domain, sender) in
        [("example.org", "example.net"), ("example.org", "badexample.org"), ("mail.example.org", "org")]
    {
        assert!(matches!(check(domain, sender), Err(SetUpFault::Misaligned { .. })), "{domain} {sender}");
    }
}

#[test]
fn a_sender_that_the_signature_does_not_stand_for_is_a_fault_of_the_set_up() {
    let peer = Peer::start(Script::good());
    let dkim = vec![key("example.com", ED25519)];
    let relay = Relay::new(RelaySettings { dkim, ..settings(peer.port) }).unwrap();
    assert_eq!(relay.check_sender("cup@mail.example.com"), Ok(()));
    assert_eq!(relay.check_sender("cup"), Err(SetUpFault::Sender));
    let misaligned =
        SetUpFault::Misaligned { sender: "example.org".to_owned(), domain: "example.com".to_owned() };
    assert_eq!(relay.check_sender("cup@example.org"), Err(misaligned));
    let failure = relay.send(&mail(), &ids()).unwrap_err();
    let slowly = Next::RetryAfter(std::time::Duration::from_secs(900));
    assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, slowly, "dkim"));
    assert_eq!(peer.seen().connections, 0);
}

#[test]
fn keys_and_names_that_cannot_work_are_refused_without_telling_the_key() {
    let fault = |key: &DkimSettings| Signer::new(key).err();
    let elliptic = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let broken = ED25519.replace("rn9g", "rn9");
    for pem in ["", "nonsense", &elliptic, &broken, &RSA.replace("BEGIN", "BEGUN")] {
        assert!(matches!(fault(&key("example.org", pem)), Some(SetUpFault::DkimKey(_))), "{pem}");
    }
    for domain in ["", "org", "exa mple.org", "example.org; x=y", "192.0.2.1"] {
        assert_eq!(fault(&key(domain, ED25519)), Some(SetUpFault::DkimName), "{domain}");
    }
    let selector = DkimSettings { selector: "a;b".to_owned(), ..key("example.org", ED25519) };
    assert_eq!(fault(&selector), Some(SetUpFault::DkimName));
    let relay =
        Relay::new(RelaySettings { dkim: vec![key("example.org", ED25519)], ..settings(25) }).unwrap();
    let printed = format!("{relay:?}");
    assert!(printed.contains("example.org") && !printed.contains("MC4C"), "{printed}");
}
