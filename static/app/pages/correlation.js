/** All that came of a correlation ID, from the request that began it to the last delivery, as a tree in the order of time. */
import { html, useEffect, useState } from '../lib/view.js';
import { lookAgainAtChainMs, treeOf } from '../lib/chain.js';
import { turnsDeliveries, turnsJobs } from '../lib/concerns.js';
import { formatDateTime } from '../lib/format.js';
import { logPathOf } from '../lib/log-query.js';
import { usePages } from '../lib/resource.js';
import { go } from '../lib/router.js';
import { can } from '../lib/session.js';
import { useRefreshing } from '../lib/use-refreshing.js';
import { Button } from '../components/button.js';
import { Chain } from '../components/chain.js';
import { Copyable } from '../components/copy.js';
import { Field } from '../components/field.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Page } from '../components/page.js';

const field = { name: 'correlation', label: 'Correlation ID', type: 'text', required: true };

/** @param {{id?: string}} props */
export function CorrelationPage({ id }) {
  return html`
    <${Page} title="Correlations" intro=${html`<p>What came of a request: what it changed, the jobs it began, and all that
      left this server because of it, to the last delivery. Every answer of the server carries its correlation ID.</p>`}>
      <${Opener} id=${id} />
      ${id && html`<${Found} key=${id} id=${id} />`}
    <//>`;
}

function Opener({ id = '' }) {
  const [typed, setTyped] = useState(id);
  useEffect(() => setTyped(id), [id]);
  const open = (event) => {
    event.preventDefault();
    if (typed.trim()) go(`/correlations/${encodeURIComponent(typed.trim())}`);
  };
  return html`
    <form class="toolbar filter correlation" onSubmit=${open}>
      <${Field} field=${field} value=${typed} onChange=${setTyped} />
      <${Button} icon="search" type="submit">Follow<//>
    </form>`;
}

const turns = (change) => turnsDeliveries(change) || turnsJobs(change);

function Found({ id }) {
  const chain = usePages(`/correlations/${encodeURIComponent(id)}`, { on: turns, limit: 500 });
  const items = chain.data ?? [];
  useRefreshing(chain, chain.loadMore ? null : lookAgainAtChainMs(items));
  return html`
    <${Loaded} state=${chain}>${(shown) => html`
      <${Gone} forgotten=${chain.first.forgotten} empty=${shown.length === 0} />
      ${shown.length === 0
        ? html`<${Empty} icon="search" title="Nothing is known under this ID"
            action=${can('logs.read') && html`<${Button} icon="file-text" href="#${logPathOf(id)}">Look in the log<//>`}>A request that changed nothing leaves nothing
            but a line in the log. Look whether the ID is whole, and of this tenant.<//>`
        : html`
          <p class="chain-title"><${Copyable} text=${id} label="correlation ID" short=${false} />
            <${Button} icon="refresh-cw" onClick=${chain.reload}>Refresh<//></p>
          <${Chain} nodes=${treeOf(shown)} begun=${shown[0].at} />
          ${chain.loadMore && html`<div class="load-more"><${Button} onClick=${chain.loadMore}>Show more<//></div>`}`}`}<//>`;
}

/** What may be missing because it is not kept for ever. */
function Gone({ forgotten, empty }) {
  if (!forgotten.mayConcern || empty) return null;
  return html`<${Notice} title="Some of it may be forgotten">
    <p>Deliveries that ended before ${formatDateTime(forgotten.deliveriesBefore)} are not kept, nor are dead letters from
      before ${formatDateTime(forgotten.deadLettersBefore)}. Changes are kept for ever.</p><//>`;
}
