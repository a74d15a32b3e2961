/** The panels of a contest: who judges which of its categories, changed together, all or none. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { count } from '../lib/format.js';
import { freezer } from '../lib/frozen.js';
import { ended, toastUndoable } from '../lib/job.js';
import { conflictsIn, headed, onlyConfirms, operationsOf, planned, seatOf, seated, toggled } from '../lib/panels.js';
import { useList, useLists } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { Empty, Loaded, Notice, Problem } from '../components/notice.js';
import { PanelBoard } from '../components/panel-board.js';
import { PanelSeat } from '../components/panel-seat.js';
import { SearchField, matching } from '../components/search.js';

/** From so many judges on, finding one needs help. */
const many = 12;

export function ContestJudges({ contest, event }) {
  const categories = useList(`/contests/${contest.id}/categories`);
  const listed = categories.data?.filter(({ entrants }) => entrants === 'listed');
  const assignments = useLists(categories.data?.map(({ id }) => `/categories/${id}/assignments`) ?? null);
  const entrants = useLists(listed?.map(({ id }) => `/categories/${id}/entrants`) ?? null);
  const register = useLists([
    '/judges', `/contests/${contest.id}/entries`, ...(can('conflicts.read') ? ['/conflicts'] : []),
  ]);
  const states = [categories, assignments, entrants, register];
  const reload = () => states.forEach((each) => each.reload());
  const [judges, entries, conflicts = []] = register.data ?? [];
  const all = {
    data: states.every(({ data }) => data !== undefined) || undefined,
    error: states.find(({ error }) => error)?.error ?? null, reload,
  };
  const lists = () => new Map(listed.map(({ id }, index) => [id, entrants.data[index]]));
  return html`<${Loaded} state=${all}>${() => (categories.data.length === 0
    ? html`<${Empty} icon="layers" title="No categories yet"
        action=${html`<${Button} kind="primary" href="#/contests/${contest.id}">Go to the categories<//>`}>
        Judges judge categories, so those come first.<//>`
    : judges.length === 0
      ? html`<${Empty} icon="gavel" title="No judges yet"
          action=${html`<${Button} kind="primary" href="#/judges">Go to the register of judges<//>`}>
          Judges are kept in one register for all events. Put them there, then seat them here.<//>`
      : html`<${Panels} judges=${judges} categories=${categories.data} stored=${seated(assignments.data)}
          conflictsOf=${(judge, category) => conflictsIn(conflicts, judge.id, category, entries, lists())}
          frozenBy=${(category) => freezer(['event', event], ['contest', contest], ['category', category])}
          reload=${assignments.reload} />`)}<//>`;
}

function Panels({ judges, categories, stored, conflictsOf, frozenBy, reload }) {
  const [draft, setDraft] = useState(new Map());
  const [search, setSearch] = useState('');
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const manage = can('events.manage') && can('bulk.run');
  const operations = operationsOf(stored, draft);
  const confirms = error && onlyConfirms(error);
  const change = (next) => {
    setDraft(next);
    setError(null);
  };
  const save = async () => {
    if (busy || operations.length === 0) return;
    setBusy(true);
    try {
      const answer = await post('/bulk', { name: 'judges of a contest', operations, confirm: Boolean(confirms) });
      const job = answer.results ? answer.job : await ended(answer);
      toastUndoable(`${count(operations.length, 'change')} saved.`, job, reload);
      change(new Map());
      reload();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const seat = (judge, category, named) => {
    const key = seatOf(judge.id, category.id);
    return html`<${PanelSeat} judge=${judge} category=${category} seat=${{ ...stored.get(key), ...planned(stored, draft, key) }}
      conflicts=${conflictsOf(judge, category)} named=${named} changed=${draft.has(key)}
      fixed=${!manage || Boolean(frozenBy(category))} onToggle=${() => change(toggled(stored, draft, key))}
      onHead=${() => change(headed(stored, draft, key))} />`;
  };
  return html`
    ${confirms ? html`<${Notice} tone="warning" role="alert" title="Some of these judges have given marks">
        <p>Their sheets go out of sight together with their seats. If they only leave early, edit their status in the
          category instead: marks given then stay.</p><//>`
      : html`<${Problem} error=${error}>${error && html`<p>Nothing was changed. What you chose is still here.</p>`}<//>`}
    ${judges.length > many && html`<${SearchField} label="Find a judge" value=${search} onChange=${setSearch} />`}
    <${PanelBoard} judges=${matching(judges, search)} categories=${categories} seat=${seat} />
    ${manage && html`<div class="draft-bar ${operations.length > 0 ? 'pending' : ''}">
      <span role="status">${operations.length > 0 ? `${count(operations.length, 'change')} not saved yet`
        : 'Tick who judges what; the gavel makes somebody head of a panel.'}</span>
      ${operations.length > 0 && html`<div class="actions">
        <${Button} disabled=${busy} onClick=${() => change(new Map())}>Discard<//>
        <${Button} kind="primary" busy=${busy} onClick=${save}>${confirms ? 'Save anyway' : 'Save changes'}<//></div>`}
    </div>`}`;
}
