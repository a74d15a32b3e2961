//! QR codes as SVG: black on white with a quiet zone whatever the theme around them, because scanners need both. Uses nothing
//! of ours.

use qrcode::{EcLevel, QrCode, render::svg};

/// A text that does not fit into a QR code.
#[derive(Debug, thiserror::Error)]
#[error("this does not fit into a QR code: {0}")]
pub struct QrError(#[from] qrcode::types::QrError);

/// Least size of the picture, in CSS pixels a side; it is a vector picture and can be shown at any.
const SIDE: u32 = 240;

/// The QR code of a text as an SVG document. It stays readable with 15 % of it covered.
///
/// # Errors
/// The text is too long.
pub fn qr_svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    Ok(code
        .render()
        .min_dimensions(SIDE, SIDE)
        .quiet_zone(true)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build())
}

#[cfg(test)]
mod tests {
    use super::qr_svg;

    #[test]
    fn a_code_is_black_on_white_and_takes_no_colour_from_around_it() {
        let svg = qr_svg("https://scores.example.org/judge#link=abc").unwrap();
        assert!(svg.contains("fill=\"#ffffff\"") && svg.contains("fill=\"#000000\""), "{svg}");
        assert!(!svg.contains("currentColor") && svg.ends_with("</svg>"), "{svg}");
    }

    #[test]
    fn a_code_has_a_quiet_zone_of_four_modules() {
        // 14 letters fit into version 1: 21 modules, and 4 on each side.
        let svg = qr_svg("fourteen chars").unwrap();
        let side = |attribute: &str| {
            let rest = svg.split_once(&format!("{attribute}=\"")).unwrap().1;
            rest.split_once('"').unwrap().0.parse::<u32>().unwrap()
        };
        let width = side("width");
        assert_eq!((width % 29, width >= super::SIDE), (0, true), "{svg}");
        let module = width / 29;
        let quiet = module * 4;
        assert!(svg.contains(&format!("M{quiet} {quiet}")), "the first finder begins behind it: {svg}");
    }

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
