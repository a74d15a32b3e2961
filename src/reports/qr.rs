//! QR codes as SVG: black on white with a quiet zone whatever the theme around them, because scanners need both. Uses nothing
//! of ours.

use qrcode::{
    EcLevel, QrCode,
    render::{svg, unicode::Dense1x2},
};

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

/// A text as QR code for a terminal: lines of half blocks, light modules drawn, so that it reads on a dark ground as
/// well as its inverse does on a light one.
///
/// # Errors
/// The text is too long.
pub fn qr_text(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    let mut picture = code.render::<Dense1x2>();
    Ok(picture.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::{qr_svg, qr_text};

    #[test]
    fn a_code_is_lines_of_half_blocks_in_a_terminal() {
        let text = qr_text("http://192.168.1.10:8080/").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let width = lines[0].chars().count();
        assert!(lines.iter().all(|line| line.chars().count() == width));
        assert!(text.chars().all(|c| " \u{2580}\u{2584}\u{2588}\n".contains(c)), "{text}");
        assert!(lines[0].chars().all(|c| c == '\u{2588}'), "the quiet margin is light: {text}");
        assert!(width <= 40 && width > 25, "{width}");
    }

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
