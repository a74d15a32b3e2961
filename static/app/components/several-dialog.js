/** The dialog that creates several things at once from a pasted list of names, one a line. */
import { html, useState } from '../lib/view.js';
import { count } from '../lib/format.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Problem } from './notice.js';

/**
 * @param {{title: string, nouns: [string, string], hint: string, create: (name: string) => Promise<void>,
 *   onDone: () => void, onClose: () => void}} props lines that were created leave the field, so that a second try
 * after an error creates nothing twice
 */
export function SeveralDialog({ title, nouns, hint, create, onDone, onClose }) {
  const [text, setText] = useState('');
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const names = text.split('\n').map((line) => line.trim()).filter(Boolean);
  const run = async () => {
    if (busy || names.length === 0) return;
    setBusy(true);
    setError(null);
    const rest = [...names];
    try {
      while (rest.length > 0) {
        await create(rest[0]);
        rest.shift();
      }
      toast(`${count(names.length, ...nouns)} added.`);
      onDone();
    } catch (failure) {
      setError(failure);
      setText(rest.join('\n'));
      setBusy(false);
    }
  };
  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind="primary" type="submit" busy=${busy} disabled=${names.length === 0}>
      Add ${names.length || ''}<//>`;
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${run} footer=${footer}>
      <${Problem} error=${error}>${error && html`<p>“${names[0]}” and the lines below were not added.</p>`}<//>
      <${Field} field=${{ name: 'names', label: 'Names, one a line', type: 'textarea', required: true, hint }}
        value=${text} onChange=${setText} autofocus />
    <//>`;
}
