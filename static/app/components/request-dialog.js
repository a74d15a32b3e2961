/** A request as the log tells it: who asked for what, its steps over time, what the store took, and all its lines. */
import { html } from '../lib/view.js';
import { formatPrecise } from '../lib/format.js';
import { logPathOf } from '../lib/log-query.js';
import { isRequest, sayingOf, tookOf } from '../lib/log-words.js';
import { usePages } from '../lib/resource.js';
import { session } from '../lib/session.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Correlation } from './correlation.js';
import { Dialog } from './dialog.js';
import { LogLine } from './log-line.js';
import { Loaded } from './notice.js';
import { Waterfall } from './waterfall.js';

/** @param {{id: string, onClose: () => void}} props the request's ID */
export function RequestDialog({ id, onClose }) {
  const pages = usePages(`/logs?${new URLSearchParams({ id, order: 'oldest' })}`, { limit: 500 });
  return html`
    <${Dialog} title="Request" wide onClose=${onClose}>
      <${Loaded} state=${pages}>${(lines) => html`<${Story} id=${id} lines=${lines} more=${pages.loadMore} />`}<//>
    <//>`;
}

function Story({ id, lines, more }) {
  // What followed of a request may bear its ID as correlation ID.
  const own = lines.filter(({ fields }) => fields.requestId === id);
  const record = own.map(({ fields }) => fields).find(isRequest);
  const told = record ?? own[0]?.fields;
  const rest = lines.length - own.length;
  return html`
    ${record && html`<p class="request-title"><code>${sayingOf(record).text}</code>
      ${' '}<strong>${sayingOf(record).status}</strong></p>`}
    ${told ? html`<${Facts} id=${id} fields=${told} />`
      : html`<p>No line of this request is kept${more ? ' as far as was looked' : ''}.</p>`}
    ${record && html`<h3>Where the time went</h3>
      <${Waterfall} fields=${record} name="${record.method} ${record.route ?? record.path}" />
      <${StoreTimes} fields=${record} />`}
    ${own.length > 0 && html`<h3>${own.length === 1 ? 'Its line' : 'Its lines'} in the log</h3>
      <ol class="log-lines">${own.map((line) => html`<${LogLine} key=${line.place} line=${line} />`)}</ol>`}
    ${rest > 0 && html`<p><a href="#${logPathOf(id)}">${rest} more ${rest === 1 ? 'line bears' : 'lines bear'} this ID</a>:
      what followed of the request.</p>`}
    ${more && html`<div class="load-more"><${Button} onClick=${more}>Look further<//></div>`}`;
}

function Facts({ id, fields }) {
  const { timestamp, durationUs, userId, judgeId, tenantId, correlationId, trace_id: trace } = fields;
  const who = userId ?? judgeId;
  const { user, tenant } = session.value;
  const facts = [
    ['Ended', html`<time datetime=${timestamp}>${formatPrecise(timestamp)}</time>`],
    durationUs !== undefined && ['Took', tookOf(durationUs)],
    who && [userId ? 'User' : 'Judge', html`<span class="correlation-id">${user?.id === who && user.name}
      <${Copyable} text=${who} label="user ID" /><a href="#/logs?${new URLSearchParams({ userId: who })}">Their lines</a></span>`],
    tenantId && ['Tenant', tenant.id === tenantId ? tenant.name : html`<${Copyable} text=${tenantId} label="tenant ID" />`],
    ['Request ID', html`<${Copyable} text=${id} label="request ID" />`],
    correlationId && ['Correlation ID', html`<${Correlation} id=${correlationId} />`],
    trace && ['Trace', html`<span class="correlation-id"><${Copyable} text=${trace} label="trace ID" />
      <a href="#/traces/${encodeURIComponent(trace)}">Show<span class="visually-hidden"> the trace ${trace}</span></a></span>`],
  ].filter(Boolean);
  return html`<dl class="record-facts">${facts.map(([name, value]) => html`
    <div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What the store took of the request, if it wrote anything. */
function StoreTimes({ fields: { dbQueueUs, dbApplyUs, dbCommitUs } }) {
  const times = [['waited', dbQueueUs], ['was applied', dbApplyUs], ['was made durable', dbCommitUs]]
    .filter(([, us]) => us !== undefined);
  if (times.length === 0) return null;
  return html`
    <dl class="facts-list inline">
      ${times.map(([what, us]) => html`<div key=${what}><dt>The write ${what}</dt><dd>${tookOf(us)}</dd></div>`)}</dl>`;
}
