/** A dialog that asks for something only its user knows, and does something with it. */
import { html, useState } from '../lib/view.js';
import { faultsOf } from '../lib/form-values.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Problem } from './notice.js';

export const currentPassword = {
  name: 'currentPassword', label: 'Your password', type: 'password', required: true,
};
export const currentCode = {
  name: 'code', label: 'Code', type: 'code', required: true,
  hint: 'Six digits from your authenticator app, or one of your recovery codes.',
};

/**
 * @param {{title: string, fields: object[], action: string, kind?: string, save: (values: object) => Promise<any>,
 *   onClose: () => void}} props `save` says what to do with the values; when it fails, the dialog stays
 */
export function ProofDialog({ title, fields, action, kind = 'primary', save, onClose, children }) {
  const [values, setValues] = useState(Object.fromEntries(fields.map(({ name }) => [name, ''])));
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      await save({ ...values, ...(values.code && { code: values.code.trim() }) });
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${title} onClose=${onClose} onSubmit=${submit} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind=${kind} type="submit" busy=${busy}>${action}<//>`}>
      ${children}
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
