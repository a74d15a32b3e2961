/** The first start: whoever holds the code from the server's console becomes the first administrator. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { faultsOf } from '../lib/form-values.js';
import { go, place } from '../lib/router.js';
import { adopt } from '../lib/session.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { Fields, shownPointers } from '../components/field.js';
import { Problem } from '../components/notice.js';
import { passwordHint } from '../components/password-dialog.js';

const fields = [
  { name: 'code', label: 'Setup code', type: 'text', required: true, hint: 'The server printed it when it started.' },
  { name: 'tenantName', label: 'Organisation', type: 'text', required: true, hint: 'Whoever holds the events.' },
  { name: 'name', label: 'Your name', type: 'text', required: true },
  { name: 'email', label: 'Your e-mail', type: 'username', required: true, hint: 'You sign in with it.' },
  { name: 'password', label: 'Password', type: 'new-password', required: true, hint: passwordHint },
];

export function SetupPage() {
  const [values, setValues] = useState({
    code: place.value.query.get('code') ?? '', tenantName: '', name: '', email: '', password: '',
  });
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0) return;
    setBusy(true);
    try {
      adopt(await post('/setup', values, { once: true }));
      go('/', { replace: true });
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Entrance} title="Set up Event Manager"
      intro="This creates your organisation and your account, the first administrator.">
      <form noValidate onSubmit=${submit}>
        <${Problem} error=${error} known=${shownPointers(fields, faults)} />
        <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
        <${Button} kind="primary" type="submit" busy=${busy}>Create and sign in<//>
      </form>
    <//>`;
}
