/** The dialog that gives a webhook a secret, and tells it once. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { formatDateTime } from '../lib/format.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Notice, Problem } from './notice.js';

const day = 24 * 60 * 60;

const before = {
  name: 'keep', label: 'The secret until now', type: 'select', required: true,
  hint: 'While both go on, the receiver can be changed without a gap. One that somebody else knows should end at once.',
  options: [
    { value: String(day), label: 'goes on for a day' }, { value: '0', label: 'ends at once' },
  ],
};

/** @param {{hook: {id: string, name: string}, first?: boolean, onClose: () => void}} props `first`: it has none yet */
export function SecretDialog({ hook, first = false, onClose }) {
  const [keep, setKeep] = useState(String(day));
  const [made, setMade] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      setMade(await post(`/webhooks/${hook.id}/secret`, first ? {} : { keepPreviousSeconds: Number(keep) }));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  useEffect(() => {
    if (first) make();
  }, []);
  if (made) return html`<${MadeSecret} hook=${hook} made=${made} onClose=${onClose} />`;
  return html`
    <${Dialog} title=${first ? `Secret of “${hook.name}”` : `New secret for “${hook.name}”`} onClose=${onClose}
      onSubmit=${make} footer=${html`
        <${Button} onClick=${onClose}>${first ? 'Close' : 'Cancel'}<//>
        <${Button} kind="primary" icon="key-round" type="submit" busy=${busy}>Make the secret<//>`}>
      <${Problem} error=${error} />
      ${!first && html`
        <p>The receiver checks with it that what it is told comes from here, unchanged.</p>
        <${Field} field=${before} value=${keep} onChange=${setKeep} autofocus />`}
    <//>`;
}

function MadeSecret({ hook, made: { secret, previousUntil }, onClose }) {
  return html`
    <${Dialog} title="Secret of “${hook.name}”" onClose=${onClose}
      footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
      <${Notice} tone="warning" title="Copy it now: it is told only this once">
        <p><${Copyable} text=${secret} label="secret" short=${false} /></p><//>
      <p>Put it into the receiver, which checks the signatures with it as the Standard Webhooks specification says.</p>
      ${previousUntil && html`<p>The one before goes on beside it until ${formatDateTime(previousUntil)}.</p>`}
    <//>`;
}
