/** Setting a password with a link that an administrator has made. Its secret never leaves in an address. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { faultsOf } from '../lib/form-values.js';
import { go, place } from '../lib/router.js';
import { resume } from '../lib/session.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { Fields, shownPointers } from '../components/field.js';
import { Notice, Problem } from '../components/notice.js';
import { passwordHint } from '../components/password-dialog.js';

const fields = [
  { name: 'password', label: 'New password', type: 'new-password', required: true, hint: passwordHint },
];

export function ResetPage() {
  const [token] = useState(place.value.query.get('token') ?? '');
  const [values, setValues] = useState({ password: '' });
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0) return;
    setBusy(true);
    try {
      await post('/auth/reset', { token, ...values }, { once: true });
      // Whoever was signed in here is not any more, if it was the same account.
      await resume();
      setDone(true);
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  if (done) {
    return html`
      <${Entrance} title="Password set" intro="The account is signed out everywhere. Sign in with the new password.">
        <${Button} kind="primary" onClick=${() => go('/', { replace: true })}>Go to sign-in<//>
      <//>`;
  }
  return html`
    <${Entrance} title="Choose a new password" intro="The link works once.">
      ${!token && html`<${Notice} tone="warning" title="The link is not complete">
        <p>Copy the whole of it, or ask an administrator for another one.</p><//>`}
      <form noValidate onSubmit=${submit}>
        <${Problem} error=${error} known=${shownPointers(fields, faults)} />
        <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
        <${Button} kind="primary" type="submit" busy=${busy}>Set password<//>
      </form>
    <//>`;
}
