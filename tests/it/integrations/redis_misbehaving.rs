//! Peers that are no Redis, or one that is ill.

use std::{io::Write, mem, net::TcpStream, sync::mpsc, thread, time::Duration};

use event_manager::integrations::{
    Blame,
    redis::{RedisPeer, RedisSettings},
};

use super::{
    assert_service_failed,
    scripted::{black_hole, closed_port, drip, scripted, swallow},
};

const SHORT: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_secs(30);

fn peer(port: u16, limit: Duration) -> RedisPeer {
    RedisPeer::new(RedisSettings { limit, ..RedisSettings::new(format!("redis://127.0.0.1:{port}")) })
        .unwrap()
}

/// A peer that answers everything alike.
fn answering(answer: &'static [u8]) -> u16 {
    scripted(move |mut stream| {
        swallow(&mut stream);
        stream.write_all(answer).unwrap();
        swallow(&mut stream);
    })
}

#[test]
fn what_is_no_reply_is_malformed() {
    let strange: [&[u8]; 6] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"*2\r\n+a\r\n+b\r\n",
        b"$5\r\nabcdefgh\r\n",
        b"+OK\r\n+OK\r\n",
        b":1\r\n",
        b"\0\0\0\0\n",
    ];
    for answer in strange {
        assert_service_failed(peer(answering(answer), LONG).get("results"), "malformed");
    }
}

#[test]
fn a_peer_that_closes_breaks_the_call() {
    for answer in [&b""[..], b"$5\r\nab", b"+O"] {
        let port = scripted(move |mut stream| {
            swallow(&mut stream);
            stream.write_all(answer).unwrap();
        });
        assert_service_failed(peer(port, LONG).get("results"), "reset");
    }
}

#[test]
fn a_reply_that_drips_ends_with_the_limit() {
    let dripping = scripted(|mut stream| {
        stream.write_all(b"$1000000\r\n").unwrap();
        drip(stream, b'x');
    });
    assert_service_failed(peer(dripping, SHORT).get("results"), "timeout");
    assert_service_failed(peer(scripted(|stream| drip(stream, b'+')), SHORT).get("results"), "timeout");
}

#[test]
fn a_reply_that_announces_more_than_memory_holds_is_not_read() {
    for announced in ["$16777217\r\n", "$9223372036854775807\r\n", "*1000000000\r\n"] {
        let endless = scripted(move |mut stream: TcpStream| {
            swallow(&mut stream);
            stream.write_all(announced.as_bytes()).ok();
            while stream.write_all(&[b'x'; 65_536]).is_ok() {}
        });
        assert_service_failed(peer(endless, LONG).get("results"), "malformed");
    }
    let line = scripted(|mut stream: TcpStream| while stream.write_all(&[b'+'; 65_536]).is_ok() {});
    assert_service_failed(peer(line, LONG).get("results"), "malformed");
}

#[test]
fn what_a_server_cannot_do_now_is_tried_again() {
    let answers: [(&[u8], _); 3] = [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "refused"),
        (b"-MOVED 3999 127.0.0.1:6381\r\n", "cluster"),
        (b"-NOAUTH Authentication required.\r\n", "credentials"),
    ];
    for (answer, class) in answers {
        assert_service_failed(peer(answering(answer), LONG).set("results", b"1", None), class);
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again() {
    assert_service_failed(peer(closed_port(), LONG).get("results"), "connect");
    let (port, _kept) = black_hole();
    assert_service_failed(peer(port, SHORT).get("results"), "timeout");
}

#[test]
fn calls_that_wait_for_one_another_end_within_the_limit_too() {
    let silent = scripted(mem::forget);
    let redis = peer(silent, SHORT);
    let calls = || {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| redis.get("results").unwrap_err())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        })
    };
    for failure in calls() {
        // Who got no turn cannot say anything about the server.
        let blame = if failure.class == "busy" { Blame::Call } else { Blame::Service };
        assert!(["busy", "timeout"].contains(&failure.class), "{failure}");
        assert_eq!(failure.blame, blame, "{failure}");
    }
}

#[test]
fn what_nobody_asked_for_before_a_call_is_not_taken_for_its_reply() {
    let (sender, surplus_sent) = mpsc::channel();
    let port = scripted(move |mut stream| {
        swallow(&mut stream);
        stream.write_all(b"$1\r\n1\r\n").unwrap();
        stream.write_all(b"$5\r\nwrong\r\n").ok();
        sender.send(()).ok();
        swallow(&mut stream);
    });
    let redis = peer(port, LONG);
    for _ in 0..20 {
        match redis.get("results") {
            Ok(value) => assert_eq!(value, Some(b"1".to_vec())),
            // Both came at once.
            Err(failure) => assert_eq!(failure.class, "malformed", "{failure}"),
        }
        surplus_sent.recv().unwrap();
    }
}
