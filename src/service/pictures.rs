//! Pictures: decoded within limits, turned the way they are meant to be seen, and encoded anew. What is kept is the picture
//! and nothing else that was sent with it: no place where it was taken, nothing that another program would run. Uses
//! nothing but the domain.

use std::io::{self, BufRead, Seek, Write};

use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use crate::domain::{ImageType, MediaType};

/// Longest side of the small form of a picture, in pixels.
pub(super) const THUMBNAIL_SIDE: u32 = 512;
/// Quality of what is kept, from 1 to 100.
const QUALITY: u8 = 90;
/// Quality of the small form.
const THUMBNAIL_QUALITY: u8 = 80;
/// What decoders need beside the picture itself.
const BESIDE: u64 = 32 * 1024 * 1024;
/// Bytes of a pixel with everything a picture can have.
const PIXEL: u64 = 4;

/// A picture that was decoded.
pub(super) struct Picture {
    image: DynamicImage,
    kind: ImageType,
}

/// Why there is no picture, for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoPicture {
    /// It is too large.
    #[error("has {width} × {height} pixels, which is more than {most} million; send a smaller one")]
    TooLarge {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// Most pixels, in millions.
        most: u64,
    },
    /// It is not whole, or of a kind that is not understood.
    #[error("cannot be read as {0}: it is damaged or not whole")]
    Broken(&'static str),
}

impl Picture {
    /// Decodes a picture of at most so many pixels.
    ///
    /// # Errors
    /// It has more, or is none.
    pub(super) fn read(kind: ImageType, mut from: impl BufRead + Seek, most: u64) -> Result<Self, NoPicture> {
        let broken = |error: ImageError| {
            tracing::debug!(%error, "a picture was not decoded");
            NoPicture::Broken(kind.media_type())
        };
        let whole =
            kind != ImageType::Jpeg || is_whole_jpeg(&mut from).map_err(|error| broken(error.into()))?;
        if !whole {
            return Err(NoPicture::Broken(kind.media_type()));
        }
        from.rewind().map_err(|error| broken(error.into()))?;
        let mut reader = ImageReader::with_format(from, format(kind));
        let mut limits = Limits::default();
        limits.max_alloc = Some(most.saturating_mul(PIXEL).saturating_add(BESIDE));
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(broken)?;
        let (width, height) = decoder.dimensions();
        // What it claims is looked at before anything of that size is made.
        if u64::from(width) * u64::from(height) > most || decoder.total_bytes() > most.saturating_mul(PIXEL) {
            return Err(NoPicture::TooLarge { width, height, most: most / 1_000_000 });
        }
        let orientation = decoder.orientation().map_err(broken)?;
        let mut image = plain(DynamicImage::from_decoder(decoder).map_err(broken)?);
        image.apply_orientation(orientation);
        Ok(Self { image, kind })
    }

    /// Its width and height as it is seen.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.image.width(), self.image.height())
    }

    /// What it is kept as. WebP that nothing shows through becomes JPEG: encoded anew without loss it would be many times
    /// as large.
    pub(super) fn kept_as(&self) -> MediaType {
        match self.kind {
            ImageType::Png => MediaType::Png,
            ImageType::Webp if self.image.color().has_alpha() => MediaType::Webp,
            ImageType::Jpeg | ImageType::Webp => MediaType::Jpeg,
        }
    }

    /// Writes it as what it is kept as.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, to: impl Write) -> Result<(), ImageError> {
        write(&self.image, self.kept_as(), QUALITY, to)
    }

    /// Writes its small form.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write_thumbnail(&self, to: impl Write) -> Result<(), ImageError> {
        let (width, height) = self.size();
        let small = if width.max(height) > THUMBNAIL_SIDE {
            &self.image.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
        } else {
            &self.image
        };
        write(small, self.thumbnail_as(), THUMBNAIL_QUALITY, to)
    }

    fn thumbnail_as(&self) -> MediaType {
        if self.image.color().has_alpha() { MediaType::Png } else { MediaType::Jpeg }
    }
}

const fn format(kind: ImageType) -> ImageFormat {
    match kind {
        ImageType::Png => ImageFormat::Png,
        ImageType::Jpeg => ImageFormat::Jpeg,
        ImageType::Webp => ImageFormat::WebP,
    }
}

/// Whether a JPEG goes on to its end. The decoder fills what is missing with grey, and somebody would find that out on the
/// evening.
fn is_whole_jpeg(from: impl BufRead) -> io::Result<bool> {
    let mut bytes = from.bytes();
    while let Some(byte) = bytes.next().transpose()? {
        if byte != 0xff {
            continue;
        }
        let mut marker = 0xff;
        while marker == 0xff {
            let Some(next) = bytes.next().transpose()? else { return Ok(false) };
            marker = next;
        }
        match marker {
            0xd9 => return Ok(true),
            // What has no length: a filled byte of the picture, the beginning, where the picture is taken up again.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let (Some(high), Some(low)) = (bytes.next().transpose()?, bytes.next().transpose()?) else {
                    return Ok(false);
                };
                let rest = u16::from_be_bytes([high, low]).saturating_sub(2);
                for byte in bytes.by_ref().take(rest.into()) {
                    byte?;
                }
            }
        }
    }
    Ok(false)
}

