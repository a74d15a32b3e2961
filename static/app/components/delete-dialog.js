/** The dialog that deletes something: what goes out of sight, which places change, what stands in the way, and why. */
import { html, useState } from '../lib/view.js';
import { post, remove } from '../lib/api.js';
import { belowInWords } from '../lib/kinds.js';
import { useResource } from '../lib/resource.js';
import { toast, toastError } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Problem } from './notice.js';
import { Obstacle } from './obstacle.js';
import { PlacesAtStake } from './places-at-stake.js';

export const reasonField = {
  name: 'reason', label: 'Reason', type: 'text',
  hint: 'It is kept with the deletion, in the trash and the audit log.',
};

/**
 * @param {{
 *   what: string, name: string, path: string, version?: number, consequence?: string, preview?: boolean,
 *   onDone: () => void, onClose: () => void, onRestored?: () => void,
 * }} props `what` is the noun; sheets and marks, beneath which nothing lies, have no `preview`; `onRestored` is called
 * when the deletion is undone from its message
 */
export function DeleteDialog({
  what, name, path, version, consequence, preview = true, onDone, onClose, onRestored = onDone,
}) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const told = useResource(preview ? `${path}/deletion` : null, { still: true });
  // Marks may have come in since the dialog was opened; then the refusal knows better.
  const changes = error?.code === 'confirmation_required' ? error.problem.changes : told.data?.changes ?? [];
  const obstacle = told.data?.obstacle;
  const needsConfirmation = changes.length > 0 && !obstacle;

  const undo = async () => {
    try {
      await post(`${path}/restore`);
      toast(`“${name}” is back.`);
      onRestored();
    } catch (failure) {
      toastError(failure);
    }
  };
  const run = async () => {
    if (busy || told.loading || obstacle) return;
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
    ${obstacle ? html`<${Button} icon="refresh-cw" onClick=${told.reload}>Check again<//>` : html`
      <${Button} kind="danger" icon="trash-2" type="submit" busy=${busy} disabled=${told.loading}>
        ${needsConfirmation ? 'Delete anyway' : `Delete ${what}`}<//>`}`;
  const below = told.data && belowInWords(told.data.below);
  // The marks for a criterion are not counted, but told by the places they change.
  const along = () => {
    if (told.loading) return 'Counting what goes with it…';
    if (below) return html`Out of sight with it: <strong>${below}</strong>.`;
    return told.data && !needsConfirmation && 'Nothing else goes out of sight.';
  };
  return html`
    <${Dialog} title="Delete “${name}”?" onClose=${onClose} onSubmit=${run} footer=${footer}
      wide=${needsConfirmation}>
      ${needsConfirmation ? html`<${PlacesAtStake} changes=${changes}
        title="Marks have been given under this ${what}" when="Without it" />`
        : html`<${Problem} error=${error} />`}
      <${Problem} error=${told.error} onRetry=${told.reload} />
      ${obstacle && html`<${Obstacle} obstacle=${obstacle} kind=${what} tone="danger" role="alert" />`}
      <p>${consequence ?? `The ${what} goes to the trash, with everything beneath it.`} Restoring it later brings
        back exactly what was there.</p>
      ${preview && html`<p role="status">${along()}</p>`}
      <${Field} field=${reasonField} value=${reason} onChange=${setReason} autofocus />
    <//>`;
}
