/** One event and its contests. */
import { html, useState } from '../lib/view.js';
import { formatSpan } from '../lib/format.js';
import { freezer } from '../lib/frozen.js';
import { useResource } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { useArchivable } from '../components/archived-filter.js';
import { StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { FrozenNotice } from '../components/frozen-notice.js';
import { Icon } from '../components/icon.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page, Section } from '../components/page.js';
import { ResourceActions } from '../components/resource-actions.js';
import { UnlockRequest } from '../components/unlock-request.js';

export function EventPage({ id }) {
  const event = useResource(`/events/${id}`, { on: (change) => change.id === id });
  return html`<${Loaded} state=${event}>${(data) => html`<${Event} event=${data} reload=${event.reload} />`}<//>`;
}

function Event({ event, reload }) {
  const contests = useArchivable(`/events/${event.id}/contests`);
  const [creating, setCreating] = useState(false);
  const frozen = freezer(['event', event]);
  const span = formatSpan(event);
  const create = can('events.manage') && !frozen && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New contest<//>`;
  const intro = html`
    ${event.description && html`<p>${event.description}</p>`}
    <p class="facts">
      ${span && html`<span><${Icon} name="clock" size="s" />${span}</span>`}
      ${event.location && html`<span><${Icon} name="map-pin" size="s" />${event.location}</span>`}
    </p>`;
  return html`
    <${Page} title=${event.name} badges=${html`<${StateBadges} of=${event} />`} intro=${intro}
      crumbs=${[{ label: 'Events', href: '#/' }]}
      actions=${html`<${ResourceActions} kind="event" resource=${event} onChanged=${reload} frozen=${frozen}
        onDeleted=${() => go('/')} />`}>
      <${FrozenNotice} by=${frozen} />
      <${UnlockRequest} kind="event" resource=${event} onChanged=${reload} />
      <${Section} title="Contests" actions=${contests.data?.length > 0 && html`
        ${can('sheets.read') && html`<${Button} icon="list-checks" href="#/events/${event.id}/progress">
          Progress of the night<//>`}
        ${can('results.read') && html`<${Button} icon="trophy" href="#/events/${event.id}/winners">Winners<//>`}${create}`}>
        ${contests.filter}
        <${Loaded} state=${contests}>${(items) => (items.length === 0
          ? contests.none || html`<${Empty} icon="trophy" title="No contests yet" action=${create}>
              A contest gathers those who compete with one another: a division, an age group, a discipline.<//>`
          : html`<ul class="cards">${items.map((contest) => html`
              <li class="card" key=${contest.id}>
                <h3><a class="card-link" href="#/contests/${contest.id}">${contest.name}</a></h3>
                <div class="badges"><${StateBadges} of=${contest} /></div>
                ${contest.description && html`<p class="clamp">${contest.description}</p>`}
              </li>`)}</ul>`)}<//>
      <//>
      ${creating && html`<${EditorDialog} kind="contest" parentId=${event.id} onClose=${() => setCreating(false)}
        onDone=${({ id }) => go(`/contests/${id}`)} />`}
    <//>`;
}
