/** Asks whoever is at work to sign in again when the session has ended. The page stays behind it as it is. */
import { html, useState } from '../lib/view.js';
import { asksForCode, codeField, shownError } from '../lib/second-factor.js';
import { faultsOf } from '../lib/form-values.js';
import { knowsLink } from '../lib/judge-link.js';
import { adopt, homeTenant, session, signIn } from '../lib/session.js';
import { usePin } from '../lib/use-pin.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { LinkRefusal } from './link-refusal.js';
import { Problem } from './notice.js';
import { PinPad } from './pin-pad.js';

const password = { name: 'password', label: 'Password', type: 'password', required: true };

export function SessionEnded() {
  if (session.value.user) return html`<${OfAccount} />`;
  return knowsLink() ? html`<${OfLink} />` : html`<${OfForgottenLink} />`;
}

const other = () => html`<${Button} onClick=${() => adopt(null)}>I am somebody else<//>`;

function OfAccount() {
  const { user, tenant, acting } = session.value;
  const [values, setValues] = useState({ password: '', totp: '' });
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [second, setSecond] = useState(false);
  const fields = second ? [password, codeField] : [password];
  const submit = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      await signIn({
        email: user.email, password: values.password, tenant: homeTenant.value,
        ...(second && { totp: values.totp.trim() }),
      });
    } catch (failure) {
      if (asksForCode(failure)) setSecond(true);
      setError(failure);
      setFaults(failure.errors ?? []);
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title="Please sign in again" onSubmit=${submit} footer=${html`
      ${other()}<${Button} kind="primary" type="submit" busy=${busy}>Sign in<//>`}>
      <p>${acting
        ? `Your session has ended, and with it you act in “${tenant.name}” no more. What you typed there is not sent.`
        : 'Your session has ended. What you typed is still here, and what you were doing goes on.'}</p>
      <${Problem} error=${shownError(error)} known=${shownPointers(fields, faults)} />
      <p><strong>${user.name}</strong><br /><span class="muted">${user.email}</span></p>
      <input class="visually-hidden" type="email" autocomplete="username" value=${user.email} readOnly tabIndex="-1"
        aria-hidden="true" />
      <${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />
    <//>`;
}

function OfLink() {
  const { pad, error, busy, submit } = usePin();
  return html`
    <${Dialog} title="Please type your PIN again" kind="judge-dialog" onSubmit=${submit} footer=${html`
      ${other()}<${Button} kind="primary" type="submit" busy=${busy}>Go on<//>`}>
      <p>${session.value.judge.name}, your session on this device has ended. What you typed is still here.</p>
      <${LinkRefusal} error=${error} />
      <${PinPad} ...${pad} />
    <//>`;
}

/** The page was reloaded since the link was opened, and nothing of it is kept. */
function OfForgottenLink() {
  return html`
    <${Dialog} title="Please open your link again" kind="judge-dialog" footer=${other()}>
      <p>${session.value.judge.name}, your session on this device has ended. Scan the code on your invitation to go on.
        Marks that you did not submit stay on this device, and only you see them.</p>
    <//>`;
}
