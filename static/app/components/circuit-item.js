/** One circuit of the list: where it stands and why, what its calls came to, its last changes. */
import { html } from '../lib/view.js';
import { becomingOf, meanwhileOf, reasonOf, services, standingOf } from '../lib/circuit-words.js';
import { count, formatAgo, formatDateTime, formatExact, formatPrecise } from '../lib/format.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Button } from './button.js';
import { Copyable } from './copy.js';

const when = (instant) => (instant
  ? html`<time datetime=${instant} title=${formatExact(instant)}>${formatDateTime(instant)}</time> (${formatAgo(instant)})`
  : 'never');

/** @param {{circuit: object, onReset: (circuit: object) => void, onTrip: (circuit: object) => void}} props */
export function CircuitItem({ circuit, onReset, onTrip }) {
  const { service, key, state, since, retryAfterMs, window, failures, totalRequests } = circuit;
  const { text, tone, icon } = standingOf(circuit);
  const [last] = circuit.transitions;
  const name = `${services[service]} · ${key}`;
  return html`
    <li class="record">
      <div class="record-head">
        <h2>${name}</h2><${Badge} tone=${tone} icon=${icon}>${text}<//>
        ${can('breakers.manage') && html`<div class="actions">
          ${state !== 'CLOSED' && html`<${Button} icon="rotate-ccw" aria-label="Reset: ${name}"
            onClick=${() => onReset(circuit)}>Reset<//>`}
          ${state !== 'OPEN' && html`<${Button} icon="ban" aria-label="Stop calling: ${name}"
            onClick=${() => onTrip(circuit)}>Stop calling<//>`}
        </div>`}
      </div>
      <p>${last ? `Since ${formatDateTime(since)}, because ${reasonOf(last.reason)}.` : 'It has never failed.'}
        ${state === 'OPEN' && circuit.mode !== 'monitor' && ` ${meanwhileOf(service)}`}
        ${retryAfterMs !== null && ` It is tried again in ${count(Math.ceil(retryAfterMs / 1000), 'second')}.`}</p>
      <dl class="record-facts">
        <div><dt>Lately</dt><dd>${count(window.calls, 'call')}, ${window.failures} failed
          ${window.p95Ms !== null && `, most within ${Math.ceil(window.p95Ms)} ms`}</dd></div>
        <div><dt>Since the start</dt><dd>${count(totalRequests, 'call')}, ${failures} failed,
          ${' '}${circuit.totals.rejected} not made</dd></div>
        <div><dt>Last worked</dt><dd>${when(circuit.lastSuccessTime)}</dd></div>
        <div><dt>Last failed</dt><dd>${when(circuit.lastFailureTime)}</dd></div>
      </dl>
      <${History} name=${name} circuit=${circuit} />
    </li>`;
}

/** What has changed, and the calls that failed, each with what it belongs to. */
function History({ name, circuit: { transitions, errors } }) {
  const lines = [
    ...transitions.map(({ at, to, reason, correlationId }) => ({
      at, text: `${becomingOf(to)}: ${reasonOf(reason)}`, correlationId,
    })),
    ...errors.map(({ at, error, correlationId }) => ({ at, text: `A call failed: ${error}`, correlationId })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  if (lines.length === 0) return null;
  return html`
    <details class="disclosure">
      <summary>What happened<span class="visually-hidden"> to ${name}</span></summary>
      <ol class="faults">${lines.map(({ at, text, correlationId }, index) => html`
        <li key=${index}><time datetime=${at}>${formatPrecise(at)}</time> ${text}
          ${correlationId && html` <${Copyable} text=${correlationId} label="correlation ID" />`}</li>`)}</ol>
    </details>`;
}
