/** The dialog that tries a service outside, and follows what became of it. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { faultsOf } from '../lib/form-values.js';
import { aboutService } from '../lib/integration-words.js';
import { session } from '../lib/session.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields, shownPointers } from './field.js';
import { FollowedDelivery } from './followed-delivery.js';
import { Problem } from './notice.js';

/** To whom a test goes, of services that write to people. */
const recipients = {
  email: () => ({
    name: 'to', label: 'To which address', type: 'email', required: true, initial: session.value.user?.email ?? '',
  }),
  sms: () => ({
    name: 'to', label: 'To which telephone', type: 'tel', required: true, initial: '',
    hint: 'With + and the country code in front, such as +43 1 234567.',
  }),
};

const arrived = {
  email: 'The relay has taken the test. Look whether it arrives.',
  sms: 'The provider has taken the test. Look whether it arrives.',
  storage: 'A small object was stored, fetched, listed and deleted.',
  virus_scan: 'The scanner works.',
  redis: 'Redis works.',
};

/** @param {{service: string, onClose: () => void}} props */
export function IntegrationTestDialog({ service, onClose }) {
  const { name, test } = aboutService(service);
  const recipient = recipients[service]?.();
  const fields = recipient ? [recipient] : [];
  const [values, setValues] = useState({ to: recipient?.initial });
  const [sent, setSent] = useState(null);
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    const missing = faultsOf(fields, values);
    setFaults(missing);
    setError(null);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      setSent(await post(test, recipient && { to: values.to.replaceAll(' ', '') }));
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
    }
    setBusy(false);
  };
  useEffect(() => {
    if (!recipient) send();
  }, []);
  return html`
    <${Dialog} title="Test: ${name}" onClose=${onClose} onSubmit=${send} footer=${html`
      ${sent && html`<${Button} href="#/deliveries/${sent.id}">All about it<//>`}
      <${Button} icon="send" kind=${sent ? 'plain' : 'primary'} type="submit" busy=${busy}>
        ${sent ? 'Test again' : 'Send the test'}<//>
      <${Button} kind=${sent ? 'primary' : 'plain'} onClick=${onClose}>${sent ? 'Done' : 'Cancel'}<//>`}>
      <${Problem} error=${error} known=${shownPointers(fields, faults)} />
      ${recipient && html`<${Fields} fields=${fields} values=${values} onChange=${setValues} faults=${faults} />`}
      <div role="status" class="stack">
        ${sent ? html`<${FollowedDelivery} key=${sent.id} id=${sent.id} arrived=${arrived[service]} />`
          : !recipient && !error && html`<p>Asking…</p>`}</div>
    <//>`;
}
