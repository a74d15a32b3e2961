/** Results by mail: to everybody with a role, or to those who take part. */
import { html, useState } from '../lib/view.js';
import { getAll, post } from '../lib/api.js';
import { useAttempt } from '../lib/attempt.js';
import { count, list, words } from '../lib/format.js';
import { roles } from '../lib/roles.js';
import { can } from '../lib/session.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields } from './field.js';
import { MessagePreview } from './message-preview.js';
import { Notice, Problem } from './notice.js';

const fields = () => [
  {
    name: 'role', label: 'Everybody with the role', type: 'select',
    options: [{ value: '', label: 'No role' }, ...roles().map(([value]) => ({ value, label: words(value) }))],
  },
  { name: 'contestants', label: 'Those who take part, at their contact address', type: 'checkbox' },
  {
    name: 'language', label: 'Language', type: 'select',
    options: [{ value: '', label: 'As set for the organisation' }, { value: 'en', label: 'English' },
      { value: 'de', label: 'German' }],
  },
];

/** @param {{path: string, contestId: string}} props `path` of the category or contest whose results are sent */
export function MailResults({ path, contestId }) {
  const [open, setOpen] = useState(false);
  if (!can('messages.write')) return null;
  return html`
    <${Button} icon="send" onClick=${() => setOpen(true)}>Send by mail…<//>
    ${open && html`<${MailDialog} path=${path} contestId=${contestId} onClose=${() => setOpen(false)} />`}`;
}

function MailDialog({ path, contestId, onClose }) {
  const [values, setValues] = useState({ role: '', contestants: false, language: '' });
  const [rehearsal, setRehearsal] = useState(null);
  const [sent, setSent] = useState(null);
  const { attempt, busy, error } = useAttempt(() => {});
  const ask = async (dryRun) => {
    const { role, language } = values;
    const entries = values.contestants ? await getAll(`/contests/${contestId}/entries`) : [];
    const to = { ...(role && { role }), contestants: entries.map((entry) => entry.contestantId) };
    return post(`${path}/results/mail`, { to, dryRun, ...(language && { language }) });
  };
  const rehearse = attempt(async () => setRehearsal(await ask(true)));
  const send = attempt(async () => setSent(await ask(false)));
  if (sent) {
    return html`
      <${Dialog} title="Send the results by mail" onClose=${onClose}
        footer=${html`<${Button} kind="primary" onClick=${onClose}>Done<//>`}>
        <${Notice} tone="success" role="status" title="${count(sent.deliveries.length, 'mail')} on the way">
          <${LeftOut} of=${sent} />
          ${can('deliveries.read') && html`<p><a href="#/deliveries?service=email" onClick=${onClose}>What becomes of
            them</a></p>`}<//>
      <//>`;
  }
  if (rehearsal) {
    const { recipients, look } = rehearsal;
    return html`
      <${Dialog} title="Send the results by mail" wide onClose=${onClose} onSubmit=${send} footer=${html`
        <${Button} onClick=${() => setRehearsal(null)}>Back<//>
        <${Button} kind="primary" icon="send" type="submit" busy=${busy} disabled=${recipients.length === 0}>
          Send ${count(recipients.length, 'mail')}<//>`}>
        <${Problem} error=${error} />
        <p>${recipients.length === 0 ? 'Nobody would get them.' : html`To <strong>${list(recipients)}</strong>.`}</p>
        <${LeftOut} of=${rehearsal} />
        <${MessagePreview} look=${look} />
      <//>`;
  }
  return html`
    <${Dialog} title="Send the results by mail" onClose=${onClose} onSubmit=${rehearse} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="primary" type="submit" busy=${busy} disabled=${!values.role && !values.contestants}>
        Show how it looks<//>`}>
      <p>The places as they are now. Marks that can still come or change are told.</p>
      <${Problem} error=${error} />
      <${Fields} fields=${fields()} values=${values} onChange=${setValues} faults=${[]} />
    <//>`;
}

/** Those whom nothing is sent, and why. */
function LeftOut({ of: { unreachable, suppressed } }) {
  return html`
    ${unreachable.length > 0 && html`<p>Without an address: ${list(unreachable)}.</p>`}
    ${suppressed.length > 0 && html`<p>Get no more mail: ${list(suppressed)}.</p>`}`;
}
