/** The entries of a contest: who takes part, and under which number. */
import { html, useState } from '../lib/view.js';
import { labelOf } from '../lib/nouns.js';
import { useList } from '../lib/resource.js';
import { nextPosition } from '../lib/running-order.js';
import { can } from '../lib/session.js';
import { Badge, StateBadges } from '../components/badge.js';
import { Button } from '../components/button.js';
import { DeletableTable } from '../components/deletable-table.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { ExportMenu } from '../components/export-menu.js';
import { Empty, Loaded } from '../components/notice.js';
import { OrderDialog } from '../components/order-dialog.js';
import { RenumberDialog } from '../components/renumber-dialog.js';
import { RowActions } from '../components/row-actions.js';
import { SeveralDialog } from '../components/several-dialog.js';
import { useImport } from '../components/use-import.js';

const consequence = 'Entries go to the trash, and their score sheets go out of sight with them.';

export function ContestEntries({ contest, event, frozen }) {
  const numbering = contest.numbering ?? event?.numbering;
  const path = `/contests/${contest.id}/entries`;
  const entries = useList(path);
  const [open, setOpen] = useState(null);
  const done = () => {
    setOpen(null);
    entries.reload();
  };
  const enter = (name, contestant) => [
    { op: 'create', type: 'contestant', body: { name } },
    {
      op: 'create', type: 'entry', parent: contest.id,
      body: { contestantId: contestant, position: nextPosition(entries.data) },
    },
  ];
  const manage = can('events.manage') && !frozen;
  const imports = useImport({ what: 'entries', contestId: contest.id, onChanged: entries.reload });
  const add = manage && html`
    ${entries.data?.length > 1 && html`
      <${Button} icon="list-ordered" onClick=${() => setOpen('order')}>Change order<//>`}
    ${entries.data?.length > 0 && numbering?.type === 'automatic' && html`
      <${Button} icon="arrow-up" onClick=${() => setOpen('numbers')}>Close up numbers<//>`}
    ${can('people.manage') && html`${imports.button}
      <${Button} icon="users" onClick=${() => setOpen('several')}>Add new contestants<//>`}
    <${Button} kind="primary" icon="plus" onClick=${() => setOpen('one')}>Add entry<//>`;
  const columns = [
    { label: 'Entry', kind: 'main', cell: (entry) => html`
      <span class="entry-number">${entry.number}</span>${entry.contestantName}
      ${!entry.eligible && html` <${Badge}>Guest<//>`} <${StateBadges} of=${entry} />` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (entry) => html`
      <${RowActions} kind="entry" resource=${entry} onChanged=${entries.reload}
        consequence=${consequence} />` },
  ].filter(Boolean);
  return html`
    ${entries.data?.length > 0 && html`
      <div class="toolbar"><div class="actions">
        <${ExportMenu} what="entries" contestId=${contest.id} />${add}
      </div></div>`}
    <${Loaded} state=${entries}>${(items) => (items.length === 0
      ? html`<${Empty} icon="users" title="Nobody is entered yet"
          action=${add && html`<div class="actions">${add}</div>`}>
          Enter contestants from the register, or paste a list of new names: each gets the next free number.<//>`
      : html`<${DeletableTable} kind="entry" manage=${manage} caption="Entries" columns=${columns} rows=${items}
          consequence=${consequence} onChanged=${entries.reload} />`)}<//>
    ${imports.dialog}
    ${open === 'order' && html`<${OrderDialog} kind="entry" items=${entries.data}
      text=${(entry) => labelOf('entry', entry)} onClose=${done} onDone=${done} />`}
    ${open === 'numbers' && html`<${RenumberDialog} contest=${contest} onClose=${() => setOpen(null)}
      onDone=${done} />`}
    ${open === 'one' && html`<${EditorDialog} kind="entry" parentId=${contest.id} onClose=${() => setOpen(null)}
      initial=${{ position: String(nextPosition(entries.data)) }}
      without=${entries.data?.map(({ contestantId }) => contestantId)} onDone=${done} />`}
    ${open === 'several' && html`<${SeveralDialog} title="Add new contestants" nouns=${['entry', 'entries']}
      operations=${enter} hint="Each name becomes a contestant and an entry with the next free number."
      onClose=${() => setOpen(null)} onDone=${done} />`}`;
}
