//! Where requests may go: nothing that a tenant types, and nothing that a name server answers, leads anywhere else.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use proptest::{prelude::*, sample::select};
use url::Url;

use super::{
    client, ids,
    peers::{answering, listener, was_called},
    request,
};
use crate::integrations::http::{
    HttpClient, HttpFault, HttpRequest, HttpRules, Reach, address_guard::AddressGuard, lookup::Lookups,
};

/// What a tenant may not reach. Written down here once more, so that the tables of the product are held against something.
const NOT_FOR_TENANTS: [&str; 27] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "100::/64",
    "64:ff9b:1::/48",
    "2001::/32",
    "2001:db8::/32",
    "3fff::/20",
];

/// The ways in which an IPv6 address stands for an IPv4 address.
fn stand_ins(address: Ipv4Addr) -> [IpAddr; 4] {
    let number = u128::from(address.to_bits());
    [0xffff << 32, 0, 0x64_ff9b << 96, 0x2002 << 112].map(|prefix: u128| {
        let shift = if prefix == 0x2002 << 112 { 80 } else { 0 };
        Ipv6Addr::from_bits(prefix | (number << shift)).into()
    })
}

fn passes(guard: &AddressGuard, address: IpAddr, reach: Reach) -> bool {
    guard.admitted("host", vec![SocketAddr::new(address, 443)], reach).is_ok()
}

fn strict() -> AddressGuard {
    AddressGuard::new(Vec::new(), true)
}

/// An address within a range, whose free bits are those of a number.
fn within(range: &str, number: u128) -> IpAddr {
    let (first, prefix) = range.split_once('/').unwrap();
    let prefix: u32 = prefix.parse().unwrap();
    match first.parse().unwrap() {
        IpAddr::V4(first) => {
            let free = u32::MAX.checked_shr(prefix).unwrap_or(0);
            let number = u32::try_from(number & u128::from(free)).unwrap();
            Ipv4Addr::from_bits(first.to_bits() | number).into()
        }
        IpAddr::V6(first) => {
            let free = u128::MAX.checked_shr(prefix).unwrap_or(0);
            Ipv6Addr::from_bits(first.to_bits() | (number & free)).into()
        }
    }
}

proptest! {
    #[test]
    fn no_address_of_a_forbidden_network_is_for_tenants(
        range in select(NOT_FOR_TENANTS.as_slice()), number in any::<u128>(),
    ) {
        let address = within(range, number);
        prop_assert!(!passes(&strict(), address, Reach::Tenant), "{address}");
        let url = Url::parse(&format!("https://{}/", SocketAddr::new(address, 8_443))).unwrap();
        prop_assert_eq!(client().check(&url, Reach::Tenant).unwrap_err().fault, HttpFault::Forbidden);
    }

    #[test]
    fn an_address_that_stands_for_an_ipv4_address_is_as_good_as_that(
        number in any::<u32>(), range in select(NOT_FOR_TENANTS[..16].as_ref()), forbidden in any::<bool>(),
        reach in select([Reach::Tenant, Reach::Operator].as_slice()),
    ) {
        let address = if forbidden { within(range, number.into()) } else { Ipv4Addr::from_bits(number).into() };
        let IpAddr::V4(v4) = address else { panic!("{address}") };
        let lenient = AddressGuard::new(vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.0/8".parse().unwrap()], true);
        for guard in [strict(), lenient] {
            for stand_in in stand_ins(v4) {
                prop_assert_eq!(passes(&guard, stand_in, reach), passes(&guard, address, reach), "{}", stand_in);
            }
        }
    }

    #[test]
    fn every_other_ipv4_address_and_global_ipv6_address_is_for_tenants(v4 in any::<u32>(), v6 in any::<u128>()) {
        let networks: Vec<crate::config::Network> =
            NOT_FOR_TENANTS.iter().map(|range| range.parse().unwrap()).collect();
        let special = ["2001::/23", "2002::/16", "168.63.129.16"].map(|range| range.parse().unwrap());
        let v6 = Ipv6Addr::from_bits((v6 >> 3) | (1 << 125));
        for address in [IpAddr::from(Ipv4Addr::from_bits(v4)), v6.into()] {
            let forbidden = networks.iter().chain(&special).any(|network| network.contains(address));
            prop_assert!(forbidden || passes(&strict(), address, Reach::Tenant), "{address}");
        }
    }

    #[test]
    fn one_forbidden_address_among_others_forbids_the_name(
        before in 0_usize..20, range in select(NOT_FOR_TENANTS.as_slice()), number in any::<u128>(), after in 0_usize..20,
    ) {
        let public = SocketAddr::from(([93, 184, 216, 34], 443));
        let mut addresses = vec![public; before];
        addresses.push(SocketAddr::new(within(range, number), 443));
        addresses.extend(vec![public; after]);
        prop_assert!(strict().admitted("host", addresses, Reach::Tenant).is_err());
    }
}

fn tenant(url: &str) -> HttpRequest {
    HttpRequest { reach: Reach::Tenant, ..request("GET", url) }
}

#[test]
fn a_tenant_may_not_reach_this_machine_however_it_is_written() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "１２７.0.0.1",
        "%31%32%37.0.0.1",
        "10.0.0.1",
        "192.168.0.1:8080",
    ] {
        let failure = client().send(&tenant(&format!("https://{host}/")), &ids()).unwrap_err();
        assert_eq!((failure.fault, failure.sent), (HttpFault::Forbidden, false), "{host}");
    }
}

