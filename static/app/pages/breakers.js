/** The services outside: which work, which are not called for a while, and how that is decided. */
import { html } from '../lib/view.js';
import { post, put } from '../lib/api.js';
import { modeOf, modes, openingOf, seenOf, services as names, standingOf } from '../lib/circuit-words.js';
import { count, formatPrecise } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { toast, toastError } from '../lib/toasts.js';
import { Badge } from '../components/badge.js';
import { CircuitItem } from '../components/circuit-item.js';
import { Field } from '../components/field.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Table } from '../components/table.js';

const everything = { name: 'mode', label: 'Mode of all services', type: 'select', required: true, options: modes };

const concerns = { refreshMs: 15_000, on: ({ type }) => type === 'breaker' };

export function BreakersPage() {
  const services = useResource('/breakers/services', concerns);
  const circuits = useResource('/breakers', concerns);
  const reload = () => {
    services.reload();
    circuits.reload();
  };
  /** Does something and says what came of it. */
  const act = async (run, done) => {
    try {
      await run();
      toast(done);
    } catch (error) {
      toastError(error);
    }
    reload();
  };
  const choose = (service, mode) => act(
    () => put('/breakers/mode', { ...(service && { service }), mode: mode || null }),
    'The mode is chosen, from now on.',
  );
  const of = ({ service, key }) => ({ service, key });
  return html`
    <${Page} title="Services outside" intro=${html`<p>Whatever is called on other machines. A service that fails is not
      called for a while, so that nothing waits for it; then it is tried again by itself. <a href="#/integrations">Which
      are set up</a></p>`}>
      <div class="stack"><${Loaded} state=${services}>${({ enabled, mode, items }) => html`
        ${!enabled && html`<${Notice} tone="warning" title="Switched off in the configuration">
          <p>Every call is made, whatever became of the last ones. See <code>resilience.enabled</code>.</p><//>`}
        ${enabled && mode && html`<${Notice} tone="info" title="One mode for all services: ${modeOf(mode)}">
          <p>What is chosen for single services counts again when it is taken back.</p><//>`}
        <${Services} items=${items} mode=${mode} enabled=${enabled} onChoose=${choose} />`}<//>
      <${Loaded} state=${circuits}>${({ items }) => (items.length === 0
        ? html`<${Empty} icon="circle-check" title="Nothing outside was called yet">
            Each relay, bucket or host that is called is listed here.<//>`
        : html`<ul class="stack">${items.map((circuit) => html`
          <${CircuitItem} key=${`${circuit.service}/${circuit.key}`} circuit=${circuit}
            onReset=${(one) => act(() => post('/breakers/reset', of(one)), 'It is called again.')}
            onTrip=${(one) => act(() => post('/breakers/trip', of(one)), one.mode === 'monitor'
              ? 'Its circuit is open. It is only watched, so it is called all the same.' : 'It is not called for now.')} />`)}</ul>`)}<//></div>
    <//>`;
}

function Standing({ of }) {
  const { text, tone, icon } = standingOf(of);
  return html`<${Badge} tone=${tone} icon=${icon}>${text}<//>`;
}

function Services({ items, mode, enabled, onChoose }) {
  const manage = can('breakers.manage') && enabled;
  const choice = ({ service, chosen }) => html`
    <select aria-label="Mode of ${names[service]}" value=${chosen ?? ''}
      onChange=${(event) => onChoose(service, event.target.value)}>
      ${modes.map(({ value, short }) => html`
        <option key=${value} value=${value} selected=${value === (chosen ?? '')}>${short}</option>`)}
    </select>`;
  const rows = items.map((item) => ({ ...item, id: item.service }));
  const columns = [
    { label: 'Service', kind: 'main', cell: ({ service }) => names[service] },
    { label: 'State', cell: (item) => (item.circuits === 0 ? 'Not called yet' : html`<${Standing} of=${item} />`) },
    { label: 'Now', cell: (item) => html`${modeOf(item.mode)}
      ${item.mode === 'monitor' && !item.chosen && !mode && html` <small>for ${count(
        Math.max(0, item.observeHours - item.observedHours), 'more hour',
      )} in which it is called</small>`}` },
    { label: 'Seen', cell: ({ seen, openings }) => html`${seenOf(seen)}${openings.length > 0 && html`
      <details><summary>${count(openings.length, 'opening')}</summary><ul>${openings.map((opening) => html`
        <li key=${opening.at + opening.key}>${openingOf(opening)} <time datetime=${opening.at}>${
          formatPrecise(opening.at)}</time></li>`)}</ul></details>`}` },
    manage && { label: 'Mode', cell: choice },
  ].filter(Boolean);
  return html`
    ${manage && html`<div class="toolbar filter"><${Field} field=${everything} value=${mode ?? ''}
      onChange=${(value) => onChoose(null, value)} /></div>`}
    <${Table} caption="Services outside" columns=${columns} rows=${rows} />`;
}
