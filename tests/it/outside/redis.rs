//! A real Redis that is told what happens: whoever listens there hears of their own tenant, and whatever becomes of it, scores are
//! taken as if there were none.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{SOON, admin, options};
use crate::{
    peers::{Behaviour, ChaosProxy, RedisServer},
    support::{Client, Competition, Options, Server, Tenant, id_of, wait_until},
};

/// Somebody who listens to the events of a tenant.
struct Subscriber(BufReader<TcpStream>, String);

impl Subscriber {
    fn to(address: SocketAddr, tenant: &Tenant, commands: &[String]) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(2 * SOON)).unwrap();
        let mut subscriber = Self(BufReader::new(stream.try_clone().unwrap()), tenant.id.clone());
        for command in commands {
            stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
            if command.starts_with("AUTH") {
                assert_eq!(subscriber.line(), "+OK");
            } else {
                assert_eq!(subscriber.message()[0], "subscribe");
            }
        }
        subscriber
    }

    /// To the events of a tenant.
    fn of(redis: &RedisServer, tenant: &Tenant) -> Self {
        Self::to(redis.address(), tenant, &[subscribe(tenant)])
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// The next message: its kind, its channel, and what it says.
    fn message(&mut self) -> [String; 3] {
        assert_eq!(self.line(), "*3");
        [(); 3].map(|()| {
            let head = self.line();
            let Some(length) = head.strip_prefix('$') else { return head };
            let mut bytes = vec![0; length.parse::<usize>().unwrap() + 2];
            self.0.read_exact(&mut bytes).unwrap();
            String::from_utf8(bytes).unwrap().trim_end().to_owned()
        })
    }

    fn event(&mut self) -> Value {
        serde_json::from_str(&self.message()[2]).unwrap()
    }

    /// The first event of a type that is heard from now on, about a thing.
    fn hears(&mut self, kind: &str, id: &str) -> Value {
        loop {
            let event = self.event();
            assert_eq!(event["tenantId"], json!(self.1), "{event}");
            if event["type"] == kind && event["data"]["id"] == id {
                return event;
            }
        }
    }
}

fn subscribe(tenant: &Tenant) -> String {
    format!("SUBSCRIBE event-manager:events:{}", tenant.id)
}

fn mirrored_to(redis: &RedisServer) -> Options {
    options()
        .set("redis.url", &redis.url())
        .set("breaker.redis.timeout_ms", "300")
        .set("breaker.redis.longest_timeout_ms", "300")
}

fn judge(client: &Client, name: &str) -> String {
    id_of(&client.create("/judges", &json!({"name": name})))
}

fn metrics(server: &Server) -> String {
    server.anonymous().raw("GET", "/metrics", &[], &[]).text()
}

/// How many events were kept in memory because Redis took none.
fn kept_in_memory(server: &Server) -> usize {
    let series = "circuit_breaker_fallbacks_total{service=\"redis\",outcome=\"memory\"} ";
    metrics(server).lines().find_map(|line| line.strip_prefix(series)).unwrap().parse().unwrap()
}

fn circuit(server: &Server) -> Value {
    server.super_admin().get("/breakers?service=redis").expect(200)["items"][0]["state"].clone()
}

#[test]
fn whoever_listens_hears_of_their_own_tenant_what_webhooks_are_told() {
    let redis = RedisServer::start();
    let server = Arc::new(Server::with(mirrored_to(&redis)));
    let (ours, other) = (Tenant::on(Arc::clone(&server)), Tenant::on(server));
    let (mut mine, mut theirs) = (Subscriber::of(&redis, &ours), Subscriber::of(&redis, &other));
    let named = ours.admin.with_header("X-Correlation-ID", "a-new-judge");
    let heard = mine.hears("judge.created", &judge(&named, "Mara Lind"));
    assert_eq!(heard["correlationId"], "a-new-judge");
    assert!(!heard.to_string().contains("Mara"), "persons are not named");
    theirs.hears("judge.created", &judge(&other.admin, "Somebody of theirs"));
}

#[test]
fn while_redis_is_frozen_scores_are_taken_and_it_is_told_when_it_goes_on() {
    let redis = RedisServer::start();
    let competition = Competition::on(Server::with(mirrored_to(&redis)));
    let (admin, server) = (competition.admin(), &competition.tenant.server);
    let mut subscriber = Subscriber::of(&redis, &competition.tenant);
    redis.freeze();
    competition.submit_all();
    wait_until("the circuit opens", || circuit(server) == "OPEN");
    let fallback = "circuit_breaker_fallbacks_total{service=\"redis\",outcome=\"memory\"}";
    let mut last = String::new();
    wait_until("what happens is kept in memory", || {
        last = judge(admin, "Somebody");
        metrics(server).contains(fallback)
    });
    redis.thaw();
    subscriber.hears("judge.created", &last);
    wait_until("the circuit closes", || {
        judge(admin, "Somebody else");
        circuit(server) == "CLOSED"
    });
    for (entry, judge) in (0..3).flat_map(|entry| [(entry, 0), (entry, 1)]) {
        admin.get(&competition.sheet(entry, judge)).expect(200);
    }
}

