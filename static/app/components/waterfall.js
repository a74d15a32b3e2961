/** Work as bars over time: what was done, when it began, how long it took and how much of that was its own. */
import { html } from '../lib/view.js';
import { tookOf } from '../lib/log-words.js';
import { waterfallOf } from '../lib/waterfall.js';

/** What lies deeper is not moved in further. */
const depthMax = 6;

/** @param {{fields: object, name: string}} props the fields of a request's record */
export function Waterfall({ fields, name }) {
  const { totalUs, rows } = waterfallOf(fields, name);
  return html`
    <${Bars} caption="Steps of the request, as they began" totalUs=${totalUs} rows=${rows} />
    ${rows.length === 1 && html`<p class="muted">No steps within it are on record.</p>`}`;
}

/**
 * @param {{caption: string, totalUs: number, rows: {name: string, startUs: number, durationUs: number, selfUs: number,
 *   depth: number, layer?: string, failed?: boolean, href?: string}[]}} props `href` leads to more of a row
 */
export function Bars({ caption, totalUs, rows }) {
  const percent = (us) => `${(100 * us) / Math.max(1, totalUs)}%`;
  return html`
    <table class="waterfall">
      <caption class="visually-hidden">${caption}</caption>
      <thead><tr><th scope="col">Step</th><th scope="col"><span class="visually-hidden">Bar</span></th>
        <th scope="col" class="number">Began</th><th scope="col" class="number">Took</th>
        <th scope="col" class="number" title="Without the steps beneath it">Itself</th></tr></thead>
      <tbody>${rows.map(({ name, startUs, durationUs, selfUs, depth, layer, failed, href }, index) => html`
        <tr key=${index} class=${failed ? 'failed' : null}>
          <th scope="row" class="depth-${Math.min(depth, depthMax)}">${href ? html`<a href=${href}>${name}</a>` : name}
            ${failed && html` <span class="badge danger">Failed</span>`}</th>
          <td class="bar"><svg aria-hidden="true">
            <rect class="took ${layer ?? ''}" x=${percent(startUs)} y="3" width=${percent(durationUs)} height="10" rx="2" />
          </svg></td>
          <td class="number" data-label="Began">${startUs === 0 ? '0' : `+${tookOf(startUs)}`}</td>
          <td class="number" data-label="Took">${tookOf(durationUs)}</td>
          <td class="number" data-label="Itself">${tookOf(selfUs)}</td>
        </tr>`)}</tbody>
    </table>`;
}
