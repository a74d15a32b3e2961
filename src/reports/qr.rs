//! QR codes. Uses nothing of ours.

use qrcode::{EcLevel, QrCode, render::svg};

/// A text that fits into no QR code.
#[derive(Debug, thiserror::Error)]
#[error("the text does not fit into a QR code: {0}")]
pub struct QrError(#[from] qrcode::types::QrError);

/// A text as QR code: an SVG document of dark modules on white, with the margin that readers need, of whatever size it is
/// shown in.
///
/// # Errors
/// The text is too long.
pub fn qr_svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let mut picture = code.render::<svg::Color<'_>>();
    Ok(picture.dark_color(svg::Color("#000000")).light_color(svg::Color("#ffffff")).build())
}

#[cfg(test)]
mod tests {
    use super::qr_svg;

    #[test]
    fn a_code_is_a_picture_by_itself() {
        let svg = qr_svg("otpauth://totp/House:ann?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("<script") && !svg.contains("href"), "{svg}");
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(qr_svg(&"x".repeat(3_000)).is_err());
    }
}
