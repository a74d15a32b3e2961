//! Bytes as lower-case hexadecimal digits, two a byte, and back. Uses nothing of ours.

use std::fmt::Write;

/// A text that is not the hexadecimal digits of as many bytes as are asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {digits} hexadecimal digits")]
pub struct InvalidHex {
    digits: usize,
}

/// The digits of bytes.
pub fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of digits.
///
/// # Errors
/// When there are more or fewer digits than the bytes have, or something else between them.
pub fn from_hex<const BYTES: usize>(text: &str) -> Result<[u8; BYTES], InvalidHex> {
    let invalid = || InvalidHex { digits: 2 * BYTES };
    if text.len() != 2 * BYTES {
        return Err(invalid());
    }
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let mut bytes = [0; BYTES];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let value = pair.iter().try_fold(0, |value, letter| Some(value * 16 + digit(*letter)?));
        *byte = value.and_then(|value| u8::try_from(value).ok()).ok_or_else(invalid)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{from_hex, to_hex};

    #[test]
    fn bytes_read_back_from_their_digits() {
        let bytes: Vec<u8> = (0..=255).collect();
        let digits = to_hex(&bytes);
        assert_eq!(from_hex::<256>(&digits).unwrap().to_vec(), bytes);
        assert_eq!(to_hex(&[0x0a, 0xf7]), "0af7");
        assert_eq!(from_hex("0AF7"), Ok([0x0a, 0xf7]));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "0", "0af", "0af700", "0ag7", "+af7", "0 f7", "éé"] {
            assert!(from_hex::<2>(text).is_err(), "{text}");
        }
    }
}
