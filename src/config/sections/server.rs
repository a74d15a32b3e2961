//! `[server]`: where requests come in, and the limits that hold for each of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    thread::available_parallelism,
    time::Duration,
};

use crate::config::{
    keys::section,
    values::{BasePath, Network, PublicUrl, Whole},
};

section! {
    /// Where requests come in, and the limits that hold for each of them.
    Server {
        /// The address and port to listen on. Port 0 takes a free one. "0.0.0.0:8080" listens to the whole
        /// network; put a proxy with TLS in front of it.
        address: SocketAddr = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 8080),
        /// The path under which everything is served when a proxy shares its host name with other programs,
        /// such as "/events".
        base_path: BasePath = BasePath::default(),
        /// The address that people type, with the base path, such as "https://scores.example.org". Links are
        /// made from it; without it, from the address above, and judges' links from the one at which they are
        /// asked for.
        public_url: Option<PublicUrl> = None,
        /// The largest request body, in KiB.
        body_limit_kib: Whole<1, 65_536> = Whole::constant::<1024>(),
        /// How long a client may take to send a whole request body, in seconds.
        body_timeout_s: Whole<1, 3600> = Whole::constant::<30>(),
        /// How many connections may be open at a time. Those beyond wait until others are closed.
        max_connections: Whole<16, 1_000_000> = Whole::constant::<4096>(),
        /// How many clients may follow changes as they come (/api/v1/stream). Those beyond are refused, and ask
        /// again and again instead. Each takes a connection.
        max_streams: Whole<0, 1_000_000> = Whole::constant::<1024>(),
        /// How deep a JSON body may be nested.
        json_depth: Whole<4, 100> = Whole::constant::<32>(),
        /// The proxies whose X-Forwarded-For and X-Forwarded-Proto headers are believed. Others can claim
        /// what they like and are taken by the address they connect from.
        trusted_proxies: Vec<Network> = Vec::new(),
        /// How long requests in progress may take to finish at shutdown, in seconds.
        shutdown_grace_s: Whole<0, 300> = Whole::constant::<10>(),
        /// Worker threads. 0 takes one for each processor core.
        workers: Whole<0, 1024> = Whole::constant::<0>(),
        /// Whether /metrics and the log and trace queries need no token from a program on this machine.
        metrics_open_on_loopback: bool = true,
    }
}

impl Server {
    /// The largest request body, in bytes.
    pub fn body_limit_bytes(&self) -> usize {
        self.body_limit_kib.as_usize() * 1024
    }

    /// How long a whole request body may take.
    pub fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_s.get().into())
    }

    /// How long requests in progress may take to finish at shutdown.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_s.get().into())
    }

    /// Worker threads, with 0 replaced by the number of processor cores.
    pub fn worker_threads(&self) -> usize {
        match self.workers.as_usize() {
            0 => available_parallelism().map_or(1, NonZeroUsize::get),
            count => count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Server;

    #[test]
    fn no_number_of_workers_means_at_least_one() {
        assert!(Server::default().worker_threads() >= 1);
    }
}
