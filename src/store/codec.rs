//! Stored values: a version byte, then MessagePack with named fields. A value that cannot be read is an error.

use serde::{Serialize, de::DeserializeOwned};

const VERSION: u8 = 1;

/// A value that could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("a stored value cannot be understood: {0}")]
pub struct CodecError(String);

impl CodecError {
    /// A value whose bytes contradict what they should hold.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// The stored form of a value.
///
/// # Errors
/// When the value's type has no MessagePack form.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::with_capacity(256);
    bytes.push(VERSION);
    let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
    value.serialize(&mut serializer).map_err(|error| CodecError(error.to_string()))?;
    Ok(bytes)
}

/// The value of a stored form.
///
/// # Errors
/// When the bytes are of another version, or are not such a value.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CodecError> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => rmp_serde::from_slice(rest).map_err(|error| CodecError(error.to_string())),
        Some((version, _)) => Err(CodecError(format!("its version is {version}, known is {VERSION}"))),
        None => Err(CodecError("it is empty".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_was_encoded_decodes_and_anything_else_is_an_error() {
        let bytes = encode(&vec![1u32, 2]).unwrap();
        assert_eq!(decode::<Vec<u32>>(&bytes).unwrap(), [1, 2]);
        assert!(decode::<String>(&bytes).is_err());
        assert!(decode::<Vec<u32>>(&[]).is_err());
        assert!(decode::<Vec<u32>>(&[9, 0x91, 1]).unwrap_err().to_string().contains("version is 9"));
    }
}