#[test]
fn while_redis_is_away_events_wait_in_memory_and_are_told_when_it_is_back() {
    let redis = RedisServer::start();
    let proxy = ChaosProxy::before(redis.address());
    let options = mirrored_to(&redis).set("redis.url", &format!("redis://{}", proxy.address()));
    let tenant = Tenant::on(Arc::new(Server::with(options)));
    let memory = || kept_in_memory(&tenant.server);
    for behaviour in [Behaviour::Refuse, Behaviour::CutAfter(0), Behaviour::Garbage] {
        let before = memory();
        let mut subscriber = Subscriber::of(&redis, &tenant);
        proxy.set(behaviour);
        let mut judges = Vec::new();
        wait_until(&format!("{behaviour:?}: what happens is kept in memory"), || {
            judges.push(judge(&tenant.admin, "Somebody"));
            memory() > before
        });
        proxy.set(Behaviour::Pass);
        for judge in &judges {
            subscriber.hears("judge.created", judge);
        }
        wait_until("the circuit closes", || {
            judge(&tenant.admin, "Somebody else");
            circuit(&tenant.server) == "CLOSED"
        });
    }
}

#[test]
fn while_redis_is_forced_open_events_wait_in_memory_and_are_told_when_it_is_not() {
    let redis = RedisServer::start();
    let tenant = Tenant::on(Arc::new(Server::with(mirrored_to(&redis))));
    let mut subscriber = Subscriber::of(&redis, &tenant);
    let choose = |mode: &str| {
        let mode = json!({"service": "redis", "mode": mode});
        tenant.server.super_admin().put("/breakers/mode", &mode).expect(200);
    };
    let memory = || kept_in_memory(&tenant.server);
    choose("forcedOpen");
    let waits = judge(&tenant.admin, "Somebody");
    wait_until("it is kept in memory", || memory() > 0);
    choose("enforce");
    subscriber.hears("judge.created", &waits);
}

#[test]
fn a_redis_that_was_killed_is_told_what_happens_once_it_is_back() {
    let redis = RedisServer::start();
    let tenant = Tenant::on(Arc::new(Server::with(mirrored_to(&redis))));
    Subscriber::of(&redis, &tenant).hears("judge.created", &judge(&tenant.admin, "Before"));
    let redis = redis.killed_and_started_again();
    let mut subscriber = Subscriber::of(&redis, &tenant);
    subscriber.hears("judge.created", &judge(&tenant.admin, "After"));
}

#[test]
fn a_wrong_password_is_held_against_the_circuit_and_shown_to_nobody() {
    let redis = RedisServer::with_password("the-right-password");
    let wrong = Server::with(mirrored_to(&redis).set("redis.password", "the-wrong-password"));
    judge(&admin(&wrong), "Mara Lind");
    let failed = "circuit_breaker_failures_total{service=\"redis\"} ";
    wait_until("the sign-in has failed", || {
        metrics(&wrong).lines().any(|line| line.strip_prefix(failed).is_some_and(|count| count != "0"))
    });
    let list = wrong.super_admin().get("/breakers?service=redis").expect(200).to_string();
    assert!(!list.contains("the-wrong-password"), "{list}");
    drop(wrong);

    let right = Server::with(mirrored_to(&redis).set("redis.password", "the-right-password"));
    let tenant = Tenant::on(Arc::new(right));
    let commands = ["AUTH the-right-password".to_owned(), subscribe(&tenant)];
    let mut subscriber = Subscriber::to(redis.address(), &tenant, &commands);
    subscriber.hears("judge.created", &judge(&tenant.admin, "Mara Lind"));
}

/// What a Redis answers: a value or a number; nothing where there is none.
fn answer(redis: &RedisServer, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect(redis.address()).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines().map(|line| line.unwrap());
    let head = lines.next().unwrap();
    match head.split_at(1) {
        ("$", "-1") => None,
        ("$", _) => lines.next(),
        (_, number) => Some(number.to_owned()),
    }
}

#[test]
fn a_redis_holds_results_that_are_settled_for_as_long_as_they_are() {
    let redis = RedisServer::start();
    let options = mirrored_to(&redis).set("redis.results", "true");
    let competition = Competition::on(Server::with(options));
    let (admin, path) = (competition.admin(), format!("/categories/{}", competition.category));
    let key = format!("event-manager:results:{}:{}", competition.tenant.id, competition.category);
    let held = || answer(&redis, &format!("GET {key}"));
    competition.submit_all();
    let contest = format!("/contests/{}/categories", competition.contest);
    let open = id_of(&admin.create(&contest, &json!({"name": "Still open"})));
    admin.call(&format!("{path}/lock")).expect(200);
    wait_until("the results of the locked category are there", || held().is_some());
    let mirrored: Value = serde_json::from_str(&held().unwrap()).unwrap();
    let told = |placement: &Value| (placement["rank"].clone(), placement["name"].clone());
    let known = |placement: &Value| (placement["place"].clone(), placement["entry"]["name"].clone());
    let results = competition.results();
    assert_eq!(
        mirrored["placements"].as_array().unwrap().iter().map(told).collect::<Vec<_>>(),
        results["placements"].as_array().unwrap().iter().map(known).collect::<Vec<_>>()
    );
    let names = [&mirrored["event"], &mirrored["contest"], &mirrored["category"]];
    assert_eq!(names, [&results["event"]["name"], &results["contest"]["name"], &results["category"]["name"]]);
    let left: u64 = answer(&redis, &format!("PTTL {key}")).unwrap().parse().unwrap();
    assert!((1..=600_000).contains(&left), "it goes by itself: {left}");
    let of_open = format!("GET event-manager:results:{}:{open}", competition.tenant.id);
    assert_eq!(answer(&redis, &of_open), None);

    redis.freeze();
    admin.call(&format!("{path}/unlock")).expect(200);
    assert_eq!(competition.results()["placements"], results["placements"], "nobody waits for Redis");
    redis.thaw();
    wait_until("what is settled no more is gone", || held().is_none());
    admin.call(&format!("{path}/lock")).expect(200);
    wait_until("they are there again", || held().is_some());
}
