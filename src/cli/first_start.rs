//! The first start at a terminal: asks where to listen, where nothing says it, and remembers the answer. May use
//! `config`.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
};

use tempfile::NamedTempFile;

use super::{
    Failure,
    addresses::{Interface, of_machine},
    console,
};
use crate::{
    appliance::data_file,
    config::{Config, Loaded, Origin},
};

/// Whether somebody sits there who reads and can answer.
pub fn at_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The address that somebody chose just now; nothing if it needed no asking.
///
/// # Errors
/// The terminal cannot be read.
pub fn ask(loaded: &Loaded, may_ask: bool) -> Result<Option<SocketAddr>, Failure> {
    let config = &loaded.config;
    let unsaid = loaded.origins.of("server.address") == &Origin::Default;
    let new = !data_file(&config.store.data_dir).exists();
    if !(may_ask && unsaid && new && at_terminal()) {
        return Ok(None);
    }
    let chosen = choose(&choices(&of_machine()), &mut io::stdin().lock())?;
    Ok(Some(SocketAddr::new(chosen, config.server.address.port())))
}

/// Keeps the answer, so that later starts do not ask.
///
/// # Errors
/// It cannot be written.
pub fn remember(config: &Config, address: SocketAddr) -> Result<(), Failure> {
    let path = config.listen_file();
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    writeln!(file, "{address}")?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    console::say(&format!("This is kept in {}; delete it to be asked again.", path.display()));
    Ok(())
}

/// What can be chosen, the safest first.
fn choices(machine: &[Interface]) -> Vec<(IpAddr, String)> {
    let mut choices = vec![
        (Ipv4Addr::LOCALHOST.into(), "this machine only".to_owned()),
        (Ipv4Addr::UNSPECIFIED.into(), "the whole network, for judges on phones and tablets".to_owned()),
    ];
    choices.extend(
        machine
            .iter()
            .map(|interface| (interface.address, format!("only {} ({})", interface.address, interface.name))),
    );
    choices
}

/// Asks until there is an answer. Enter, and a terminal that is gone, take the first.
fn choose(choices: &[(IpAddr, String)], answers: &mut impl BufRead) -> Result<IpAddr, Failure> {
    console::say("Where is event-manager to be reached? What is sent there is not encrypted.");
    for (number, (_, text)) in (1..).zip(choices) {
        console::say(&format!("  {number}  {text}"));
    }
    loop {
        console::ask("Number [1]: ");
        let mut answer = String::new();
        let gone = answers.read_line(&mut answer)? == 0;
        let number = match answer.trim() {
            "" => Some(1),
            text => text.parse::<usize>().ok(),
        };
        let chosen = number.and_then(|number| choices.get(number.checked_sub(1)?));
        match chosen {
            Some((address, _)) => return Ok(*address),
            None if gone => return Ok(Ipv4Addr::LOCALHOST.into()),
            None => console::say(&format!("Type a number from 1 to {}.", choices.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Interface, choices, choose};

    #[test]
    fn a_number_chooses_enter_takes_the_first_and_nonsense_is_asked_again() {
        let interface = Interface { name: "eth0".to_owned(), address: "192.168.1.20".parse().unwrap() };
        let choices = choices(&[interface]);
        for (typed, chosen) in [
            ("\n", "127.0.0.1"),
            ("1\n", "127.0.0.1"),
            (" 2 \n", "0.0.0.0"),
            ("3\n", "192.168.1.20"),
            ("0\nall\n4\n-1\n2\n", "0.0.0.0"),
            ("", "127.0.0.1"),
            ("nonsense", "127.0.0.1"),
        ] {
            assert_eq!(choose(&choices, &mut typed.as_bytes()).unwrap().to_string(), chosen, "{typed:?}");
        }
    }
}
