/** What narrows the list of files: what they are for, and what is known of viruses in them. */
import { html } from '../lib/view.js';
import { purposes, scanStates } from '../lib/file-words.js';
import { go } from '../lib/router.js';
import { Field } from './field.js';

const select = (name, label, all, options) => ({
  name, label, type: 'select', required: true, options: [{ value: '', label: all }, ...options],
});

const fields = [
  select('purpose', 'What for', 'Anything', purposes), select('scan', 'Virus scan', 'Any state', scanStates),
];

/** @param {{query: URLSearchParams}} props the query of the page's address */
export function FileFilter({ query }) {
  const narrow = (name, value) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    go(next.size > 0 ? `/files?${next}` : '/files', { replace: true });
  };
  return html`
    <div class="toolbar filter files-filter">${fields.map((field) => html`
      <${Field} key=${field.name} field=${field} value=${query.get(field.name) ?? ''}
        onChange=${(value) => narrow(field.name, value)} />`)}</div>`;
}
