/** Who gives the numbers of entries: an event's rule, or a contest's own. */
import { html, useState } from '../lib/view.js';
import { Field } from './field.js';

const modes = [
  { value: 'optional', label: 'By the system, unless one is given' },
  { value: 'automatic', label: 'By the system only' },
  { value: 'manual', label: 'By hand only' },
];
const start = { name: 'numbering-start', label: 'First number', type: 'integer', half: true };
const gapFree = {
  name: 'numbering-gap-free', label: 'Numbers run without gaps', type: 'checkbox',
  hint: 'Gaps are shown, and closed up when you say so, for people wear their numbers.',
};

/** @param {{value: object|null, onChange: (numbering: object|null) => void, field: {none?: string}}} props */
export function NumberingInput({ value, onChange, field }) {
  const [typed, setTyped] = useState(() => String(value?.start ?? 1));
  const mode = {
    name: 'numbering-type', label: 'Given', type: 'select',
    options: [{ value: '', label: field.none ?? 'As usual: by the system, unless one is given' }, ...modes],
  };
  const first = (text) => {
    setTyped(text);
    onChange({ ...value, start: Number(text) || 0 });
  };
  return html`
    <div class="fields group">
      <${Field} field=${mode} value=${value?.type ?? ''} onChange=${(type) => {
        setTyped('1');
        onChange(type ? { type } : null);
      }} />
      ${value && value.type !== 'manual' && html`<${Field} field=${start} value=${typed} onChange=${first} />`}
      ${value?.type === 'automatic' && html`<${Field} field=${gapFree} value=${value.gapFree ?? false}
        onChange=${(next) => onChange({ ...value, gapFree: next })} />`}
    </div>`;
}
