//! Real Redis servers that refuse, and what is between them and us.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use event_manager::integrations::{
    Blame, Next,
    redis::{RedisPeer, RedisSettings},
};

use super::{
    assert_service_failed,
    scripted::{closed_port, scripted, swallow},
};
use crate::peers::{Authority, RedisServer};

const LIMIT: Duration = Duration::from_secs(10);

fn settings(url: String) -> RedisSettings {
    RedisSettings { limit: LIMIT, ..RedisSettings::new(url) }
}

fn peer(server: &RedisServer, password: Option<&str>) -> RedisPeer {
    let password = password.map(ToOwned::to_owned);
    RedisPeer::new(RedisSettings { password, ..settings(server.url()) }).unwrap()
}

#[test]
fn a_server_that_wants_another_password_or_any_is_not_called_with_less() {
    let server = RedisServer::with_password("the-right-password");
    assert_service_failed(peer(&server, None).get("results"), "credentials");
    let failure = peer(&server, Some("a-wrong-password")).get("results").unwrap_err();
    assert!(!failure.detail.contains("a-wrong-password"), "{failure}");
    assert_service_failed(Err::<(), _>(failure), "credentials");
    assert_eq!(peer(&server, Some("the-right-password")).get("results"), Ok(None));
}

#[test]
fn a_server_that_takes_nothing_now_is_tried_again_and_still_read() {
    let primary = closed_port().to_string();
    let cases = [
        ("its memory is full", vec!["--maxmemory", "1", "--maxmemory-policy", "noeviction"]),
        ("it is a replica", vec!["--replicaof", "127.0.0.1", &primary]),
    ];
    for (why, arguments) in cases {
        let server = RedisServer::with_arguments(&arguments);
        let redis = peer(&server, None);
        assert_service_failed(redis.set("results", b"1", None), "refused");
        assert_eq!(redis.get("results"), Ok(None), "{why}");
    }
}

#[test]
fn a_server_that_is_one_of_a_cluster_is_told_apart() {
    let server = RedisServer::with_arguments(&["--cluster-enabled", "yes"]);
    assert_service_failed(peer(&server, None).set("results", b"1", None), "cluster");
}

/// A server behind TLS that answers every command alike.
fn behind_tls(authority: &Authority) -> String {
    let authority = authority.clone();
    let port = scripted(move |stream: TcpStream| {
        let mut stream = authority.encrypt(stream);
        while stream.read(&mut [0; 4_096]).is_ok_and(|count| count > 0) {
            if stream.write_all(b"$1\r\n1\r\n").and_then(|()| stream.flush()).is_err() {
                break;
            }
        }
    });
    format!("rediss://localhost:{port}")
}

#[test]
fn under_tls_a_server_is_believed_if_it_can_prove_its_name() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let trusting = |url: String| RedisPeer::new(settings(url).trusting(Some(known.pem())).unwrap()).unwrap();
    assert_eq!(trusting(behind_tls(&known)).get("results"), Ok(Some(b"1".to_vec())));
    assert_service_failed(trusting(behind_tls(&stranger)).get("results"), "tls");
    let other_name = Authority::for_names(&["redis.example"]);
    let peer = RedisPeer::new(settings(behind_tls(&other_name)).trusting(Some(other_name.pem())).unwrap());
    assert_service_failed(peer.unwrap().get("results"), "tls");
    let in_clear = scripted(|mut stream| {
        swallow(&mut stream);
        stream.write_all(b"-ERR unknown command\r\n").ok();
    });
    assert_service_failed(trusting(format!("rediss://localhost:{in_clear}")).get("results"), "tls");
}

#[test]
fn a_server_that_hangs_in_the_middle_of_a_reply_is_waited_for_no_longer_than_the_limit() {
    let hanging = scripted(|mut stream| {
        swallow(&mut stream);
        stream.write_all(b"$5\r\nab").ok();
        // Until the client goes.
        swallow(&mut stream);
    });
    let hasty = RedisSettings {
        limit: Duration::from_millis(250),
        ..RedisSettings::new(format!("redis://127.0.0.1:{hanging}"))
    };
    assert_service_failed(RedisPeer::new(hasty).unwrap().get("results"), "timeout");
}

#[test]
fn what_is_wrong_with_one_call_is_given_up_and_not_held_against_the_server() {
    let confused = scripted(|mut stream| {
        swallow(&mut stream);
        stream.write_all(b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n").ok();
        swallow(&mut stream);
    });
    let failure = RedisPeer::new(settings(format!("redis://127.0.0.1:{confused}")))
        .unwrap()
        .get("results")
        .unwrap_err();
    assert_eq!((failure.blame, failure.next), (Blame::Call, Next::GiveUp), "{failure}");
}
