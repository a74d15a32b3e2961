/** What the organisation shows of itself: name, logo and accent colour. */
import { signal } from './view.js';
import { addressOf, get } from './api.js';

/** What is shown when no organisation has said anything else. */
const neutral = { displayName: null, accentColour: null, onAccent: null, logo: null };

/** The branding as the server gives it, with the short name of its organisation. */
export const branding = signal(neutral);

// A sheet made by a script is no inline style, so the policy of the pages stays as strict as it is.
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** The properties that follow from an accent colour; texts and soft grounds are mixed so that they keep 4.5 : 1. */
function styles({ accentColour: accent, onAccent }) {
  if (!accent) return '';
  const away = onAccent === '#ffffff' ? 'black' : 'white';
  return `:root {
    --accent: ${accent}; --on-accent: ${onAccent}; --accent-hover: color-mix(in srgb, ${accent} 85%, ${away});
    --accent-text: light-dark(color-mix(in srgb, ${accent} 55%, black), color-mix(in srgb, ${accent} 45%, white));
    --accent-soft: light-dark(color-mix(in srgb, ${accent} 12%, white), color-mix(in srgb, ${accent} 22%, #181a22));
  }`;
}

/** Shows a branding on this page, until another one is shown. */
export function show(value) {
  branding.value = value;
  sheet.replaceSync(styles(value));
}

let wanted = null;

/** Shows the branding of an organisation; that of none, if there is no such, or it cannot be had. */
export async function showBrandingOf(slug) {
  wanted = slug;
  let found = neutral;
  try {
    found = slug ? await get(`/branding?${new URLSearchParams({ tenant: slug })}`, { once: true }) : neutral;
  } catch {
    // The pages work without it.
  }
  if (wanted === slug) show({ ...found, slug });
}

/** The address of the logo, which changes with it. */
export function logoAddress({ logo, slug }) {
  return addressOf(`/branding/logo?${new URLSearchParams({ tenant: slug, version: logo })}`);
}
