/** One seat of a panel: whether a judge sits in it, heads the panel, has left, or has a conflict of interest. */
import { html } from '../lib/view.js';
import { list } from '../lib/format.js';
import { Badge } from './badge.js';
import { IconButton } from './button.js';

const left = { ended: 'Has left', absent: 'Did not come' };

/**
 * @param {{judge: {name: string}, category: {name: string}, seat: {sits: boolean, heads: boolean, assignment?: object},
 *   conflicts: string[], named?: boolean, changed: boolean, fixed: boolean, onToggle: () => void, onHead: () => void}} props
 * `named`: the judge's name stands beside the box
 */
export function PanelSeat({ judge, category, seat, conflicts, named = false, changed, fixed, onToggle, onHead }) {
  const { sits, heads, assignment } = seat;
  const status = sits && left[assignment?.status];
  return html`
    <div class="seat ${changed ? 'changed' : ''}">
      <label class="check"><input type="checkbox" checked=${sits} disabled=${fixed} onChange=${onToggle} />
        <span class=${named ? '' : 'visually-hidden'}>${judge.name}
          <span class="visually-hidden">${` judges ${category.name}`}</span></span></label>
      ${sits && !fixed && html`<${IconButton} icon="gavel" label="${judge.name} heads the panel of ${category.name}"
        kind=${heads ? 'heads' : 'quiet'} aria-pressed=${heads ? 'true' : 'false'} onClick=${onHead} />`}
      ${heads && html`<${Badge} tone="accent">Head<//>`}
      ${status && html`<${Badge}>${status}<//>`}
      ${conflicts.length > 0 && html`<${Badge} tone="warning" icon="triangle-alert"
        title="Conflict of interest with ${list(conflicts)}">Conflict
        <span class="visually-hidden">${` with ${list(conflicts)}`}</span><//>`}
    </div>`;
}
