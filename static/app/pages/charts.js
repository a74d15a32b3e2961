/** Charts: how the machine fares, and how it fared over the last hours and weeks. */
import { html, useState } from '../lib/view.js';
import { charts, chartsPath, ranges } from '../lib/charts.js';
import { useResource } from '../lib/resource.js';
import { place } from '../lib/router.js';
import { Button } from '../components/button.js';
import { Chart } from '../components/chart.js';
import { CircuitTimeline } from '../components/circuit-timeline.js';
import { Loaded } from '../components/notice.js';
import { Page } from '../components/page.js';
import { Tabs } from '../components/tabs.js';

export function ChartsPage() {
  const { query } = place.value;
  const { key, ms } = ranges.find((range) => range.key === query.get('range')) ?? ranges[0];
  const parsed = Date.parse(query.get('until') ?? '');
  const until = Number.isNaN(parsed) ? null : parsed;
  const path = chartsPath(key, until);
  const state = useResource(path, until === null ? { refreshMs: 15_000 } : { still: true });
  const tabs = ranges.map((range) => ({ ...range, href: `#${chartsPath(range.key, until)}` }));
  const earlier = chartsPath(key, (until ?? Date.now()) - ms);
  // What is later than now is now.
  const later = chartsPath(key, until !== null && until + ms < Date.now() ? until + ms : null);
  return html`
    <${Page} title="Charts" intro=${html`<p>How this machine fares. Point at a time to see its numbers, click to read the log
      of it.</p>`} actions=${html`
      <${Button} icon="arrow-left" href="#${earlier}">Earlier<//>
      ${until !== null && html`<${Button} icon="arrow-right" href="#${later}">Later<//>
        <${Button} icon="clock" href="#${chartsPath(key, null)}">Now<//>`}`}>
      <${Tabs} label="Time" tabs=${tabs} current=${key} />
      <${Loaded} state=${state}>${(points) => html`<${All} key=${path} points=${points} />`}<//>
    <//>`;
}

function All({ points }) {
  const [at, setAt] = useState(null);
  const shared = { points, at, onAt: setAt };
  const [requests, ...others] = charts;
  return html`
    <div class="charts">
      <${Chart} chart=${requests} ...${shared} />
      <${CircuitTimeline} ...${shared} />
      ${others.map((chart) => html`<${Chart} key=${chart.key} chart=${chart} ...${shared} />`)}
    </div>`;
}
