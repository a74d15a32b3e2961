/** Name and logo of the organisation, or of the product where it has none. */
import { html } from '../lib/view.js';
import { branding, logoAddress } from '../lib/branding.js';

/** The logo; the mark of the product in its place, unless that is not wanted. */
export function Logo({ plain = null }) {
  return branding.value.logo ? html`<img class="brand-logo" src=${logoAddress(branding.value)} alt="" />` : plain;
}

export const productMark = html`
  <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" /><path d="M9.5 18v6M16 8v16M22.5 14v10" />
  </svg>`;
