/** The dialog that restores from the trash: it rehearses first and shows what would become of each thing. */
import { html, useEffect, useState } from '../lib/view.js';
import { capitalised } from '../lib/format.js';
import { announce, make, rehearse } from '../lib/jobs.js';
import { decided, outcomesOf } from '../lib/rehearsal.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { Loaded, Problem } from './notice.js';
import { Outcomes } from './outcomes.js';
import { PlacesAtStake } from './places-at-stake.js';

const ancestorsField = {
  name: 'ancestors', type: 'checkbox', label: 'Together with whatever must come back first',
};

/**
 * @param {{items: object[], together?: boolean, onDone: () => void, onClose: () => void}} props lines of the trash,
 * newest first, so that what hangs on something else comes after it; `together`: with what they hang on
 */
export function RestoreDialog({ items, together = false, onDone, onClose }) {
  const [ancestors, setAncestors] = useState(together);
  const [state, setState] = useState({});
  const [round, setRound] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  useEffect(() => {
    let current = true;
    setState({});
    const versions = items.map(({ version }) => version);
    rehearse('/trash/restore', { versions, withAncestors: ancestors }).then(
      ([plain, confirmed]) => current && setState({ data: outcomesOf(plain, confirmed) }),
      (failure) => current && setState({ error: failure }),
    );
    return () => {
      current = false;
    };
  }, [ancestors, round]);

  const plan = state.data && decided(items, state.data);
  const blocked = together || ancestors || state.data?.some(({ problem }) => problem?.code === 'parent_deleted');
  const run = async () => {
    if (busy || !plan || plan.possible.length === 0) return;
    setBusy(true);
    setError(null);
    try {
      const versions = plan.possible.map(({ version }) => version);
      const job = await make('/trash/restore', { versions, withAncestors: ancestors, confirm: plan.confirm });
      const said = versions.length === 1 ? `“${plan.possible[0].name}” is back.` : `${versions.length} things are back.`;
      announce(said, job, onDone);
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  const label = () => {
    if (!plan) return 'Restore';
    const what = plan.impossible > 0 && plan.possible.length > 0 ? `the ${plan.possible.length} that can come back`
      : items.length > 1 ? `all ${items.length}` : '';
    return `Restore ${what}${plan.confirm ? ' anyway' : ''}`.trim();
  };
  const lines = items.map(({ version, name, kind, blockedBy }) => ({
    key: version, name: capitalised(name), kind, first: blockedBy,
  }));
  const single = items.length === 1 && state.data?.[0];
  return html`
    <${Dialog} title=${items.length === 1 ? `Restore “${items[0].name}”?` : `Restore ${items.length} things?`} wide
      onClose=${onClose} onSubmit=${run} footer=${html`
        <${Button} onClick=${onClose}>Cancel<//>
        <${Button} kind="primary" icon="rotate-ccw" type="submit" busy=${busy}
          disabled=${!plan || plan.possible.length === 0}>${label()}<//>`}>
      <${Problem} error=${error} onRetry=${() => { setError(null); setRound(round + 1); }} />
      <${Loaded} state=${{ ...state, reload: () => setRound(round + 1) }}>${(outcomes) => html`
        <p role="status">${verdict(plan, items.length)} Nothing has been restored yet.</p>
        <${Outcomes} lines=${lines} outcomes=${outcomes} fine="Comes back as it was."
          atStake="Sheets would lack a mark" />
        ${single?.needsConfirmation && html`<${PlacesAtStake} changes=${single.changes}
          title="Submitted sheets would lack a mark for it" when="With it" />`}`}<//>
      ${blocked && html`<${Field} field=${ancestorsField} value=${ancestors} onChange=${setAncestors} />`}
    <//>`;
}

function verdict({ possible, impossible }, total) {
  if (impossible === 0) return total === 1 ? 'It can come back.' : `All ${total} can come back.`;
  if (possible.length === 0) return total === 1 ? 'It cannot come back as things are.' : 'None can come back as things are.';
  return `${possible.length} of ${total} can come back; the others stay in the trash.`;
}
