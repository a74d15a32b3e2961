/** The dialog that sets a password, one's own or another user's. */
import { html, useState } from '../lib/view.js';
import { faultsOf } from '../lib/form-values.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

/** What a new password must be. */
export const passwordHint = 'At least 12 characters, such as a few words that do not belong together.';

const current = { name: 'currentPassword', label: 'Current password', type: 'password', required: true };

/**
 * @param {{title: string, hint?: string, own?: boolean, save: (password: string, current?: string) => Promise<any>,
 *   onDone: () => void, onClose: () => void}} props `own` asks for the current password too
 */
export function PasswordDialog({ title, hint, own = false, save, onDone, onClose }) {
  const name = own ? 'newPassword' : 'password';
  const next = {
    name, label: 'New password', type: 'new-password', required: true, hint: `${passwordHint} ${hint ?? ''}`,
  };
  const fields = own ? [current, next] : [next];
  const [values, setValues] = useState({ currentPassword: '', [name]: '' });
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      await save(values[name], values.currentPassword);
      onDone();
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy}>Set password<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
