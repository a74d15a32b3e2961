/** A chart: lines over time, and what they are at one time, at least and at most in words. */
import { html, useMemo } from '../lib/view.js';
import { ceilingOf, extremesOf, height, pathOf, say } from '../lib/charts.js';
import { TimeAxis, TimeCursor } from './time-cursor.js';

/**
 * @param {{chart: {title: string, lines: {name: string, label: string, tone: string}[]}, points: object, at: number|null,
 *   onAt: (index: number|null) => void}} props `points` as the server gives them; `at`: the step that is pointed at
 */
export function Chart({ chart: { title, lines }, points, at, onAt }) {
  const { drawn, unit, ceiling, count } = useMemo(() => {
    const series = lines.map(({ name }) => points.series.find((each) => each.name === name));
    const [{ unit: ofAll, values: { length } }] = series;
    const end = ceilingOf(ofAll, series.flatMap(({ values }) => values));
    return {
      drawn: lines.map((line, index) => ({
        ...line, values: series[index].values, path: pathOf(series[index].values, end), ...extremesOf(series[index].values),
      })),
      unit: ofAll, ceiling: end, count: length,
    };
  }, [points]);
  const valueText = (index) => drawn.map(({ label, values }) => `${label} ${say(unit, values[index])}`).join(', ');
  return html`
    <section class="chart">
      <header><h2>${title}</h2><span class="muted" aria-hidden="true">up to ${say(unit, ceiling)}</span></header>
      <div class="chart-plot">
        <${TimeCursor} title=${title} points=${points} count=${count} at=${at} onAt=${onAt} valueText=${valueText}>
          <svg viewBox="0 0 ${count} ${height}" preserveAspectRatio="none" aria-hidden="true">
            <path class="chart-grid" d="M0 ${height / 2}H${count}" />
            ${drawn.map(({ name, tone, path }) => html`<path key=${name} class="chart-line ${tone}" d=${path} />`)}
          </svg>
        <//>
      </div>
      <${TimeAxis} points=${points} at=${at} />
      <table class="chart-numbers">
        <caption class="visually-hidden">${title}, in numbers</caption>
        <thead><tr><th scope="col"><span class="visually-hidden">Line</span></th>
          <th scope="col" class="number">${at === null ? 'Latest' : 'Then'}</th>
          <th scope="col" class="number">Lowest</th><th scope="col" class="number">Highest</th></tr></thead>
        <tbody>${drawn.map(({ name, label, tone, values, latest, lowest, highest }) => html`
          <tr key=${name}>
            <th scope="row"><span class="chart-key ${tone}" />${label}</th>
            <td class="number now">${say(unit, at === null ? latest : values[at])}</td>
            <td class="number">${say(unit, lowest)}</td>
            <td class="number">${say(unit, highest)}</td>
          </tr>`)}</tbody>
      </table>
    </section>`;
}
