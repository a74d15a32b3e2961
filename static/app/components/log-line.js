/** One line of the log: what it says in short, and unfolded all its fields with what leads on from each. */
import { html, useState } from '../lib/view.js';
import { formatExact } from '../lib/format.js';
import { changed, logPathOf } from '../lib/log-query.js';
import {
  clockOf, durationOf, fieldName, fieldText, isRequest, levelOf, particularsOf, sayingOf, tookOf,
} from '../lib/log-words.js';
import { place } from '../lib/router.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';
import { Correlation } from './correlation.js';
import { Icon } from './icon.js';

/** @param {{line: import('../lib/log-found.js').Line, onShow?: (requestId: string) => void}} props `onShow` opens the request */
export function LogLine({ line: { fields }, onShow }) {
  const [open, setOpen] = useState(false);
  const { text, code, status, failed } = sayingOf(fields);
  const { text: level, tone, icon } = levelOf(fields);
  const took = durationOf(fields);
  return html`
    <li class="log-line ${fields.level}">
      <details open=${open} onToggle=${({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary><${Icon} name="chevron-right" size="s" />
          <time datetime=${fields.timestamp} title=${formatExact(fields.timestamp)}>${clockOf(fields.timestamp)}</time>
          <${Badge} tone=${tone} icon=${icon}>${level}<//>
          <span class="log-says">${code ? html`<code>${text}</code>` : text}${status && html` <strong
            class=${failed ? 'failed' : ''}>${status}</strong>`}</span>
          <span class="log-took">${took !== null && tookOf(took)}</span>
        </summary>
        ${open && html`
          ${onShow && fields.requestId && html`<div class="actions"><${Button} icon="list-ordered"
            onClick=${() => onShow(fields.requestId)}>${isRequest(fields) ? 'Show the request' : 'Show its request'}<//></div>`}
          <dl class="log-fields">${particularsOf(fields).map(([name, value]) => html`
            <div key=${name}><dt>${fieldName(name)}</dt><dd><${Particular} name=${name} value=${value} /></dd></div>`)}</dl>`}
      </details>
    </li>`;
}

const ids = new Set(['requestId', 'trace_id', 'jobId', 'deliveryId', 'userId', 'judgeId', 'tenantId']);
const copied = new Set(['span_id', 'parent_span_id']);
const narrowing = new Set(['kind', 'module', 'route']);

/** The value of a field, with what it leads to. */
function Particular({ name, value }) {
  if (name === 'correlationId') {
    return html`<${Correlation} id=${value} /> <${LinesOf} name=${name} id=${value} />`;
  }
  if (ids.has(name)) {
    return html`<span class="correlation-id"><${Copyable} text=${value} label=${fieldName(name)} short=${false} />
      <${LinesOf} name=${name} id=${value} />
      ${name === 'deliveryId' && can('deliveries.read') && html`<a href="#/deliveries/${value}">Delivery</a>`}</span>`;
  }
  if (copied.has(name)) return html`<${Copyable} text=${value} label=${fieldName(name)} short=${false} />`;
  if (narrowing.has(name)) {
    return html`<a href="#${changed(place.value.query, { [name]: value, request: null })}"><code>${value}</code></a>`;
  }
  return html`<span class="log-value">${fieldText(name, value)}</span>`;
}

/** Leads to the lines that have an ID. */
function LinesOf({ name, id }) {
  return html`<a href="#${logPathOf(id)}">Its lines<span class="visually-hidden">: ${fieldName(name)} ${id}</span></a>`;
}
