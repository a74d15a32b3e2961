/** The steps of a request as bars over its time, each with how long it took and how much of that was its own. */
import { html } from '../lib/view.js';
import { tookOf } from '../lib/log-words.js';
import { waterfallOf } from '../lib/waterfall.js';

/** Steps are moved in by their depth up to here. */
const depthMax = 6;

/** @param {{fields: object, name: string}} props the fields of a request's record */
export function Waterfall({ fields, name }) {
  const { totalUs, rows } = waterfallOf(fields, name);
  const percent = (us) => `${(100 * us) / Math.max(1, totalUs)}%`;
  return html`
    <table class="waterfall">
      <caption class="visually-hidden">Steps of the request, as they began</caption>
      <thead><tr><th scope="col">Step</th><th scope="col"><span class="visually-hidden">Bar</span></th>
        <th scope="col" class="number">Began</th><th scope="col" class="number">Took</th>
        <th scope="col" class="number" title="Without the steps beneath it">Itself</th></tr></thead>
      <tbody>${rows.map(({ name: step, startUs, durationUs, selfUs, depth }, index) => html`
        <tr key=${index}>
          <th scope="row" class="depth-${Math.min(depth, depthMax)}">${step}</th>
          <td class="bar"><svg aria-hidden="true">
            <rect class="took" x=${percent(startUs)} y="3" width=${percent(durationUs)} height="10" rx="2" /></svg></td>
          <td class="number" data-label="Began">${startUs === 0 ? '0' : `+${tookOf(startUs)}`}</td>
          <td class="number" data-label="Took">${tookOf(durationUs)}</td>
          <td class="number" data-label="Itself">${tookOf(selfUs)}</td>
        </tr>`)}</tbody>
    </table>
    ${rows.length === 1 && html`<p class="muted">No steps within it are on record.</p>`}`;
}
