/** Tables that become cards on a narrow screen. */
import { html } from '../lib/view.js';

/**
 * @param {{
 *   caption: string,
 *   columns: {label: string, cell: (row: any) => any, kind?: 'number'|'row-actions'|'main'|'place'}[],
 *   rows: any[],
 *   rowKey?: (row: any) => string,
 *   rowClass?: (row: any) => string,
 * }} props `main` marks the column that names the row
 */
export function Table({ caption, columns, rows, rowKey = (row) => row.id, rowClass = () => '' }) {
  return html`
    <table class="table">
      <caption class="visually-hidden">${caption}</caption>
      <thead><tr>${columns.map(({ label, kind }) => html`
        <th scope="col" class=${kind ?? ''}>
          <span class=${kind === 'row-actions' ? 'visually-hidden' : ''}>${label}</span>
        </th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`
        <tr key=${rowKey(row)} class=${rowClass(row)}>${columns.map(({ label, cell, kind }) => (kind === 'main'
          ? html`<th scope="row" class="main">${cell(row)}</th>`
          : html`<td class=${kind ?? ''} data-label=${label}>${cell(row)}</td>`))}</tr>`)}
      </tbody>
    </table>`;
}
