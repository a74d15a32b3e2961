/** One contest: its categories, its entries, the results of all categories. */
import { html, useState } from '../lib/view.js';
import { count } from '../lib/format.js';
import { freezer } from '../lib/frozen.js';
import { useResource } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { methods } from '../lib/methods.js';
import { useArchivable } from '../components/archived-filter.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { FrozenNotice } from '../components/frozen-notice.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Readiness } from '../components/readiness.js';
import { ResourceActions } from '../components/resource-actions.js';
import { Tabs } from '../components/tabs.js';
import { UnlockRequest } from '../components/unlock-request.js';
import { ContestEntries } from './contest-entries.js';
import { ContestInvitations } from './contest-invitations.js';
import { ContestJudges } from './contest-judges.js';
import { ContestResults } from './contest-results.js';

export function ContestPage({ id, tab = 'categories' }) {
  const contest = useResource(`/contests/${id}`, { on: (change) => change.id === id });
  return html`<${Loaded} state=${contest}>${(data) => html`
    <${Contest} contest=${data} tab=${tab} reload=${contest.reload} />`}<//>`;
}

function Contest({ contest, tab, reload }) {
  const event = useResource(`/events/${contest.eventId}`);
  const frozen = freezer(['event', event.data], ['contest', contest]);
  const base = `#/contests/${contest.id}`;
  const tabs = [
    { key: 'categories', label: 'Categories', href: base },
    { key: 'entries', label: 'Entries', href: `${base}/entries` },
    can('judgeLinks.release') && { key: 'invitations', label: 'Invitations', href: `${base}/invitations` },
    can('assignments.read') && can('people.read') && { key: 'judges', label: 'Judges', href: `${base}/judges` },
    can('results.read') && { key: 'results', label: 'Results', href: `${base}/results` },
  ].filter(Boolean);
  const current = tabs.find(({ key }) => key === tab)?.key ?? 'categories';
  const eventHref = `/events/${contest.eventId}`;
  return html`
    <${Page} title=${contest.name} badges=${html`<${StateBadges} of=${contest} />`}
      intro=${contest.description && html`<p>${contest.description}</p>`}
      crumbs=${[{ label: 'Events', href: '#/' }, { label: event.data?.name ?? 'Event', href: `#${eventHref}` }]}
      actions=${html`<${ResourceActions} kind="contest" resource=${contest} onChanged=${reload} frozen=${frozen}
        onDeleted=${() => go(eventHref)} />`}>
      <${Tabs} label="Parts of the contest" tabs=${tabs} current=${current} />
      <${FrozenNotice} by=${frozen} />
      <${UnlockRequest} kind="contest" resource=${contest} onChanged=${reload} />
      ${can('assignments.read') && html`<${Readiness} contest=${contest} />`}
      ${current === 'entries' ? html`<${ContestEntries} contest=${contest} event=${event.data} frozen=${Boolean(frozen)} />`
        : current === 'judges' ? html`<${ContestJudges} contest=${contest} event=${event.data} />`
        : current === 'results' ? html`<${ContestResults} contest=${contest} />`
        : current === 'invitations' ? html`<${ContestInvitations} contest=${contest} event=${event.data} />`
          : html`<${Categories} contest=${contest} frozen=${Boolean(frozen)} />`}
    <//>`;
}

function Categories({ contest, frozen }) {
  const categories = useArchivable(`/contests/${contest.id}/categories`);
  const results = useResource(can('results.read') ? `/contests/${contest.id}/results` : null, { refreshMs: 15_000 });
  const [creating, setCreating] = useState(false);
  const create = can('events.manage') && !frozen && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New category<//>`;
  return html`
    ${categories.data?.length > 0 && html`<div class="toolbar">${create}</div>`}
    ${categories.filter}
    <${Loaded} state=${categories}>${(items) => (items.length === 0
      ? categories.none || html`<${Empty} icon="layers" title="No categories yet" action=${create}>
          A category is what judges score together: talent, interview, evening wear. It has its own criteria, judges
          and results.<//>`
      : html`<ul class="cards">${items.map((category) => html`
          <li class="card" key=${category.id}>
            <h2><a class="card-link" href="#/categories/${category.id}">${category.name}</a></h2>
            <div class="badges"><${StateBadges} of=${category} />
              <${Progress} result=${results.data?.items.find((result) => result.category.id === category.id)} /></div>
            ${category.description && html`<p class="clamp">${category.description}</p>`}
            <p class="facts"><span>${methods[category.method.type]?.label ?? category.method.type}</span>
              <span>${category.entrants === 'all' ? 'All entries' : 'Listed entries'}</span></p>
          </li>`)}</ul>`)}<//>
    ${creating && html`<${EditorDialog} kind="category" parentId=${contest.id} onClose=${() => setCreating(false)}
      onDone=${({ id }) => go(`/categories/${id}`)} />`}`;
}

/** How many sheets of a category are in. */
function Progress({ result }) {
  if (!result?.sheetsExpected) return null;
  const { sheetsExpected: expected, sheetsSubmitted: submitted } = result;
  return submitted >= expected ? html`<${Badge} tone="success" icon="check">All ${count(expected, 'sheet')} in<//>`
    : html`<${Badge} tone="warning" icon="clock">${submitted} of ${count(expected, 'sheet')}<//>`;
}
