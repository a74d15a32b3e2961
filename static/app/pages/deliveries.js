/** What leaves the box: every delivery with how far it is, the dead letters, and sending them once more. */
import { html, useState } from '../lib/view.js';
import { turnsDeliveries } from '../lib/concerns.js';
import { deliveryActs } from '../lib/delivery-acts.js';
import { carriers, lookAgainMs } from '../lib/delivery-words.js';
import { formatAgo, formatDateTime, formatExact } from '../lib/format.js';
import { useLists, usePages } from '../lib/resource.js';
import { place } from '../lib/router.js';
import { can } from '../lib/session.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { Button, IconButton } from '../components/button.js';
import { Correlation } from '../components/correlation.js';
import { DeliveryBadges } from '../components/delivery-badges.js';
import { DeliveryFilter } from '../components/delivery-filter.js';
import { ExportMenu } from '../components/export-menu.js';
import { Empty, Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { ReplayDialog } from '../components/replay-dialog.js';
import { Table } from '../components/table.js';

/** As many as come at first; a list that has grown stays as it is. */
const firstPage = 50;

export function DeliveriesPage() {
  const { query } = place.value;
  const list = usePages(`/deliveries${query.size > 0 ? `?${query}` : ''}`, { on: turnsDeliveries });
  const items = list.data ?? [];
  useRefreshing(list, items.length > firstPage ? null : lookAgainMs(items));
  const hooks = useLists(can('hooks.read') ? ['/webhooks', '/actions'] : null);
  const known = hooks.data?.flat() ?? [];
  const [replaying, setReplaying] = useState(false);
  const nameOf = (id) => known.find((hook) => hook.id === id)?.name;
  const done = () => {
    setReplaying(false);
    list.reload();
  };
  const actions = html`
    <${Button} icon="refresh-cw" onClick=${list.reload}>Refresh<//>
    <${ExportMenu} what="deliveries" path="/deliveries/export" query=${query} needs="deliveries.read" />
    ${can('deliveries.manage') && html`<${Button} icon="send" onClick=${() => setReplaying(true)}>
      Send dead letters once more…<//>`}`;
  return html`
    <${Page} title="Deliveries" actions=${actions} intro=${html`<p>What leaves this server for webhooks and actions, with
      every attempt. What cannot be delivered becomes a dead letter, which can be sent once more.</p>`}>
      <${DeliveryFilter} query=${query} hooks=${known} />
      <${Loaded} state=${list}>${(shown) => (shown.length === 0 && !list.loadMore
        ? html`<${Empty} icon="send" title=${query.size > 0 ? 'No delivery is like that' : 'Nothing has left yet'}>
            ${query.size > 0 ? 'Others there may be: see them with another choice above.'
              : 'What webhooks and actions are told appears here.'}<//>`
        : html`<${Deliveries} items=${shown} nameOf=${nameOf} onChanged=${list.reload} />
          ${list.loadMore && html`<div class="load-more"><${Button} onClick=${list.loadMore}>Show more<//></div>`}`)}<//>
      ${replaying && html`<${ReplayDialog} ...${narrowed(query, nameOf)} onDone=${done}
        onClose=${() => setReplaying(false)} />`}
    <//>`;
}

/** What the choices on the page leave of the dead letters, and how that is said. */
function narrowed(query, nameOf) {
  const [service, hook] = [query.get('service'), query.get('hook')];
  const of = carriers.find(({ value }) => value === service)?.label.toLowerCase();
  return {
    filter: { ...(service && { service }), ...(hook && { hook }) },
    within: `${of ? ` of ${of}` : ''}${hook ? ` for “${nameOf(hook) ?? 'one that is not there'}”` : ''}`,
  };
}

function Deliveries({ items, nameOf, onChanged }) {
  const acts = (delivery) => {
    const { stop, again } = deliveryActs(delivery, onChanged);
    const what = `${delivery.title} for ${nameOf(delivery.hook) ?? delivery.queue}`;
    return html`
      ${stop && html`<${IconButton} icon="ban" label="Stop ${what}" onClick=${stop} />`}
      ${again && html`<${IconButton} icon="send" label="Send once more: ${what}" onClick=${again} />`}`;
  };
  const columns = [
    { label: 'What', kind: 'main', cell: ({ id, title, queue, hook, recipient }) => html`
      <a href="#/deliveries/${id}">${title}</a><small>${nameOf(hook) && `${nameOf(hook)} · `}${
        recipient ? `${recipient.name} · ${recipient.address}` : queue}</small>` },
    { label: 'State', cell: (delivery) => html`<${DeliveryBadges} delivery=${delivery} />` },
    { label: 'Attempts', kind: 'number', cell: ({ attemptsMade }) => attemptsMade },
    { label: 'When', cell: ({ createdAt }) => html`
      <time datetime=${createdAt} title=${`${formatExact(createdAt)}, ${formatAgo(createdAt)}`}>
        ${formatDateTime(createdAt)}</time>` },
    { label: 'Belongs to', cell: ({ correlationId }) => html`
      <${Correlation} id=${correlationId} />` },
    can('deliveries.manage') && { label: 'Actions', kind: 'row-actions', cell: acts },
  ].filter(Boolean);
  return html`<${Table} caption="Deliveries, newest first" columns=${columns} rows=${items} />`;
}
