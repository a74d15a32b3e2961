/** The way in with e-mail and password. */
import { html, useEffect, useState } from '../lib/view.js';
import { asksForCode, codeField, shownError } from '../lib/second-factor.js';
import { faultsOf } from '../lib/form-values.js';
import { signIn } from '../lib/session.js';
import { useResource } from '../lib/resource.js';
import { Button } from '../components/button.js';
import { Entrance } from '../components/entrance.js';
import { Fields, shownPointers } from '../components/field.js';
import { Notice, Problem } from '../components/notice.js';

const account = [
  { name: 'email', label: 'E-mail', type: 'username', required: true },
  { name: 'password', label: 'Password', type: 'password', required: true },
];
const tenant = {
  name: 'tenant', label: 'Organisation', type: 'text',
  hint: 'Its short name, as the page “Account” shows it, such as harbour-arts. Only needed if your e-mail is known '
    + 'in several; “system” is that of the operators of this server.',
};

export function SignInPage() {
  const setup = useResource('/setup');
  const [values, setValues] = useState({ email: '', password: '', tenant: '', totp: '' });
  /** Whether the organisation is asked for: `false`, `offered` or `required`. */
  const [several, setSeveral] = useState(false);
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  /** Whether a code of an authenticator app is asked for. */
  const [second, setSecond] = useState(false);
  const fields = [
    ...account, ...(second ? [codeField] : []), ...(several ? [{ ...tenant, required: several === 'required' }] : []),
  ];
  useEffect(() => second && document.querySelector('input[name=totp]').focus(), [second]);
  const submit = async (event) => {
    event.preventDefault();
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0) return;
    setBusy(true);
    try {
      const { email, password } = values;
      const more = Object.entries({ tenant: values.tenant.trim(), totp: second ? values.totp.trim() : '' });
      await signIn({ email: email.trim(), password, ...Object.fromEntries(more.filter(([, value]) => value)) });
    } catch (failure) {
      if (failure.code === 'tenant_required') setSeveral('required');
      if (asksForCode(failure)) setSecond(true);
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Entrance} title="Sign in" intro="Judges with an invitation scan its code instead.">
      ${setup.data?.needed && html`
        <${Notice} title="This server is new">
          <p>Open the link that it printed when it started, or <a href="#/setup">enter the setup code</a>.</p>
        <//>`}
      <form noValidate onSubmit=${submit}>
        <${Problem} error=${shownError(error)} known=${shownPointers(fields, faults)} />
        <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
        <div class="entrance-actions">
          <${Button} kind="primary" type="submit" busy=${busy}>Sign in<//>
          ${!several && html`<${Button} kind="quiet" onClick=${() => setSeveral('offered')}>Choose organisation<//>`}
        </div>
        <p class="entrance-more"><a href="#/forgot">Forgot your password?</a></p>
      </form>
    <//>`;
}
