/** The places that a change would move, category by category, before somebody confirms it. */
import { html } from '../lib/view.js';
import { Notice } from './notice.js';
import { Table } from './table.js';

const place = (value) => value ?? '–';
const columns = [
  { label: 'Entry', kind: 'main', cell: ({ number, name }) => `${number} · ${name}` },
  { label: 'Place now', kind: 'number', cell: ({ before }) => place(before) },
  { label: 'Place after', kind: 'number', cell: ({ after }) => html`<strong>${place(after)}</strong>` },
];

/** @param {{changes: object[], title: string, when: string}} props `when`: in what case they move, as "Without it" */
export function PlacesAtStake({ changes = [], title, when }) {
  const moved = changes.some(({ entries }) => entries.length > 0);
  return html`
    <${Notice} tone="warning" role="alert" title=${title}>
      <p>${when}, ${moved ? 'these places change.' : 'no place changes.'}</p>
    <//>
    ${changes.filter(({ entries }) => entries.length > 0).map(({ categoryId, categoryName, entries }) => html`
      <h3 key=${categoryId}>${categoryName}</h3>
      <${Table} caption="Places that change in ${categoryName}" columns=${columns} rows=${entries}
        rowKey=${({ entryId }) => entryId} />`)}`;
}
