/** Who takes part in a category: every entry of the contest, or those on the category's list. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function CategoryEntrants({ category }) {
  return category.entrants === 'listed'
    ? html`<${Listed} category=${category} />`
    : html`<${All} category=${category} />`;
}

const named = (entry) => html`
  <span class="entry-number">${entry?.number}</span>${entry?.contestantName ?? '…'}
  ${entry?.eligible === false && html`<${Badge}>Guest<//>`}`;

function All({ category }) {
  const entries = useList(`/contests/${category.contestId}/entries`);
  const href = `#/contests/${category.contestId}/entries`;
  const columns = [{ label: 'Entrant', kind: 'main', cell: named }];
  return html`
    <${Loaded} state=${entries}>${(items) => (items.length === 0
      ? html`<${Empty} icon="users" title="Nobody is entered yet"
          action=${html`<${Button} kind="primary" href=${href}>Go to the contest’s entries<//>`}>
          Every entry of the contest takes part in this category.<//>`
      : html`
        <${Notice} title="Every entry of the contest takes part">
          <p><a href=${href}>Manage the contest’s entries</a>, or edit the category to list its own.</p><//>
        <${Table} caption="Entrants" columns=${columns} rows=${items} />`)}<//>`;
}

function Listed({ category }) {
  const entrants = useList(`/categories/${category.id}/entrants`);
  const entriesPath = `/contests/${category.contestId}/entries`;
  const entries = useList(entriesPath);
  const [adding, setAdding] = useState(false);
  const manage = can('events.manage');
  const entryOf = ({ entryId }) => entries.data?.find(({ id }) => id === entryId);
  const add = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setAdding(true)}>Add entrant<//>`;
  const columns = [
    { label: 'Entrant', kind: 'main', cell: (entrant) => named(entryOf(entrant)) },
    manage && { label: 'Actions', kind: 'row-actions', cell: (entrant) => html`
      <${RowActions} kind="entrant" resource=${{ ...entrant, name: entryOf(entrant)?.contestantName }}
        onChanged=${entrants.reload} />` },
  ].filter(Boolean);
  return html`
    ${entrants.data?.length > 0 && html`<div class="toolbar">${add}</div>`}
    <${Loaded} state=${entrants}>${(items) => (items.length === 0
      ? html`<${Empty} icon="users" title="Nobody is on the list yet" action=${add}>
          Only the entries on this list take part in the category.<//>`
      : html`<${Table} caption="Entrants" columns=${columns} rows=${items} />`)}<//>
    ${adding && html`<${EditorDialog} kind="entrant" parentId=${category.id} choices=${entriesPath}
      without=${entrants.data?.map(({ entryId }) => entryId)} onClose=${() => setAdding(false)}
      onDone=${() => { setAdding(false); entrants.reload(); }} />`}`;
}
