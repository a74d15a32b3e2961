/** The dialog that closes up the numbers of a contest: it shows what changes before anything does. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { count } from '../lib/format.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Notice, Problem } from './notice.js';

/** @param {{contest: {id: string}, onDone: () => void, onClose: () => void}} props */
export function RenumberDialog({ contest, onDone, onClose }) {
  const path = `/contests/${contest.id}/renumber`;
  const [plan, setPlan] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    post(`${path}?dryRun=true`).then(setPlan, setError);
  }, [path]);
  const onSheets = error?.code === 'numbers_on_sheets';
  const run = async () => {
    if (busy || !plan?.changes.length) return;
    setBusy(true);
    try {
      const { changes } = await post(onSheets ? `${path}?confirm=true` : path);
      toast(`${count(changes.length, 'number')} changed.`);
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    ${plan?.changes.length > 0 && html`<${Button} kind="primary" type="submit" busy=${busy}>
      ${onSheets ? 'Change them anyway' : 'Change numbers'}<//>`}`;
  return html`
    <${Dialog} title="Close up numbers" onClose=${onClose} onSubmit=${run} footer=${footer}>
      ${onSheets ? html`<${Notice} tone="warning" role="alert" title="Judges have handed in sheets already">
          <p>Sheets stay with their entries. Tell the judges and everybody who wears a number.</p><//>`
        : html`<${Problem} error=${error} />`}
      ${!plan && !error && html`<p>Loading…</p>`}
      ${plan && (plan.changes.length === 0 ? html`<p>The numbers have no gaps.</p>` : html`
        <ul class="rows">${plan.changes.map(({ entryId, contestantName, before, after }) => html`
          <li key=${entryId}><span>${contestantName}</span><span>${before ?? 'none'} → ${after}</span></li>`)}</ul>`)}
    <//>`;
}
