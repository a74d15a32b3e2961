/** A trace: all that one cause made the server do, requests, jobs and deliveries, as bars over time. */
import { html } from '../lib/view.js';
import { formatPrecise } from '../lib/format.js';
import { logPathOf, requestPathOf } from '../lib/log-query.js';
import { tookOf } from '../lib/log-words.js';
import { useResource } from '../lib/resource.js';
import { layerTimes, traceRows } from '../lib/trace-tree.js';
import { Button } from '../components/button.js';
import { Copyable } from '../components/copy.js';
import { Loaded, Notice } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Bars } from '../components/waterfall.js';

/** @param {{id: string}} props */
export function TracePage({ id }) {
  const trace = useResource(`/traces/${encodeURIComponent(id)}`, { still: true });
  return html`
    <${Page} title="Trace" intro=${html`<p>All that one cause made the server do, with the time that each part took.</p>`}
      actions=${html`<${Button} icon="file-text" href="#${logPathOf(id)}">Its lines<//>
        <${Button} icon="refresh-cw" onClick=${trace.reload}>Refresh<//>`}>
      <${Loaded} state=${trace}>${(found) => html`<${Found} trace=${found} />`}<//>
    <//>`;
}

/** The request of a span, seen as a whole. */
const requestOf = ({ fields: { requestId } }) => requestId && `#${requestPathOf(requestId)}`;

function Found({ trace: { traceId, start, spans, omitted, faults } }) {
  const { rows, totalUs } = traceRows(spans);
  const facts = [
    ['Trace ID', html`<${Copyable} text=${traceId} label="trace ID" />`],
    ['Began', html`<time datetime=${start}>${formatPrecise(start)}</time>`],
    ['From beginning to end', tookOf(totalUs)],
    ...layerTimes(spans).map(([layer, us]) => [html`<span class="layer ${layer}">${layer}</span>`, tookOf(us)]),
  ];
  return html`
    <dl class="record-facts">${facts.map(([name, value], index) => html`
      <div key=${index}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    ${faults.length > 0 && html`<${Notice} tone="warning" title="A part of the log cannot be read">
      <p>Something may be missing: ${faults.map(({ file }) => file).join(', ')}.</p><//>`}
    <${Bars} caption="What was done, as it began" totalUs=${totalUs}
      rows=${rows.map(({ span, ...row }) => ({ ...row, href: requestOf(span) }))} />
    ${omitted > 0 && html`<p class="muted">${omitted} more parts are left out.</p>`}`;
}
