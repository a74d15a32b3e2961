/** What requests were like in some time, by the log: the slowest, which correlations failed, how long each route took. */
import { html, useState } from '../lib/view.js';
import { formatDateTime } from '../lib/format.js';
import { logPathOf, requestPathOf, stretches } from '../lib/log-query.js';
import { clockOf, tookOf } from '../lib/log-words.js';
import { useResource } from '../lib/resource.js';
import { go, place } from '../lib/router.js';
import { Button } from '../components/button.js';
import { Correlation } from '../components/correlation.js';
import { Field } from '../components/field.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Table } from '../components/table.js';

const usualStretch = '1h';
/** How many of the slowest are shown before more are asked for. */
const atFirst = 10;
const timeField = {
  name: 'last', label: 'Time', type: 'select', required: true, options: stretches.filter(({ ms }) => ms !== null),
};

export function RequestsPage() {
  const chosen = place.value.query.get('last');
  const last = timeField.options.some(({ value }) => value === chosen) ? chosen : usualStretch;
  const [now, setNow] = useState(Date.now);
  const { ms } = stretches.find(({ value }) => value === last);
  const path = `/logs/requests?${new URLSearchParams({ from: new Date(now - ms).toISOString() })}`;
  const report = useResource(path, { still: true });
  return html`
    <${Page} title="Requests" intro=${html`<p>What the log says of requests together: which took long, which failed, and
      where the time goes.</p>`} actions=${html`<${Button} icon="file-text" href="#/logs">Log<//>`}>
      <div class="toolbar filter"><${Field} field=${timeField} value=${last}
        onChange=${(value) => go(`/logs/requests?${new URLSearchParams({ last: value })}`, { replace: true })} />
        <${Button} icon="refresh-cw" onClick=${() => setNow(Date.now())}>Refresh<//></div>
      <${Loaded} state=${report}>${(found) => html`<${Report} report=${found} />`}<//>
    <//>`;
}

const named = ({ method, route }) => html`<code>${method} ${route || 'unmatched'}</code>`;
const share = (part, whole) => `${Number(((100 * part) / Math.max(1, whole)).toFixed(1))} %`;
const number = (label, cell) => ({ label, kind: 'number', cell });

const slowColumns = [
  { label: 'Request', kind: 'main', cell: named },
  number('Took', ({ durationUs }) => tookOf(durationUs)),
  number('Status', ({ status }) => status),
  { label: 'Ended', cell: ({ at }) => html`<time datetime=${at}>${clockOf(at)}</time>` },
  {
    label: 'More', kind: 'row-actions',
    cell: ({ requestId, traceId }) => html`
      <a href="#${requestPathOf(requestId)}">Request<span class="visually-hidden">
        ${' '}${requestId}</span></a>
      ${traceId && html` <a href="#/traces/${encodeURIComponent(traceId)}">Trace<span class="visually-hidden">
        ${' '}${traceId}</span></a>`}`,
  },
];
const failedColumns = [
  {
    label: 'Correlation ID', kind: 'main',
    cell: ({ correlationId }) => html`<${Correlation} id=${correlationId} />
      ${' '}<a href="#${logPathOf(correlationId)}">Log<span class="visually-hidden"> of ${correlationId}</span></a>`,
  },
  number('Requests', ({ requests }) => requests),
  number('Failed', ({ failed }) => failed),
  number('Refused', ({ refused }) => refused),
  number('Error rate', ({ requests, failed, refused }) => share(failed + refused, requests)),
  { label: 'Last', cell: ({ lastAt }) => html`<time datetime=${lastAt}>${clockOf(lastAt)}</time>` },
];
const routeColumns = [
  { label: 'Route', kind: 'main', cell: named },
  number('Requests', ({ requests }) => requests),
  number('Failed', ({ requests, failed }) => (failed > 0 ? `${failed} (${share(failed, requests)})` : 0)),
  number('Half within', ({ p50Us }) => tookOf(p50Us)),
  number('95 % within', ({ p95Us }) => tookOf(p95Us)),
  number('Longest', ({ longestUs }) => tookOf(longestUs)),
  number('In total', ({ totalUs }) => tookOf(totalUs)),
];

function Report({ report: { slowest, correlations, routes, complete, reachedAt } }) {
  const [all, setAll] = useState(false);
  if (routes.length === 0) {
    return html`<${Empty} icon="clock" title="No requests in this time">Choose a longer one.<//>`;
  }
  const shown = all ? slowest : slowest.slice(0, atFirst);
  const failed = correlations.filter((one) => one.failed + one.refused > 0);
  return html`
    ${!complete && reachedAt && html`<${Notice} title="Only a part of this time was looked at">
      <p>There are too many lines to read in a moment. What follows is of the time since ${formatDateTime(reachedAt)}.</p><//>`}
    <section class="log-report"><h2>The slowest</h2>
      <${Table} caption="The slowest requests" columns=${slowColumns} rows=${shown} rowKey=${({ requestId }) => requestId} />
      ${shown.length < slowest.length && html`<div class="load-more">
        <${Button} onClick=${() => setAll(true)}>Show all ${slowest.length}<//></div>`}</section>
    <section class="log-report"><h2>Where requests failed</h2>
      ${failed.length === 0 ? html`<p class="muted">None did.</p>`
        : html`<${Table} caption="Correlations of which requests failed, those of the server's fault first"
            columns=${failedColumns} rows=${failed} rowKey=${({ correlationId }) => correlationId} />`}</section>
    <section class="log-report"><h2>By route</h2>
      <${Table} caption="Requests by route, that which took most time first" columns=${routeColumns} rows=${routes}
        rowKey=${({ method, route }) => `${method} ${route}`} /></section>`;
}
