/** All events of the tenant: the first page. */
import { html, useState } from '../lib/view.js';
import { formatSpan } from '../lib/format.js';
import { go } from '../lib/router.js';
import { can, tenantWide } from '../lib/session.js';
import { useArchivable } from '../components/archived-filter.js';
import { StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { Icon } from '../components/icon.js';
import { NewEventDialog } from '../components/new-event-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';

export function EventsPage() {
  const events = useArchivable('/events');
  const [creating, setCreating] = useState(false);
  const create = can('events.manage') && tenantWide.value && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New event<//>`;
  return html`
    <${Page} title="Events" actions=${events.data?.length > 0 && create}>
      ${events.filter}
      <${Loaded} state=${events}>${(items) => (items.length === 0
        ? events.none || html`<${Empty} icon="calendar-days" title="No events yet" action=${create}>
            An event holds contests, a contest holds categories, and judges score categories.
            ${create ? ' Begin with the event: a name is enough.' : ' Events that you may see appear here.'}<//>`
        : html`<ul class="cards">${items.map((event) => html`<${EventCard} key=${event.id} event=${event} />`)}
          </ul>`)}<//>
      ${creating && html`<${NewEventDialog} onClose=${() => setCreating(false)}
        onDone=${({ id }) => go(`/events/${id}`)} />`}
    <//>`;
}

function EventCard({ event }) {
  const span = formatSpan(event);
  return html`
    <li class="card">
      <h2><a class="card-link" href="#/events/${event.id}">${event.name}</a></h2>
      <div class="badges"><${StateBadges} of=${event} /></div>
      ${event.description && html`<p class="clamp">${event.description}</p>`}
      <p class="facts">
        ${span && html`<span><${Icon} name="clock" size="s" />${span}</span>`}
        ${event.location && html`<span><${Icon} name="map-pin" size="s" />${event.location}</span>`}
      </p>
    </li>`;
}
