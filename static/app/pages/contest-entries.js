/** The entries of a contest: who takes part, and under which number. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { RowActions } from '../components/row-actions.js';
import { SeveralDialog } from '../components/several-dialog.js';
import { Table } from '../components/table.js';

export function ContestEntries({ contest }) {
  const path = `/contests/${contest.id}/entries`;
  const entries = useList(path);
  const [open, setOpen] = useState(null);
  const done = () => {
    setOpen(null);
    entries.reload();
  };
  const enter = async (name) => {
    const contestant = await post('/contestants', { name });
    await post(path, { contestantId: contestant.id });
  };
  const manage = can('events.manage');
  const add = manage && html`
    <div class="actions">
      ${can('people.manage') && html`<${Button} icon="users" onClick=${() => setOpen('several')}>
        Add new contestants<//>`}
      <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>Add entry<//>
    </div>`;
  const columns = [
    { label: 'Entry', kind: 'main', cell: (entry) => html`
      <span class="entry-number">${entry.number}</span>${entry.contestantName}
      ${!entry.eligible && html` <${Badge}>Guest<//>`} <${StateBadges} of=${entry} />` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (entry) => html`
      <${RowActions} kind="entry" resource=${entry} onChanged=${entries.reload}
        consequence="The entry goes to the trash, and its score sheets go out of sight with it." />` },
  ].filter(Boolean);
  return html`
    ${entries.data?.length > 0 && html`<div class="toolbar">${add}</div>`}
    <${Loaded} state=${entries}>${(items) => (items.length === 0
      ? html`<${Empty} icon="users" title="Nobody is entered yet" action=${add}>
          Enter contestants from the register, or paste a list of new names: each gets the next free number.<//>`
      : html`<${Table} caption="Entries" columns=${columns} rows=${items} />`)}<//>
    ${open === 'one' && html`<${EditorDialog} kind="entry" parentId=${contest.id} onClose=${() => setOpen(null)}
      without=${entries.data?.map(({ contestantId }) => contestantId)} onDone=${done} />`}
    ${open === 'several' && html`<${SeveralDialog} title="Add new contestants" noun="entry" create=${enter}
      hint="Each name becomes a contestant and an entry with the next free number." onClose=${() => {
        setOpen(null);
        entries.reload();
      }} onDone=${done} />`}`;
}
