/** The dialog that deletes several things of a list at once: it rehearses first, and the whole can be taken back. */
import { html, useEffect, useState } from '../lib/view.js';
import { announce, make, rehearse } from '../lib/jobs.js';
import { counted } from '../lib/kinds.js';
import { labelOf } from '../lib/nouns.js';
import { decided, outcomesOf } from '../lib/rehearsal.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { reasonField } from './delete-dialog.js';
import { Field } from './field.js';
import { Loaded, Notice, Problem } from './notice.js';
import { Outcomes } from './outcomes.js';

/**
 * @param {{kind: string, items: object[], consequence: string, onDone: () => void, onChanged: () => void,
 *   onClose: () => void}} props `onDone`: they are deleted; `onChanged`: that was taken back later
 */
export function DeleteManyDialog({ kind, items, consequence, onDone, onChanged, onClose }) {
  const [reason, setReason] = useState('');
  const [state, setState] = useState({});
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const operations = (of) => of.map(({ id }) => ({
    op: 'delete', type: kind, id, ...(reason.trim() && { reason: reason.trim() }),
  }));
  useEffect(() => {
    let current = true;
    setState({});
    rehearse('/bulk', { operations: operations(items) }).then(
      ([plain, confirmed]) => current && setState({ data: outcomesOf(plain, confirmed) }),
      (failure) => current && setState({ error: failure }),
    );
    return () => {
      current = false;
    };
  }, [round]);

  const plan = state.data && decided(items, state.data);
  const run = async () => {
    if (busy || !plan || plan.possible.length === 0) return;
    setBusy(true);
    setError(null);
    try {
      const what = counted(plan.possible.length, kind);
      const job = await make('/bulk', {
        name: `Delete ${what}`, operations: operations(plan.possible), confirm: plan.confirm,
      });
      announce(`${what} ${plan.possible.length === 1 ? 'is' : 'are'} in the trash.`, job, onChanged);
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  const label = () => {
    if (!plan || plan.impossible === 0) return `Delete ${counted(items.length, kind)}${plan?.confirm ? ' anyway' : ''}`;
    return plan.possible.length === 0 ? 'Delete' : `Delete the ${plan.possible.length} that can be`;
  };
  const lines = items.map((item) => ({ key: item.id, name: labelOf(kind, item), kind }));
  const atStake = state.data?.filter(({ needsConfirmation }) => needsConfirmation).length ?? 0;
  return html`
    <${Dialog} title="Delete ${counted(items.length, kind)}?" wide onClose=${onClose} onSubmit=${run} footer=${html`
      <${Button} onClick=${onClose}>Cancel<//>
      <${Button} kind="danger" icon="trash-2" type="submit" busy=${busy}
        disabled=${!plan || plan.possible.length === 0}>${label()}<//>`}>
      <${Problem} error=${error} onRetry=${() => { setError(null); setRound(round + 1); }} />
      <${Loaded} state=${{ ...state, reload: () => setRound(round + 1) }}>${(outcomes) => html`
        ${atStake > 0 && html`<${Notice} tone="warning" role="alert"
          title="Marks have been given under ${counted(atStake, kind)}">
          <p>They go out of sight. The lines below say where, and what each would change by itself.</p><//>`}
        ${plan.impossible > 0 && html`<${Notice} tone="danger" role="alert"
          title="${counted(plan.impossible, kind)} cannot be deleted as things are" />`}
        <${Outcomes} lines=${lines} outcomes=${outcomes} fine="Goes to the trash."
          atStake="Marks go out of sight" />`}<//>
      <p>${consequence} Undo brings back exactly what was there.</p>
      <${Field} field=${reasonField} value=${reason} onChange=${setReason} autofocus />
    <//>`;
}
