/** How well colours are seen (WCAG 2.2), for showing a colour before it is saved. The server decides; see its `colour.rs`. */

/** What an accent colour stands on, light and dark, and what contrast it needs there. */
const grounds = ['#f5f5f8', '#181a22'];
const least = 3;

function luminance(colour) {
  const channel = (start) => {
    const value = parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** The contrast of two colours `#rrggbb`, from 1 to 21. */
export function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Whether a text is a colour that can be the accent of pages in both themes. */
export function canBeAccent(text) {
  return /^#[0-9a-f]{6}$/i.test(text) && grounds.every((ground) => contrast(text, ground) >= least);
}

/** Black or white, whichever is read better on a colour. */
export function textOn(colour) {
  return contrast(colour, '#ffffff') >= contrast(colour, '#000000') ? '#ffffff' : '#000000';
}