#[test]
fn a_name_of_this_machine_is_refused_to_tenants_and_not_to_the_operator() {
    let peer = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let url = format!("http://localhost:{}/", peer.address.port());
    let rules = HttpRules { tenant_https_only: false, ..HttpRules::default() };
    let client = HttpClient::new(rules).unwrap();
    let failure = client.send(&tenant(&url), &ids()).unwrap_err();
    assert_eq!((failure.fault, failure.sent), (HttpFault::Forbidden, false));
    assert!(failure.detail.contains("localhost leads to a loopback address"), "{}", failure.detail);
    assert_eq!(client.send(&request("GET", &url), &ids()).unwrap().address, Some(peer.address));
    peer.ended();
}

#[test]
fn a_tenant_may_reach_what_the_operator_allows() {
    let peer = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let rules = HttpRules {
        tenant_networks: vec!["127.0.0.0/8".parse().unwrap()],
        tenant_https_only: false,
        ..HttpRules::default()
    };
    let client = HttpClient::new(rules).unwrap();
    let url = format!("http://[::ffff:127.0.0.1]:{}/", peer.address.port());
    assert_eq!(client.send(&tenant(&url), &ids()).unwrap().address, Some(peer.address));
    assert_eq!(client.send(&tenant("http://10.0.0.1/"), &ids()).unwrap_err().fault, HttpFault::Forbidden);
    peer.ended();
}

#[test]
fn metadata_services_are_for_nobody_even_in_networks_that_are_allowed() {
    let everything = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap()).to_vec();
    let rules = HttpRules { tenant_networks: everything, tenant_https_only: false, ..HttpRules::default() };
    let lookups = Lookups::asking(|_, port| Ok(vec![([169, 254, 169, 254], port).into()]));
    let client = HttpClient::with_lookups(rules, lookups).unwrap();
    for host in [
        "169.254.169.254",
        "0xa9fea9fe",
        "169.254.170.2",
        "100.100.100.200",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "metadata.google.internal",
        "METADATA.google.internal.",
        "harmless.example",
    ] {
        for reach in [Reach::Operator, Reach::Tenant] {
            let request = HttpRequest { reach, ..request("GET", &format!("http://{host}/latest/meta-data")) };
            let failure = client.send(&request, &ids()).unwrap_err();
            assert_eq!((failure.fault, failure.sent), (HttpFault::Forbidden, false), "{host}");
        }
    }
}

#[test]
fn the_address_that_was_checked_is_the_one_that_is_connected_to() {
    let (private, address) = listener();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // Allowed when it is asked first, this machine ever after.
    let lookups = Lookups::asking(move |_, port| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        Ok(vec![(if first { [127, 0, 0, 2] } else { [127, 0, 0, 1] }, port).into()])
    });
    let rules = HttpRules {
        tenant_networks: vec!["127.0.0.2".parse().unwrap()],
        tenant_https_only: false,
        ..HttpRules::default()
    };
    let client = HttpClient::with_lookups(rules, lookups).unwrap();
    let url = format!("http://rebinding.example:{}/", address.port());
    let first = client.send(&tenant(&url), &ids()).unwrap_err();
    assert_eq!((first.fault, asked.load(Ordering::SeqCst)), (HttpFault::Connect, 1), "nobody listens there");
    let second = client.send(&tenant(&url), &ids()).unwrap_err();
    assert_eq!((second.fault, asked.load(Ordering::SeqCst)), (HttpFault::Forbidden, 2));
    assert!(!was_called(&private));
}

#[test]
fn names_without_addresses_are_said_to_have_none() {
    let nowhere = |found: fn() -> io::Result<Vec<SocketAddr>>| {
        HttpClient::with_lookups(HttpRules::default(), Lookups::asking(move |_, _| found())).unwrap()
    };
    for client in [nowhere(|| Err(io::Error::other("no such name"))), nowhere(|| Ok(Vec::new()))] {
        let failure = client.send(&tenant("https://nowhere.example/secret"), &ids()).unwrap_err();
        assert_eq!((failure.fault, failure.sent), (HttpFault::Dns, false));
        assert!(failure.detail.contains("nowhere.example"), "{}", failure.detail);
    }
}

#[test]
fn only_web_addresses_without_credentials_are_asked_and_tenants_use_https() {
    let client = client();
    let check =
        |url: &str, reach| client.check(&Url::parse(url).unwrap(), reach).map_err(|failure| failure.fault);
    for reach in [Reach::Operator, Reach::Tenant] {
        assert_eq!(check("https://example.org:8443/hook?x=y", reach), Ok(()));
        assert_eq!(check("https://93.184.216.34/", reach), Ok(()));
        for url in [
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "data:,x",
            "unix:/run/x.sock",
            "https://user@example.org/",
            "https://user:word@example.org/",
            "https://:word@example.org/",
        ] {
            assert_eq!(check(url, reach), Err(HttpFault::Forbidden), "{url}");
        }
    }
    assert_eq!(check("http://example.org/", Reach::Tenant), Err(HttpFault::Forbidden));
    assert_eq!(check("http://example.org/", Reach::Operator), Ok(()));
    let rules = HttpRules { tenant_https_only: false, ..HttpRules::default() };
    let lenient = HttpClient::new(rules).unwrap();
    assert_eq!(lenient.check(&Url::parse("http://example.org/").unwrap(), Reach::Tenant), Ok(()));
}
