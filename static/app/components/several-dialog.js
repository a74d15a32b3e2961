/** The dialog that creates several things at once from a pasted list of names, one a line: all of them or none. */
import { html, useState } from '../lib/view.js';
import { count, sentence } from '../lib/format.js';
import { announce, make } from '../lib/jobs.js';
import { byLine, namesIn, operationsFor } from '../lib/several.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Notice, Problem } from './notice.js';

/**
 * @param {{title: string, nouns: [string, string], hint: string, operations: (name: string, first: string) => object[],
 *   onDone: () => void, onClose: () => void}} props `operations` are those for one name, always as many; `first` stands
 * for what the first of them creates
 */
export function SeveralDialog({ title, nouns, hint, operations, onDone, onClose }) {
  const [text, setText] = useState('');
  const [refused, setRefused] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const names = namesIn(text);
  const run = async () => {
    if (busy || names.length === 0) return;
    setBusy(true);
    setError(null);
    setRefused(null);
    try {
      const what = count(names.length, ...nouns);
      const job = await make('/bulk', { name: `Add ${what}`, operations: operationsFor(names, operations) });
      announce(`${what} added.`, job, onDone);
      onDone();
    } catch (failure) {
      if (failure.code === 'bulk_refused') setRefused(byLine(names, failure.errors, operations));
      else setError(failure);
      setBusy(false);
    }
  };
  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind="primary" type="submit" busy=${busy} disabled=${names.length === 0}>
      Add ${names.length || ''}<//>`;
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${run} footer=${footer}>
      <${Problem} error=${error} />
      ${refused && html`<${Notice} tone="danger" role="alert" title="Nothing was added yet">
        <p>Correct these lines, or take them out:</p>
        <ul>${refused.map(({ line, name, message }) => html`
          <li key=${line}>Line ${line}, “${name}”: ${sentence(message)}</li>`)}</ul><//>`}
      <${Field} field=${{ name: 'names', label: 'Names, one a line', type: 'textarea', required: true, hint }}
        value=${text} onChange=${setText} autofocus />
    <//>`;
}
