//! Reads the bytes of one reply, and no more than may be. The parser of the `redis` crate knows no limit, and keeps
//! twenty times the bytes of a list; nothing that is asked here is answered with a list. Uses nothing.

use std::io::{self, BufRead, ErrorKind, Read};

use redis::{Value, parse_redis_value};

/// Longest line: what is said about an error.
const LINE_BYTES_MAX: u64 = 64 * 1_024;

/// Why there is no reply.
#[derive(Debug)]
pub(super) enum FrameFault {
    /// The connection failed.
    Io(io::Error),
    /// What came is no reply.
    Malformed,
    /// It is longer than may be.
    TooLarge,
}

impl From<io::Error> for FrameFault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads one reply: a line, a number, an error, bytes or nothing. What it takes is taken off the budget (in bytes).
///
/// # Errors
/// When it fails, is anything else, or takes more.
pub(super) fn read_reply(stream: &mut impl BufRead, budget: &mut u64) -> Result<Value, FrameFault> {
    let mut frame = Vec::new();
    read_line(stream, &mut frame)?;
    spend(budget, frame.len())?;
    let kind = frame.first().copied();
    if kind == Some(b'$') {
        if let Some(length) = length_in(&frame)? {
            let length = length.checked_add(2).ok_or(FrameFault::TooLarge)?;
            *budget = budget.checked_sub(length).ok_or(FrameFault::TooLarge)?;
            // Memory is taken as bytes come, not as they are announced.
            let read = stream.by_ref().take(length).read_to_end(&mut frame)?;
            if u64::try_from(read) != Ok(length) {
                return Err(FrameFault::Io(ErrorKind::UnexpectedEof.into()));
            }
        }
    } else if !matches!(kind, Some(b'+' | b'-' | b':')) {
        return Err(FrameFault::Malformed);
    }
    parse_redis_value(&frame).map_err(|_| FrameFault::Malformed)
}

fn read_line(stream: &mut impl BufRead, frame: &mut Vec<u8>) -> Result<(), FrameFault> {
    stream.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', frame)?;
    if frame.ends_with(b"\r\n") {
        return Ok(());
    }
    let ended =
        frame.len() < usize::try_from(LINE_BYTES_MAX).unwrap_or(usize::MAX) && !frame.ends_with(b"\n");
    Err(if ended { FrameFault::Io(ErrorKind::UnexpectedEof.into()) } else { FrameFault::Malformed })
}

/// How many bytes follow; `None` when there is no value.
fn length_in(line: &[u8]) -> Result<Option<u64>, FrameFault> {
    let text = line.get(1..).and_then(|rest| rest.strip_suffix(b"\r\n"));
    let text = text.and_then(|digits| str::from_utf8(digits).ok()).ok_or(FrameFault::Malformed)?;
    match text {
        "-1" => Ok(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| FrameFault::Malformed)
        }
        _ => Err(FrameFault::Malformed),
    }
}

fn spend(budget: &mut u64, bytes: usize) -> Result<(), FrameFault> {
    let bytes = u64::try_from(bytes).map_err(|_| FrameFault::TooLarge)?;
    *budget = budget.checked_sub(bytes).ok_or(FrameFault::TooLarge)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use redis::Value;

    use super::{FrameFault, read_reply};

    fn replies(mut bytes: &[u8]) -> Vec<Result<Value, FrameFault>> {
        let mut budget = 1_024;
        let mut all = Vec::new();
        while !bytes.is_empty() {
            all.push(read_reply(&mut bytes, &mut budget));
            if all.last().is_some_and(Result::is_err) {
                break;
            }
        }
        all
    }

    #[test]
    fn replies_that_follow_one_another_are_read_one_by_one() {
        let read = replies(b"+OK\r\n$5\r\na\r\nbc\r\n$-1\r\n:7\r\n$0\r\n\r\n");
        let expected = [
            Value::Okay,
            Value::BulkString(b"a\r\nbc".to_vec()),
            Value::Nil,
            Value::Int(7),
            Value::BulkString(Vec::new()),
        ];
        assert_eq!(read.into_iter().map(Result::unwrap).collect::<Vec<_>>(), expected);
        let error = replies(b"-LOADING Redis is loading the dataset in memory\r\n").pop().unwrap().unwrap();
        assert!(matches!(error, Value::ServerError(error) if error.code() == "LOADING"));
    }

    #[test]
    fn lists_and_whatever_else_is_not_asked_for_are_malformed() {
        let strange: [&[u8]; 9] = [
            b"HTTP/1.1 400 Bad Request\r\n",
            b"*1000000000\r\n",
            b"%1\r\n",
            b"\r\n",
            b"+OK\n",
            b"$x\r\n",
            b"$-2\r\n",
            b"$3\r\nabcde",
            b":seven\r\n",
        ];
        for bytes in strange {
            assert!(matches!(replies(bytes).pop(), Some(Err(FrameFault::Malformed))), "{bytes:?}");
        }
        let endless = vec![b'+'; 100_000];
        assert!(matches!(replies(&endless).pop(), Some(Err(FrameFault::Malformed))));
    }

    #[test]
    fn a_reply_that_is_cut_off_is_none() {
        for bytes in [&b"+O"[..], b"$5\r\nabc", b"$5\r\nabcde", b"$"] {
            let last = replies(bytes).pop().unwrap();
            assert!(
                matches!(&last, Err(FrameFault::Io(error)) if error.kind() == ErrorKind::UnexpectedEof),
                "{bytes:?}: {last:?}"
            );
        }
    }

    #[test]
    fn a_reply_beyond_the_budget_is_not_read() {
        for bytes in [&b"$1024\r\n"[..], b"$18446744073709551615\r\n", b"$18446744073709551614\r\n"] {
            assert!(matches!(replies(bytes).pop(), Some(Err(FrameFault::TooLarge))), "{bytes:?}");
        }
        let many = [b"$500\r\n".as_slice(), &[b'x'; 500], b"\r\n"].concat().repeat(3);
        let read = replies(&many);
        assert!(matches!(&read[..], [Ok(_), Ok(_), Err(FrameFault::TooLarge)]), "one budget for all");
    }
}
