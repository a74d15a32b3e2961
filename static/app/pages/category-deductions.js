/** Points taken from entries in a category. */
import { html, useState } from '../lib/view.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { Button } from '../components/button.js';
import { EditorDialog } from '../components/editor-dialog.js';
import { Empty, Loaded } from '../components/notice.js';
import { RowActions } from '../components/row-actions.js';
import { Table } from '../components/table.js';

export function CategoryDeductions({ category, frozen }) {
  const deductions = useList(`/categories/${category.id}/deductions`);
  const entriesPath = `/contests/${category.contestId}/entries`;
  const entries = useList(entriesPath);
  const [creating, setCreating] = useState(false);
  const manage = can('deductions.manage') && !frozen;
  const nameOf = ({ entryId }) => {
    const entry = entries.data?.find(({ id }) => id === entryId);
    return entry ? `${entry.number} · ${entry.contestantName}` : '…';
  };
  const create = manage && html`
    <${Button} kind="primary" icon="plus" onClick=${() => setCreating(true)}>New deduction<//>`;
  const columns = [
    { label: 'Entry', kind: 'main', cell: nameOf },
    { label: 'Reason', cell: ({ reason }) => reason },
    { label: 'Points taken', kind: 'number', cell: ({ amount }) => `− ${amount}` },
    manage && { label: 'Actions', kind: 'row-actions', cell: (deduction) => html`
      <${RowActions} kind="deduction" resource=${deduction} onChanged=${deductions.reload} />` },
  ].filter(Boolean);
  return html`
    ${deductions.data?.length > 0 && html`<div class="toolbar">${create}</div>`}
    <${Loaded} state=${deductions}>${(items) => (items.length === 0
      ? html`<${Empty} icon="minus" title="No deductions" action=${create}>
          A deduction takes points from one entry, once, after everything else is counted: overtime, a lost prop. It
          never touches anybody else’s total.<//>`
      : html`<${Table} caption="Deductions" columns=${columns} rows=${items} />`)}<//>
    ${creating && html`<${EditorDialog} kind="deduction" parentId=${category.id} choices=${entriesPath}
      onClose=${() => setCreating(false)} onDone=${() => { setCreating(false); deductions.reload(); }} />`}`;
}
