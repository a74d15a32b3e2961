/** How far something is, as a bar and in words. */
import { html } from '../lib/view.js';

/** @param {{label: string, value: number, max: number|null, text: string}} props without `max` nobody knows the end */
export function ProgressBar({ label, value, max, text }) {
  return html`
    <div class="progress">
      ${max === null ? html`<progress aria-label=${label} aria-valuetext=${text} />`
        : html`<progress aria-label=${label} aria-valuetext=${text} value=${value} max=${Math.max(max, 1)} />`}
      <span aria-hidden="true">${text}</span>
    </div>`;
}
