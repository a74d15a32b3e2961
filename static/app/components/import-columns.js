/** What each column of a table holds: as the server guessed it, and to be corrected. */
import { html } from '../lib/view.js';
import { Table } from './table.js';

/** As the server is told; what is not known yet is left to it. */
const guess = 'guess';

/**
 * @param {{table: {headings: string[], rows: string[][]}, holds: [string, string][], known: Record<string, string|null>,
 *   onChange: (heading: string, column: string|null) => void}} props `holds` are what columns can hold with what people call
 * it, `known` what they do, by heading
 */
export function ImportColumns({ table, holds, known, onChange }) {
  const rows = table.headings.map((heading, index) => ({
    id: String(index), heading, example: table.rows.slice(0, 3).map((cells) => cells[index]).filter(Boolean).join(', '),
  }));
  const choice = ({ heading }) => {
    const value = heading in known ? known[heading] ?? '' : guess;
    const option = (each, label) => html`<option value=${each} selected=${each === value}>${label}</option>`;
    return html`
      <select aria-label="What the column “${heading}” holds" value=${value}
        onChange=${(event) => onChange(heading, event.target.value || null)}>
        ${value === guess && option(guess, 'As its heading says')}
        ${holds.map(([column, label]) => option(column, label))}
        ${option('', 'Left out')}
      </select>`;
  };
  const columns = [
    { label: 'Column', kind: 'main', cell: ({ heading }) => heading || '(no heading)' },
    { label: 'Holds', cell: choice },
    { label: 'For example', cell: ({ example }) => html`<span class="import-example">${example}</span>` },
  ];
  return html`<div class="import-columns"><${Table} caption="Columns of the table" columns=${columns} rows=${rows} /></div>`;
}
