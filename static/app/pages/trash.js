/** What was deleted: by whom, when, why, what hangs below, and the way back. */
import { html, useState } from '../lib/view.js';
import { get, post } from '../lib/api.js';
import { turnsTrash } from '../lib/concerns.js';
import { capitalised, count, formatAgo, formatDateTime, formatExact, words } from '../lib/format.js';
import { usePages } from '../lib/resource.js';
import { go, place } from '../lib/router.js';
import { toast } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Copyable } from '../components/copy.js';
import { Field } from '../components/field.js';
import { Empty, Loaded, Notice, Problem } from '../components/notice.js';
import { Page } from '../components/page.js';
import { PlacesAtStake } from '../components/places-at-stake.js';

const kinds = ['event', 'contest', 'category', 'criterion', 'contestant', 'entry', 'entrant', 'judge', 'assignment',
  'deduction', 'sheet', 'mark', 'user', 'tenant'];
const kindField = {
  name: 'kind', label: 'Show', type: 'select', required: true,
  options: [{ value: '', label: 'Everything' }, ...kinds.map((kind) => ({ value: kind, label: plural(kind) }))],
};

export function TrashPage() {
  const kind = place.value.query.get('kind') ?? '';
  const trash = usePages(`/trash${kind && `?kind=${kind}`}`, { on: turnsTrash });
  return html`
    <${Page} title="Trash" intro=${html`<p>Nothing deleted is lost. Restoring brings back exactly what was there, with
      everything beneath it.</p>`}>
      <div class="toolbar filter"><${Field} field=${kindField} value=${kind}
        onChange=${(value) => go(value ? `/trash?kind=${value}` : '/trash', { replace: true })} />
        <${Button} icon="refresh-cw" onClick=${trash.reload}>Refresh<//></div>
      <${Loaded} state=${trash}>${(items) => (items.length === 0
        ? html`<${Empty} icon="trash-2" title=${kind ? 'Nothing of this kind is in the trash' : 'The trash is empty'}>
            What anybody deletes appears here, with who, when
            and why, ready to be restored.<//>`
        : html`
          <ul class="stack">${items.map((item) => html`
            <${TrashItem} key=${item.version} item=${item} onRestored=${trash.reload} />`)}</ul>
          ${trash.loadMore && html`<div class="load-more">
            <${Button} onClick=${trash.loadMore}>Show more<//></div>`}`)}<//>
    <//>`;
}

function TrashItem({ item, onRestored }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const atStake = error?.code === 'confirmation_required';
  const restore = async () => {
    setBusy(true);
    setError(null);
    try {
      await post(`${item.path}/restore${atStake ? '?confirm=true' : ''}`);
      toast(`“${item.name}” is back.`);
      onRestored();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`
    <li class="record">
      <div class="record-head">
        <h2>${capitalised(item.name)}</h2><${Badge}>${words(item.kind)}<//>
        <${Button} icon="rotate-ccw" busy=${busy} disabled=${!item.restorable} onClick=${restore}
          aria-label="Restore ${item.name}">${atStake ? 'Restore anyway' : 'Restore'}<//>
      </div>
      <dl class="record-facts">
        <div><dt>Deleted</dt><dd><time datetime=${item.deletedAt} title=${formatExact(item.deletedAt)}>
          ${formatDateTime(item.deletedAt)}</time> (${formatAgo(item.deletedAt)})
          by ${item.deletedBy?.name ?? words(item.deletedBy?.type ?? 'unknown')}
        </dd></div>
        <div><dt>Reason</dt><dd>${item.reason || html`<span class="muted">none given</span>`}</dd></div>
        <div><dt>Request</dt><dd><${Copyable} text=${item.requestId} label="request ID" /></dd></div>
      </dl>
      ${item.blockedBy && html`
        <${Notice} tone="warning" title="Restore the ${item.blockedBy.type} “${item.blockedBy.name}” first">
          <p>It is above this ${item.kind} and in the trash too.</p><//>`}
      ${item.superseded && html`<p class="muted">${supersededBy[item.superseded]}</p>`}
      ${atStake ? html`<${PlacesAtStake} changes=${error.problem.changes}
        title="Submitted sheets would lack a mark for it" when="With it" />`
        : html`<${Problem} error=${error}>${error && html`<p>${advice(error)}</p>`}<//>`}
      <${Below} version=${item.version} />
    </li>`;
}

/** Why a sheet or mark stays in the trash. */
const supersededBy = {
  byLive: 'A newer one has taken its place. To bring this one back, delete the newer one first.',
  byDeleted: 'One that was given later is in the trash, too, and comes back first.',
};

/** What to do about a restore that was refused. */
function advice({ status, code, problem }) {
  if (code === 'parent_deleted') return `Restore the ${problem.kind} it belongs to first.`;
  if (code === 'taken') return 'Something else has it now. Change that one, then restore this.';
  if (code.endsWith('_locked') || code === 'locked_beneath') return `Unlock the ${problem.kind ?? 'category'} first.`;
  if (code.endsWith('_archived')) return `Unarchive the ${problem.kind ?? 'category'} first.`;
  if (status === 410) return 'It is being purged and cannot come back.';
  return null;
}

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
  const counted = ({ counts, capped }) => (counts.length === 0
    ? 'Nothing hangs below it.'
    : `${counts.map((row) => count(row.count, row.kind, plural(row.kind).toLowerCase())).join(', ')}${
      capped ? ', and more' : ''}. All of it comes back with it.`);
  return html`
    <details class="disclosure" onToggle=${load}>
      <summary>What hangs below</summary>
      ${state?.error && html`<${Problem} error=${state.error} />`}
      <p role="status">${state?.data ? counted(state.data) : !state && 'Counting…'}</p>
    </details>`;
}

function plural(kind) {
  const irregular = { category: 'categories', entry: 'entries', criterion: 'criteria' };
  return words(irregular[kind] ?? `${kind}s`);
}
