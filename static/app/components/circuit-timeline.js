/** Where the circuits of the services outside stood over time: a row for each. */
import { html } from '../lib/view.js';
import { stretchesOf } from '../lib/charts.js';
import { services } from '../lib/circuit-words.js';
import { TimeAxis, TimeCursor } from './time-cursor.js';

/** What the numbers of the server mean. */
const standings = [['closed', 'Works'], ['trying', 'Being tried'], ['open', 'Circuit open']];
const unknown = '–';
const wordOf = (value) => standings[value]?.[1] ?? unknown;

/** @param {{points: object, at: number|null, onAt: (index: number|null) => void}} props as of a chart */
export function CircuitTimeline({ points, at, onAt }) {
  const rows = Object.entries(services).map(([service, label]) => {
    const { values } = points.series.find(({ name }) => name === `circuits.${service}`);
    return { service, label, values, latest: values.findLast((value) => value !== null) };
  });
  const count = rows[0].values.length;
  const valueText = (index) => rows.map(({ label, values }) => `${label} ${wordOf(values[index])}`).join(', ');
  return html`
    <section class="chart circuit-timeline">
      <header><h2>Services outside</h2></header>
      <div class="circuit-rows">
        <${TimeCursor} title="Services outside" points=${points} count=${count} at=${at} onAt=${onAt} valueText=${valueText}>
          <svg viewBox="0 0 ${count} ${rows.length}" preserveAspectRatio="none" aria-hidden="true">
            ${rows.map(({ service, values }, row) => stretchesOf(values).map(({ value, from, length }) => html`
              <rect key=${`${service} ${from}`} class="circuit-${standings[value][0]}" x=${from} y=${row + 0.3} width=${length}
                height="0.4" />`))}
          </svg>
        <//>
        <ul>${rows.map(({ service, label, values, latest }) => html`
          <li key=${service}><span>${label}</span><span class="muted">${wordOf(at === null ? latest : values[at])}</span></li>`)}</ul>
      </div>
      <${TimeAxis} points=${points} at=${at} />
    </section>`;
}
