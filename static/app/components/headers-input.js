/** The headers that a call sends along, each a name and a value. */
import { html } from '../lib/view.js';
import { Button, IconButton } from './button.js';

/** @param {{value: {name: string, value: string}[], onChange: (headers: object[]) => void}} props */
export function HeadersInput({ value, onChange }) {
  const change = (index, part) => onChange(value.map((old, at) => (at === index ? { ...old, ...part } : old)));
  const input = (header, index, part, label) => html`
    <input type="text" aria-label="${label} of header ${index + 1}" placeholder=${label} value=${header[part]}
      autocomplete="off" spellcheck=${false} onInput=${(event) => change(index, { [part]: event.target.value })} />`;
  return html`
    <ul class="rows headers">
      ${value.map((header, index) => html`
        <li key=${index}>
          ${input(header, index, 'name', 'Name')}${input(header, index, 'value', 'Value')}
          <${IconButton} icon="x" label="Remove header ${index + 1}"
            onClick=${() => onChange(value.filter((_, at) => at !== index))} />
        </li>`)}
    </ul>
    <${Button} icon="plus" onClick=${() => onChange([...value, { name: '', value: '' }])}>Add a header<//>`;
}
