/** A dialog that asks for a reason and then does something: ask to reopen, reopen, refuse, act in a tenant. */
import { html, useState } from '../lib/view.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Problem } from './notice.js';

/** @param {{title: string, action: string, given?: string, label?: string, run: (reason: string) => Promise<any>,
 *   onDone: (answer: any) => void, onClose: () => void}} props `given` is the reason to begin with */
export function ReasonDialog({ title, action, given = '', label = 'Reason', run, onDone, onClose, children }) {
  const [reason, setReason] = useState(given);
  const [fault, setFault] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setFault(reason.trim() ? null : 'Please say why.');
    if (!reason.trim() || busy) return;
    setBusy(true);
    try {
      onDone(await run(reason.trim()));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>${action}<//>`}>
      <${Problem} error=${error} />
      ${children}
      <${Field} field=${{ name: 'reason', label, type: 'textarea', required: true }} value=${reason} onChange=${setReason} fault=${reason.trim() ? null : fault} autofocus />
    <//>`;
}
