//! What kinds of IP addresses there are: which lead to a machine's or an operator's own things, and which to the metadata
//! services of clouds. From the special-purpose registries of IANA. Uses nothing of ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First address, bits that are fixed, and what an address in there is.
type Range<A> = (A, u32, &'static str);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32, kind: &'static str) -> Range<Ipv4Addr> {
    (Ipv4Addr::new(a, b, c, d), prefix, kind)
}

/// Begins with four groups; the other four are zero.
const fn v6(groups: [u16; 4], prefix: u32, kind: &'static str) -> Range<Ipv6Addr> {
    let [a, b, c, d] = groups;
    (Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix, kind)
}

const NOT_PUBLIC_V4: [Range<Ipv4Addr>; 15] = [
    v4(0, 0, 0, 0, 8, "an address of this machine"),
    v4(10, 0, 0, 0, 8, "a private address"),
    v4(100, 64, 0, 0, 10, "an address within a provider's network"),
    v4(127, 0, 0, 0, 8, "a loopback address"),
    v4(169, 254, 0, 0, 16, "a link-local address"),
    v4(172, 16, 0, 0, 12, "a private address"),
    v4(192, 0, 0, 0, 24, "a reserved address"),
    v4(192, 0, 2, 0, 24, "a documentation address"),
    v4(192, 88, 99, 0, 24, "a reserved address"),
    v4(192, 168, 0, 0, 16, "a private address"),
    v4(198, 18, 0, 0, 15, "a benchmark address"),
    v4(198, 51, 100, 0, 24, "a documentation address"),
    v4(203, 0, 113, 0, 24, "a documentation address"),
    v4(224, 0, 0, 0, 4, "a multicast address"),
    v4(240, 0, 0, 0, 4, "a reserved address"),
];

const NOT_PUBLIC_V6: [Range<Ipv6Addr>; 8] = [
    (Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    // Teredo, ORCHID, benchmarks.
    v6([0x2001, 0, 0, 0], 23, "a reserved address"),
    v6([0x2001, 0xdb8, 0, 0], 32, "a documentation address"),
    v6([0x3fff, 0, 0, 0], 20, "a documentation address"),
    v6([0xfc00, 0, 0, 0], 7, "a private address"),
    v6([0xfe80, 0, 0, 0], 10, "a link-local address"),
    v6([0xfec0, 0, 0, 0], 10, "a site-local address"),
    v6([0xff00, 0, 0, 0], 8, "a multicast address"),
];

/// The only part of IPv6 from which public addresses are given out.
const GLOBAL_UNICAST: Range<Ipv6Addr> = v6([0x2000, 0, 0, 0], 3, "");

const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    // Credentials of tasks and pods of AWS.
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    // Alibaba, Azure (a public address by its number), Oracle.
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
];

const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    // Google.
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

const METADATA_NAMES: [&str; 2] = ["metadata.google.internal", "metadata.goog"];

/// What an address is if it is not public. One that stands for an IPv4 address is what that is.
pub(super) fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => not_public_v4(address),
        IpAddr::V6(address) => held(address).map_or_else(|| not_public_v6(address), not_public_v4),
    }
}

fn not_public_v4(address: Ipv4Addr) -> Option<&'static str> {
    let within = |(first, prefix, _): &&Range<Ipv4Addr>| {
        (first.to_bits() ^ address.to_bits()).checked_shr(32 - prefix).unwrap_or(0) == 0
    };
    NOT_PUBLIC_V4.iter().find(within).map(|(_, _, kind)| *kind)
}

fn not_public_v6(address: Ipv6Addr) -> Option<&'static str> {
    let within = |(first, prefix, _): &&Range<Ipv6Addr>| {
        (first.to_bits() ^ address.to_bits()).checked_shr(128 - prefix).unwrap_or(0) == 0
    };
    let kind = NOT_PUBLIC_V6.iter().find(within).map(|(_, _, kind)| *kind);
    kind.or_else(|| (!within(&&GLOBAL_UNICAST)).then_some("a reserved address"))
}

/// The IPv4 address that an IPv6 address stands for: as a mapped or a compatible one, through a translator at the
/// well-known prefix (NAT64), or by 6to4.
pub(super) fn held(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(joined(high, low)),
        _ => None,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}

