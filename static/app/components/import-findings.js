/** What would become of each row of a table: how many are imported, who is there already, and what is wrong with the rest. */
import { html } from '../lib/view.js';
import { count } from '../lib/format.js';
import { gist } from '../lib/importing.js';
import { Notice } from './notice.js';
import { Table } from './table.js';

/** The headings are line 1 of a spreadsheet. */
const lineOf = (row) => row + 2;

/** Rows with their faults beside what stands in them. */
export function FaultyRows({ table, faults }) {
  const rows = [...faults].map(([row, fault]) => ({ id: String(row), row, fault })).sort((a, b) => a.row - b.row);
  const columns = [
    { label: 'Line', kind: 'main', cell: ({ row }) => html`<span class="entry-number">${lineOf(row)}</span>
      ${gist(table.rows[row])}` },
    { label: 'What is wrong', cell: ({ fault }) => html`<span class="field-fault">${fault}</span>` },
  ];
  return html`<div class="import-faults"><${Table} caption="Rows with faults" columns=${columns} rows=${rows} /></div>`;
}

/** @param {{table: object, words: [string, string?], checked: {imported: number, known: number[], faults: Map}}} props */
export function ImportFindings({ table, words, checked: { imported, known, faults } }) {
  const tone = faults.size > 0 ? 'warning' : imported > 0 ? 'success' : 'info';
  return html`
    <${Notice} tone=${tone} role="status" title=${imported > 0 ? `${count(imported, ...words)} can be imported`
      : 'There is nothing to import'}>
      ${faults.size > 0 && html`<p>
        ${count(faults.size, 'row')} cannot. Correct them in the table below, or import the rest.</p>`}
      ${known.length > 0 && html`<details class="disclosure"><summary>
        ${count(known.length, 'row')} of who is there already, left out</summary>
        <ul>${known.map((row) => html`<li key=${row}>${gist(table.rows[row])}</li>`)}</ul></details>`}
    <//>
    ${faults.size > 0 && html`<${FaultyRows} table=${table} faults=${faults} />`}`;
}
