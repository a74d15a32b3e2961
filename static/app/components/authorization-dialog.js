/** The dialog that sets, replaces or removes the authorization of an action. It is never shown again. */
import { html, useState } from '../lib/view.js';
import { put } from '../lib/api.js';
import { useForm } from '../lib/form.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

const fields = [{
  name: 'authorization', label: 'Authorization', type: 'new-password', required: true,
  hint: 'What the header of this name says, such as “Bearer …”. It is kept sealed, and never shown again.',
}];

/** @param {{action: {id: string, name: string}, set: boolean, onDone: () => void, onClose: () => void}} props */
export function AuthorizationDialog({ action, set, onDone, onClose }) {
  const [removal, setRemoval] = useState({ busy: false, error: null });
  const send = (authorization) => put(`/actions/${action.id}/authorization`, { authorization });
  const form = useForm(fields, { authorization: '' }, async ({ authorization }) => {
    await send(authorization);
    toast('Authorization set.');
    onDone();
  });
  const remove = async () => {
    setRemoval({ busy: true, error: null });
    try {
      await send(null);
      toast('Authorization removed.');
      onDone();
    } catch (error) {
      setRemoval({ busy: false, error });
    }
  };
  return html`
    <${Dialog} title="Authorization of “${action.name}”" onClose=${onClose} onSubmit=${form.submit} footer=${html`
      ${set && html`<${Button} kind="danger-quiet" icon="trash-2" busy=${removal.busy} onClick=${remove}>Remove it<//>`}
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${form.busy}>${set ? 'Replace' : 'Set'}<//>`}>
      <${Problem} error=${form.error ?? removal.error} known=${shownPointers(fields, form.faults)} />
      <p>${set ? 'One is set. What you enter takes its place.' : 'None is set: it is called without.'}</p>
      <${Fields} fields=${fields} values=${form.values} onChange=${form.setValues} faults=${form.faults} />
    <//>`;
}
