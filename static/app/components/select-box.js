/** The box that chooses an item of a list. With Shift it also chooses all between this one and the one before. */
import { html } from '../lib/view.js';

/** @param {{label: string, checked: boolean, partly?: boolean, onToggle: (through: boolean) => void}} props */
export function SelectBox({ label, checked, partly = false, onToggle }) {
  return html`
    <label class="select-box">
      <input type="checkbox" aria-label=${label} checked=${checked} indeterminate=${partly}
        onClick=${(event) => onToggle(event.shiftKey)} />
    </label>`;
}
