//! Text messages: into how many segments a text is cut, and how a text stays in the alphabet in which more of it fits
//! (3GPP TS 23.038). Uses nothing of ours.

/// Most segments that a text message may take.
pub const SEGMENTS_MAX: usize = 10;

/// The default alphabet, without the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";
/// What takes an escape before it.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text message is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// Seven bits a character: 160 in one segment, 153 in each of several.
    Gsm7,
    /// Sixteen bits a unit: 70 in one segment, 67 in each of several.
    Ucs2,
}

/// What sending a text takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// Messages that are paid for; none for an empty text.
    pub count: usize,
    /// Septets or 16-bit units in all.
    pub units: usize,
}

impl Segments {
    /// Of a text. A character that takes two units is never cut in two.
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
        let (encoding, widths, single, several) = match septets {
            Some(widths) => (Encoding::Gsm7, widths, 160, 153),
            None => (Encoding::Ucs2, text.chars().map(char::len_utf16).collect(), 70, 67),
        };
        let units = widths.iter().sum();
        let count = if units <= single { usize::from(units > 0) } else { cut(&widths, several) };
        Self { encoding, count, units }
    }
}

fn cut(widths: &[usize], room: usize) -> usize {
    let (mut count, mut used) = (1, 0);
    for width in widths {
        if used + width > room {
            (count, used) = (count + 1, 0);
        }
        used += width;
    }
    count
}

fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) { Some(1) } else { EXTENSION.contains(c).then_some(2) }
}

/// The text, or as much of it as fits into the most segments, with dots at its end.
pub(super) fn fitting(text: &str) -> String {
    if Segments::of(text).count <= SEGMENTS_MAX {
        return text.to_owned();
    }
    // A letter that takes more room for all of them may stand behind the cut, so the longest that fits is found by halving.
    let letters: Vec<char> = text.chars().collect();
    let cut_at = |length: usize| -> String {
        let kept: String = letters.iter().take(length).collect();
        format!("{}...", kept.trim_end())
    };
    let (mut fits, mut too_long) = (0, letters.len());
    while too_long - fits > 1 {
        let middle = fits.midpoint(too_long);
        if Segments::of(&cut_at(middle)).count <= SEGMENTS_MAX {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    cut_at(fits)
}

/// The text with quotes, dashes and blanks that the default alphabet has. Letters stay as they are: a name is not
/// misspelt to save a segment.
pub(super) fn in_plain_signs(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '“' | '”' | '„' | '«' | '»' | '‟' => plain.push('"'),
            '‘' | '’' | '‚' | '‹' | '›' | '´' | '`' => plain.push('\''),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '•' | '·' => plain.push('*'),
            '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => plain.push(' '),
            '\u{ad}' | '\u{200b}' => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BASIC, EXTENSION, Encoding, SEGMENTS_MAX, Segments, fitting, in_plain_signs};

    fn segments(text: &str) -> (Encoding, usize, usize) {
        let Segments { encoding, count, units } = Segments::of(text);
        (encoding, count, units)
    }

    #[test]
    fn a_text_of_the_default_alphabet_has_160_and_then_153_characters_a_segment() {
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(segments(""), (Encoding::Gsm7, 0, 0));
        assert_eq!(segments(&"ß".repeat(160)), (Encoding::Gsm7, 1, 160));
        assert_eq!(segments(&"ß".repeat(161)), (Encoding::Gsm7, 2, 161));
        assert_eq!(segments(&"a".repeat(306)), (Encoding::Gsm7, 2, 306));
        assert_eq!(segments(&"a".repeat(307)), (Encoding::Gsm7, 3, 307));
    }

    #[test]
    fn a_sign_of_the_extension_takes_two_and_is_not_cut_in_two() {
        assert_eq!(segments(&"€".repeat(80)), (Encoding::Gsm7, 1, 160));
        assert_eq!(segments(&format!("{}€", "a".repeat(159))), (Encoding::Gsm7, 2, 161));
        // 152 characters and an escaped one: the escape would stand alone at the end of the first segment.
        let text = format!("{}€{}", "a".repeat(152), "a".repeat(152));
        assert_eq!(segments(&text), (Encoding::Gsm7, 3, 306));
    }

    #[test]
    fn any_other_letter_makes_it_70_and_then_67_units_a_segment() {
        assert_eq!(segments(&"ł".repeat(70)), (Encoding::Ucs2, 1, 70));
        assert_eq!(segments(&"ł".repeat(71)), (Encoding::Ucs2, 2, 71));
        assert_eq!(segments(&"ł".repeat(135)), (Encoding::Ucs2, 3, 135));
        assert_eq!(segments(&"🎶".repeat(35)), (Encoding::Ucs2, 1, 70));
        // 66 units and a pair: 67 + 1 would cut it.
        assert_eq!(segments(&format!("{}🎶{}", "ł".repeat(66), "ł".repeat(66))), (Encoding::Ucs2, 3, 134));
    }

    #[test]
    fn what_does_not_fit_is_cut_and_ends_in_dots() {
        assert_eq!(fitting(&"a".repeat(1530)), "a".repeat(1530));
        assert_eq!(fitting(&"a".repeat(1531)), format!("{}...", "a".repeat(1527)));
        assert_eq!(fitting(&"ł".repeat(700)), format!("{}...", "ł".repeat(667)));
        // A letter that takes more room for all of them stands behind the cut.
        assert_eq!(fitting(&format!("{}ł", "a".repeat(1600))), format!("{}...", "a".repeat(1527)));
    }

    #[test]
    fn signs_become_plain_and_names_stay() {
        assert_eq!(in_plain_signs("„Łódź“ – it’s…\u{a0}on"), "\"Łódź\" - it's... on");
    }

    proptest! {
        #[test]
        fn segments_hold_all_of_a_text_and_none_is_needless(text in "[a-z€ł🎶 ]{0,400}") {
            let Segments { encoding, count, units } = Segments::of(&text);
            let (single, several) = if encoding == Encoding::Gsm7 { (160, 153) } else { (70, 67) };
            prop_assert_eq!(count <= 1, units <= single);
            if count > 1 {
                prop_assert!(units <= count * several && units > (count - 1) * (several - 1));
            }
            prop_assert!(Segments::of(&fitting(&text.repeat(5))).count <= SEGMENTS_MAX);
            let is_gsm = text.chars().all(|c| BASIC.contains(c) || EXTENSION.contains(c));
            prop_assert_eq!(is_gsm, encoding == Encoding::Gsm7);
        }
    }
}
