/** Icons from the sprite; they are decoration, the text beside them or the button's label speaks. */
import { html } from '../lib/view.js';

const sprite = new URL('../../vendor/lucide/icons.svg', import.meta.url).href;

export function Icon({ name, size = 'm' }) {
  return html`<svg class="icon icon-${size}" aria-hidden="true"><use href="${sprite}#${name}" /></svg>`;
}
