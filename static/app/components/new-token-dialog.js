/** The dialog that creates an API token and shows it once. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { faultsOf } from '../lib/form-values.js';
import { newGrant } from '../lib/roles.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { Notice, Problem } from './notice.js';

const fields = [
  { name: 'name', label: 'Name', type: 'text', required: true, hint: 'The program that will use it.' },
  { name: 'expiresInDays', label: 'Days until it expires', type: 'integer', required: true },
  { name: 'grants', label: 'Roles', type: 'grants' },
];

export function NewTokenDialog({ onClose }) {
  const [values, setValues] = useState({
    name: '', expiresInDays: '90', grants: [newGrant('AUDITOR')],
  });
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [token, setToken] = useState(null);
  const [busy, setBusy] = useState(false);
  const create = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      setToken(await post('/tokens', { ...values, expiresInDays: Number(values.expiresInDays) }));
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  if (token) {
    return html`
      <${Dialog} title="Token created" onClose=${onClose}
        footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
        <${Notice} tone="warning" title="Copy it now: it is not shown again">
          <p><${Copyable} text=${token.token} label="token" short=${false} /></p><//>
      <//>`;
  }
  return html`
    <${Dialog} title="New API token" onClose=${onClose} onSubmit=${create} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//><${Button} kind="primary" type="submit" busy=${busy}>Create token<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}
