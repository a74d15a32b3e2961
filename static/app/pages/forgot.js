/** Asking for a new password. The answer is the same whether there is such an account or not. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { faultsOf } from '../lib/form-values.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { Fields, shownPointers } from '../components/field.js';
import { Notice, Problem } from '../components/notice.js';

const fields = [{ name: 'email', label: 'E-mail', type: 'username', required: true }];

export function ForgotPage() {
  const [values, setValues] = useState({ email: '' });
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
      await post('/auth/reset-request', { email: values.email.trim() }, { once: true });
      setDone(true);
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
    }
    setBusy(false);
  };
  return html`
    <${Entrance} title="Forgot your password?" intro="Your administrator sees that you asked, and gives you a link.">
      ${done ? html`<${Notice} tone="success" role="status" title="Noted">
          <p>If there is an account with this address, its administrators see that a new password is asked for.</p><//>`
        : html`<form noValidate onSubmit=${submit}>
          <${Problem} error=${error} known=${shownPointers(fields, faults)} />
          <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
          <${Button} kind="primary" type="submit" busy=${busy}>Ask for a new password<//>
        </form>`}
      <p class="entrance-more"><a href="#/">Back to sign in</a></p>
    <//>`;
}
