//! Everything outside: small peers for each integration of the product, which all answer or all hang.

#[allow(dead_code, reason = "the scripted servers of the tests need more of it")]
#[path = "../../../tests/it/peers/http.rs"]
mod http;
mod in_lines;
mod over_http;
mod peer;

use std::{io, sync::Arc};

pub use self::peer::Peer;
use self::peer::{Gate, Hanging, Visit};

/// Talks to a client until it goes.
type Protocol = fn(&mut Visit) -> io::Result<()>;

pub struct Peers {
    gate: Arc<Gate>,
    /// Three hosts that are told by webhooks.
    pub webhooks: [Peer; 3],
    pub action: Peer,
    pub relay: Peer,
    pub texts: Peer,
    pub storage: Peer,
    pub scanner: Peer,
    pub redis: Peer,
}

impl Peers {
    pub fn start() -> Self {
        let gate = Arc::new(Gate::default());
        let bucket = over_http::Bucket::default();
        let silent = |protocol: Protocol| Peer::start(&gate, Hanging::Silent, protocol);
        let hole = |protocol: Protocol| Peer::start(&gate, Hanging::BlackHole, protocol);
        Self {
            webhooks: [silent(over_http::receiver), hole(over_http::receiver), silent(over_http::receiver)],
            action: hole(over_http::receiver),
            relay: hole(in_lines::relay),
            texts: silent(over_http::texts),
            storage: Peer::start(&gate, Hanging::Silent, move |visit| bucket.serve(visit)),
            scanner: silent(in_lines::clamd),
            redis: silent(in_lines::redis),
            gate,
        }
    }

    /// From now on all hang, or all answer.
    pub fn hang(&self, is_hanging: bool) {
        self.gate.close(is_hanging);
    }

    /// How the product is told of them.
    pub fn settings(&self) -> Vec<(String, String)> {
        let http = |peer: &Peer| format!("http://{}", peer.address);
        let (mail, texts, storage) =
            (self.relay.address.port().to_string(), http(&self.texts), http(&self.storage));
        let (scanner, redis) = (self.scanner.address.to_string(), format!("redis://{}", self.redis.address));
        let settings = [
            ("outbound.tenant_https_only", "false"),
            ("outbound.tenant_networks", "127.0.0.0/8"),
            ("email.host", "127.0.0.1"),
            ("email.port", &mail),
            ("email.security", "plain"),
            ("email.from", "scores@house.example"),
            ("sms.provider", "generic"),
            ("sms.url", &texts),
            ("sms.token", "of-the-provider"),
            ("sms.from", "House"),
            ("storage.bucket", "house"),
            ("storage.endpoint", &storage),
            ("storage.access_key", "house"),
            ("storage.secret_key", "of-the-store"),
            ("virus_scan.address", &scanner),
            ("redis.url", &redis),
            // Copies and backups are made when this program wants them.
            ("store.copy_every_s", "0"),
            ("backup.every_s", "0"),
            // Judges sign in all the time: that pool is watched, not how dear a hash is.
            ("auth.argon2_memory_kib", "8192"),
            ("auth.argon2_iterations", "1"),
        ];
        settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }
}
