/** Results by mail: to everybody with a role, or to those who take part. */
import { html, useState } from '../lib/view.js';
import { getAll, post } from '../lib/api.js';
import { useAttempt } from '../lib/attempt.js';
import { count, list } from '../lib/format.js';
import { roles } from '../lib/roles.js';
import { can } from '../lib/session.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Fields } from './field.js';
import { Notice, Problem } from './notice.js';

const fields = () => [
  {
    name: 'role', label: 'Everybody with the role', type: 'select',
    options: [{ value: '', label: 'No role' }, ...roles().map(([value]) => ({ value, label: value }))],
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
  const [sent, setSent] = useState(null);
  const { attempt, busy, error } = useAttempt(() => {});
  const send = attempt(async () => {
    const { role, language } = values;
    const entries = values.contestants ? await getAll(`/contests/${contestId}/entries`) : [];
    const to = { ...(role && { role }), contestants: entries.map((entry) => entry.contestantId) };
    setSent(await post(`${path}/results/mail`, { to, ...(language && { language }) }));
  });
  const nobody = !values.role && !values.contestants;
  const footer = sent ? html`<${Button} kind="primary" onClick=${onClose}>Done<//>` : html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind="primary" icon="send" type="submit" busy=${busy} disabled=${nobody}>Send<//>`;
  return html`
    <${Dialog} title="Send the results by mail" onClose=${onClose} onSubmit=${send} footer=${footer}>
      ${sent ? html`
        <${Notice} tone="success" role="status" title="${count(sent.deliveries.length, 'mail')} on the way">
          ${sent.unreachable.length > 0 && html`<p>Without an address: ${list(sent.unreachable)}.</p>`}
          ${sent.suppressed.length > 0 && html`<p>Get no more mail: ${list(sent.suppressed)}.</p>`}<//>`
        : html`
        <p>The places as they are now. Marks that can still come or change are told.</p>
        <${Problem} error=${error} />
        <${Fields} fields=${fields()} values=${values} onChange=${setValues} faults=${[]} />`}
    <//>`;
}
