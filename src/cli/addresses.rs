//! The addresses of this machine: which there are, and at which a listener can be reached. Uses nothing of ours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An address of this machine, with the interface that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// The address.
    pub address: IpAddr,
}

/// The addresses at which others can reach this machine, IPv4 first; none where the system does not tell.
pub fn of_machine() -> Vec<Interface> {
    let found = if_addrs::get_if_addrs().unwrap_or_default().into_iter();
    let mut interfaces: Vec<Interface> = found
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(|interface| Interface { address: interface.ip(), name: interface.name })
        .collect();
    interfaces.sort_by_key(|interface| interface.address.is_ipv6());
    interfaces
}

/// Where a listener can be reached, for others first: an address that stands for all of the machine's is each of them.
pub fn reachable(listening: SocketAddr, machine: &[Interface]) -> Vec<SocketAddr> {
    if !listening.ip().is_unspecified() {
        return vec![listening];
    }
    // A listener on all of IPv6 takes IPv4, too.
    let taken = |address: &IpAddr| address.is_ipv4() || listening.is_ipv6();
    let of_machine = machine.iter().map(|interface| interface.address).filter(taken);
    let addresses = of_machine.chain([IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    addresses.map(|address| SocketAddr::new(address, listening.port())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Interface, of_machine, reachable};

    fn machine() -> Vec<Interface> {
        ["192.168.1.20", "2001:db8::7"]
            .map(|address| Interface { name: "eth0".to_owned(), address: address.parse().unwrap() })
            .to_vec()
    }

    fn texts(listening: &str) -> Vec<String> {
        reachable(listening.parse().unwrap(), &machine()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_listener_on_everything_is_reached_at_each_address() {
        assert_eq!(texts("127.0.0.1:8080"), ["127.0.0.1:8080"]);
        assert_eq!(texts("192.168.1.20:80"), ["192.168.1.20:80"]);
        assert_eq!(texts("0.0.0.0:8080"), ["192.168.1.20:8080", "127.0.0.1:8080"]);
        assert_eq!(texts("[::]:8080"), ["192.168.1.20:8080", "[2001:db8::7]:8080", "127.0.0.1:8080"]);
    }

    #[test]
    fn the_machine_is_not_reached_from_elsewhere_at_its_loopback() {
        assert!(of_machine().iter().all(|interface| !interface.address.is_loopback()));
    }
}
