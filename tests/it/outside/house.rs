//! A house for which every service outside is set up, each at an address that the test chooses, and something to do for each
//! of them.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{deliveries, options};
use crate::{
    peers::TwilioMock,
    support::{Client, Options, Server, id_of, upload, wait_until},
};

/// The services to which deliveries go.
pub const SERVICES: [&str; 6] = ["email", "storage", "webhook", "external_api", "sms", "virus_scan"];

/// Where backups go.
pub const BUCKET: &str = "backups-of-the-house";

/// An address at which nobody is.
const NOWHERE: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// The house.
pub struct House {
    pub server: Server,
    pub admin: Client,
    pub operator: Client,
    webhook: String,
    action: String,
}

/// A server for which every service is at an address. Its circuits are tried again after two seconds.
pub fn with_services_at(address: impl Fn(&str) -> SocketAddr) -> Options {
    let url = |service| format!("http://{}", address(service));
    let mut options = options()
        .set("email.host", "127.0.0.1")
        .set("email.port", &address("email").port().to_string())
        .set("email.security", "plain")
        .set("email.from", "scores@house.example")
        .set("storage.bucket", BUCKET)
        .set("storage.endpoint", &url("storage"))
        .set("storage.access_key", "test")
        .set("storage.secret_key", "a-secret-of-the-store")
        .set("sms.account", TwilioMock::ACCOUNT_SID)
        .set("sms.token", TwilioMock::AUTH_TOKEN)
        .set("sms.from", "+15005550006")
        .set("sms.url", &url("sms"))
        .set("virus_scan.url", &format!("{}/scan", url("virus_scan")))
        .set("virus_scan.timeout_s", "2")
        // One backup is made after the other: few are enough to tell.
        .set("breaker.storage.volume_threshold", "2");
    for service in SERVICES {
        for limit in ["timeout_ms", "longest_timeout_ms"] {
            options = options.set(&format!("breaker.{service}.{limit}"), "2000");
        }
    }
    options
}

/// As [`with_services_at`], with a single service at an address.
pub fn with_service_at(service: &str, address: SocketAddr) -> Options {
    with_services_at(|other| if other == service { address } else { NOWHERE.into() })
}

impl House {
    /// With the webhook and the action at addresses of their own.
    pub fn with(options: Options, address: impl Fn(&str) -> SocketAddr) -> Self {
        let server = Server::with(options);
        let (admin, operator) = (server.admin(), server.super_admin());
        let hook = |kind: &str, service: &str| {
            let url = format!("http://{}/", address(service));
            let body = json!({"name": "House", "url": url, "events": ["user.purged"]});
            format!("/{kind}/{}", id_of(&admin.create(&format!("/{kind}"), &body)))
        };
        let (webhook, action) = (hook("webhooks", "webhook"), hook("actions", "external_api"));
        Self { server, admin, operator, webhook, action }
    }

    /// With a single service at an address.
    pub fn with_only(service: &str, address: SocketAddr) -> Self {
        Self::with(with_service_at(service, address), |_| address)
    }

    /// Causes a delivery to a service.
    #[track_caller]
    pub fn cause(&self, service: &str) -> String {
        let sent = match service {
            "email" => self.admin.post("/messages/test", &json!({})),
            "sms" => self.admin.post("/messages/test-sms", &json!({"to": "+49 151 12345678"})),
            "webhook" => self.admin.call(&format!("{}/test", self.webhook)),
            "external_api" => self.admin.call(&format!("{}/test", self.action)),
            "virus_scan" => {
                let query = "name=Rules&purpose=document";
                upload(&self.admin, query, "text/plain", b"Come early.").expect(201);
                return id_of(&self.deliveries(service)[0]);
            }
            _ => return self.backed_up(),
        };
        id_of(&sent.expect(202))
    }

    /// A backup on its way to storage.
    fn backed_up(&self) -> String {
        let before = self.deliveries("storage").len();
        self.operator.call("/backups").expect(202);
        let mut caused = Vec::new();
        wait_until("the backup is to leave", || {
            caused = self.deliveries("storage");
            caused.len() > before
        });
        id_of(&caused[0])
    }

    /// Whose deliveries those of a service are.
    pub fn owner(&self, service: &str) -> &Client {
        if service == "storage" { &self.operator } else { &self.admin }
    }

    /// The deliveries to a service, newest first.
    pub fn deliveries(&self, service: &str) -> Vec<Value> {
        deliveries(self.owner(service), &format!("service={service}"))
    }

    /// The first attempt of a delivery, once it has ended.
    #[track_caller]
    pub fn first_attempt(&self, service: &str, id: &str) -> Value {
        let (owner, path, mut attempt) = (self.owner(service), format!("/deliveries/{id}"), Value::Null);
        wait_until(&format!("the first attempt by {service} has ended"), || {
            attempt = owner.get(&path).expect(200)["attempts"][0].clone();
            attempt["outcome"].is_string()
        });
        attempt
    }

    /// The circuit of a service; that of a key where there are several.
    pub fn circuit(&self, service: &str, key: &str) -> Value {
        let list = self.operator.get(&format!("/breakers?service={service}")).expect(200);
        let mut circuits = list["items"].as_array().unwrap().iter();
        circuits.find(|circuit| circuit["key"].as_str().unwrap().contains(key)).cloned().unwrap_or_default()
    }

    /// A counter with its labels, such as `circuit_breaker_failures_total{service="sms"}`.
    #[track_caller]
    pub fn metric(&self, series: &str) -> u64 {
        let metrics = self.server.anonymous().raw("GET", "/metrics", &[], &[]).text();
        let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("{series}\n{metrics}")).parse().unwrap()
    }

    /// How often something took the place of a service.
    pub fn fallbacks(&self, service: &str, outcome: &str) -> u64 {
        self.metric(&format!(
            "circuit_breaker_fallbacks_total{{service=\"{service}\",outcome=\"{outcome}\"}}"
        ))
    }

    /// How many calls were held against a service.
    pub fn failures(&self, service: &str) -> u64 {
        self.metric(&format!("circuit_breaker_failures_total{{service=\"{service}\"}}"))
    }
}
