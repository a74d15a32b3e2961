//! The HTML part of a mail, made of its text: tables for places alone, styles in place, readable in light and dark, nothing
//! that is not escaped. Tenants write no HTML. May use `domain`.

use super::{
    markup::{Block, Place, document},
    variables::Tenant,
};
use crate::domain::Language;

/// The accent colour of tenants without one of their own, which is seen in light and dark, and the colour of text on it.
const ACCENT: (&str, &str) = ("#5a61d4", "#ffffff");

const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif";
const PARAGRAPH: &str = "margin:0 0 16px";
const CELL: &str = "padding:4px 12px 4px 0;vertical-align:top";
const MUTED: &str = "color:#585b70";

/// Programs that know the reader's theme take these; all others show the light colours, which stand in place.
const DARK: &str = "\
:root{color-scheme:light dark}\
@media (prefers-color-scheme:dark){\
.page{background:#101117!important;color:#eceef6!important}\
.card{background:#181a22!important;border-color:#2f3340!important}\
.muted{color:#a5a9be!important}}";

/// The page of a message.
pub(super) fn page(
    language: &Language,
    tenant: &Tenant,
    subject: &str,
    text: &str,
    link: Option<&str>,
) -> String {
    let (accent, on_accent) = match tenant.accent {
        Some(accent) => (accent.to_string(), accent.text_on().to_string()),
        None => (ACCENT.0.to_owned(), ACCENT.1.to_owned()),
    };
    let document = document(text, link);
    let blocks = |blocks: &[Block<'_>]| {
        blocks.iter().map(|block| block_html(block, &accent, &on_accent)).collect::<String>()
    };
    let (main, closing) = (blocks(&document.main), blocks(&document.closing));
    let (title, sender) = (escaped(subject), escaped(&tenant.name));
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{DARK}</style>\n</head>\n\
         <body class=\"page\" style=\"margin:0;padding:0;background:#f5f5f8;color:#191a24\">\n\
         <div class=\"page\" role=\"article\" aria-label=\"{title}\" lang=\"{language}\" dir=\"auto\" \
         style=\"background:#f5f5f8;color:#191a24;{FONT};font-size:16px;line-height:1.5;padding:24px 12px\">\n\
         <div style=\"max-width:560px;margin:0 auto\">\n\
         <div class=\"card\" style=\"background:#ffffff;border:1px solid #dedee8;border-radius:12px;overflow:hidden\">\n\
         <div style=\"height:6px;background:{accent}\"></div>\n\
         <div style=\"padding:24px 24px 8px;overflow-wrap:anywhere\">\n\
         <p class=\"muted\" style=\"margin:0 0 4px;font-size:14px;font-weight:600;{MUTED}\">{sender}</p>\n\
         <h1 style=\"margin:0 0 20px;font-size:22px;line-height:1.3;font-weight:700\">{title}</h1>\n\
         {main}</div>\n</div>\n\
         <div class=\"muted\" style=\"padding:16px 24px 0;font-size:13px;overflow-wrap:anywhere;{MUTED}\">\n{closing}</div>\n\
         </div>\n</div>\n</body>\n</html>\n"
    )
}

fn block_html(block: &Block<'_>, accent: &str, on_accent: &str) -> String {
    match block {
        Block::Lines(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| linked(line)).collect();
            format!("<p style=\"{PARAGRAPH}\">{}</p>\n", lines.join("<br>\n"))
        }
        Block::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", linked(item))).collect();
            format!("<ul style=\"{PARAGRAPH};padding-left:24px\">\n{items}</ul>\n")
        }
        Block::Places(places) => {
            let rows: String = places.iter().map(place_html).collect();
            format!("<table style=\"{PARAGRAPH};border-collapse:collapse\">\n{rows}</table>\n")
        }
        Block::Button { label, url } => {
            let (label, url) = (escaped(label), escaped(url));
            format!(
                "<p style=\"margin:24px 0 8px\"><a href=\"{url}\" style=\"display:inline-block;padding:12px 24px;\
                 border-radius:8px;background:{accent};color:{on_accent};font-weight:600;text-decoration:none\">\
                 {label}</a></p>\n\
                 <p class=\"muted\" style=\"margin:0 0 24px;font-size:13px;word-break:break-all;{MUTED}\">\
                 <a href=\"{url}\" style=\"color:inherit\">{url}</a></p>\n"
            )
        }
    }
}

fn place_html(place: &Place<'_>) -> String {
    let Place { rank, name, score } = place;
    let (name, score) = (linked(name), score.map(linked).unwrap_or_default());
    format!(
        "<tr><td style=\"{CELL};text-align:right\">{rank}.</td><td style=\"{CELL}\">{name}</td>\
         <td style=\"{CELL};text-align:right;font-variant-numeric:tabular-nums\">{score}</td></tr>\n"
    )
}

/// A line in which addresses of the web are links.
fn linked(line: &str) -> String {
    let mut html = String::with_capacity(line.len() + line.len() / 8);
    for (index, word) in line.split(' ').enumerate() {
        if index > 0 {
            html.push(' ');
        }
        let start = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min();
        match start.and_then(|start| word.split_at_checked(start)) {
            Some((before, address)) => {
                let url = address
                    .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\'', '“', '”']);
                let after = address.strip_prefix(url).unwrap_or_default();
                let (before, url, after) = (escaped(before), escaped(url), escaped(after));
                html.push_str(&format!("{before}<a href=\"{url}\" style=\"color:inherit\">{url}</a>{after}"));
            }
            None => html.push_str(&escaped(word)),
        }
    }
    html
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::{ACCENT, escaped, linked};
    use crate::domain::Colour;

    #[test]
    fn the_accent_is_seen_in_both_themes_and_text_is_read_on_it() {
        let (accent, text): (Colour, Colour) = (ACCENT.0.parse().unwrap(), ACCENT.1.parse().unwrap());
        assert_eq!(accent.fault_as_accent(), None);
        assert!(accent.text_on() == text && accent.contrast(text) >= 4.5);
    }

    #[test]
    fn addresses_in_a_line_are_links_and_signs_after_them_are_not_part_of_them() {
        assert_eq!(
            linked("See (https://a.test/x?y=1&z=2), or http://b.test."),
            "See (<a href=\"https://a.test/x?y=1&amp;z=2\" style=\"color:inherit\">https://a.test/x?y=1&amp;z=2</a>), \
             or <a href=\"http://b.test\" style=\"color:inherit\">http://b.test</a>."
        );
        assert_eq!(linked("javascript:alert(1) ftp://x"), "javascript:alert(1) ftp://x");
    }

    #[test]
    fn signs_of_html_are_escaped() {
        assert_eq!(escaped("<a b='\"'>&</a>"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;&lt;/a&gt;");
    }
}
