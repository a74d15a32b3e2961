//! Colours, and how well one is seen on another: the contrast of WCAG 2.2. Uses nothing.

use std::{fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A colour in sRGB, as `#rrggbb`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

/// Why a text is no colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a colour in six hexadecimal digits, such as #3d42b0")]
pub struct NoColour;

/// The least contrast of what is no text, such as a button, to what it stands on (WCAG 2.2, criterion 1.4.11).
const LEAST: f64 = 3.0;

/// What an accent colour stands on in the two themes; `static/styles/tokens.css` has both. Of the surfaces of each theme
/// they are the ones on which it is seen least.
const BACKGROUNDS: [(&str, Colour); 2] =
    [("light", Colour([0xf5, 0xf5, 0xf8])), ("dark", Colour([0x18, 0x1a, 0x22]))];

const WHITE: Colour = Colour([0xff; 3]);
const BLACK: Colour = Colour([0; 3]);

impl Colour {
    /// How well one colour is seen on another, from 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Black or white, whichever is read better on this. One of them always has 4.5 : 1.
    pub fn text_on(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// Why this cannot be the accent colour of pages in both themes, with the nearest shade of it that can; nothing if it
    /// can.
    pub fn fault_as_accent(self) -> Option<String> {
        let (theme, background) = self.background_too_near()?;
        let target = if theme == "light" { BLACK } else { WHITE };
        let shades = (1..=u8::MAX).map(|part| self.towards(target, part));
        let would_do = shades.into_iter().find(|shade| shade.background_too_near().is_none())?;
        let contrast = (self.contrast(background) * 100.0).floor() / 100.0;
        Some(format!(
            "has a contrast of {contrast:.2} : 1 to the {theme} background {background}, and {LEAST} : 1 is needed; \
             {would_do} would do"
        ))
    }

    fn background_too_near(self) -> Option<(&'static str, Self)> {
        BACKGROUNDS.into_iter().find(|(_, background)| self.contrast(*background) < LEAST)
    }

    /// A part of 255 of the way to another colour.
    fn towards(self, target: Self, part: u8) -> Self {
        let mut mixed = self.0;
        for (channel, target) in mixed.iter_mut().zip(target.0) {
            let (from, to, part) = (u32::from(*channel), u32::from(target), u32::from(part));
            let sum = from * (255 - part) + to * part;
            *channel = u8::try_from(sum / 255).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').ok_or(NoColour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoColour);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| NoColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl TryFrom<String> for Colour {
    type Error = NoColour;

    fn try_from(text: String) -> Result<Self, NoColour> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

impl JsonSchema for Colour {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Colour".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::{BLACK, Colour, WHITE};

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn contrasts_are_those_of_wcag() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
        assert!((colour("#777777").contrast(WHITE) - 4.48).abs() < 0.01);
        assert!((colour("#ff0000").contrast(WHITE) - 4.0).abs() < 0.01);
    }

    #[test]
    fn a_colour_that_is_lost_in_a_theme_is_refused_with_its_contrast_and_a_shade_that_would_do() {
        for (text, told) in [("#ffff00", "to the light background"), ("#000080", "to the dark background")] {
            let fault = colour(text).fault_as_accent().unwrap();
            assert!(fault.contains(told), "{fault}");
            let shade = fault.rsplit_once("; ").unwrap().1.strip_suffix(" would do").unwrap();
            assert_eq!(colour(shade).fault_as_accent(), None, "{fault}");
        }
        for text in ["#c2410c", "#0f766e", "#6c74e8", "#d6336c"] {
            assert_eq!(colour(text).fault_as_accent(), None, "{text}");
        }
    }

    #[test]
    fn whatever_the_colour_a_text_on_it_is_read() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let ground = Colour([red, green, blue]);
                    assert!(ground.contrast(ground.text_on()) >= 4.5, "{ground}");
                }
            }
        }
    }

    #[test]
    fn a_text_that_is_no_colour_is_none() {
        for text in ["", "red", "#fff", "#12345g", "3d42b0", "#3d42b0;}", "#é2345", "#+12345"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
        assert_eq!(colour("#3D42b0").to_string(), "#3d42b0");
    }
}
