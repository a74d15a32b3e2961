//! Peers that speak protocols of their own: a mail relay, a clamd and a Redis, each as far as the product talks to it.

use std::io::{self, BufRead, Read, Write};

use super::{http::read_line, peer::Visit};

/// Takes mails.
pub fn relay(visit: &mut Visit) -> io::Result<()> {
    visit.stream.get_mut().write_all(b"220 house\r\n")?;
    while let Some(line) = read_line(&mut visit.stream)? {
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let reply = match word.as_str() {
            "DATA" => {
                visit.stream.get_mut().write_all(b"354 go on\r\n")?;
                let name = message_id(visit)?;
                visit.called()?;
                visit.arrived(&name, name.clone());
                "250 taken"
            }
            "QUIT" => return visit.stream.get_mut().write_all(b"221 bye\r\n"),
            _ => "250 house",
        };
        visit.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes())?;
    }
    Ok(())
}

/// The name of a mail before the @, once all of it has come.
fn message_id(visit: &mut Visit) -> io::Result<String> {
    let mut name = String::new();
    loop {
        let line = read_line(&mut visit.stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if line == "." {
            return Ok(name);
        }
        if let Some(id) = line.strip_prefix("Message-ID: <") {
            name = id.split('@').next().unwrap_or_default().to_owned();
        }
    }
}

/// Scans files and finds nothing in them. They are texts, each another one.
pub fn clamd(visit: &mut Visit) -> io::Result<()> {
    let mut command = Vec::new();
    visit.stream.read_until(0, &mut command)?;
    if command.starts_with(b"zPING") {
        visit.called()?;
        return visit.stream.get_mut().write_all(b"PONG\0");
    }
    let mut file = Vec::new();
    loop {
        let mut length = [0; 4];
        visit.stream.read_exact(&mut length)?;
        let length = u64::from(u32::from_be_bytes(length));
        if length == 0 {
            break;
        }
        (&mut visit.stream).take(length).read_to_end(&mut file)?;
    }
    visit.called()?;
    let text = String::from_utf8_lossy(&file).into_owned();
    visit.arrived(&text, text.clone());
    visit.stream.get_mut().write_all(b"stream: OK\0")
}

/// Takes what is published, and has no subscriber.
pub fn redis(visit: &mut Visit) -> io::Result<()> {
    while let Some(head) = read_line(&mut visit.stream)? {
        let words: usize = head.trim_start_matches('*').parse().unwrap();
        for _ in 0..words {
            let length = read_line(&mut visit.stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            let length: u64 = length.trim_start_matches('$').parse().unwrap();
            io::copy(&mut (&mut visit.stream).take(length + 2), &mut io::sink())?;
        }
        visit.called()?;
        visit.stream.get_mut().write_all(b":0\r\n")?;
    }
    Ok(())
}
