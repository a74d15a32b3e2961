//! Images that pages show: which types there are, told by their first bytes, whatever whoever sends them says. SVG is not
//! among them, for it can hold scripts. Uses nothing.

use serde::{Deserialize, Serialize};

/// A type of image.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ImageType {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}

impl ImageType {
    /// All media types.
    pub const MEDIA_TYPES: &'static [&'static str] =
        &[Self::Png.media_type(), Self::Jpeg.media_type(), Self::Webp.media_type()];

    /// The type of an image by its first bytes; none if it is no image of these types.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ImageType;

    #[test]
    fn an_image_is_known_by_its_first_bytes() {
        assert_eq!(ImageType::of(b"\x89PNG\r\n\x1a\n rest"), Some(ImageType::Png));
        assert_eq!(ImageType::of(b"\xff\xd8\xff\xe0 rest"), Some(ImageType::Jpeg));
        assert_eq!(ImageType::of(b"RIFF\x10\0\0\0WEBPVP8 "), Some(ImageType::Webp));
        for other in [&b""[..], b"\x89PNG", b"RIFF\x10\0\0\0WAVE", b"<svg xmlns=", b"GIF89a"] {
            assert_eq!(ImageType::of(other), None);
        }
    }
}