/// Whether an address is one at which clouds hand out the credentials of a machine.
pub(super) fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => METADATA_V4.contains(&address),
        IpAddr::V6(address) => {
            let behind = match address.segments() {
                // A translator at the prefix for local use: it is not public, but an operator may reach it.
                [0x64, 0xff9b, 1, _, _, _, high, low] => Some(joined(high, low)),
                _ => held(address),
            };
            METADATA_V6.contains(&address) || behind.is_some_and(|address| METADATA_V4.contains(&address))
        }
    }
}

/// Whether a name (in lower case) is one by which clouds know their metadata service.
pub(super) fn is_metadata_name(name: &str) -> bool {
    METADATA_NAMES.contains(&name.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{is_metadata, is_metadata_name, not_public};

    #[track_caller]
    fn kind(address: &str) -> Option<&'static str> {
        not_public(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn the_first_and_the_last_address_of_every_range_is_not_public_and_their_neighbours_are() {
        for (before, first, last, after) in [
            (None, "0.0.0.0", "0.255.255.255", Some("1.0.0.0")),
            (Some("9.255.255.255"), "10.0.0.0", "10.255.255.255", Some("11.0.0.0")),
            (Some("100.63.255.255"), "100.64.0.0", "100.127.255.255", Some("100.128.0.0")),
            (Some("126.255.255.255"), "127.0.0.0", "127.255.255.255", Some("128.0.0.0")),
            (Some("169.253.255.255"), "169.254.0.0", "169.254.255.255", Some("169.255.0.0")),
            (Some("172.15.255.255"), "172.16.0.0", "172.31.255.255", Some("172.32.0.0")),
            (Some("191.255.255.255"), "192.0.0.0", "192.0.0.255", Some("192.0.1.0")),
            (Some("192.0.1.255"), "192.0.2.0", "192.0.2.255", Some("192.0.3.0")),
            (Some("192.88.98.255"), "192.88.99.0", "192.88.99.255", Some("192.88.100.0")),
            (Some("192.167.255.255"), "192.168.0.0", "192.168.255.255", Some("192.169.0.0")),
            (Some("198.17.255.255"), "198.18.0.0", "198.19.255.255", Some("198.20.0.0")),
            (Some("198.51.99.255"), "198.51.100.0", "198.51.100.255", Some("198.51.101.0")),
            (Some("203.0.112.255"), "203.0.113.0", "203.0.113.255", Some("203.0.114.0")),
            (Some("223.255.255.255"), "224.0.0.0", "255.255.255.255", None),
            (None, "::", "::ffff", None),
            (None, "100::", "1fff:ffff::1", Some("2000::")),
            (Some("2000:ffff::1"), "2001::", "2001:1ff:ffff::1", Some("2001:200::")),
            (Some("2001:db7:ffff::1"), "2001:db8::", "2001:db8:ffff::1", Some("2001:db9::")),
            (Some("3ffe:ffff::1"), "3fff::", "3fff:fff:ffff::1", Some("3fff:1000::")),
            (Some("3fff:ffff::1"), "4000::", "ffff:ffff::1", None),
            (None, "64:ff9b:1::", "64:ff9b:1:ffff::1", None),
            (None, "fc00::", "fdff::1", None),
            (None, "fe80::", "feff::1", None),
        ] {
            assert!(kind(first).is_some() && kind(last).is_some(), "{first} to {last}");
            for neighbour in [before, after].into_iter().flatten() {
                assert_eq!(kind(neighbour), None, "{neighbour}");
            }
        }
    }

    #[test]
    fn people_are_told_what_kind_of_address_it_is() {
        assert_eq!(kind("::1"), Some("a loopback address"));
        assert_eq!(kind("::ffff:127.0.0.1"), Some("a loopback address"));
        assert_eq!(kind("fec0::1"), Some("a site-local address"));
        assert_eq!(kind("192.168.1.1"), Some("a private address"));
        assert_eq!(kind("2001:0:4136:e378:8000:63bf:3fff:fdd2"), Some("a reserved address"), "Teredo");
    }

    #[test]
    fn metadata_services_are_known_in_every_form_of_their_address() {
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(is_metadata(address.parse().unwrap()), "{address}");
        }
        assert!(!is_metadata("169.254.169.253".parse().unwrap()));
        assert!(
            is_metadata_name("metadata.google.internal") && is_metadata_name("metadata.google.internal.")
        );
        assert!(!is_metadata_name("metadata.example.org"));
    }
}