/// The picture in a form that every encoder takes, with eight bits a colour.
fn plain(image: DynamicImage) -> DynamicImage {
    match image.color() {
        ColorType::L8 | ColorType::Rgb8 | ColorType::Rgba8 => image,
        ColorType::L16 => DynamicImage::ImageLuma8(image.into_luma8()),
        other if other.has_alpha() => DynamicImage::ImageRgba8(image.into_rgba8()),
        _ => DynamicImage::ImageRgb8(image.into_rgb8()),
    }
}

fn write(image: &DynamicImage, kind: MediaType, quality: u8, to: impl Write) -> Result<(), ImageError> {
    match kind {
        MediaType::Png => {
            let encoder = PngEncoder::new_with_quality(to, CompressionType::Default, FilterType::Adaptive);
            image.write_with_encoder(encoder)
        }
        MediaType::Webp => image.write_with_encoder(WebPEncoder::new_lossless(to)),
        _ => image.write_with_encoder(JpegEncoder::new_with_quality(to, quality)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, GenericImageView, RgbImage, RgbaImage};

    use super::{ImageType, MediaType, NoPicture, Picture, write};

    /// A picture that is dark on its left side and light on its right one.
    fn sample(width: u32, height: u32) -> DynamicImage {
        let shade = |x| if x < width / 2 { 10 } else { 240 };
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| image::Rgb([shade(x); 3])))
    }

    fn encoded(image: &DynamicImage, kind: MediaType) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(image, kind, 90, &mut bytes).unwrap();
        bytes
    }

    fn read(kind: ImageType, bytes: &[u8]) -> Result<Picture, NoPicture> {
        Picture::read(kind, Cursor::new(bytes), 1_000_000)
    }

    /// What EXIF says about how to turn a picture, in the place where JPEG has it.
    fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_is_kept_the_way_it_is_meant_to_be_seen_and_without_what_said_so() {
        let sent = with_orientation(&encoded(&sample(64, 32), MediaType::Jpeg), 6);
        let picture = read(ImageType::Jpeg, &sent).unwrap();
        assert_eq!(picture.size(), (32, 64));
        let mut kept = Vec::new();
        picture.write(&mut kept).unwrap();
        assert!(!kept.windows(4).any(|window| window == b"Exif"));
        let kept = image::load_from_memory(&kept).unwrap();
        assert_eq!(kept.dimensions(), (32, 64));
        assert!(kept.get_pixel(16, 4).0[0] < 60 && kept.get_pixel(16, 60).0[0] > 200);
    }

    #[test]
    fn every_type_is_kept_as_one_that_shows_the_same() {
        let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(8, 8, image::Rgba([1, 2, 3, 0])));
        let kept =
            |kind: ImageType, sent: MediaType, image| read(kind, &encoded(image, sent)).unwrap().kept_as();
        assert_eq!(kept(ImageType::Png, MediaType::Png, &clear), MediaType::Png);
        assert_eq!(kept(ImageType::Webp, MediaType::Webp, &clear), MediaType::Webp);
        assert_eq!(kept(ImageType::Webp, MediaType::Webp, &sample(8, 8)), MediaType::Jpeg);
    }

    #[test]
    fn a_thumbnail_has_the_shape_of_the_picture_and_is_never_larger() {
        for ((width, height), small) in [((1_000, 500), (512, 256)), ((40, 20), (40, 20))] {
            let picture = read(ImageType::Png, &encoded(&sample(width, height), MediaType::Png)).unwrap();
            let mut bytes = Vec::new();
            picture.write_thumbnail(&mut bytes).unwrap();
            assert_eq!(image::load_from_memory(&bytes).unwrap().dimensions(), small);
        }
    }

    #[test]
    fn what_claims_to_be_larger_than_allowed_is_refused_before_it_is_decoded() {
        let mut bomb = encoded(&sample(8, 8), MediaType::Png);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&crc);
        let refused = read(ImageType::Png, &bomb).err().unwrap();
        assert!(matches!(refused, NoPicture::TooLarge { width: 60_000, .. }), "{refused}");
    }

    #[test]
    fn a_picture_that_is_not_whole_is_refused() {
        for (kind, sent) in [(ImageType::Png, MediaType::Png), (ImageType::Jpeg, MediaType::Jpeg)] {
            let whole = encoded(&sample(64, 64), sent);
            for length in [40, whole.len() / 2, whole.len() - 16] {
                let refused = read(kind, &whole[..length]).err();
                assert!(matches!(refused, Some(NoPicture::Broken(_))), "{kind:?} of {length} bytes");
            }
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        };
        !bytes.iter().fold(!0, step)
    }
}
