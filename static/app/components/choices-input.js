/** Several choices out of a few, each a box to tick. */
import { html } from '../lib/view.js';

/** @param {{value: string[], onChange: (chosen: string[]) => void, field: {options: object[]}}} props */
export function ChoicesInput({ value, onChange, field }) {
  const chosen = value || [];
  const options = typeof field.options === 'function' ? field.options(value) : field.options;
  const toggle = (option) => onChange(
    options.map((one) => one.value).filter((one) => chosen.includes(one) !== (one === option)),
  );
  return html`${options.map((option) => html`
    <label class="check" key=${option.value}><input type="checkbox" checked=${chosen.includes(option.value)}
      onChange=${() => toggle(option.value)} /><span>${option.label}</span></label>`)}`;
}
