//! The types of files that people may keep: their names, their first bytes, and how a file of theirs is called. Uses
//! nothing but the types of images.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ImageType;

macro_rules! media_types {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $extension:literal;)+) => {
        /// What a file holds. Its word is stored and sent.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        pub enum MediaType { $($(#[$doc])* #[serde(rename = $word)] $name,)+ }

        impl MediaType {
            /// All that are known.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// Its name as headers have it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// How the name of such a file ends.
            pub const fn extension(self) -> &'static str {
                match self { $(Self::$name => $extension,)+ }
            }
        }
    };
}

media_types! {
    /// Portable Network Graphics.
    Png = "image/png", "png";
    /// JPEG.
    Jpeg = "image/jpeg", "jpg";
    /// WebP.
    Webp = "image/webp", "webp";
    /// Pages as they are printed.
    Pdf = "application/pdf", "pdf";
    /// A table as text.
    Csv = "text/csv", "csv";
    /// Text.
    Text = "text/plain", "txt";
    /// Values for programs.
    Json = "application/json", "json";
    /// A spreadsheet of Microsoft Office.
    Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx";
    /// A text document of Microsoft Office.
    Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx";
    /// A spreadsheet of OpenDocument.
    Ods = "application/vnd.oasis.opendocument.spreadsheet", "ods";
    /// A text document of OpenDocument.
    Odt = "application/vnd.oasis.opendocument.text", "odt";
}

/// A word that is none of these types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not one of: {}", MediaType::WORDS.join(", "))]
pub struct UnknownMediaType;

impl FromStr for MediaType {
    type Err = UnknownMediaType;

    fn from_str(word: &str) -> Result<Self, UnknownMediaType> {
        Self::ALL.iter().copied().find(|kind| word.eq_ignore_ascii_case(kind.word())).ok_or(UnknownMediaType)
    }
}

/// Where the name of its type stands in an OpenDocument file: its first part is called `mimetype` and is not packed.
const OPEN_DOCUMENT: (usize, &[u8]) = (30, b"mimetype");

impl MediaType {
    /// How many first bytes tell whether a file is what it is said to be.
    pub const HEAD: usize = 128;

    /// Which image it is, if it is one.
    pub const fn image(self) -> Option<ImageType> {
        match self {
            Self::Png => Some(ImageType::Png),
            Self::Jpeg => Some(ImageType::Jpeg),
            Self::Webp => Some(ImageType::Webp),
            _ => None,
        }
    }

    /// Whether it is text, which has no control characters but those of lines and columns.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Text | Self::Json)
    }

    /// Whether a file that begins with these bytes can be of this type.
    pub fn fits(self, head: &[u8]) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::Webp => self.image() == ImageType::of(head),
            Self::Pdf => head.starts_with(b"%PDF-"),
            Self::Csv | Self::Text | Self::Json => {
                is_text(head) && ImageType::of(head).is_none() && !head.starts_with(b"%PDF-")
            }
            Self::Xlsx | Self::Docx => head.starts_with(b"PK\x03\x04") && packed_type(head).is_none(),
            Self::Ods | Self::Odt => packed_type(head).is_some_and(|found| {
                // A template or a formula has a longer name that begins alike.
                found.strip_prefix(self.word().as_bytes()).is_some_and(|rest| !rest.starts_with(b"-"))
            }),
        }
    }
}

/// What follows the name of the first part of an OpenDocument file.
fn packed_type(head: &[u8]) -> Option<&[u8]> {
    let (at, name) = OPEN_DOCUMENT;
    head.starts_with(b"PK\x03\x04").then(|| head.get(at..)?.strip_prefix(name)).flatten()
}

/// Whether there is nothing among bytes that no text holds. Letters of any encoding that has ASCII in it may be there.
pub fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1f | 0x7f))
}

#[cfg(test)]
mod tests {
    use super::{MediaType, is_text};

    fn open_document(kind: &str) -> Vec<u8> {
        let mut head = b"PK\x03\x04".to_vec();
        head.resize(30, 0);
        head.extend_from_slice(b"mimetype");
        head.extend_from_slice(kind.as_bytes());
        head.extend_from_slice(b"PK\x03\x04");
        head
    }

    #[test]
    fn a_file_is_of_the_type_that_its_first_bytes_tell_and_of_no_other_of_its_group() {
        let ods = open_document(MediaType::Ods.word());
        let odt = open_document(MediaType::Odt.word());
        let heads: [(&[u8], &[MediaType]); 8] = [
            (b"\x89PNG\r\n\x1a\n rest", &[MediaType::Png]),
            (b"\xff\xd8\xff\xe0 rest", &[MediaType::Jpeg]),
            (b"RIFF\x10\0\0\0WEBPVP8 ", &[MediaType::Webp]),
            (b"%PDF-1.7\n", &[MediaType::Pdf]),
            (b"a;b\r\n1;2", &[MediaType::Csv, MediaType::Text, MediaType::Json]),
            (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", &[MediaType::Xlsx, MediaType::Docx]),
            (&ods, &[MediaType::Ods]),
            (&odt, &[MediaType::Odt]),
        ];
        for (head, of) in heads {
            let fitting: Vec<_> = MediaType::ALL.iter().copied().filter(|kind| kind.fits(head)).collect();
            assert_eq!(fitting, of, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_template_is_no_document() {
        let template = open_document("application/vnd.oasis.opendocument.text-template");
        assert!(!MediaType::Odt.fits(&template));
    }

    #[test]
    fn every_type_reads_back_from_its_word_however_it_is_written() {
        for (kind, word) in MediaType::ALL.iter().zip(MediaType::WORDS) {
            assert_eq!(word.to_uppercase().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), *word);
        }
        assert!("text/html".parse::<MediaType>().is_err() && "image/svg+xml".parse::<MediaType>().is_err());
    }

    #[test]
    fn what_holds_other_control_characters_is_no_text() {
        assert!(is_text("Größe\t1\r\n\u{c}".as_bytes()) && is_text(b"Gr\xf6\xdfe"));
        assert!(!is_text(b"MZ\0\x01") && !is_text(b"\x1b[31m"));
    }
}
