/** Tables that become cards on a narrow screen. */
import { html } from '../lib/view.js';
import { SelectBox } from './select-box.js';

/**
 * @param {{
 *   caption: string,
 *   columns: {label: string, cell: (row: any) => any, kind?: 'number'|'row-actions'|'main'|'place'}[],
 *   rows: any[],
 *   rowKey?: (row: any) => string,
 *   rowClass?: (row: any) => string,
 *   selection?: object|null, rowName?: (row: any) => string,
 * }} props `main` marks the column that names the row; with `selection`, as `useSelection` gives it, rows can be chosen,
 * each by its `rowName`
 */
export function Table({
  caption, columns, rows, rowKey = (row) => row.id, rowClass = () => '', selection = null, rowName = ({ name }) => name,
}) {
  const chosen = selection?.selected.length ?? 0;
  const all = rows.length > 0 && chosen === rows.length;
  return html`
    <table class="table ${selection ? 'selectable' : ''}">
      <caption class="visually-hidden">${caption}</caption>
      <thead><tr>
        ${selection && html`<td class="select"><${SelectBox} label="Select all" checked=${all}
          partly=${chosen > 0 && !all} onToggle=${() => selection.chooseAll(!all)} /></td>`}
        ${columns.map(({ label, kind }) => html`
        <th scope="col" class=${kind ?? ''}>
          <span class=${kind === 'row-actions' ? 'visually-hidden' : ''}>${label}</span>
        </th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`
        <tr key=${rowKey(row)} class=${rowClass(row)}>
          ${selection && html`<td class="select"><${SelectBox} label="Select ${rowName(row)}"
            checked=${selection.has(row)} onToggle=${(through) => selection.toggle(row, through)} /></td>`}
          ${columns.map(({ label, cell, kind }) => (kind === 'main'
          ? html`<th scope="row" class="main">${cell(row)}</th>`
          : html`<td class=${kind ?? ''} data-label=${label}>${cell(row)}</td>`))}</tr>`)}
      </tbody>
    </table>`;
}
