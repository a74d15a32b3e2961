/** One service outside of the list: whether it is on, where it goes, how that fares, and trying it. */
import { html } from '../lib/view.js';
import { states } from '../lib/circuit-words.js';
import { stateOf } from '../lib/delivery-words.js';
import { formatAgo, formatDateTime, formatExact, sentence } from '../lib/format.js';
import { aboutService, integrationState, sectionsOf } from '../lib/integration-words.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from './badge.js';
import { Button } from './button.js';

/** How often one looks at what was delivered, in milliseconds. */
const lookMs = 5_000;

/** @param {{integration: object, onTest: () => void}} props */
export function IntegrationItem({ integration, onTest, children }) {
  const { service, targets } = integration;
  const { name, does, test, action } = aboutService(service);
  const { text, tone, icon, why } = integrationState(integration);
  const on = targets.length > 0;
  return html`
    <li class="record">
      <div class="record-head">
        <div class="record-title"><h2>${name}</h2><${Badge} tone=${tone} icon=${icon}>${text}<//></div>
      </div>
      <p>${does}</p>
      ${why && html`<p>${why}</p>`}
      <p class="muted">${on ? 'Set up' : 'Whoever runs this server sets it up'} in config.toml, under${' '}
        ${sectionsOf(service).map((section, index) => html`${index > 0 && ' and '}<code>${section}</code>`)}.</p>
      ${on && html`<ul class="targets">${targets.map((target) => html`
        <${Target} key=${target.key} target=${target} several=${targets.length > 1} />`)}</ul>`}
      ${on && test && can('deliveries.read') && html`<${LastDelivery} service=${service} />`}
      ${children}
      ${on && html`<div class="actions">
        ${test && can(action) && html`<${Button} icon="send" aria-label="Test: ${name}" onClick=${onTest}>Test<//>`}
        ${test && can('deliveries.read') && html`<${Button} icon="list-ordered" href="#/deliveries?service=${service}"
          aria-label="Deliveries: ${name}">Deliveries<//>`}
        ${can('breakers.read') && html`<${Button} icon="link" href="#/services" aria-label="Circuits: ${name}">
          Circuits<//>`}
      </div>`}
    </li>`;
}

const when = (instant) => (instant
  ? html`<time datetime=${instant} title=${formatExact(instant)}>${formatDateTime(instant)}</time> (${formatAgo(instant)})`
  : 'never');

function Target({ target: { key, circuit }, several }) {
  if (!circuit) return html`<li><p><code>${key}</code> <span class="muted">was not called yet</span></p></li>`;
  const { state, since, lastSuccessTime, lastFailureTime, lastError } = circuit;
  const { text, tone, icon } = states[state];
  return html`
    <li>
      <p class="attempt-head"><code>${key}</code>
        ${(several || state !== 'CLOSED') && html`<${Badge} tone=${tone} icon=${icon}>${text}<//>`}</p>
      <dl class="record-facts">
        <div><dt>${text} since</dt><dd>${when(since)}</dd></div>
        <div><dt>Last worked</dt><dd>${when(lastSuccessTime)}</dd></div>
        <div><dt>Last failed</dt>
          <dd>${when(lastFailureTime)}${lastError && html`, by <code>${lastError}</code>`}</dd></div>
      </dl>
    </li>`;
}

/** What became of the last thing that this organisation had for it: some failures say nothing about a circuit. */
function LastDelivery({ service }) {
  const last = useResource(`/deliveries?service=${service}&limit=1`, { refreshMs: lookMs });
  const [delivery] = last.data?.items ?? [];
  if (!delivery) return null;
  const { text, tone, icon } = stateOf(delivery);
  const detail = delivery.state !== 'done' && delivery.attempts.at(-1)?.detail;
  return html`<p class="attempt-head">Last delivery: <${Badge} tone=${tone} icon=${icon}>${text}<//>
    <a href="#/deliveries/${delivery.id}">${formatDateTime(delivery.createdAt)}</a>
    ${detail && html`<span>${sentence(detail)}</span>`}</p>`;
}
