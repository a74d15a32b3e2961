//! What clamd answers: one text, ended by a zero byte. Uses nothing.

use std::io::{self, ErrorKind, Read};

use super::{Scan, one_line};
use crate::integrations::{Blame, Failure, Next};

/// Longest answer that is read.
const REPLY_BYTES_MAX: usize = 4_096;

/// Reads an answer whole. One that was cut off is none: what is missing might be the name of a virus.
///
/// # Errors
/// Those of reading; `UnexpectedEof` without the end of the answer; `InvalidData` when it is too long.
pub(super) fn read(peer: &mut dyn Read) -> io::Result<String> {
    let mut reply = Vec::new();
    let mut part = [0; 512];
    loop {
        let count = match peer.read(&mut part) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        reply.extend(part.iter().take(count));
        match reply.iter().position(|byte| *byte == 0) {
            Some(end) if end + 1 == reply.len() => {
                reply.truncate(end);
                return Ok(String::from_utf8_lossy(&reply).into_owned());
            }
            None if reply.len() <= REPLY_BYTES_MAX => {}
            _ => return Err(ErrorKind::InvalidData.into()),
        }
    }
}

/// What an answer to `INSTREAM` says.
///
/// # Errors
/// `too_large`, `scanner_error` or `malformed`.
pub(super) fn verdict(reply: &str) -> Result<Scan, Failure> {
    let found = reply.strip_prefix("stream: ");
    if found == Some("OK") {
        return Ok(Scan::Clean);
    }
    if let Some(signature) =
        found.and_then(|found| found.strip_suffix(" FOUND")).filter(|name| !name.is_empty())
    {
        return Ok(Scan::Infected { signature: one_line(signature) });
    }
    if reply.starts_with("INSTREAM size limit exceeded") {
        let what = "the file is larger than the scanner takes (StreamMaxLength)";
        return Err(Failure::new(Blame::Call, Next::GiveUp, "too_large", what));
    }
    if reply.ends_with("ERROR") {
        return Err(Failure::new(
            Blame::Service,
            Next::Retry,
            "scanner_error",
            format!("clamd says: {reply}"),
        ));
    }
    Err(malformed(reply))
}

/// The failure of an attempt whose answer is no answer of a clamd.
pub(super) fn malformed(reply: &str) -> Failure {
    let shown: String = reply.chars().take(200).collect();
    Failure::new(
        Blame::Service,
        Next::Retry,
        "malformed",
        format!("clamd answers what it should not: {shown}"),
    )
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::{read, verdict};
    use crate::integrations::{Blame, Next, virus_scan::Scan};

    #[test]
    fn a_file_is_clean_only_when_clamd_says_exactly_that() {
        assert_eq!(verdict("stream: OK"), Ok(Scan::Clean));
        for reply in ["stream: OK ", "OK", "stream: ", "stream: FOUND", "stream:  FOUND", "", "stream: Eic"] {
            let failure = verdict(reply).unwrap_err();
            assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry));
            assert_eq!(failure.class, "malformed", "{reply}");
        }
    }

    #[test]
    fn the_name_of_a_virus_is_one_line() {
        let scan = verdict("stream: Win.Test\nEvil\u{1b}-1 FOUND").unwrap();
        assert_eq!(scan, Scan::Infected { signature: "Win.Test Evil -1".to_owned() });
    }

    #[test]
    fn a_file_that_is_too_large_is_the_files_fault_and_final() {
        let failure = verdict("INSTREAM size limit exceeded. ERROR").unwrap_err();
        assert_eq!((failure.blame, failure.next, failure.class), (Blame::Call, Next::GiveUp, "too_large"));
    }

    #[test]
    fn any_other_error_is_the_scanners_and_tried_again() {
        let failure = verdict("stream: Can't allocate memory ERROR").unwrap_err();
        assert_eq!((failure.blame, failure.next), (Blame::Service, Next::Retry));
        assert_eq!(failure.class, "scanner_error");
    }

    #[test]
    fn an_answer_ends_with_its_zero_byte_and_nothing_follows() {
        assert_eq!(read(&mut &b"stream: OK\0"[..]).unwrap(), "stream: OK");
        assert_eq!(read(&mut &b"stream: OK"[..]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(read(&mut &b"stream: OK\0more"[..]).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read(&mut std::io::repeat(b'x')).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
