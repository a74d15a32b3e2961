/** Who takes part in a category: every entry of the contest, or those on the category's list. */
import { html, useState } from '../lib/view.js';
import { labelOf } from '../lib/nouns.js';
import { useList } from '../lib/resource.js';
import { nextPosition } from '../lib/running-order.js';
import { can } from '../lib/session.js';
import { Badge } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded, Notice } from '../components/notice.js';
import { OrderDialog } from '../components/order-dialog.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function CategoryEntrants({ category, frozen }) {
  return category.entrants === 'listed'
    ? html`<${Listed} category=${category} frozen=${frozen} />`
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

function Listed({ category, frozen }) {
  const entrants = useList(`/categories/${category.id}/entrants`);
  const entriesPath = `/contests/${category.contestId}/entries`;
  const entries = useList(entriesPath);
  const [open, setOpen] = useState(null);
  const done = () => {
    setOpen(null);
    entrants.reload();
  };
  const manage = can('events.manage') && !frozen;
  const entryOf = ({ entryId }) => entries.data?.find(({ id }) => id === entryId);
  const textOf = (entrant) => {
    const entry = entryOf(entrant);
    return entry ? labelOf('entry', entry) : '…';
  };
  const add = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>Add entrant<//>`;
  const columns = [
    { label: 'Entrant', kind: 'main', cell: (entrant) => named(entryOf(entrant)) },
    manage && { label: 'Actions', kind: 'row-actions', cell: (entrant) => html`
      <${RowActions} kind="entrant" resource=${{ ...entrant, name: entryOf(entrant)?.contestantName }}
        onChanged=${entrants.reload} consequence="The entrant leaves this category, and its sheets here go out of
        sight. It stays entered in the contest." />` },
  ].filter(Boolean);
  return html`
    ${entrants.data?.length > 0 && manage && html`<div class="toolbar">
      ${entrants.data.length > 1 && html`
        <${Button} icon="list-ordered" onClick=${() => setOpen('order')}>Change order<//>`}${add}</div>`}
    <${Loaded} state=${entrants}>${(items) => (items.length === 0
      ? html`<${Empty} icon="users" title="Nobody is on the list yet" action=${add}>
          Only the entries on this list take part in the category.<//>`
      : html`<${Table} caption="Entrants" columns=${columns} rows=${items} />`)}<//>
    ${open === 'one' && html`<${EditorDialog} kind="entrant" parentId=${category.id} choices=${entriesPath}
      initial=${{ position: String(nextPosition(entrants.data)) }} onDone=${done}
      without=${entrants.data?.map(({ entryId }) => entryId)} onClose=${() => setOpen(null)} />`}
    ${open === 'order' && html`<${OrderDialog} kind="entrant" items=${entrants.data} text=${textOf} onClose=${done}
      onDone=${done} />`}`;
}
