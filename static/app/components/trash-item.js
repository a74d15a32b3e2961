/** One thing in the trash: who deleted it, when and why, what hangs below, what stands in the way, the way back. */
import { html, useState } from '../lib/view.js';
import { get } from '../lib/api.js';
import { capitalised, formatAgo, formatDateTime, formatExact, words } from '../lib/format.js';
import { belowInWords } from '../lib/kinds.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Correlation } from './correlation.js';
import { Notice, Problem } from './notice.js';
import { Obstacle } from './obstacle.js';
import { RequestId } from './request-id.js';
import { SelectBox } from './select-box.js';

/**
 * @param {{item: object, chosen: boolean, onToggle: (through: boolean) => void, onPurge: () => void,
 *   onRestore: (together: boolean) => void}} props `together`: with what must come back first
 */
export function TrashItem({ item, chosen, onToggle, onRestore, onPurge }) {
  const { obstacle, superseded } = item;
  // To confirm something is no obstacle: the dialog asks.
  const inTheWay = obstacle && obstacle.code !== 'confirmation_required' ? obstacle : null;
  return html`
    <li class="record ${chosen ? 'chosen' : ''}">
      <div class="record-head">
        <${SelectBox} label="Select ${item.name}" checked=${chosen} onToggle=${onToggle} />
        <h2>${capitalised(item.name)}</h2><${Badge}>${words(item.kind)}<//>
        <div class="actions">
          ${can('deleted.purge') && html`<${Button} kind="danger-quiet" icon="trash-2" onClick=${onPurge}
            aria-label="Destroy ${item.name} for good">Destroy<//>`}
          <${Button} icon="rotate-ccw" disabled=${!item.restorable} onClick=${() => onRestore(false)}
            aria-label="Restore ${item.name}">Restore<//>
        </div>
      </div>
      <dl class="record-facts">
        <div><dt>Deleted</dt><dd><time datetime=${item.deletedAt} title=${formatExact(item.deletedAt)}>
          ${formatDateTime(item.deletedAt)}</time> (${formatAgo(item.deletedAt)})
          by ${item.deletedBy?.name ?? words(item.deletedBy?.type ?? 'unknown')}
        </dd></div>
        <div><dt>Reason</dt><dd>${item.reason || html`<span class="muted">none given</span>`}</dd></div>
        <div><dt>Request</dt><dd><${RequestId} id=${item.requestId} /></dd></div>
        <div><dt>Belongs to</dt><dd><${Correlation} id=${item.correlationId} /></dd></div>
      </dl>
      ${superseded ? html`<${Notice} tone="warning" title=${supersededBy[superseded].title}>
          <p>${supersededBy[superseded].advice}</p><//>`
        : inTheWay && html`<${Obstacle} obstacle=${inTheWay} kind=${item.kind} first=${item.blockedBy}
          onAncestors=${() => onRestore(true)} />`}
      <${Below} version=${item.version} />
    </li>`;
}

/** Why a sheet or mark stays in the trash. */
const supersededBy = {
  byLive: { title: 'A newer one has taken its place', advice: 'To bring this one back, delete the newer one first.' },
  byDeleted: {
    title: 'One that was given later is in the trash, too', advice: 'That one comes back first; select both to do it at once.',
  },
};

/** What hangs below a deleted thing, counted when asked. */
function Below({ version }) {
  const [state, setState] = useState(null);
  const load = async (event) => {
    if (!event.currentTarget.open || state) return;
    try {
      setState({ data: await get(`/trash/${version}/below`) });
    } catch (error) {
      setState({ error });
    }
  };
  const told = (data) => (belowInWords(data) ? `${belowInWords(data)}. All of it comes back with it.`
    : 'Nothing hangs below it.');
  return html`
    <details class="disclosure" onToggle=${load}>
      <summary>What hangs below</summary>
      ${state?.error && html`<${Problem} error=${state.error} />`}
      <p role="status">${state?.data ? told(state.data) : !state && 'Counting…'}</p>
    </details>`;
}
