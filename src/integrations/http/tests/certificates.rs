//! Whom the client believes.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

use super::{
    ids,
    peers::{Peer, peer, receive},
    request,
};
use crate::integrations::http::{HttpClient, HttpFailure, HttpFault, HttpRules, lookup::Lookups};

/// An authority that signs what it is asked to.
struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { pem: certificate.pem(), der: certificate.der().clone(), issuer: Issuer::new(params, key) }
    }

    /// A certificate for a name, from one year to another.
    fn sign(&self, name: &str, years: (i32, i32)) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }

    /// A server with such a certificate. What it received, if there was a connection at all.
    fn server(&self, name: &str, years: (i32, i32), wants_ours: bool) -> Peer<Option<String>> {
        let (chain, key) = self.sign(name, years);
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = if wants_ours {
            let mut authorities = RootCertStore::empty();
            authorities.add(self.der.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider);
            config.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        let config = Arc::new(config.with_single_cert(chain, key).unwrap());
        peer(move |stream| {
            let session = ServerConnection::new(config).unwrap();
            let mut stream = StreamOwned::new(session, stream);
            while stream.conn.is_handshaking() {
                if stream.conn.complete_io(&mut stream.sock).is_err() {
                    // The alert that says why goes out before the connection ends.
                    let _ = stream.conn.complete_io(&mut stream.sock);
                    return None;
                }
            }
            let received = receive(&mut stream);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
            Some(received.head)
        })
    }
}

const VALID: (i32, i32) = (2_020, 2_100);

fn url<T>(host: &str, peer: &Peer<T>) -> String {
    format!("https://{host}:{}/", peer.address.port())
}

#[track_caller]
fn refused(trusted: Option<&Authority>, url: &str) -> HttpFailure {
    let extra_authorities_pem = trusted.map(|authority| authority.pem.clone());
    let client = HttpClient::new(HttpRules { extra_authorities_pem, ..HttpRules::default() }).unwrap();
    let failure = client.send(&request("POST", url), &ids()).unwrap_err();
    assert_eq!(failure.fault, HttpFault::Tls, "{failure}");
    failure
}

#[test]
fn peers_of_a_further_authority_are_believed_by_name_and_by_address() {
    let authority = Authority::new("ours");
    // A file may hold several.
    let pem = format!("{}{}", Authority::new("other").pem, authority.pem);
    let rules = HttpRules { extra_authorities_pem: Some(pem), ..HttpRules::default() };
    let here = Lookups::asking(|_, port| Ok(vec![([127, 0, 0, 1], port).into()]));
    let client = HttpClient::with_lookups(rules, here).unwrap();
    // The last is the same name as the one before, with the dot of the root.
    for (name, host) in
        [("127.0.0.1", "127.0.0.1"), ("peer.example", "peer.example"), ("peer.example", "peer.example.")]
    {
        let server = authority.server(name, VALID, false);
        let answer = client.send(&request("GET", &url(host, &server)), &ids()).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
        assert_eq!(answer.address, Some(server.address));
        assert!(server.ended().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    }
}

#[test]
fn who_cannot_prove_its_name_gets_nothing_and_people_are_told_why() {
    let (ours, other, namesake) = (Authority::new("ours"), Authority::new("other"), Authority::new("ours"));
    for (server, host, trusted, why) in [
        (ours.server("localhost", (2_020, 2_021), false), "localhost", Some(&ours), "has expired"),
        (ours.server("localhost", (2_090, 2_100), false), "localhost", Some(&ours), "is not valid yet"),
        (
            ours.server("other.example", VALID, false),
            "localhost",
            Some(&ours),
            "for another name than localhost",
        ),
        (ours.server("localhost", VALID, false), "127.0.0.1", Some(&ours), "for another name than 127.0.0.1"),
        (ours.server("localhost", VALID, false), "localhost", Some(&other), "authority that is not trusted"),
        (
            ours.server("localhost", VALID, false),
            "localhost",
            Some(&namesake),
            "authority that is not trusted",
        ),
        (ours.server("localhost", VALID, false), "localhost", None, "authority that is not trusted"),
    ] {
        let failure = refused(trusted, &url(host, &server));
        assert!(failure.detail.contains(why), "{}", failure.detail);
        assert!(!failure.sent);
        assert_eq!(server.ended(), None, "{why}");
    }
}

#[test]
fn a_peer_that_wants_a_certificate_of_ours_says_so_only_after_the_request() {
    let ours = Authority::new("ours");
    let server = ours.server("localhost", VALID, true);
    let failure = refused(Some(&ours), &url("localhost", &server));
    assert!(failure.detail.contains("wants a certificate of ours"), "{}", failure.detail);
    assert_eq!(server.ended(), None);
}

#[test]
fn a_peer_without_tls_gets_nothing() {
    let plain = peer(|mut stream: TcpStream| {
        let mut received = [0; 5];
        stream.read_exact(&mut received).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
        received
    });
    let failure = refused(None, &url("127.0.0.1", &plain));
    assert!(failure.detail.contains("does not speak TLS"), "{}", failure.detail);
    assert!(!failure.sent);
    assert_ne!(&plain.ended(), b"POST ");
}

#[test]
fn a_peer_that_hangs_up_before_tls_has_begun_gets_nothing() {
    let gone = peer(|mut stream: TcpStream| stream.read_exact(&mut [0; 5]).unwrap());
    let failure = refused(None, &url("127.0.0.1", &gone));
    assert!(!failure.sent);
    gone.ended();
    let hello = peer(drop);
    assert!(!refused(None, &url("127.0.0.1", &hello)).sent);
    hello.ended();
}

#[test]
fn what_is_no_authority_makes_no_client() {
    let rules = HttpRules { extra_authorities_pem: Some("trust me".to_owned()), ..HttpRules::default() };
    assert!(HttpClient::new(rules).unwrap_err().to_string().contains("not certificates in PEM form"));
    let rules = HttpRules { user_agent: "a\r\nb: c".to_owned(), ..HttpRules::default() };
    assert!(HttpClient::new(rules).is_err());
}
