/** The dialog that deletes something: it asks why, and shows the places that would change. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Problem } from './notice.js';
import { PlacesAtStake } from './places-at-stake.js';

const reasonField = {
  name: 'reason', label: 'Reason', type: 'text',
  hint: 'It is kept with the deletion, in the trash and the audit log.',
};

/**
 * @param {{
 *   what: string, name: string, path: string, version?: number, consequence?: string,
 *   onDone: () => void, onClose: () => void, onRestored?: () => void,
 * }} props `what` is the noun; `onRestored` is called when the deletion is undone from its message
 */
export function DeleteDialog({ what, name, path, version, consequence, onDone, onClose, onRestored = onDone }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const needsConfirmation = error?.code === 'confirmation_required';

  const undo = async () => {
    try {
      await post(`${path}/restore`);
      toast(`“${name}” is back.`);
      onRestored();
    } catch (failure) {
      toast(failure.message);
    }
  };
  const run = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await remove(path, { reason: reason.trim(), confirm: needsConfirmation, ifMatch: version });
      toast(`“${name}” is in the trash.`, { action: { label: 'Undo', run: undo } });
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind="danger" icon="trash-2" type="submit" busy=${busy}>
      ${needsConfirmation ? 'Delete anyway' : `Delete ${what}`}<//>`;
  return html`
    <${Dialog} title="Delete “${name}”?" onClose=${onClose} onSubmit=${run} footer=${footer}
      wide=${needsConfirmation}>
      ${needsConfirmation ? html`<${PlacesAtStake} changes=${error.problem.changes}
        title="Marks have been given under this ${what}" when="Without it" />`
        : html`<${Problem} error=${error} />`}
      <p>${consequence ?? `The ${what} goes to the trash, with everything beneath it.`} Restoring it later brings
        back exactly what was there.</p>
      <${Field} field=${reasonField} value=${reason} onChange=${setReason} autofocus />
    <//>`;
}
